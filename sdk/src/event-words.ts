// Events by their types, as docs/events.md has them; a test compiles its examples against these. More types may
// come, and more fields: pass over what you do not know.

import type { Reason } from "./words.ts";

interface Balance {
  readonly quantity: number;
  readonly reserved: number;
}

/** What an event did to its stock row. */
export interface RowChange {
  readonly before: Balance;
  readonly after: Balance;
  readonly version: number;
}

interface OfRow {
  readonly stock: RowChange;
}

interface StockCreated extends OfRow {
  readonly quantity_change: number;
  readonly reason: Reason;
  readonly note?: string;
  readonly reference?: string;
  readonly user_id?: string;
}

interface StockUpdated extends StockCreated {
  /** The new one where it was set; null where it was taken away. */
  readonly reorder_point?: number | null;
  /** The one that it had before. */
  readonly previous_reorder_point?: number | null;
}

interface StockTransferred extends OfRow {
  /** The same in both events of a transfer. */
  readonly transfer_id: string;
  readonly direction: "out" | "in";
  readonly quantity: number;
  readonly quantity_change: number;
  readonly other_store_id: string;
  readonly reason: Reason;
  readonly note?: string;
}

/** The row as it is after the event before this one, of which it tells; it changes nothing itself. */
interface Threshold {
  readonly available: number;
  readonly quantity: number;
  readonly reserved: number;
  readonly reorder_point: number | null;
  readonly row_version: number;
}

interface Hold {
  readonly reservation_id: string;
  readonly quantity: number;
  readonly customer_id: string;
  readonly expires_at: string;
  readonly group_id?: string;
}

interface ProductFields {
  readonly sku: string;
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly price: number;
  readonly version: number;
}

interface StoreFields {
  readonly name: string;
  readonly address: string | null;
  readonly city: string | null;
  readonly country: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly active: boolean;
  readonly version: number;
}

/** What happened, by type. */
export interface Payloads {
  "stock.created": StockCreated;
  "stock.updated": StockUpdated;
  "stock.transferred": StockTransferred;
  "stock.low": Threshold & { readonly reorder_point: number };
  "stock.out": Threshold;
  "stock.back": Threshold;
  "reservation.created": Hold & OfRow & { readonly retaken_from?: string };
  "reservation.confirmed": Hold &
    OfRow & { readonly confirmed_quantity: number; readonly released_quantity: number };
  "reservation.cancelled": Hold & OfRow & { readonly reason?: string };
  "reservation.expired": Hold & OfRow;
  "reservation.extended": Hold & { readonly previous_expires_at: string };
  "product.created": ProductFields;
  "product.updated": ProductFields;
  "product.archived": ProductFields;
  "store.created": StoreFields;
  "store.updated": StoreFields;
  "store.archived": StoreFields;
}

export type EventType = keyof Payloads;

export interface EventOf<Type extends EventType> {
  /** Its place in the log: 1, 2, 3 … without a gap. */
  readonly seq: number;
  readonly id: string;
  readonly type: Type;
  readonly aggregate_type: "stock" | "reservation" | "product" | "store";
  readonly aggregate_id: string;
  /** `*` where it concerns the whole chain. */
  readonly store_id: string;
  readonly product_id: string | null;
  /** ISO 8601; it never goes back. */
  readonly occurred_at: string;
  /** `key:<name>`, `user:<subject>` or `system:…`. */
  readonly actor: string;
  readonly request_id: string;
  /** The span of the request (W3C Trace Context), where the service traces and that request was sampled. */
  readonly traceparent?: string;
  readonly payload: Payloads[Type];
}

/** An event of any type; comparing `type` tells what its payload is. */
export type OnhandEvent = { [Type in EventType]: EventOf<Type> }[EventType];
