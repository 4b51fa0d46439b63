// Rows of stock: a count, which sets the row, a delivery, which adds to it, and a reorder point. A row that there is none
// of is made. Who may write in which store, and who may set reorder points, is asked of each row. Rows are written side by
// side, so which of two counts of one thing would be the last is luck: the second is refused, however it names the product.

import type { Action, Reason, Stock } from "../../domain/model.ts";
import { together } from "../../lib/together.ts";
import { importCommandsAtOnce, quantityMax } from "../../limits.ts";
import type { Mapping } from "../../transfer/mapping.ts";
import { openSeen } from "../../transfer/seen.ts";
import { allows, type Caller, seesStore } from "../roles.ts";
import { Id, Note, Sku } from "../schemas.ts";
import type { KnownStores } from "./known-stores.ts";
import {
  type Cells,
  type FieldChange,
  faultFinder,
  type Planned,
  type Refused,
  type RowKind,
  refused,
  type Wish,
  wholeNumber,
} from "./row.ts";

export interface StockWish extends Wish {
  /** null: the product is known by its SKU. */
  readonly productId: string | null;
  readonly sku: string;
  readonly storeId: string;
  readonly quantity: number | null;
  readonly change: number | null;
  /** undefined: nothing is said of it. */
  readonly reorderPoint: number | null | undefined;
  readonly note: string | null;
  readonly reference: string;
}

export interface StockSource {
  productIdOf(sku: string): Promise<string | null>;
  hasProduct(id: string): Promise<boolean>;
  stock(productId: string, storeId: string): Promise<Stock | null>;
}

export interface StockOptions {
  readonly mapping: Mapping;
  readonly stores: KnownStores;
  readonly source: StockSource;
  readonly caller: Caller;
  /** Of rows that name no store. */
  readonly storeId: string | undefined;
  readonly reason: Reason | undefined;
  /** Of rows that have none of their own. */
  readonly reference: string;
}

const faultOf = faultFinder({
  ...{ product_id: Id, store_id: Id, sku: Sku },
  ...{ note: Note, reference: Note },
});

export function stockRows(options: StockOptions): RowKind<StockWish> {
  const { mapping, stores, source, caller, reason } = options;
  const { columns, counts } = mapping;
  const isChange = columns.has("quantity_change");
  const seen = openSeen();
  const namesInTwoWays = columns.has("sku") && columns.has("product_id");
  let idsBySku: ReadonlyMap<string, string | null> = new Map();

  /** A file that names products by SKU and by id may speak of one in both ways. */
  async function lookUp(rows: readonly Cells[]): Promise<void> {
    if (!namesInTwoWays) return;
    const named = new Set(rows.map((cells) => cells[columns.get("sku") ?? ""] ?? ""));
    const skus = [...named].filter((sku) => faultOf({ sku }) === null);
    const ids = await together(skus, importCommandsAtOnce, source.productIdOf);
    idsBySku = new Map(skus.map((sku, at) => [sku, ids[at] ?? null]));
  }

  /** Each place that a row speaks of: one, or one for each column of a store. */
  function placesIn(cells: Cells, cell: (field: string) => string) {
    if (counts.size > 0) {
      return Array.from(counts, ([column, place]) => ({
        place,
        column,
        text: cells[column] ?? "",
      }));
    }
    const column = isChange ? "quantity_change" : "quantity";
    const place = cell("store_id") || (options.storeId ?? "");
    return [{ place, column, text: cell(column) }];
  }

  function check(row: number, cells: Cells): readonly StockWish[] | Refused {
    const cell = (field: string): string => cells[columns.get(field) ?? ""] ?? "";
    const refuse = (code: string, why: string): Refused => ({ row, code, reason: why });
    const sku = cell("sku");
    const productId = cell("product_id") || null;
    const name = sku || productId;
    if (name === null) return refuse("missing", "it names no product");
    const skuId = idsBySku.get(sku) ?? null;
    if (sku !== "" && productId !== null && faultOf({ sku }) === null && skuId !== productId) {
      const whose = skuId === null ? "of no product" : `of the product ${skuId}`;
      return refuse("product_mismatch", `the SKU "${sku}" is ${whose}, not of ${productId}`);
    }
    const reorderPoint = reorderPointIn(cell("reorder_point"));
    if (reorderPoint === "wrong") {
      return refuse("validation_failed", "reorder_point must be a whole number from 0, or none");
    }
    const wishes: StockWish[] = [];
    for (const [part, { place, column, text }] of placesIn(cells, cell).entries()) {
      const amount = amountIn(text, isChange);
      if (amount === null && reorderPoint === undefined) continue;
      const store = stores.find(place);
      if (store === null) return refuse("store_not_found", stores.unknown(place));
      if (!seesStore(caller, store.id)) {
        return refuse("forbidden", `you may not write in the store ${store.id}`);
      }
      if (!store.active) return refuse("store_inactive", `the store ${store.id} is not active`);
      if (amount === "wrong") {
        const what = isChange ? "a whole number other than 0" : "a whole number from 0";
        return refuse(
          "validation_failed",
          `${column} must be ${what}, not "${text.slice(0, 100)}"`,
        );
      }
      const note = cell("note") || null;
      const reference = cell("reference") || options.reference;
      const named = { product_id: productId ?? undefined, sku: sku || undefined };
      const ids = { ...named, store_id: store.id };
      const fault = faultOf({ ...ids, note: note ?? undefined, reference });
      if (fault !== null) return refuse("validation_failed", fault);
      const product = productId ?? skuId ?? sku;
      const first = isChange ? null : seen.add(`${product}\n${store.id}`, row);
      if (first === row) {
        return refuse("duplicate", `two of its columns are about the store ${store.id}`);
      }
      if (first !== null) {
        return refuse("duplicate", `row ${first} is about the same product in the same store`);
      }
      const about = `${name} at ${store.id}`;
      const quantity = isChange ? null : amount;
      const change = isChange ? amount : null;
      wishes.push({
        ...{ row, part, about, productId, sku, storeId: store.id },
        ...{ quantity, change, reorderPoint, note, reference },
      });
    }
    return wishes;
  }

  async function plan(wish: StockWish): Promise<Planned | Refused | null> {
    const { storeId } = wish;
    const productId = wish.productId ?? (await source.productIdOf(wish.sku));
    if (productId === null) {
      return refused(wish, "product_not_found", `there is no product with the SKU "${wish.sku}"`);
    }
    const stock = await source.stock(productId, storeId);
    if (stock === null && !(await source.hasProduct(productId))) {
      return refused(wish, "product_not_found", `there is no product ${productId}`);
    }
    if (wish.quantity !== null && stock !== null && wish.quantity < stock.reserved) {
      const why = `${stock.reserved} units are held for customers there, more than ${wish.quantity}`;
      return refused(wish, "quantity_below_reserved", why);
    }
    const point = wish.reorderPoint;
    const setsPoint = point !== undefined && point !== (stock?.reorderPoint ?? null);
    if (setsPoint && !allows(caller, "stock:threshold")) {
      return refused(wish, "forbidden", `the role ${caller.role} may not set a reorder point`);
    }
    const before = stock?.quantity ?? 0;
    const after = wish.quantity ?? before + (wish.change ?? 0);
    const isSet = stock !== null && after === before;
    const counts = wish.quantity !== null || wish.change !== null;
    if (stock === null && !counts) {
      return refused(wish, "stock_not_found", "there is no stock row to set a reorder point of");
    }
    if (isSet && !setsPoint) return null;
    const fields: FieldChange[] = [];
    if (!isSet) fields.push({ field: "quantity", before: stock?.quantity ?? null, after });
    if (setsPoint) {
      fields.push({ field: "reorder_point", before: stock?.reorderPoint ?? null, after: point });
    }
    const change = stock === null ? "create" : "change";
    return {
      change,
      fields,
      ...actionsOf(wish, productId, stock, setsPoint ? point : undefined, reason),
    };
  }

  return {
    lookUp,
    check,
    plan,
    isMoved: ({ code }) => code === "stock_exists" || code === "stock_not_found",
  };
}

