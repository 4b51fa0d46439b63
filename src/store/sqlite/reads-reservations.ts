// Reads of reservations. Those of a customer and pending ones have indexes, so any list or count of them
// is exact. All others have none (an index on every status would cost each write), so a list by store,
// product or status reads a bounded part of the table from its new end and may answer a short page with a
// `next`.
//
// What a filter reads:     customer           reservations_by_customer: numbers first, then the page's rows
//   status PENDING         reservations_pending_by_row: numbers first, then the page's rows
//   product and store      the row's `reservation.created` events, newest first (events_by_row)
//   anything else          the table by `n`, newest first, `reservationsScannedMax` at a time

import type { Reservation, ReservationStatus } from "../../domain/model.ts";
import { reservationsScannedMax } from "../../limits.ts";
import {
  countedColumns,
  countedEvent,
  isHidden,
  leavesOut,
  type ReservationFilter,
} from "../filters.ts";
import { afterNumber, goingOn, lastColumn, newest, pageOf } from "../pages.ts";
import { columnsOf, integer, reservationColumns, reservationOf } from "../rows.ts";
import { goesByLog, type Page, type ReservationQuery, type StoreScope } from "../store.ts";
import type { Bound, Statements } from "./statements.ts";

export const reservationSql = {
  one: `SELECT ${reservationColumns} FROM reservations WHERE id = ?`,
  group: `SELECT ${reservationColumns} FROM reservations WHERE group_id = ? ORDER BY n`,
  nextDue: `
    SELECT expires_at FROM reservations WHERE status = 'PENDING' ORDER BY expires_at LIMIT 1`,
  lastN: "SELECT max(n) FROM reservations",
  rowScanEnd: `
    SELECT seq FROM events
    WHERE product_id = ? AND store_id = ? AND seq < ? ORDER BY seq DESC LIMIT 1 OFFSET ?`,
} as const;

interface Text {
  readonly sql: string;
  readonly bound: readonly Bound[];
}

/** The filters as conditions on the columns of `table`; `""`: everything matches. */
function conditions(filter: ReservationFilter, table: string): Text {
  const bound: Bound[] = [];
  let sql = "";
  const add = (condition: string, value: Bound | null): void => {
    if (value === null) return;
    sql += ` AND ${table}${condition}`;
    bound.push(value);
  };
  add("customer_id = ?", filter.customerId);
  add("product_id = ?", filter.productId);
  add("store_id = ?", filter.storeId);
  add("status = ?", filter.status);
  if (filter.storeId === null) {
    add("store_id IN (SELECT value FROM json_each(?))", scopeList(filter.stores));
  }
  return { sql, bound };
}

function scopeList(stores: StoreScope): string | null {
  return stores === "*" ? null : JSON.stringify(stores);
}

function isIndexed({ customerId, status }: ReservationFilter): boolean {
  return customerId !== null || status === "PENDING";
}

/** Customers and pending ones, by the index that fits; for the partial one `status` is written out. */
function indexedFrom(filter: ReservationFilter): Text {
  const { customerId, productId, storeId, stores } = filter;
  if (customerId !== null) {
    const { sql, bound } = conditions(filter, "");
    return { sql: `FROM reservations INDEXED BY reservations_by_customer WHERE TRUE${sql}`, bound };
  }
  const { sql, bound } = conditions({ ...filter, status: null }, "");
  // Of a product in all stores: the index is asked store by store.
  const everywhere = productId !== null && storeId === null && stores === "*";
  const inStores = everywhere ? " AND store_id IN (SELECT id FROM stores)" : "";
  const from = "FROM reservations INDEXED BY reservations_pending_by_row WHERE status = 'PENDING'";
  return { sql: `${from}${sql}${inStores}`, bound };
}

/** Sorts numbers of the index alone, however many there are, and then reads the page's rows. */
export function indexedListSql(filter: ReservationFilter): Text {
  const { sql, bound } = indexedFrom(filter);
  return {
    sql: `
    SELECT ${reservationColumns}, n FROM reservations
    WHERE n IN (SELECT n ${sql} AND n < ? ORDER BY n DESC LIMIT ? + 0) ORDER BY n DESC`,
    bound,
  };
}

export function scanListSql(filter: ReservationFilter): Text {
  const { sql, bound } = conditions(filter, "");
  return {
    sql: `
    SELECT ${reservationColumns}, n FROM reservations NOT INDEXED
    WHERE n < ? AND n >= ?${sql} ORDER BY n DESC LIMIT ? + 0`,
    bound,
  };
}

