// Reservations: units of one product held in one store for one customer until `expires_at`. Quantities are whole
// units, `ttl` seconds (`ttl_minutes` in its place). Baskets of several lines are in groups.ts.

import type { Call, CallOptions, WriteOptions } from "./calls.ts";
import { type List, listAt, type Page, pathOf } from "./pages.ts";
import type { AnswerOf, BodyOf, NewReservation, QueryOf, Reservation } from "./words.ts";

export interface Reservations {
  /**
   * Holds units for a customer; without `ttl` for 600 s.
   *
   * Operation: `createReservation`.
   * Errors: `product_not_found`, `store_not_found`, `store_inactive`, `id_taken`, `lifetime_exceeded`,
   * `customer_limit_reached`, `insufficient_stock`, and those of every call.
   *
   * @example
   * ```ts
   * const reservation = await client.reservations.create({
   *   product_id: "mug",
   *   store_id: "MAD-001",
   *   quantity: 1,
   *   customer_id: "cust-456",
   *   ttl: 900,
   * });
   * console.log(`yours until ${reservation.expires_at}`);
   * ```
   */
  create(reservation: NewReservation, options?: WriteOptions): Promise<Reservation>;

  /**
   * One reservation by its id.
   *
   * Operation: `getReservation`. Errors: `reservation_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { status, expires_in_seconds } = await client.reservations.get("order-1");
   * console.log(status, `${expires_in_seconds} s left`);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Reservation>;

  /**
   * Lists reservations, newest first; `limit` is of one page.
   *
   * Operation: `listReservations`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const mine = client.reservations.list({ customer_id: "cust-456", status: "PENDING" });
   * for await (const one of mine) console.log(one.id, one.quantity);
   * ```
   */
  list(query?: QueryOf<"listReservations">, options?: CallOptions): List<Page<Reservation>>;

  /**
   * Who is coming to collect: the pending reservations of a store, newest first. A page has the `count` of all.
   *
   * Operation: `listPendingReservations`. Errors: `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const { count, items } = await client.reservations.pending("MAD-001").page();
   * console.log(`${count} to hand over, the newest for ${items[0]?.customer_id}`);
   * ```
   */
  pending(
    storeId: string,
    query?: QueryOf<"listPendingReservations">,
    options?: CallOptions,
  ): List<AnswerOf<"listPendingReservations">>;

  /**
   * The reservations of a product in a store, newest first. A page has the `count` of all.
   *
   * Operation: `listReservationsOfStock`.
   * Errors: `product_not_found`, `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const held = client.reservations.ofStock("mug", "MAD-001", { status: "PENDING" });
   * for await (const one of held) console.log(one.customer_id, one.expires_at);
   * ```
   */
  ofStock(
    productId: string,
    storeId: string,
    query?: QueryOf<"listReservationsOfStock">,
    options?: CallOptions,
  ): List<AnswerOf<"listReservationsOfStock">>;

  /**
   * How many reservations there are, by status, in the caller's stores; for a customer, of its own.
   *
   * Operation: `getReservationStats`. Errors: those of every call.
   *
   * @example
   * ```ts
   * const { total, by_status } = await client.reservations.stats();
   * console.log(`${by_status.PENDING} of ${total} pending`);
   * ```
   */
  stats(options?: CallOptions): Promise<AnswerOf<"getReservationStats">>;

  /**
   * Sells the held units, or `quantity` of them and lets the rest go. `if_expired: "retake"` sells an expired one
   * if the units are still there.
   *
   * Operation: `confirmReservation`.
   * Errors: `reservation_not_found`, `product_not_found`, `store_not_found`, `store_inactive`,
   * `reservation_not_pending`, `reservation_expired`, `insufficient_stock`, and those of every call.
   *
   * @example
   * ```ts
   * const wish = { product_id: "mug", store_id: "MAD-001", quantity: 2, customer_id: "cust-7" };
   * const { id } = await client.reservations.create(wish);
   * const sold = await client.reservations.confirm(id, { if_expired: "retake" });
   * console.log(sold.status, sold.confirmed_quantity);
   * ```
   */
  confirm(
    id: string,
    how?: BodyOf<"confirmReservation">,
    options?: WriteOptions,
  ): Promise<Reservation>;

  /**
   * Lets the held units go.
   *
   * Operation: `cancelReservation`.
   * Errors: `reservation_not_found`, `reservation_not_pending`, `reservation_expired`, and those of every call.
   *
   * @example
   * ```ts
   * const wish = { product_id: "mug", store_id: "MAD-001", quantity: 1, customer_id: "cust-8" };
   * const { id } = await client.reservations.create(wish);
   * await client.reservations.cancel(id, { reason: "changed their mind" });
   * ```
   */
  cancel(
    id: string,
    why?: BodyOf<"cancelReservation">,
    options?: WriteOptions,
  ): Promise<Reservation>;

  /**
   * Holds the units longer: `ttl` seconds from now, up to the longest total life.
   *
   * Operation: `extendReservation`.
   * Errors: `reservation_not_found`, `product_not_found`, `store_not_found`, `store_inactive`,
   * `reservation_not_pending`, `reservation_expired`, `lifetime_exceeded`, and those of every call.
   *
   * @example
   * ```ts
   * const { expires_at } = await client.reservations.extend("order-1", { ttl: 1200 });
   * console.log(`yours until ${expires_at}`);
   * ```
   */
  extend(
    id: string,
    until: BodyOf<"extendReservation">,
    options?: WriteOptions,
  ): Promise<Reservation>;
}

export function reservations(call: Call): Reservations {
  const all = "/api/v1/reservations";
  const at = (id: string): string => pathOf`/api/v1/reservations/${id}`;
  return {
    create: async (body, options) =>
      call({ method: "POST", path: all, kind: "keyed", body }, options),
    get: async (id, options) => call({ method: "GET", path: at(id), kind: "read" }, options),
    list: (query, options) => listAt(call, all, query, options),
    pending: (storeId, query, options) =>
      listAt(call, pathOf`/api/v1/reservations/store/${storeId}/pending`, query, options),
    ofStock: (productId, storeId, query, options) =>
      listAt(
        call,
        pathOf`/api/v1/reservations/product/${productId}/store/${storeId}`,
        query,
        options,
      ),
    stats: async (options) => call({ method: "GET", path: `${all}/stats`, kind: "read" }, options),
    confirm: async (id, body, options) =>
      call({ method: "POST", path: `${at(id)}/confirm`, kind: "keyed", body }, options),
    cancel: async (id, body, options) =>
      call({ method: "POST", path: `${at(id)}/cancel`, kind: "keyed", body }, options),
    extend: async (id, body, options) =>
      call({ method: "POST", path: `${at(id)}/extend`, kind: "keyed", body }, options),
  };
}
