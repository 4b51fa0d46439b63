// What each error code says besides its sentence, as docs/errors.md has it; a test compares the two. Units are
// whole units of a product; times are ISO 8601.

import type { ReservationStatus, Stock } from "./words.ts";

export interface FieldProblem {
  /** A JSON pointer in the body, `?name` in the query, `{name}` in the path. */
  readonly path: string;
  readonly message: string;
}

/** How one line of a batch fared. */
export interface BatchLine {
  readonly index: number;
  readonly status: "ok" | "failed";
  readonly stock?: Stock;
  readonly error?: { readonly code: string; readonly [fact: string]: unknown };
}

type None = Readonly<Record<never, never>>;
interface OfProduct {
  readonly product_id: string;
}
interface OfStore {
  readonly store_id: string;
}
interface OfReservation {
  readonly reservation_id: string;
}
type OfRow = OfProduct & OfStore;

/** Facts by code. */
export interface FactsOf {
  validation_failed: { readonly errors?: readonly FieldProblem[] };
  malformed_json: None;
  invalid_cursor: None;
  invalid_idempotency_key: None;
  import_unreadable: {
    readonly row?: number;
    readonly columns?: readonly string[];
    readonly missing?: string;
  };
  as_of_out_of_range: { readonly head_seq: number; readonly first_at: string | null };
  body_too_large: None;
  unsupported_media_type: None;
  headers_too_large: None;
  unauthenticated: None;
  forbidden: { readonly scope?: string; readonly store_id?: string; readonly customer_id?: string };
  route_not_found: None;
  product_not_found: { readonly product_id?: string; readonly sku?: string };
  store_not_found: OfStore;
  stock_not_found: OfRow;
  reservation_not_found: OfReservation;
  group_not_found: { readonly group_id: string };
  key_not_found: None;
  webhook_not_found: None;
  method_not_allowed: None;
  insufficient_stock: OfRow & { readonly available: number; readonly requested: number };
  quantity_below_reserved: OfRow & { readonly quantity: number; readonly reserved: number };
  version_mismatch: { readonly current_version: number; readonly expected_version: number | "*" };
  reservation_not_pending: OfReservation & {
    readonly reservation_status: ReservationStatus;
    readonly retaken_by: string | null;
  };
  reservation_expired: OfReservation & { readonly expired_at: string };
  store_inactive: OfStore;
  customer_limit_reached: {
    readonly customer_id: string;
    readonly limit: "reservations" | "units";
    readonly max: number;
    readonly current: number;
  };
  webhook_limit_reached: { readonly limit: number };
  product_in_use: OfProduct & { readonly quantity: number };
  store_in_use: OfStore & { readonly quantity: number };
  sku_taken: OfProduct & { readonly sku: string };
  id_taken: { readonly id: string };
  stock_exists: OfRow & { readonly stock: Stock };
  batch_failed: { readonly results: readonly BatchLine[] };
  lifetime_exceeded: { readonly max_seconds: number };
  stream_in_use: { readonly stream: string; readonly last_id: string | null };
  same_store: OfStore;
  idempotency_key_reused: None;
  rate_limited: None;
  internal: None;
  overloaded: None;
  database_unavailable: None;
  redis_unavailable: None;
  /** No connection, or one that broke before the answer was whole. */
  no_answer: None;
  /** No answer within `timeoutMs`. */
  timed_out: None;
  /** An answer that is none of the service: of a proxy, or of something else at that address. */
  unexpected_answer: None;
}