/** What does it: one command where one can, a second where the row is made or added to and gets a reorder point. */
function actionsOf(
  wish: StockWish,
  productId: string,
  stock: Stock | null,
  reorderPoint: number | null | undefined,
  reason: Reason | undefined,
): Pick<Planned, "actions" | "ifCreated"> {
  const { storeId, quantity, change, note, reference } = wish;
  const place = { productId, storeId };
  const words = { note, reference };
  const set = (units: number | null): Action => ({
    ...{ kind: "SetStock", ...place, quantity: units, reorderPoint, ...words, expected: null },
    reason: reason ?? "COUNT",
  });
  const add = (amount: number, mode: "add" | "initial"): Action => ({
    kind: "ChangeStock",
    change: {
      ...{ ...place, ...words, mode, amount, createMissing: true, userId: null, expected: null },
      reason: reason ?? (mode === "initial" ? "INITIAL" : "RESTOCK"),
    },
  });
  const point = reorderPoint === undefined ? [] : [set(null)];
  if (quantity !== null && stock !== null) {
    const count = set(quantity === stock.quantity ? null : quantity);
    return { actions: [count], ifCreated: point[0] };
  }
  if (quantity !== null) return { actions: [add(quantity, "initial"), ...point] };
  return { actions: change === null ? point : [add(change, "add"), ...point] };
}

/** Of a count, or of a change. null: the cell says nothing. */
function amountIn(text: string, isChange: boolean): number | null | "wrong" {
  // Both shops leave a cell empty, or say so, where a product is not kept or not to be counted.
  if (text === "" || text.toLowerCase() === "not stocked") return null;
  const amount = wholeNumber(text);
  if (amount === null || Math.abs(amount) > quantityMax) return "wrong";
  return (isChange ? amount !== 0 : amount >= 0) ? amount : "wrong";
}

function reorderPointIn(text: string): number | null | undefined | "wrong" {
  if (text === "") return undefined;
  if (/^none$/i.test(text)) return null;
  const number = wholeNumber(text);
  return number === null || number < 0 || number > quantityMax ? "wrong" : number;
}
