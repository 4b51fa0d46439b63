// Import of stock. A count becomes the change from what is there to what was counted, guarded by the row's version, so
// that what is sold meanwhile is neither lost nor counted twice: where a row has moved on, it is looked at again.

import { createHash } from "node:crypto";
import type { BodyOf, Client, StockChange } from "../../../sdk/src/client.ts";
import type { Mapping } from "../../transfer/mapping.ts";
import { openSeen } from "../../transfer/seen.ts";
import type { Done, Importer, Order, Plan, Refused, Result, Wish } from "./importer.ts";

export interface StockWish extends Wish {
  /** As the file calls it. */
  readonly name: string;
  readonly productId: string;
  readonly storeId: string;
  /** A count, or a change. */
  readonly quantity: number | null;
  readonly change: number | null;
  readonly note: string | undefined;
  readonly reference: string;
}

export interface StockOrder extends Order {
  readonly line: StockChange;
  /** The count that it is to reach; null for a change. */
  readonly quantity: number | null;
  readonly delta: number;
}

export interface StockOptions {
  readonly client: Client;
  readonly mapping: Mapping;
  /** For rows that name no store. */
  readonly store: string | undefined;
  readonly reason: NonNullable<StockChange["reason"]> | undefined;
  readonly reference: string;
}

const askedProducts = 500;
const askedRows = 20_000;
const batchLines = 1_000;
const batchLength = 900_000;
const roundsMax = 4;
const quantityMax = 1_000_000_000;

export async function openStockImport(
  options: StockOptions,
): Promise<Importer<StockWish, StockOrder>> {
  const { client, mapping } = options;
  const stores = await storesOf(client);
  // The whole catalogue, once: a look-up per row would take most of the time.
  const ids = mapping.columns.has("product_id") ? null : await productIds(client);
  const seen = openSeen();
  const isChange = mapping.columns.has("quantity_change");

  function check(row: number, cells: Readonly<Record<string, string>>) {
    const cell = (field: string): string => cells[mapping.columns.get(field) ?? ""] ?? "";
    const refuse = (code: string, reason: string): Refused => ({ row, code, reason });
    const sku = cell("sku");
    const productId = cell("product_id") || (ids?.get(sku) ?? "");
    if (productId === "") {
      return sku === ""
        ? refuse("missing", "it names no product")
        : refuse("product_not_found", `there is no product with the SKU "${sku}"`);
    }
    const wishes: StockWish[] = [];
    for (const { place, text, column } of amountsIn(cells, cell)) {
      const store = stores.find(place);
      if (store === null) return refuse("store_not_found", stores.unknown(place));
      if (!store.active) return refuse("store_inactive", `the store ${store.id} is not active`);
      const amount = wholeNumber(text);
      const isUsable = amount !== null && (isChange ? amount !== 0 : amount >= 0);
      if (!isUsable || Math.abs(amount) > quantityMax) {
        const what = isChange ? "a whole number other than 0" : "a whole number from 0";
        return refuse("invalid", `${column} is ${what}, not "${text}"`);
      }
      const first = isChange ? null : seen.add(`${productId}\n${store.id}`, row);
      if (first !== null && first !== row) {
        return refuse("duplicate", `row ${first} counts the same product in the same store`);
      }
      wishes.push({
        row,
        name: sku || productId,
        productId,
        storeId: store.id,
        quantity: isChange ? null : amount,
        change: isChange ? amount : null,
        note: cell("note") || undefined,
        reference: cell("reference") || options.reference,
      });
    }
    return wishes;
  }

  function amountsIn(
    cells: Readonly<Record<string, string>>,
    cell: (field: string) => string,
  ): { place: string; text: string; column: string }[] {
    const found =
      mapping.counts.size > 0
        ? Array.from(mapping.counts, ([column, place]) => ({
            place,
            text: cells[column] ?? "",
            column,
          }))
        : [
            {
              place: cell("store_id") || (options.store ?? ""),
              text: cell(isChange ? "quantity_change" : "quantity"),
              column: isChange ? "quantity_change" : "quantity",
            },
          ];
    // Both shops leave a cell empty, or say so, where a product is not kept or not to be counted.
    return found.filter(({ text }) => text !== "" && text.toLowerCase() !== "not stocked");
  }

  async function plan(wishes: readonly StockWish[]): Promise<Plan<StockOrder>> {
    const rows = await currentRows(client, wishes);
    const orders: StockOrder[] = [];
    const refused: Refused[] = [];
    let same = 0;
    for (const wish of wishes) {
      const { row, productId, storeId, quantity } = wish;
      const place = rows.get(`${productId}\n${storeId}`);
      if (place === "unknown product") {
        const reason = `there is no product ${productId}`;
        refused.push({ row, code: "product_not_found", reason });
      } else if (quantity !== null && place !== undefined && place.quantity === quantity) {
        same += 1;
      } else if (quantity !== null && place !== undefined && quantity < place.reserved) {
        const reason = `${place.reserved} units are held for customers there, more than ${quantity}`;
        refused.push({ row, code: "quantity_below_reserved", reason });
      } else {
        orders.push(orderOf(wish, place ?? null, options.reason));
      }
    }
    return { orders, refused, same };
  }

  async function apply(
    orders: readonly StockOrder[],
    key: string,
  ): Promise<readonly Result<StockOrder>[]> {
    const results: Result<StockOrder>[] = [];
    let left = orders;
    for (let round = 1; left.length > 0; round += 1) {
      const moved: StockOrder[] = [];
      for (const some of chunksOf(left)) {
        const answers = await send(client, some, key);
        for (const [at, order] of some.entries()) {
          const answer = answers[at];
          if (answer?.stock !== undefined) {
            results.push({ row: order.row, order, version: answer.stock.version });
          } else if (mayBeMoved(answer?.error?.code, order) && round < roundsMax) {
            moved.push(order);
          } else {
            results.push(refusalOf(order, answer?.error));
          }
        }
      }
      const again = await plan(moved.map(wishOf));
      results.push(...again.refused);
      left = again.orders;
    }
    return results;
  }

  return { check, plan, apply, isGuarded: !isChange };
}

