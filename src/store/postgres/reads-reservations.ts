// Reads of reservations. Those of a customer and pending ones have indexes, so any list or count of them
// is exact. All others have none (an index on every status would cost each write), so a list by store,
// product or status reads a bounded part of the table from its new end and may answer a short page with a
// `next`.
//
// What a filter reads:     customer           reservations_by_customer: numbers first, then the page's rows
//   status PENDING         reservations_pending_by_row: numbers first, then the page's rows
//   product and store      the row's `reservation.created` events, newest first (events_by_row)
//   anything else          the table by `n`, newest first, `reservationsScannedMax` at a time
//
// Plans do not rest on statistics: a subquery with OFFSET 0 has only the conditions of its index, since no
// others enter it; a list of numbers is an array that is looked up; and events of a row are asked for as
// reads-events.ts says. `n` is no column of reservations_pending_by_row: pending rows are the newest, which no
// vacuum has seen yet, so PostgreSQL would look at the rows all the same (measured with 10,000 of them: 10,244
// pages without it, 10,345 with it, and 270 once a vacuum had gone by).
//
// Statements of a list need no snapshot: the first only says how far the second may look.

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
import { goesByLog, type Page, type ReservationQuery } from "../store.ts";
import { openBinding, type Place, type Statements, type Text } from "./statements.ts";

export const reservationSql = {
  one: `SELECT ${reservationColumns} FROM reservations WHERE id = $1`,
  group: `SELECT ${reservationColumns} FROM reservations WHERE group_id = $1 ORDER BY n`,
  nextDue: `
    SELECT due_at FROM reservations WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1`,
  lastN: "SELECT n FROM reservations ORDER BY n DESC LIMIT 1",
  rowScanEnd: `
    SELECT seq FROM events
    WHERE (product_id, store_id, seq) > ($1, $2, 0) AND (product_id, store_id, seq) < ($1, $2, $3)
    ORDER BY product_id DESC, store_id DESC, seq DESC LIMIT 1 OFFSET $4`,
} as const;

const nothing = { customerId: null, productId: null, storeId: null, status: null } as const;

/** The filters as conditions; `TRUE`: everything matches. */
function conditions(filter: ReservationFilter, place: Place): string {
  const { customerId, productId, storeId, status, stores } = filter;
  const all: string[] = [];
  if (customerId !== null) all.push(`customer_id = ${place(customerId)}`);
  if (productId !== null) all.push(`product_id = ${place(productId)}`);
  if (storeId !== null) all.push(`store_id = ${place(storeId)}`);
  else if (stores !== "*") all.push(`store_id = ANY (${place(stores)}::text[])`);
  if (status !== null) all.push(`status = ${place(status)}`);
  return all.length === 0 ? "TRUE" : all.join(" AND ");
}

function isIndexed({ customerId, status }: ReservationFilter): boolean {
  return customerId !== null || status === "PENDING";
}

/** Customers and pending ones, by the index that fits; for the partial one `status` is written out. */
function indexedFrom(filter: ReservationFilter, place: Place): string {
  const { customerId, productId, storeId, status, stores } = filter;
  if (customerId !== null) {
    const key = conditions({ ...nothing, customerId, status, stores: "*" }, place);
    const others = conditions({ ...nothing, productId, storeId, stores }, place);
    const columns = others === "TRUE" ? "n" : "n, product_id, store_id";
    return `
      FROM (SELECT ${columns} FROM reservations WHERE ${key} OFFSET 0) r WHERE ${others}`;
  }
  // Of a product in all stores: the index is asked store by store.
  const everywhere = productId !== null && storeId === null && stores === "*";
  const inStores = everywhere ? " AND store_id = ANY (ARRAY(SELECT id FROM stores))" : "";
  const key = conditions({ ...filter, status: null }, place);
  return `
      FROM (
        SELECT n FROM reservations WHERE status = 'PENDING' AND ${key}${inStores} OFFSET 0) r
      WHERE TRUE`;
}

/** Sorts the numbers, however many there are, and then reads the page's rows. */
export function indexedListSql(query: ReservationQuery): Text {
  const { bound, place } = openBinding();
  const from = indexedFrom(query, place);
  const before = place(afterNumber(query.after, newest));
  const sql = `
    SELECT ${reservationColumns}, n FROM reservations
    WHERE n = ANY (ARRAY(
      SELECT n ${from} AND n < ${before} ORDER BY n DESC LIMIT ${place(query.limit + 1)}))
    ORDER BY n DESC`;
  return { sql, bound };
}

/** From the new end of the table to `end`, and not beyond. */
export function scanListSql(query: ReservationQuery, end: number): Text {
  const { bound, place } = openBinding();
  const before = place(afterNumber(query.after, newest));
  const sql = `
    SELECT ${reservationColumns}, n FROM reservations
    WHERE n < ${before} AND n >= ${place(end)} AND ${conditions(query, place)}
    ORDER BY n DESC LIMIT ${place(query.limit + 1)}`;
  return { sql, bound };
}

