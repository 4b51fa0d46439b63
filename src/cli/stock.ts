// onhand stock: what each store has on hand, and every change to it, at a running service.

import type { Reason } from "../../sdk/src/client.ts";
import { UsageError } from "./command.ts";
import { type Action, type Asked, actionsCommand, limitOption } from "./remote/actions.ts";
import { limited } from "./remote/limited.ts";

const amounts = ["quantity", "reserved", "available", "reorder_point", "version"];
const ofStore = ["product_id", "sku", "product_name", "store_id", ...amounts];
const why = {
  reason: {
    takes: "REASON",
    does: "RESTOCK SALE RETURN DAMAGE SHRINKAGE COUNT CORRECTION TRANSFER OTHER",
  },
  note: { takes: "TEXT", does: "in words; OTHER needs it" },
};
const expectedVersion = {
  "expected-version": { takes: "N", does: "only if the row still has this version" },
};

/** The service says which there are. */
const reasonIn = ({ text }: Asked): Reason | undefined => text("reason") as Reason | undefined;

const actions: readonly Action[] = [
  {
    usage: "list",
    does: "the rows of a store or of a product",
    options: {
      store: { takes: "ID", does: "this one, or --product" },
      product: { takes: "ID", does: "this one, or --store" },
      search: { takes: "TEXT", does: "with --store: in SKU or name" },
      low: { does: "with --store: at or below the reorder point" },
      limit: limitOption,
    },
    run: list,
  },
  {
    usage: "get PRODUCT STORE",
    does: "one row",
    run: async ({ client, out, word }) => out.one(await client.stock.get(word(0), word(1))),
  },
  {
    usage: "change PRODUCT STORE",
    does: "so many more or fewer; makes the row where there is none",
    writes: true,
    options: {
      by: { takes: "N", does: "needed: 20, or -3" },
      ...why,
      reference: { takes: "TEXT", does: "of a delivery note, say" },
      ...expectedVersion,
    },
    run: async (asked) => {
      const change = {
        product_id: asked.word(0),
        store_id: asked.word(1),
        quantity_change: neededNumber(asked, "by"),
        reason: asked.needed("reason") as Reason,
        note: asked.text("note"),
        reference: asked.text("reference"),
        expected_version: asked.number("expected-version"),
      };
      await asked.out.one(await asked.client.stock.change(change, asked.write));
    },
  },
  {
    usage: "count PRODUCT STORE",
    does: "so many are there; and from how many on it is low",
    writes: true,
    options: {
      quantity: { takes: "N", does: "what was counted" },
      "reorder-point": { takes: "N", does: '"" takes it away' },
      ...why,
      ...expectedVersion,
    },
    run: async (asked) => {
      const point = asked.text("reorder-point");
      const count = {
        quantity: asked.number("quantity"),
        reorder_point: point === "" ? null : asked.number("reorder-point"),
        reason: reasonIn(asked),
        note: asked.text("note"),
        expected_version: asked.number("expected-version"),
      };
      const { client, out, word, write } = asked;
      await out.one(await client.stock.set(word(0), word(1), count, write));
    },
  },
  {
    usage: "transfer PRODUCT FROM TO",
    does: "units from one store to another",
    writes: true,
    options: { quantity: { takes: "N", does: "needed" }, note: why.note },
    run: async (asked) => {
      const transfer = {
        product_id: asked.word(0),
        from_store_id: asked.word(1),
        to_store_id: asked.word(2),
        quantity: neededNumber(asked, "quantity"),
        note: asked.text("note"),
      };
      await asked.out.one(await asked.client.stock.transfer(transfer, asked.write));
    },
  },
  {
    usage: "history PRODUCT STORE",
    does: "what happened to a row, the newest first",
    options: {
      from: { takes: "TIME", does: "such as 2026-11-24T00:00:00Z" },
      to: { takes: "TIME", does: "" },
      limit: limitOption,
    },
    run: ({ client, out, word, ...asked }) =>
      out.rows(
        limited(asked, (limit) =>
          client.stock.history(word(0), word(1), {
            from: asked.text("from"),
            to: asked.text("to"),
            limit,
          }),
        ),
        ["seq", "occurred_at", "type", "actor", "payload"],
      ),
  },
  {
    usage: "low",
    does: "rows at or below their reorder point, or a threshold",
    options: {
      store: { takes: "ID", does: "in this store only" },
      threshold: { takes: "N", does: "so many available or fewer" },
      limit: limitOption,
    },
    run: ({ client, out, ...asked }) =>
      out.rows(
        limited(asked, (limit) =>
          client.stock.low({
            store_id: asked.text("store"),
            threshold: asked.number("threshold"),
            limit,
          }),
        ),
        ofStore,
      ),
  },
  {
    usage: "summary",
    does: "totals of each store and the chain",
    options: { store: { takes: "ID", does: "of this store only" } },
    run: summary,
  },
];

function list({ client, out, ...asked }: Asked): Promise<void> {
  const [store, product] = [asked.text("store"), asked.text("product")];
  if (store !== undefined && product === undefined) {
    const low = asked.flag("low") ? true : undefined;
    const query = { search: asked.text("search"), low };
    const rows = limited(asked, (limit) => client.stock.ofStore(store, { ...query, limit }));
    return out.rows(rows, ofStore);
  }
  if (product !== undefined && store === undefined) {
    const rows = limited(asked, (limit) => client.stock.ofProduct(product, { limit }));
    return out.rows(rows, ["product_id", "store_id", ...amounts]);
  }
  throw new UsageError("stock list needs --store ID or --product ID");
}

async function summary({ client, out, text }: Asked): Promise<void> {
  const found = await client.stock.summary({ store_id: text("store") });
  if (!out.isTable) return out.one(found);
  const total = { ...found, store_id: "all", store_name: "" };
  await out.rows(
    [...found.stores, total],
    ["store_id", "store_name", "rows", "quantity", "reserved", "available", "low_rows"],
  );
}

function neededNumber(asked: Asked, name: string): number {
  asked.needed(name);
  return asked.number(name) ?? 0;
}

export const stock = actionsCommand(
  {
    name: "stock",
    about: "Callers see and change the rows of their own stores. Quantities are whole units.",
    examples: [
      "npm run onhand -- stock list --store MAD-001 --low",
      "npm run onhand -- stock change prod-123 MAD-001 --by 20 --reason RESTOCK --reference DN-4711",
      "npm run onhand -- stock count prod-123 MAD-001 --quantity 18 --reason COUNT",
      "npm run onhand -- stock transfer prod-123 MAD-001 BCN-001 --quantity 5",
      "npm run onhand -- stock summary",
    ],
  },
  actions,
);