/** Takes back what an import changed, as changes of their own: the log keeps both. */
export async function undoStock(
  client: Client,
  done: readonly Done<StockOrder>[],
  key: string,
  importId: string,
): Promise<readonly Refused[]> {
  const back = done.flatMap(({ order }): StockOrder[] => {
    if (order.delta === 0) return [];
    const line: StockChange = {
      product_id: order.line.product_id,
      store_id: order.line.store_id,
      quantity_change: -order.delta,
      reason: "CORRECTION",
      note: `undo of import ${importId}`,
      reference: order.line.reference,
    };
    return [{ ...order, line, delta: -order.delta }];
  });
  const refused: Refused[] = [];
  for (const some of chunksOf(back)) {
    const answers = await send(client, some, key);
    for (const [at, order] of some.entries()) {
      if (answers[at]?.stock === undefined) refused.push(refusalOf(order, answers[at]?.error));
    }
  }
  return refused;
}

/** A row that others changed since it was looked at, or made. */
function mayBeMoved(code: string | undefined, { quantity }: StockOrder): boolean {
  return quantity !== null && (code === "version_mismatch" || code === "stock_exists");
}

interface Place {
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
}

function orderOf(wish: StockWish, place: Place | null, reason: StockOptions["reason"]): StockOrder {
  const { row, name, productId, storeId, quantity, change, note, reference } = wish;
  const common = { product_id: productId, store_id: storeId, note, reference };
  const about = `${name} at ${storeId}`;
  const to = quantity ?? (place?.quantity ?? 0) + (change ?? 0);
  const kind = place === null ? "create" : "change";
  if (quantity !== null && place === null) {
    const line = { ...common, initial_quantity: quantity, reason };
    return { row, kind, about, difference: String(quantity), line, quantity, delta: quantity };
  }
  const delta = to - (place?.quantity ?? 0);
  const line = {
    ...common,
    quantity_change: delta,
    reason: reason ?? (quantity === null ? "RESTOCK" : "COUNT"),
    expected_version: quantity === null ? undefined : place?.version,
  };
  const difference = `${place?.quantity ?? 0} → ${to}`;
  return { row, kind, about, difference, line, quantity, delta };
}

