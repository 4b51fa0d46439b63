// onhand reservations: units held for customers at a running service.

import type { ReservationStatus } from "../../sdk/src/client.ts";
import { type Action, actionsCommand, limitOption } from "./remote/actions.ts";
import { limited } from "./remote/limited.ts";

const columns = [
  "id",
  "status",
  "product_id",
  "store_id",
  "customer_id",
  "quantity",
  "expires_at",
  "created_at",
];

const actions: readonly Action[] = [
  {
    usage: "list",
    does: "the newest first",
    options: {
      store: { takes: "ID", does: "" },
      product: { takes: "ID", does: "" },
      customer: { takes: "ID", does: "" },
      status: { takes: "STATUS", does: "PENDING CONFIRMED CANCELLED EXPIRED" },
      limit: limitOption,
    },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(asked, (limit) =>
          client.reservations.list({
            store_id: asked.text("store"),
            product_id: asked.text("product"),
            customer_id: asked.text("customer"),
            status: asked.text("status") as ReservationStatus | undefined,
            limit,
          }),
        ),
        columns,
      ),
  },
  {
    usage: "get ID",
    does: "one reservation",
    run: async ({ client, out, word }) => out.one(await client.reservations.get(word(0))),
  },
  {
    usage: "create PRODUCT STORE",
    does: "holds units for a customer",
    writes: true,
    options: {
      customer: { takes: "ID", does: "needed" },
      quantity: { takes: "N", does: "1 where nothing is said" },
      ttl: { takes: "SECONDS", does: "600 where nothing is said" },
      id: { takes: "ID", does: "an id of your own" },
    },
    run: async ({ client, out, word, write, ...asked }) => {
      const wish = {
        product_id: word(0),
        store_id: word(1),
        customer_id: asked.needed("customer"),
        quantity: asked.number("quantity") ?? 1,
        ttl: asked.number("ttl"),
        id: asked.text("id"),
      };
      await out.one(await client.reservations.create(wish, write));
    },
  },
  {
    usage: "confirm ID",
    does: "sells the held units",
    writes: true,
    options: {
      quantity: { takes: "N", does: "only so many; the rest is let go" },
      retake: { does: "if it has expired: hold anew what is left, and sell that" },
    },
    run: async ({ client, out, word, write, number, flag }) => {
      const retake = flag("retake") ? ({ if_expired: "retake" } as const) : {};
      const how = { quantity: number("quantity"), ...retake };
      await out.one(await client.reservations.confirm(word(0), how, write));
    },
  },
  {
    usage: "cancel ID",
    does: "lets the held units go",
    writes: true,
    options: { reason: { takes: "TEXT", does: "in words" } },
    run: async ({ client, out, word, write, text }) =>
      out.one(await client.reservations.cancel(word(0), { reason: text("reason") }, write)),
  },
  {
    usage: "extend ID",
    does: "holds them longer",
    writes: true,
    options: { ttl: { takes: "SECONDS", does: "needed: from now on" } },
    run: async ({ client, out, word, write, ...asked }) => {
      asked.needed("ttl");
      const until = { ttl: asked.number("ttl") };
      await out.one(await client.reservations.extend(word(0), until, write));
    },
  },
  {
    usage: "stats",
    does: "how many there are of each status",
    run: async ({ client, out }) => out.one(await client.reservations.stats()),
  },
];

export const reservations = actionsCommand(
  {
    name: "reservations",
    about: "Callers see the reservations of their stores.",
    examples: [
      "npm run onhand -- reservations list --store BCN-001 --status PENDING",
      "npm run onhand -- reservations create prod-123 BCN-001 --customer cust-456 --ttl 900",
      "npm run onhand -- reservations confirm order-1001",
      'npm run onhand -- reservations cancel order-1002 --reason "changed their mind"',
    ],
  },
  actions,
);
