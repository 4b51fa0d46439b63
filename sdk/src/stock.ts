// Stock: what each store has on hand of each product. All quantities are whole units; `available` is `quantity`
// less `reserved`. A row has a version: `expected_version` in a write's body refuses it where somebody was quicker.
// Callers see and change the rows of their own stores.

import type { Call, CallOptions, WriteOptions } from "./calls.ts";
import type { OnhandEvent } from "./event-words.ts";
import { type List, listAt, type Page, pathOf } from "./pages.ts";
import type {
  AnswerOf,
  BodyOf,
  QueryOf,
  Stock,
  StockAdjustment,
  StockChange,
  StockCount,
  StockOfStore,
  StockSummary,
  StockTransfer,
  Transfer,
} from "./words.ts";

export interface StockRows {
  /**
   * One row: what a store has of a product.
   *
   * Operation: `getStock`. Errors: `stock_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { quantity, reserved, available } = await client.stock.get("mug", "MAD-001");
   * console.log(`${quantity} on the shelf, ${reserved} held, ${available} to sell`);
   * ```
   */
  get(productId: string, storeId: string, options?: CallOptions): Promise<Stock>;

  /**
   * Whether a store has so many units to sell; without `quantity`, one.
   *
   * Operation: `checkStock`. Errors: `stock_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { sufficient, available } = await client.stock.check("mug", "MAD-001", { quantity: 3 });
   * console.log(sufficient ? "yes" : `only ${available}`);
   * ```
   */
  check(
    productId: string,
    storeId: string,
    query?: QueryOf<"checkStock">,
    options?: CallOptions,
  ): Promise<AnswerOf<"checkStock">>;

  /**
   * The rows of a product in the caller's stores; a page has the totals of all of them.
   *
   * Operation: `listStockOfProduct`. Errors: `product_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const page = await client.stock.ofProduct("mug").page();
   * console.log(page.items.length, page.total_available);
   * ```
   */
  ofProduct(
    productId: string,
    query?: QueryOf<"listStockOfProduct">,
    options?: CallOptions,
  ): List<AnswerOf<"listStockOfProduct">>;

  /**
   * The rows of a store with SKU and name. `low`: only those at or below their reorder point.
   *
   * Operation: `listStockOfStore`. Errors: `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * for await (const row of client.stock.ofStore("MAD-001", { search: "mug" })) {
   *   console.log(row.sku, row.product_name, row.available);
   * }
   * ```
   */
  ofStore(
    storeId: string,
    query?: QueryOf<"listStockOfStore">,
    options?: CallOptions,
  ): List<Page<StockOfStore>>;

  /**
   * The rows that run low: at or below their reorder point, or with at most `threshold` units available.
   *
   * Operation: `listLowStock`. Errors: `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * for await (const row of client.stock.low({ store_id: "MAD-001", threshold: 5 })) {
   *   console.log(`order ${row.product_name}: ${row.available} left`);
   * }
   * ```
   */
  low(query?: QueryOf<"listLowStock">, options?: CallOptions): List<Page<StockOfStore>>;

  /**
   * The events of a row, newest first: who, why, and the balances. `from` and `to` are ISO 8601 with a zone.
   *
   * Operation: `getStockHistory`. Errors: `stock_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * for await (const event of client.stock.history("mug", "MAD-001", { limit: 20 })) {
   *   console.log(event.occurred_at, event.type, event.actor);
   * }
   * ```
   */
  history(
    productId: string,
    storeId: string,
    query?: QueryOf<"getStockHistory">,
    options?: CallOptions,
  ): List<Page<OnhandEvent>>;

  /**
   * Totals for a dashboard: units and rows of each store that the caller sees, and of all of them.
   *
   * Operation: `getStockSummary`. Errors: `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { available, low_rows, stores } = await client.stock.summary();
   * console.log(`${available} units in ${stores.length} stores, ${low_rows} rows run low`);
   * ```
   */
  summary(query?: QueryOf<"getStockSummary">, options?: CallOptions): Promise<StockSummary>;

  /**
   * Receives or changes stock: adds `quantity_change` units (less than 0 takes them out) and makes the row if there
   * is none. `initial_quantity` in its place makes the row, and is refused if there is one.
   *
   * Operation: `changeStock`.
   * Errors: `product_not_found`, `store_not_found`, `store_inactive`, `stock_exists`, `version_mismatch`,
   * `insufficient_stock`, and those of every call.
   *
   * @example
   * ```ts
   * const row = await client.stock.change({
   *   product_id: "mug",
   *   store_id: "MAD-001",
   *   quantity_change: 20,
   *   reason: "RESTOCK",
   *   reference: "DN-2041",
   * });
   * console.log(`${row.quantity} on hand`);
   * ```
   */
  change(change: StockChange, options?: WriteOptions): Promise<Stock>;