/** Of one row: the log has them in order, and events_by_row leads there. */
export function rowListSql(status: ReservationStatus | null): string {
  return `
    SELECT ${columnsOf("r", reservationColumns)}, e.seq
    FROM events e INDEXED BY events_by_row CROSS JOIN reservations r ON r.id = e.aggregate_id
    WHERE e.product_id = ? AND e.store_id = ? AND e.seq < ? AND e.seq >= ?
      AND e.event_type = 'reservation.created'${status === null ? "" : " AND +r.status = ?"}
    ORDER BY e.seq DESC LIMIT ? + 0`;
}

/** Exact, without reading a reservation where totals, an index or the log can tell. */
export function reservationCountSql(filter: ReservationFilter): Text {
  const { customerId, productId, storeId, status, stores } = filter;
  if (customerId === null && productId === null) {
    const { sql, bound } = conditions({ ...filter, status: null }, "");
    return {
      sql: `SELECT coalesce(sum(${countedColumns(status)}), 0) FROM store_totals WHERE TRUE${sql}`,
      bound,
    };
  }
  if (customerId !== null || status === "PENDING") {
    const { sql, bound } = indexedFrom(filter);
    return { sql: `SELECT count(*) ${sql}`, bound };
  }
  const nothing = { customerId: null, status: null };
  const { sql, bound } = conditions({ productId, storeId, stores, ...nothing }, "");
  return {
    sql: `SELECT count(*) FROM events INDEXED BY events_by_row WHERE event_type = ?${sql}`,
    bound: [countedEvent(status), ...bound],
  };
}

function indexedPage(statements: Statements, query: ReservationQuery): Page<Reservation> {
  const { sql, bound } = indexedListSql(query);
  const before = afterNumber(query.after, newest);
  const rows = statements.all(sql, ...bound, before, query.limit + 1);
  return pageOf(rows, query.limit, reservationOf, lastColumn);
}

/** Where a list by `n` stops looking; 0: it may look at everything that is left. */
function scanEnd(statements: Statements, query: ReservationQuery, before: number): number {
  if (!leavesOut(query)) return 0;
  const [last] = statements.get(reservationSql.lastN) ?? [];
  if (typeof last !== "number") return 0;
  const end = Math.min(before, last + 1) - reservationsScannedMax;
  return end > 1 ? end : 0;
}

function scanPage(statements: Statements, query: ReservationQuery): Page<Reservation> {
  const before = afterNumber(query.after, newest);
  const end = scanEnd(statements, query, before);
  const { sql, bound } = scanListSql(query);
  const rows = statements.all(sql, before, end, ...bound, query.limit + 1);
  return goingOn(pageOf(rows, query.limit, reservationOf, lastColumn), end);
}

/** Its cursor is a `seq`: where in the log the last reservation shown was made. */
function rowPage(
  statements: Statements,
  { after, limit, status }: ReservationQuery,
  row: readonly [productId: string, storeId: string],
): Page<Reservation> {
  const before = afterNumber(after, newest);
  const skipped = reservationsScannedMax - 1;
  const found = statements.get(reservationSql.rowScanEnd, ...row, before, skipped);
  const end = found === undefined ? 0 : integer(found[0]);
  const bound: Bound[] = status === null ? [] : [status];
  const rows = statements.all(rowListSql(status), ...row, before, end, ...bound, limit + 1);
  return goingOn(pageOf(rows, limit, reservationOf, lastColumn), end);
}

export function openReservationReads(statements: Statements) {
  return {
    reservation(id: string): Reservation | null {
      const row = statements.get(reservationSql.one, id);
      return row === undefined ? null : reservationOf(row);
    },

    /** Members in the order in which they were made. */
    group(id: string): readonly Reservation[] {
      return statements.all(reservationSql.group, id).map(reservationOf);
    },

    nextDueAt(): number | null {
      const row = statements.get(reservationSql.nextDue);
      return row === undefined ? null : integer(row[0]);
    },

    /** Newest first. */
    reservations(query: ReservationQuery): Page<Reservation> {
      if (isHidden(query)) return { items: [], next: null };
      return statements.snapshot(() => {
        if (isIndexed(query)) return indexedPage(statements, query);
        if (goesByLog(query)) return rowPage(statements, query, [query.productId, query.storeId]);
        return scanPage(statements, query);
      });
    },

    reservationCount(filter: ReservationFilter): number {
      if (isHidden(filter)) return 0;
      const { sql, bound } = reservationCountSql(filter);
      return integer(statements.get(sql, ...bound)?.[0]);
    },
  };
}