/** Of one row: the log has them in order, and events_by_row leads there. */
export function rowListSql(status: ReservationStatus | null): string {
  return `
    SELECT ${columnsOf("r", reservationColumns)}, e.seq
    FROM events e CROSS JOIN LATERAL (
      SELECT ${reservationColumns} FROM reservations WHERE id = e.aggregate_id OFFSET 0) r
    WHERE (e.product_id, e.store_id, e.seq) < ($1, $2, $3)
      AND (e.product_id, e.store_id, e.seq) >= ($1, $2, $4)
      AND e.event_type = 'reservation.created'${status === null ? "" : " AND r.status = $6"}
    ORDER BY e.product_id DESC, e.store_id DESC, e.seq DESC LIMIT $5`;
}

/** Exact, without reading a reservation where totals, an index or the log can tell. */
export function reservationCountSql(filter: ReservationFilter): Text {
  const { customerId, productId, storeId, status, stores } = filter;
  const { bound, place } = openBinding();
  if (customerId === null && productId === null) {
    const counted = `coalesce(sum(${countedColumns(status)}), 0)::bigint`;
    const where = conditions({ ...nothing, storeId, stores }, place);
    return { sql: `SELECT ${counted} FROM store_totals WHERE ${where}`, bound };
  }
  if (isIndexed(filter)) return { sql: `SELECT count(*) ${indexedFrom(filter, place)}`, bound };
  const where = conditions({ ...nothing, productId, storeId, stores }, place);
  const type = place(countedEvent(status));
  return { sql: `SELECT count(*) FROM events WHERE ${where} AND event_type = ${type}`, bound };
}

async function indexedPage(
  statements: Statements,
  query: ReservationQuery,
): Promise<Page<Reservation>> {
  const { sql, bound } = indexedListSql(query);
  return pageOf(await statements.all(sql, ...bound), query.limit, reservationOf, lastColumn);
}

/** Where a list by `n` stops looking; 0: it may look at everything that is left. */
async function scanEnd(statements: Statements, query: ReservationQuery): Promise<number> {
  if (!leavesOut(query)) return 0;
  const [last] = (await statements.get(reservationSql.lastN)) ?? [];
  if (typeof last !== "number") return 0;
  const end = Math.min(afterNumber(query.after, newest), last + 1) - reservationsScannedMax;
  return end > 1 ? end : 0;
}

async function scanPage(
  statements: Statements,
  query: ReservationQuery,
): Promise<Page<Reservation>> {
  const end = await scanEnd(statements, query);
  const { sql, bound } = scanListSql(query, end);
  const rows = await statements.all(sql, ...bound);
  return goingOn(pageOf(rows, query.limit, reservationOf, lastColumn), end);
}

/** Its cursor is a `seq`: where in the log the last reservation shown was made. */
async function rowPage(
  statements: Statements,
  { after, limit, status }: ReservationQuery,
  row: readonly [productId: string, storeId: string],
): Promise<Page<Reservation>> {
  const before = afterNumber(after, newest);
  const skipped = reservationsScannedMax - 1;
  const found = await statements.get(reservationSql.rowScanEnd, ...row, before, skipped);
  const end = found === undefined ? 0 : integer(found[0]);
  const bound = [...row, before, end, limit + 1, ...(status === null ? [] : [status])];
  const rows = await statements.all(rowListSql(status), ...bound);
  return goingOn(pageOf(rows, limit, reservationOf, lastColumn), end);
}

export function openReservationReads(statements: Statements) {
  return {
    async reservation(id: string): Promise<Reservation | null> {
      const row = await statements.get(reservationSql.one, id);
      return row === undefined ? null : reservationOf(row);
    },

    /** Members in the order in which they were made. */
    async group(id: string): Promise<readonly Reservation[]> {
      return (await statements.all(reservationSql.group, id)).map(reservationOf);
    },

    async nextDueAt(): Promise<number | null> {
      const row = await statements.get(reservationSql.nextDue);
      return row === undefined ? null : integer(row[0]);
    },

    /** Newest first. */
    async reservations(query: ReservationQuery): Promise<Page<Reservation>> {
      if (isHidden(query)) return { items: [], next: null };
      if (isIndexed(query)) return indexedPage(statements, query);
      if (goesByLog(query)) return rowPage(statements, query, [query.productId, query.storeId]);
      return scanPage(statements, query);
    },

    async reservationCount(filter: ReservationFilter): Promise<number> {
      if (isHidden(filter)) return 0;
      const { sql, bound } = reservationCountSql(filter);
      return integer((await statements.get(sql, ...bound))?.[0]);
    },
  };
}
