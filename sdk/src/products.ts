// Products: the chain's catalogue, and who has how much of them. Prices are in units of currency with two decimals
// at most. Everyone may read (unless that is switched off); admins change.

import type { Call, CallOptions, VersionedOptions, WriteOptions } from "./calls.ts";
import { type List, listAt, type Page, pathOf } from "./pages.ts";
import type {
  AnswerOf,
  Availability,
  BodyOf,
  NewProduct,
  Product,
  ProductChanges,
  QueryOf,
} from "./words.ts";

export interface Products {
  /**
   * Lists products. `search` looks in SKU and name, without regard to case and accents; `limit` is of one page.
   *
   * Operation: `listProducts`. Errors: those of every call.
   *
   * @example
   * ```ts
   * for await (const product of client.products.list({ category: "kitchen" })) {
   *   console.log(product.sku, product.name, product.price);
   * }
   * ```
   */
  list(query?: QueryOf<"listProducts">, options?: CallOptions): List<Page<Product>>;

  /**
   * One product by its id.
   *
   * Operation: `getProduct`. Errors: `product_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const product = await client.products.get("mug");
   * console.log(`${product.name}, version ${product.version}`);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Product>;

  /**
   * One product by its SKU, as a scanner reads it.
   *
   * Operation: `getProductBySku`. Errors: `product_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const product = await client.products.bySku("MUG-BLUE");
   * console.log(product.id);
   * ```
   */
  bySku(sku: string, options?: CallOptions): Promise<Product>;

  /**
   * Makes a product. The id may be your own; without one the service makes it.
   *
   * Operation: `createProduct`. Errors: `id_taken`, `sku_taken`, and those of every call.
   *
   * @example
   * ```ts
   * const product = await client.products.create({
   *   sku: "PLATE-01",
   *   name: "Plate",
   *   price: 12.5,
   *   category: "kitchen",
   * });
   * console.log(product.id);
   * ```
   */
  create(product: NewProduct, options?: WriteOptions): Promise<Product>;

  /**
   * Puts another in its place: what is left out is emptied. `ifVersion` refuses it where somebody was quicker.
   *
   * Operation: `replaceProduct`. Errors: `product_not_found`, `sku_taken`, `version_mismatch`, and those of every call.
   *
   * @example
   * ```ts
   * const { version } = await client.products.get("bowl");
   * const bowl = { sku: "BOWL-1", name: "Bowl, large", price: 14 };
   * await client.products.replace("bowl", bowl, { ifVersion: version });
   * ```
   */
  replace(
    id: string,
    product: BodyOf<"replaceProduct">,
    options?: VersionedOptions,
  ): Promise<Product>;

  /**
   * Changes the fields that are named. `ifVersion` refuses it where somebody was quicker.
   *
   * Operation: `changeProduct`. Errors: `product_not_found`, `sku_taken`, `version_mismatch`, and those of every call.
   *
   * @example
   * ```ts
   * const product = await client.products.change("bowl", { price: 13.95 });
   * console.log(product.price);
   * ```
   */
  change(id: string, changes: ProductChanges, options?: VersionedOptions): Promise<Product>;

  /**
   * Archives a product: gone from lists and reads, its history kept, its SKU free again. There must be no unit of it.
   *
   * Operation: `deleteProduct`. Errors: `product_not_found`, `product_in_use`, `version_mismatch`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.products.create({ sku: "TRIAL", name: "Trial", price: 0 });
   * await client.products.delete(id);
   * ```
   */
  delete(id: string, options?: VersionedOptions): Promise<void>;

  /**
   * Units of a product in each active store and in all. `as_of` answers from the log: a time, or `seq:N`.
   *
   * Operation: `getAvailability`.
   * Errors: `product_not_found`, `store_not_found`, `as_of_out_of_range`, and those of every call.
   *
   * @example
   * ```ts
   * const { stores, total_available } = await client.products.availability("mug");
   * for (const { store_name, available } of stores) console.log(`${store_name}: ${available}`);
   * console.log(`${total_available} in all`);
   * ```
   */
  availability(
    id: string,
    query?: QueryOf<"getAvailability">,
    options?: CallOptions,
  ): Promise<Availability>;

  /**
   * The same of many products at once, in the order asked; those that do not exist are `missing`.
   *
   * Operation: `queryAvailability`. Errors: `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const basket = { product_ids: ["mug", "bowl", "ghost"], store_ids: ["MAD-001"] };
   * const { items, missing } = await client.products.availabilities(basket);
   * console.log(items.map((one) => one.total_available), missing);
   * ```
   */
  availabilities(
    query: BodyOf<"queryAvailability">,
    options?: CallOptions,
  ): Promise<AnswerOf<"queryAvailability">>;
}

export function products(call: Call): Products {
  const all = "/api/v1/products";
  const at = (id: string): string => pathOf`/api/v1/products/${id}`;
  return {
    list: (query, options) => listAt(call, all, query, options),
    get: async (id, options) => call({ method: "GET", path: at(id), kind: "read" }, options),
    bySku: async (sku, options) =>
      call({ method: "GET", path: pathOf`/api/v1/products/sku/${sku}`, kind: "read" }, options),
    create: async (body, options) =>
      call({ method: "POST", path: all, kind: "keyed", body }, options),
    replace: async (id, body, options) =>
      call({ method: "PUT", path: at(id), kind: "keyed", body }, options),
    change: async (id, body, options) =>
      call({ method: "PATCH", path: at(id), kind: "keyed", body }, options),
    delete: async (id, options) => call({ method: "DELETE", path: at(id), kind: "keyed" }, options),
    availability: async (id, query, options) =>
      call({ method: "GET", path: `${at(id)}/availability`, kind: "read", query }, options),
    availabilities: async (body, options) =>
      call({ method: "POST", path: "/api/v1/availability/query", kind: "read", body }, options),
  };
}