/** What an order was made for, to look at the row anew. */
function wishOf({ row, about, line, quantity }: StockOrder): StockWish {
  const { product_id: productId, store_id: storeId, note, reference = "" } = line;
  const name = about.slice(0, about.lastIndexOf(" at "));
  return { row, name, productId, storeId, quantity, change: null, note, reference };
}

function refusalOf(
  { row, about }: StockOrder,
  error: { readonly code: string; readonly [fact: string]: unknown } | undefined,
): Refused {
  const { code = "unknown", ...facts } = error ?? {};
  const said = Object.entries(facts)
    .filter(([, value]) => typeof value !== "object")
    .map(([name, value]) => `${name} ${String(value)}`);
  return { row, code, reason: `${about}: ${[code.replaceAll("_", " "), ...said].join(", ")}` };
}

async function send(client: Client, orders: readonly StockOrder[], key: string) {
  const changes = orders.map(({ line }) => line);
  // Of what is sent, too: where the same rows are looked at anew, that is another intent.
  const body = createHash("sha256").update(JSON.stringify(changes)).digest("hex").slice(0, 16);
  const { results } = await client.stock.batch(
    { error_policy: "skip_failed", changes: changes as BodyOf<"batchStock">["changes"] },
    { idempotencyKey: `${key}-${body}`, timeoutMs: 120_000, retries: 10 },
  );
  return results;
}

/** As the service takes them: so many lines, so many characters. */
function* chunksOf(orders: readonly StockOrder[]): Generator<StockOrder[]> {
  let some: StockOrder[] = [];
  let length = 0;
  for (const order of orders) {
    // UTF-8 takes up to three bytes for what counts as one.
    const more = Buffer.byteLength(JSON.stringify(order.line)) + 1;
    if (some.length === batchLines || length + more > batchLength) {
      yield some;
      some = [];
      length = 0;
    }
    some.push(order);
    length += more;
  }
  if (some.length > 0) yield some;
}

/** By product and store; "unknown product" where there is none. */
async function currentRows(
  client: Client,
  wishes: readonly StockWish[],
): Promise<Map<string, Place | "unknown product">> {
  const rows = new Map<string, Place | "unknown product">();
  const products = [...new Set(wishes.map(({ productId }) => productId))];
  const stores = [...new Set(wishes.map(({ storeId }) => storeId))];
  // Few products at a time where there are many stores, so that an answer is never large.
  const size = Math.max(1, Math.min(askedProducts, Math.floor(askedRows / stores.length)));
  for (let at = 0; at < products.length; at += size) {
    const product_ids = products.slice(at, at + size);
    const found = await client.products.availabilities({ product_ids, store_ids: stores });
    for (const { product_id, stores: places } of found.items) {
      for (const place of places) rows.set(`${product_id}\n${place.store_id}`, place);
    }
    for (const id of found.missing) {
      for (const store of stores) rows.set(`${id}\n${store}`, "unknown product");
    }
  }
  return rows;
}

async function storesOf(client: Client) {
  const known: { id: string; name: string; active: boolean }[] = [];
  for await (const { id, name, active } of client.stores.list({ limit: 500 })) {
    known.push({ id, name, active });
  }
  const byId = new Map(known.map((store) => [store.id, store]));
  const byName = new Map(known.map((store) => [store.name.toLowerCase(), store]));
  return {
    find: (text: string) => byId.get(text) ?? byName.get(text.toLowerCase()) ?? null,
    unknown(text: string): string {
      if (text === "") return "it names no store";
      const some = known.slice(0, 10).map(({ id }) => id);
      return `there is no store "${text}"; there are ${some.join(", ")}${known.length > 10 ? ", …" : ""}`;
    },
  };
}

async function productIds(client: Client): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for await (const { sku, id } of client.products.list({ limit: 500 })) ids.set(sku, id);
  return ids;
}

/** null: it is none. Spreadsheets write whole numbers as 12.0, too. */
export function wholeNumber(text: string): number | null {
  if (!/^[+-]?\d{1,12}(?:[.,]0+)?$/.test(text)) return null;
  return Number(text.replace(",", "."));
}
