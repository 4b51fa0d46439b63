// onhand products: the catalogue of a running service.

import { type Action, type Asked, actionsCommand, limitOption } from "./remote/actions.ts";
import { limited } from "./remote/limited.ts";

const columns = ["id", "sku", "name", "category", "price", "version"];
const fields = {
  description: { takes: "TEXT", does: '"" takes it away' },
  category: { takes: "TEXT", does: '"" takes it away' },
};
const ifVersion = { takes: "N", does: "only if it still has this version" };

const actions: readonly Action[] = [
  {
    usage: "list",
    does: "the catalogue",
    options: {
      search: { takes: "TEXT", does: "in SKU or name" },
      category: { takes: "NAME", does: "of this category" },
      limit: limitOption,
    },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(asked, (limit) =>
          client.products.list({
            search: asked.text("search"),
            category: asked.text("category"),
            limit,
          }),
        ),
        columns,
      ),
  },
  {
    usage: "get ID",
    does: "one product",
    run: async ({ client, out, word }) => out.one(await client.products.get(word(0))),
  },
  {
    usage: "sku SKU",
    does: "the product of a SKU",
    run: async ({ client, out, word }) => out.one(await client.products.bySku(word(0))),
  },
  {
    usage: "availability ID",
    does: "what each store has left of it",
    options: {
      store: { takes: "ID", does: "in this store only" },
      "as-of": { takes: "TIME", does: "as it was then: 2026-11-24T12:00:00Z or seq:1234" },
    },
    run: availability,
  },
  {
    usage: "create",
    does: "a new product",
    writes: true,
    options: {
      sku: { takes: "SKU", does: "needed" },
      name: { takes: "TEXT", does: "needed" },
      price: { takes: "NUMBER", does: "needed" },
      id: { takes: "ID", does: "an id of your own" },
      ...fields,
    },
    run: async ({ client, out, write, ...asked }) => {
      asked.needed("price");
      const product = {
        id: asked.text("id"),
        sku: asked.needed("sku"),
        name: asked.needed("name"),
        price: asked.number("price") ?? 0,
        description: asked.clearable("description"),
        category: asked.clearable("category"),
      };
      await out.one(await client.products.create(product, write));
    },
  },
  {
    usage: "change ID",
    does: "some of its fields",
    writes: true,
    options: {
      sku: { takes: "SKU", does: "" },
      name: { takes: "TEXT", does: "" },
      price: { takes: "NUMBER", does: "" },
      ...fields,
      "if-version": ifVersion,
    },
    run: async ({ client, out, write, ...asked }) => {
      const changes = {
        sku: asked.text("sku"),
        name: asked.text("name"),
        price: asked.number("price"),
        description: asked.clearable("description"),
        category: asked.clearable("category"),
      };
      const options = { ...write, ifVersion: asked.number("if-version") };
      await out.one(await client.products.change(asked.word(0), changes, options));
    },
  },
  {
    usage: "delete ID",
    does: "archives it; refused while it has stock or holds",
    writes: true,
    options: { "if-version": ifVersion },
    run: ({ client, write, word, number }) =>
      client.products.delete(word(0), { ...write, ifVersion: number("if-version") }),
  },
];

async function availability({ client, out, word, text }: Asked): Promise<void> {
  const query = { store_id: text("store"), as_of: text("as-of") };
  const found = await client.products.availability(word(0), query);
  if (!out.isTable) return out.one(found);
  const { product_name: name, total_available: available, total_reserved: reserved } = found;
  await out.rows(found.stores, ["store_id", "store_name", "quantity", "reserved", "available"]);
  await out.line(`${name}: ${available} available in all, ${reserved} held`);
}

export const products = actionsCommand(
  {
    name: "products",
    about: "Anyone may read, where public reads are on; admins change.",
    examples: [
      "npm run onhand -- products list --search laptop",
      "npm run onhand -- products availability 550e8400-e29b-41d4-a716-446655440000",
      'npm run onhand -- products create --sku MUG-1 --name "Blue mug" --price 9.50',
      "npm run -s onhand -- products list --json | jq -r .sku",
    ],
  },
  actions,
);
