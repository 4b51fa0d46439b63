// Every business refusal: its code, its facts and the order in which they are looked for. A refusal is
// a value, never thrown. http/problem.ts is the only place that turns one into a status code.
//
// Precedence, the same in every command, so that a request with several faults has one answer on every
// database: missing reservation (it says which product and store are meant), unknown product, unknown
// store, inactive store, same store, taken id or SKU, missing row, row that exists, version, state of
// the reservation, lifetime, use of the object, customer limits, quantities. Of several lines with
// faults, too, the earlier fault wins, then the earlier line. rejection.test.ts holds it as a table.

import type { BatchLineResult, ReservationStatus, Stock } from "./model.ts";

export type Rejection =
  | { readonly code: "product_not_found"; readonly productId: string }
  | { readonly code: "store_not_found"; readonly storeId: string }
  | { readonly code: "store_inactive"; readonly storeId: string }
  | { readonly code: "same_store"; readonly storeId: string }
  | { readonly code: "id_taken"; readonly id: string }
  | { readonly code: "sku_taken"; readonly sku: string; readonly productId: string }
  | { readonly code: "stock_not_found"; readonly productId: string; readonly storeId: string }
  | { readonly code: "reservation_not_found"; readonly reservationId: string }
  | { readonly code: "group_not_found"; readonly groupId: string }
  | { readonly code: "stock_exists"; readonly stock: Stock }
  | {
      readonly code: "version_mismatch";
      readonly source: "body" | "header";
      readonly expected: number | "*";
      /** 0: there is no such object yet. */
      readonly current: number;
    }
  | {
      readonly code: "reservation_not_pending";
      readonly reservationId: string;
      readonly status: ReservationStatus;
      readonly retakenBy: string | null;
    }
  | {
      readonly code: "reservation_expired";
      readonly reservationId: string;
      readonly expiredAt: number;
    }
  | { readonly code: "lifetime_exceeded"; readonly maxSeconds: number }
  | { readonly code: "product_in_use"; readonly productId: string; readonly quantity: number }
  | { readonly code: "store_in_use"; readonly storeId: string; readonly quantity: number }
  | {
      readonly code: "customer_limit_reached";
      readonly customerId: string;
      readonly limit: "reservations" | "units";
      readonly max: number;
      readonly current: number;
    }
  | {
      readonly code: "insufficient_stock";
      readonly productId: string;
      readonly storeId: string;
      readonly available: number;
      readonly requested: number;
    }
  | {
      readonly code: "quantity_below_reserved";
      readonly productId: string;
      readonly storeId: string;
      readonly quantity: number;
      readonly reserved: number;
    }
  | {
      /** Valid by its form, but not beside what is stored: above the row's or the hold's bound. */
      readonly code: "quantity_out_of_range";
      readonly field: string;
      readonly max: number;
    }
  | { readonly code: "batch_failed"; readonly results: readonly BatchLineResult[] }
  | { readonly code: "idempotency_key_reused" };

export type RejectionCode = Rejection["code"];

/** The order in which a command looks for its refusals; earlier ones win. */
export const precedence = [
  "idempotency_key_reused",
  "reservation_not_found",
  "group_not_found",
  "product_not_found",
  "store_not_found",
  "store_inactive",
  "same_store",
  "id_taken",
  "sku_taken",
  "stock_not_found",
  "stock_exists",
  "version_mismatch",
  "reservation_not_pending",
  "reservation_expired",
  "lifetime_exceeded",
  "product_in_use",
  "store_in_use",
  "customer_limit_reached",
  "insufficient_stock",
  "quantity_below_reserved",
  "quantity_out_of_range",
  "batch_failed",
] as const satisfies readonly RejectionCode[];

const notKept: ReadonlySet<RejectionCode> = new Set([
  "product_not_found",
  "store_not_found",
  "stock_not_found",
  "reservation_not_found",
  "group_not_found",
  "idempotency_key_reused",
  "quantity_out_of_range",
] as const);

/**
 * Whether a retry with the same idempotency key must meet the same refusal. Business refusals are kept
 * (the caller was told no); "not there" and "not valid" are not: the caller may mend and try again.
 */
export function isKept(rejection: Rejection): boolean {
  return !notKept.has(rejection.code);
}
