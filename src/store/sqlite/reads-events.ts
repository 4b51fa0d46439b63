// Reads of the log. It only grows at its end and has no gap, so a read that takes the head first and
// stays at or below it is one snapshot without a transaction. A filtered read looks at a bounded part
// of the log and says how far it came: a rare event must not keep the thread busy for the whole of it.

import { must } from "../../lib/assert.ts";
import { eventsScannedMax } from "../../limits.ts";
import { isHidden, lastScanned } from "../filters.ts";
import { afterNumber, newest, pageOf } from "../pages.ts";
import { eventColumns, eventOf, headColumns, headOf, integer } from "../rows.ts";
import type { EventPage, EventQuery, Head, HistoryQuery, LogEvent, Page } from "../store.ts";
import type { Bound, Statements } from "./statements.ts";

export const eventSql = {
  head: `SELECT ${headColumns} FROM log_head WHERE id = 1`,
  headSeq: "SELECT seq FROM log_head WHERE id = 1",
  timeOf: "SELECT created_at FROM events WHERE seq = ?",
  history: `
    SELECT ${eventColumns} FROM events
    WHERE product_id = ? AND store_id = ? AND seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ? + 0`,
  /** The place in the log at which as many events of a row as a read may look at have gone by. */
  rowScanEnd: `
    SELECT seq FROM events
    WHERE product_id = ? AND store_id = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT 1 OFFSET ?`,
} as const;

type Filters = Pick<EventQuery, "type" | "storeId" | "productId" | "stores">;

/** Events of one row are found by events_by_row; everything else reads the log in its own order. */
export function eventsSql({ type, storeId, productId, stores }: Filters): {
  readonly sql: string;
  readonly bound: readonly Bound[];
} {
  const bound: Bound[] = [];
  let filters = "";
  if (productId !== null) {
    filters += " AND product_id = ?";
    bound.push(productId);
  }
  if (storeId !== null) {
    filters += " AND store_id = ?";
    bound.push(storeId);
  } else if (stores !== "*") {
    filters += " AND (store_id = '*' OR store_id IN (SELECT value FROM json_each(?)))";
    bound.push(JSON.stringify(stores));
  }
  if (type !== null) {
    filters += " AND event_type = ?";
    bound.push(type);
  }
  const byRow = productId !== null && storeId !== null;
  const sql = `
    SELECT ${eventColumns} FROM events ${byRow ? "INDEXED BY events_by_row" : "NOT INDEXED"}
    WHERE seq > ? AND seq <= ?${filters} ORDER BY seq LIMIT ? + 0`;
  return { sql, bound };
}

/** Where the log stands, and where it stood at a time. */
export interface LogClock {
  headSeq(): number;
  /** The last event at or before `time` among those up to `head`; 0: none. */
  seqAtTime(time: number, head: number): number;
}

export function openLogClock(statements: Statements): LogClock {
  return {
    headSeq: () => integer(must(statements.get(eventSql.headSeq), "log_head has its row")[0]),
    // Time does not go back along the log, so halving finds the place in some 24 look-ups where an index
    // on the time would cost every write.
    seqAtTime(time, head) {
      let [low, high] = [0, head];
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        const row = must(statements.get(eventSql.timeOf, middle), "I7: the log has no gap");
        if (integer(row[0]) <= time) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
}

export function openEventReads(statements: Statements, clock: LogClock) {
  /** The last seq that a filtered read looks at. */
  function scanEnd(query: EventQuery, head: number): number {
    const { productId, storeId, type, after } = query;
    if (productId === null || storeId === null) return Math.min(head, lastScanned(query));
    if (type === null) return head;
    const bounds = [after, head, eventsScannedMax - 1] as const;
    const end = statements.get(eventSql.rowScanEnd, productId, storeId, ...bounds);
    return end === undefined ? head : integer(end[0]);
  }

  return {
    head(): Head {
      return headOf(must(statements.get(eventSql.head), "log_head has its row"));
    },

    /** Of one row, newest first; `from` and `to` are times, both included. */
    history(query: HistoryQuery): Page<LogEvent> {
      const { productId, storeId, from, to, limit } = query;
      const head = clock.headSeq();
      const first = from === null ? 1 : clock.seqAtTime(from - 1, head) + 1;
      const last = to === null ? head : clock.seqAtTime(to, head);
      const before = Math.min(last + 1, afterNumber(query.after, newest));
      const rows = statements.all(eventSql.history, productId, storeId, first, before, limit + 1);
      return pageOf(rows, limit, eventOf, (_, event) => [event.seq]);
    },

    events(query: EventQuery): EventPage {
      const { after, limit } = query;
      const head = clock.headSeq();
      if (isHidden(query)) return { items: [], scanned: head };
      const end = scanEnd(query, head);
      const { sql, bound } = eventsSql(query);
      const items = statements.all(sql, after, end, ...bound, limit).map(eventOf);
      const last = items.at(-1);
      const scanned = last !== undefined && items.length === limit ? last.seq : end;
      return { items, scanned };
    },
  };
}