  /**
   * Sets what was counted, in units, or the reorder point, or both.
   *
   * Operation: `setStock`.
   * Errors: `product_not_found`, `store_not_found`, `stock_not_found`, `store_inactive`, `version_mismatch`,
   * `quantity_below_reserved`, and those of every call.
   *
   * @example
   * ```ts
   * const seen = await client.stock.get("mug", "MAD-001");
   * const counted = { quantity: seen.quantity - 1, expected_version: seen.version };
   * const row = await client.stock.set("mug", "MAD-001", counted);
   * console.log(row.version);
   * ```
   */
  set(
    productId: string,
    storeId: string,
    count: StockCount,
    options?: WriteOptions,
  ): Promise<Stock>;

  /**
   * Adds a signed number of units to a row that exists, with a reason; `OTHER` needs a note.
   *
   * Operation: `adjustStock`.
   * Errors: `product_not_found`, `store_not_found`, `stock_not_found`, `store_inactive`, `version_mismatch`,
   * `insufficient_stock`, and those of every call.
   *
   * @example
   * ```ts
   * try {
   *   await client.stock.adjust("mug", "MAD-001", { adjustment: -500, reason: "SALE" });
   * } catch (error) {
   *   if (!(error instanceof InsufficientStock)) throw error;
   *   console.log(`only ${error.available} left`);
   * }
   * ```
   */
  adjust(
    productId: string,
    storeId: string,
    adjustment: StockAdjustment,
    options?: WriteOptions,
  ): Promise<Stock>;

  /**
   * Moves units from one store to another in one transaction. `expected_version` is of the row that gives.
   *
   * Operation: `transferStock`.
   * Errors: `product_not_found`, `store_not_found`, `stock_not_found`, `store_inactive`, `same_store`,
   * `version_mismatch`, `insufficient_stock`, and those of every call.
   *
   * @example
   * ```ts
   * const { from, to } = await client.stock.transfer({
   *   product_id: "mug",
   *   from_store_id: "MAD-001",
   *   to_store_id: "BCN-001",
   *   quantity: 2,
   * });
   * console.log(from.quantity, to.quantity);
   * ```
   */
  transfer(transfer: StockTransfer, options?: WriteOptions): Promise<Transfer>;

  /**
   * Many changes in one transaction, in order. `all_or_nothing` unless `error_policy` is `skip_failed`.
   *
   * Operation: `batchStock`. Errors: `batch_failed`, and those of every call.
   *
   * @example
   * ```ts
   * const { results } = await client.stock.batch({
   *   error_policy: "skip_failed",
   *   changes: [
   *     { product_id: "mug", store_id: "MAD-001", quantity_change: 5, reason: "RESTOCK" },
   *     { product_id: "ghost", store_id: "MAD-001", quantity_change: 5, reason: "RESTOCK" },
   *   ],
   * });
   * for (const { index, status, error } of results) console.log(index, status, error?.code);
   * ```
   */
  batch(changes: BodyOf<"batchStock">, options?: WriteOptions): Promise<AnswerOf<"batchStock">>;
}

export function stockRows(call: Call): StockRows {
  const all = "/api/v1/stock";
  const row = (productId: string, storeId: string): string =>
    pathOf`/api/v1/stock/${productId}/${storeId}`;
  return {
    get: async (productId, storeId, options) =>
      call({ method: "GET", path: row(productId, storeId), kind: "read" }, options),
    check: async (productId, storeId, query, options) =>
      call(
        { method: "GET", path: `${row(productId, storeId)}/availability`, kind: "read", query },
        options,
      ),
    ofProduct: (productId, query, options) =>
      listAt(call, pathOf`/api/v1/stock/product/${productId}`, query, options),
    ofStore: (storeId, query, options) =>
      listAt(call, pathOf`/api/v1/stock/store/${storeId}`, query, options),
    low: (query, options) => listAt(call, `${all}/low-stock`, query, options),
    history: (productId, storeId, query, options) =>
      listAt(call, `${row(productId, storeId)}/history`, query, options),
    summary: async (query, options) =>
      call({ method: "GET", path: `${all}/summary`, kind: "read", query }, options),
    change: async (body, options) =>
      call({ method: "POST", path: all, kind: "keyed", body }, options),
    set: async (productId, storeId, body, options) =>
      call({ method: "PUT", path: row(productId, storeId), kind: "keyed", body }, options),
    adjust: async (productId, storeId, body, options) =>
      call(
        { method: "POST", path: `${row(productId, storeId)}/adjust`, kind: "keyed", body },
        options,
      ),
    transfer: async (body, options) =>
      call({ method: "POST", path: `${all}/transfer`, kind: "keyed", body }, options),
    batch: async (body, options) =>
      call({ method: "POST", path: `${all}/batch`, kind: "keyed", body }, options),
  };
}
