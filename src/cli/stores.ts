// onhand stores: the places with stock of a running service.

import type { StoreChanges } from "../../sdk/src/client.ts";
import { UsageError } from "./command.ts";
import { type Action, type Asked, actionsCommand, limitOption } from "./remote/actions.ts";
import { limited } from "./remote/limited.ts";

const fields = {
  address: { takes: "TEXT", does: '"" takes it away, as of those below' },
  city: { takes: "TEXT", does: "" },
  country: { takes: "TEXT", does: "" },
  phone: { takes: "TEXT", does: "" },
  email: { takes: "TEXT", does: "" },
  active: { takes: "yes|no", does: "an inactive store sells, holds and receives nothing" },
};

function fieldsIn({ clearable, text }: Asked): Omit<StoreChanges, "name"> {
  const active = text("active");
  if (active !== undefined && active !== "yes" && active !== "no") {
    throw new UsageError("--active is yes or no");
  }
  return {
    address: clearable("address"),
    city: clearable("city"),
    country: clearable("country"),
    phone: clearable("phone"),
    email: clearable("email"),
    active: active === undefined ? undefined : active === "yes",
  };
}

const actions: readonly Action[] = [
  {
    usage: "list",
    does: "all stores",
    options: { limit: limitOption },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(asked, (limit) => client.stores.list({ limit })),
        ["id", "name", "city", "country", "active", "version"],
      ),
  },
  {
    usage: "get ID",
    does: "one store",
    run: async ({ client, out, word }) => out.one(await client.stores.get(word(0))),
  },
  {
    usage: "create",
    does: "a new store",
    writes: true,
    options: {
      name: { takes: "TEXT", does: "needed" },
      id: { takes: "ID", does: "such as MAD-001; made where you give none" },
      ...fields,
    },
    run: async (asked) => {
      const store = { id: asked.text("id"), name: asked.needed("name"), ...fieldsIn(asked) };
      await asked.out.one(await asked.client.stores.create(store, asked.write));
    },
  },
  {
    usage: "change ID",
    does: "some of its fields",
    writes: true,
    options: {
      name: { takes: "TEXT", does: "" },
      ...fields,
      "if-version": { takes: "N", does: "only if it still has this version" },
    },
    run: async (asked) => {
      const changes = { name: asked.text("name"), ...fieldsIn(asked) };
      const options = { ...asked.write, ifVersion: asked.number("if-version") };
      await asked.out.one(await asked.client.stores.change(asked.word(0), changes, options));
    },
  },
  {
    usage: "delete ID",
    does: "archives it; refused while it has stock",
    writes: true,
    run: ({ client, write, word }) => client.stores.delete(word(0), write),
  },
];

export const stores = actionsCommand(
  {
    name: "stores",
    about: "Whoever has a key reads; admins change.",
    examples: [
      "npm run onhand -- stores list",
      'npm run onhand -- stores create --id ZGZ-001 --name "Zaragoza Centro" --city Zaragoza',
      "npm run onhand -- stores change ZGZ-001 --active no",
    ],
  },
  actions,
);
