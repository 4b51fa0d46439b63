// What the filters of lists come to, for both adapters: which lists can have nothing, how far a read may look,
// and which totals or events count what a list would show. The SQL is each adapter's own.

import type { EventType, EventWithoutNumbers, ReservationStatus } from "../domain/model.ts";
import { eventsScannedMax } from "../limits.ts";
import { newest } from "./pages.ts";
import type {
  EventQuery,
  LowStockQuery,
  PageQuery,
  ReservationQuery,
  StoreScope,
} from "./store.ts";

/** A store outside the caller's scope: nothing can match. Chain-wide events ("*") are seen by everyone. */
export function isHidden(filter: {
  readonly storeId: string | null;
  readonly stores: StoreScope;
}): boolean {
  const { storeId, stores } = filter;
  return storeId !== null && storeId !== "*" && stores !== "*" && !stores.includes(storeId);
}

/** Which rows of a store: those with a word, those at or below their own or a given number of units. */
export interface StoreRowsFilter {
  readonly storeId: string;
  readonly search: string | null;
  readonly low: boolean;
  readonly threshold: number | null;
}

/** The store that a list of low rows is of; null: it is of several. */
export function lowStoreOf({ storeId, stores }: LowStockQuery): string | null {
  const only = stores !== "*" && stores.length === 1 ? (stores[0] ?? null) : null;
  return storeId ?? only;
}

/** The last seq that a read of the log in its own order may look at: a filter may find nothing for long. */
export function lastScanned({ after, type, storeId, productId, stores }: EventQuery): number {
  const filtered = productId !== null || storeId !== null || type !== null || stores !== "*";
  return filtered ? after + eventsScannedMax : newest;
}

export type ReservationFilter = Omit<ReservationQuery, keyof PageQuery>;

/** Whether a list of reservations by `n` leaves any out. */
export function leavesOut({ productId, storeId, status, stores }: ReservationFilter): boolean {
  return productId !== null || storeId !== null || status !== null || stores !== "*";
}

const statusColumns = {
  PENDING: "pending",
  CONFIRMED: "confirmed",
  CANCELLED: "cancelled",
  EXPIRED: "expired",
} as const;

/** What of store_totals counts the reservations in a status; null: in any. */
export function countedColumns(status: ReservationStatus | null): string {
  return status === null ? Object.values(statusColumns).join(" + ") : statusColumns[status];
}

const silent: Readonly<Record<EventWithoutNumbers, true>> = {
  "stock.low": true,
  "stock.out": true,
  "stock.back": true,
  "reservation.extended": true,
};

export function tellsNumbers(type: string): boolean {
  return !Object.hasOwn(silent, type);
}

/** Types of events of a row that do not tell its numbers, as SQL lists them. */
export const withoutNumbers = Object.keys(silent)
  .map((type) => `'${type}'`)
  .join(", ");

/** The event that a reservation has exactly once when it is, or was, in a status (I5); null: in any. */
export function countedEvent(status: ReservationStatus | null): EventType {
  if (status === null || status === "PENDING") return "reservation.created";
  return `reservation.${statusColumns[status]}`;
}
