// The words of the domain as types: what is stored (Product, Store, Stock, Reservation), what may be
// asked (Command), what is answered (Reply), and the closed lists of words. What is remembered is in
// event.ts. Pure values, no behaviour. Times are integer UTC milliseconds; prices are integer cents;
// quantities are integers.

import type { Rejection } from "./rejection.ts";

export const reservationStatuses = ["PENDING", "CONFIRMED", "CANCELLED", "EXPIRED"] as const;
export type ReservationStatus = (typeof reservationStatuses)[number];

/** Why stock changed. OTHER needs a note. */
export const reasons = [
  "RESTOCK",
  "SALE",
  "RETURN",
  "DAMAGE",
  "SHRINKAGE",
  "COUNT",
  "CORRECTION",
  "TRANSFER",
  "INITIAL",
  "OTHER",
] as const;
export type Reason = (typeof reasons)[number];

export const eventTypes = [
  "stock.created",
  "stock.updated",
  "stock.transferred",
  "stock.low",
  "stock.out",
  "stock.back",
  "reservation.created",
  "reservation.confirmed",
  "reservation.cancelled",
  "reservation.expired",
  "reservation.extended",
  "product.created",
  "product.updated",
  "product.archived",
  "store.created",
  "store.updated",
  "store.archived",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Events of a stock row or its reservations that change no number of the row, and so carry no `stock`. */
export type EventWithoutNumbers = "stock.low" | "stock.out" | "stock.back" | "reservation.extended";

export interface Product {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceCents: number;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Archived products are gone from lists and reads; their history stays and their SKU is free again. */
  readonly archivedAt: number | null;
}

export interface Store {
  readonly id: string;
  readonly name: string;
  readonly address: string | null;
  readonly city: string | null;
  readonly country: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly active: boolean;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt: number | null;
}

/** One stock row per (product, store). `version` counts the events that touched it. */
export interface Stock {
  readonly id: string;
  readonly productId: string;
  readonly storeId: string;
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
  readonly reorderPoint: number | null;
  /** `stock.low` was told, and nothing has brought the row clear of its point since (thresholds.ts). */
  readonly lowTold: boolean;
  readonly updatedAt: number;
}

export interface Reservation {
  readonly id: string;
  readonly productId: string;
  readonly storeId: string;
  readonly customerId: string;
  readonly quantity: number;
  readonly status: ReservationStatus;
  readonly expiresAt: number;
  readonly createdAt: number;
  readonly updatedAt: number | null;
  readonly groupId: string | null;
  /** The caller's own JSON object as text; the domain never looks inside. */
  readonly metadata: string | null;
  /** Units sold; less than `quantity` after a partial confirm, null before. */
  readonly confirmedQuantity: number | null;
  readonly cancelReason: string | null;
  /** The expired reservation whose units this one took again, and the reverse. */
  readonly retakenFrom: string | null;
  readonly retakenBy: string | null;
}

/** "The caller saw this version": an expected version in the body, or If-Match ("*": any that exists). */
export interface Precondition {
  readonly version: number | "*";
  readonly source: "body" | "header";
}

/** What the caller of a reservation command may see: other people's reservations do not exist for it. */
export interface Visibility {
  readonly stores: readonly string[] | "*";
  readonly customerId: string | null;
}

/** One idempotency key of one caller, and the fingerprint of the request that it was used with. */
export interface Once {
  readonly caller: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** Who issued the command, by which request, and under which idempotency key. */
export interface Issued {
  readonly actor: string;
  readonly requestId: string;
  readonly once: Once | null;
  /** The span of the request (W3C Trace Context), where it is traced. Its events carry it; it decides nothing. */
  readonly traceparent?: string | null;
}

export interface ProductFields {
  readonly sku: string;
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceCents: number;
}

export interface StoreFields {
  readonly name: string;
  readonly address: string | null;
  readonly city: string | null;
  readonly country: string | null;
  readonly phone: string | null;
  readonly email: string | null;
  readonly active: boolean;
}

/** One change of one stock row, as POST /stock and each line of a batch take it. */
export interface StockChange {
  readonly productId: string;
  readonly storeId: string;
  /** `add` changes the row by a signed amount, `initial` makes the row and is refused if there is one. */
  readonly mode: "add" | "initial";
  readonly amount: number;
  /** Whether `add` may make a missing row. */
  readonly createMissing: boolean;
  readonly reason: Reason;
  readonly note: string | null;
  readonly reference: string | null;
  readonly userId: string | null;
  readonly expected: Precondition | null;
}

export interface ReserveLine {
  readonly reservationId: string;
  /** The caller chose the id, so it may be taken. */
  readonly idBrought: boolean;
  readonly productId: string;
  readonly storeId: string;
  readonly quantity: number;
}

/** One reservation, or all of a group. */
export type Holds =
  | { readonly kind: "reservation"; readonly id: string }
  | { readonly kind: "group"; readonly id: string };

export type Action =
  | { readonly kind: "CreateProduct"; readonly id: string; readonly fields: ProductFields }
  | {
      readonly kind: "ChangeProduct";
      readonly id: string;
      readonly fields: Partial<ProductFields>;
      readonly expected: Precondition | null;
    }
  | { readonly kind: "ArchiveProduct"; readonly id: string; readonly expected: Precondition | null }
  | { readonly kind: "CreateStore"; readonly id: string; readonly fields: StoreFields }
  | {
      readonly kind: "ChangeStore";
      readonly id: string;
      readonly fields: Partial<StoreFields>;
      readonly expected: Precondition | null;
    }
  | { readonly kind: "ArchiveStore"; readonly id: string; readonly expected: Precondition | null }
  | { readonly kind: "ChangeStock"; readonly change: StockChange }
  | {
      readonly kind: "SetStock";
      readonly productId: string;
      readonly storeId: string;
      readonly quantity: number | null;
      /** undefined: unchanged; null: no reorder point. */
      readonly reorderPoint: number | null | undefined;
      readonly reason: Reason;
      readonly note: string | null;
      readonly reference?: string;
      readonly expected: Precondition | null;
    }
  | {
      readonly kind: "TransferStock";
      readonly transferId: string;
      readonly productId: string;
      readonly fromStoreId: string;
      readonly toStoreId: string;
      readonly quantity: number;
      readonly reason: Reason;
      readonly note: string | null;
      readonly expected: Precondition | null;
    }
  | {
      readonly kind: "BatchStock";
      readonly errorPolicy: "all_or_nothing" | "skip_failed";
      readonly changes: readonly StockChange[];
    }
  | {
      readonly kind: "Reserve";
      readonly groupId: string | null;
      readonly customerId: string;
      readonly ttlMs: number;
      readonly metadata: string | null;
      readonly lines: readonly ReserveLine[];
    }
  | {
      readonly kind: "Confirm";
      readonly holds: Holds;
      readonly visibleTo: Visibility;
      /** Units to sell of a single reservation; null: all. */
      readonly quantity: number | null;
      /** The id of the new reservation where an expired one may be taken again; null: refuse. */
      readonly retakeId: string | null;
    }
  | {
      readonly kind: "Cancel";
      readonly holds: Holds;
      readonly visibleTo: Visibility;
      readonly reason: string | null;
    }
  | {
      readonly kind: "Extend";
      readonly holds: Holds;
      readonly visibleTo: Visibility;
      readonly ttlMs: number;
    }
  | { readonly kind: "ExpireDue"; readonly limit: number };

export type Command = Issued & Action;
export type CommandOf<Kind extends Action["kind"]> = Issued & Extract<Action, { kind: Kind }>;

export interface BatchLineResult {
  readonly index: number;
  readonly stock: Stock | null;
  readonly rejection: Rejection | null;
}

/** What an accepted command answers. */
export type Reply =
  | { readonly kind: "product"; readonly product: Product }
  | { readonly kind: "store"; readonly store: Store }
  | { readonly kind: "stock"; readonly stock: Stock; readonly created: boolean }
  | {
      readonly kind: "transfer";
      readonly transferId: string;
      readonly from: Stock;
      readonly to: Stock;
    }
  | { readonly kind: "batch"; readonly results: readonly BatchLineResult[] }
  | { readonly kind: "reservation"; readonly reservation: Reservation }
  | {
      readonly kind: "group";
      readonly groupId: string;
      readonly reservations: readonly Reservation[];
    }
  | {
      readonly kind: "expired";
      readonly count: number;
      /** Rows that could not be decided and were left as they are. Anything here is a bug. */
      readonly broken: readonly BrokenRow[];
    };

/** A stock row in which an invariant is broken, as the end of its due holds met it. */
export interface BrokenRow {
  readonly productId: string;
  readonly storeId: string;
  /** Due holds that stay as they are. */
  readonly holds: number;
  readonly why: string;
}
