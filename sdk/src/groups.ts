// Groups: reservations that were made together, a basket, and are sold, let go or held longer together, all or
// none. Quantities are whole units, `ttl` seconds (`ttl_minutes` in its place).

import type { Call, CallOptions, WriteOptions } from "./calls.ts";
import { pathOf } from "./pages.ts";
import type { BodyOf, NewGroup, ReservationGroup } from "./words.ts";

export interface Groups {
  /**
   * Holds every line of a basket for a customer, or none; without `ttl` for 600 s.
   *
   * Operation: `createReservation`.
   * Errors: `product_not_found`, `store_not_found`, `store_inactive`, `id_taken`, `lifetime_exceeded`,
   * `customer_limit_reached`, `insufficient_stock`, and those of every call.
   *
   * @example
   * ```ts
   * const { group_id, reservations } = await client.groups.create({
   *   customer_id: "cust-9",
   *   lines: [
   *     { product_id: "mug", store_id: "MAD-001", quantity: 2 },
   *     { product_id: "mug", store_id: "BCN-001", quantity: 1 },
   *   ],
   * });
   * console.log(group_id, reservations.map((one) => one.expires_at));
   * ```
   */
  create(group: NewGroup, options?: WriteOptions): Promise<ReservationGroup>;

  /**
   * The reservations of a group, in the order of their lines.
   *
   * Operation: `getReservationGroup`. Errors: `group_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const lines = [{ product_id: "mug", store_id: "MAD-001", quantity: 1 }];
   * const { group_id } = await client.groups.create({ customer_id: "cust-10", lines });
   * const { reservations } = await client.groups.get(group_id);
   * console.log(reservations[0]?.status);
   * ```
   */
  get(groupId: string, options?: CallOptions): Promise<ReservationGroup>;

  /**
   * Sells the held units of the whole group, or of none.
   *
   * Operation: `confirmReservationGroup`.
   * Errors: `group_not_found`, `product_not_found`, `store_not_found`, `store_inactive`,
   * `reservation_not_pending`, `reservation_expired`, and those of every call.
   *
   * @example
   * ```ts
   * const lines = [{ product_id: "mug", store_id: "MAD-001", quantity: 1 }];
   * const { group_id } = await client.groups.create({ customer_id: "cust-11", lines });
   * await client.groups.confirm(group_id);
   * ```
   */
  confirm(groupId: string, options?: WriteOptions): Promise<ReservationGroup>;

  /**
   * Lets the held units of the whole group go, or of none.
   *
   * Operation: `cancelReservationGroup`.
   * Errors: `group_not_found`, `reservation_not_pending`, `reservation_expired`, and those of every call.
   *
   * @example
   * ```ts
   * const lines = [{ product_id: "mug", store_id: "MAD-001", quantity: 1 }];
   * const { group_id } = await client.groups.create({ customer_id: "cust-12", lines });
   * await client.groups.cancel(group_id, { reason: "payment failed" });
   * ```
   */
  cancel(
    groupId: string,
    why?: BodyOf<"cancelReservationGroup">,
    options?: WriteOptions,
  ): Promise<ReservationGroup>;

  /**
   * Holds the units of the whole group longer, or of none: `ttl` seconds from now, up to the longest total life.
   *
   * Operation: `extendReservationGroup`.
   * Errors: `group_not_found`, `product_not_found`, `store_not_found`, `store_inactive`,
   * `reservation_not_pending`, `reservation_expired`, `lifetime_exceeded`, and those of every call.
   *
   * @example
   * ```ts
   * const lines = [{ product_id: "mug", store_id: "MAD-001", quantity: 1 }];
   * const { group_id } = await client.groups.create({ customer_id: "cust-13", lines });
   * await client.groups.extend(group_id, { ttl_minutes: 20 });
   * ```
   */
  extend(
    groupId: string,
    until: BodyOf<"extendReservationGroup">,
    options?: WriteOptions,
  ): Promise<ReservationGroup>;
}

export function groups(call: Call): Groups {
  const at = (id: string): string => pathOf`/api/v1/reservation-groups/${id}`;
  return {
    create: async (body, options) =>
      call({ method: "POST", path: "/api/v1/reservations", kind: "keyed", body }, options),
    get: async (id, options) => call({ method: "GET", path: at(id), kind: "read" }, options),
    confirm: async (id, options) =>
      call({ method: "POST", path: `${at(id)}/confirm`, kind: "keyed" }, options),
    cancel: async (id, body, options) =>
      call({ method: "POST", path: `${at(id)}/cancel`, kind: "keyed", body }, options),
    extend: async (id, body, options) =>
      call({ method: "POST", path: `${at(id)}/extend`, kind: "keyed", body }, options),
  };
}
