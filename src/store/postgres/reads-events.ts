// Reads of the log, each one statement and so one snapshot: the head and what lies up to it are of one
// moment. A filtered read looks at a bounded part of the log and says how far it came: a rare event must not
// keep a connection busy for the whole of it.
//
// PostgreSQL has no hint for an index, and its choice rests on statistics that may be of yesterday. So the
// order of a list decides: events of a row are asked for by ranges of (product_id, store_id, seq) and in that
// order, which events_by_row alone has (with `product_id = $1 ORDER BY seq`, the primary key, walked until
// enough of the row was met, would be a plan as well). And where the log is read in its own order, a filter by
// product is written so that no index knows it.

import { must } from "../../lib/assert.ts";
import { eventsScannedMax } from "../../limits.ts";
import { isHidden, lastScanned } from "../filters.ts";
import { afterNumber, newest, pageOf } from "../pages.ts";
import { columnsOf, eventColumns, eventOf, headColumns, headOf, integer } from "../rows.ts";
import type { EventPage, EventQuery, Head, HistoryQuery, LogEvent, Page } from "../store.ts";
import { nowSql } from "./lock.ts";
import { openBinding, type Place, type Statements, type Text } from "./statements.ts";

export const eventSql = {
  head: `SELECT ${headColumns} FROM log_head WHERE id = 1`,
  time: `SELECT ${nowSql} FROM log_head WHERE id = 1`,
  headSeq: "SELECT seq FROM log_head WHERE id = 1",
  // Time does not go back along the log, so halving finds the place in some 24 look-ups where an index on
  // the time would cost every write. Without a gap (I7) each look-up meets its event.
  seqAtTime: `
    WITH RECURSIVE halving (low, high) AS (
      SELECT 0::bigint, seq FROM log_head WHERE id = 1
      UNION ALL
      SELECT CASE WHEN e.created_at <= $1 THEN e.seq ELSE low END,
        CASE WHEN e.created_at <= $1 THEN high ELSE e.seq - 1 END
      FROM halving JOIN events e ON e.seq = (low + high + 1) / 2 WHERE low < high)
    SELECT low FROM halving WHERE low = high`,
  history: `
    SELECT ${eventColumns} FROM events
    WHERE (product_id, store_id, seq) >= ($1, $2, $3) AND (product_id, store_id, seq) < ($1, $2, $4)
    ORDER BY product_id DESC, store_id DESC, seq DESC LIMIT $5`,
} as const;

/** A part of the log that is looked at, and what matches in it. */
interface Part {
  /** The seq of its end, before the log's head is taken into account. */
  readonly last: string;
  readonly matching: string;
}

/** Each row ends with how far was looked. Where nothing matches there is one row, without an event. */
export function eventsSql(query: EventQuery): Text {
  const { bound, place } = openBinding();
  const { productId, storeId } = query;
  const { last, matching } =
    productId !== null && storeId !== null
      ? partOfRow(query, [productId, storeId], place)
      : partOfLog(query, place);
  const sql = `
    SELECT ${columnsOf("e", eventColumns)}, part.last
    FROM (SELECT least(seq, ${last}) AS last FROM log_head WHERE id = 1) part
    LEFT JOIN LATERAL (${matching} LIMIT ${place(query.limit)}) e ON TRUE
    ORDER BY e.seq`;
  return { sql, bound };
}

/** By events_by_row: to the log's end, or, with a filter, as many events as a read may look at. */
function partOfRow(
  { type, after }: EventQuery,
  [productId, storeId]: readonly [string, string],
  place: Place,
): Part {
  const row = `${place(productId)}, ${place(storeId)}`;
  const later = `(product_id, store_id, seq) > (${row}, ${place(after)})`;
  const all = place(newest);
  const end = `
      SELECT seq FROM events WHERE ${later} AND (product_id, store_id) <= (${row})
      ORDER BY product_id, store_id, seq LIMIT 1 OFFSET ${eventsScannedMax - 1}`;
  const filter = type === null ? "" : ` AND event_type = ${place(type)}`;
  return {
    last: type === null ? all : `coalesce((${end}), ${all})`,
    matching: `
      SELECT ${eventColumns} FROM events
      WHERE ${later} AND (product_id, store_id, seq) <= (${row}, part.last)${filter}
      ORDER BY product_id, store_id, seq`,
  };
}

/** The log in its own order, by its primary key. */
function partOfLog(query: EventQuery, place: Place): Part {
  const { type, storeId, productId, stores } = query;
  const [after, last] = [place(query.after), place(lastScanned(query))];
  let filters = "";
  if (productId !== null) filters += ` AND coalesce(product_id, '') = ${place(productId)}`;
  if (storeId !== null) filters += ` AND store_id = ${place(storeId)}`;
  else if (stores !== "*") filters += ` AND store_id = ANY (${place(["*", ...stores])}::text[])`;
  if (type !== null) filters += ` AND event_type = ${place(type)}`;
  return {
    last,
    matching: `
      SELECT ${eventColumns} FROM events
      WHERE seq > ${after} AND seq <= part.last${filters} ORDER BY seq`,
  };
}

/** Where the log stands, and where it stood at a time. */
export interface LogClock {
  headSeq(): Promise<number>;
  /** The last event at or before `time`; 0: none. */
  seqAtTime(time: number): Promise<number>;
}

export function openLogClock(statements: Statements): LogClock {
  return {
    async headSeq() {
      return integer(must(await statements.get(eventSql.headSeq), "log_head has its row")[0]);
    },
    async seqAtTime(time) {
      const row = must(await statements.get(eventSql.seqAtTime, time), "I7: the log has no gap");
      return integer(row[0]);
    },
  };
}

export function openEventReads(statements: Statements, clock: LogClock) {
  return {
    async time(): Promise<number> {
      return integer(must(await statements.get(eventSql.time), "log_head has its row")[0]);
    },

    async head(): Promise<Head> {
      return headOf(must(await statements.get(eventSql.head), "log_head has its row"));
    },

    /**
     * Of one row, newest first; `from` and `to` are times, both included. Where they lie in the log does not
     * change as it grows, so they are looked up before.
     */
    async history(query: HistoryQuery): Promise<Page<LogEvent>> {
      const { productId, storeId, from, to, limit } = query;
      const first = from === null ? 1 : (await clock.seqAtTime(from - 1)) + 1;
      const last = to === null ? newest - 1 : await clock.seqAtTime(to);
      const before = Math.min(last + 1, afterNumber(query.after, newest));
      const bounds = [first, before, limit + 1] as const;
      const rows = await statements.all(eventSql.history, productId, storeId, ...bounds);
      return pageOf(rows, limit, eventOf, (_, event) => [event.seq]);
    },

    async events(query: EventQuery): Promise<EventPage> {
      if (isHidden(query)) return { items: [], scanned: await clock.headSeq() };
      const { sql, bound } = eventsSql(query);
      const rows = await statements.all(sql, ...bound);
      const end = integer(must(rows[0], "log_head has its row").at(-1));
      const items = rows.filter(([seq]) => seq !== null).map(eventOf);
      const last = items.at(-1);
      const scanned = last !== undefined && items.length === query.limit ? last.seq : end;
      return { items, scanned };
    },
  };
}
