// Events as a log has them, made for tests of whoever reads it.

import { markedEventsMax } from "../../src/limits.ts";
import type { EventQuery, Head, LogEvent } from "../../src/store/store.ts";

export function logEvents(first: number, last: number): LogEvent[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    seq: first + index,
    id: `e-${first + index}`,
    type: "stock.updated",
    aggregateType: "stock",
    aggregateId: "row",
    storeId: "MAD",
    productId: "mug",
    occurredAt: 1_000,
    actor: "test",
    requestId: "r",
    traceparent: null,
    payload: "{}",
  }));
}

/** A log that grows as the test says; it counts how often it is read, and what was marked. */
export function openLog(logId = "log") {
  const events: LogEvent[] = [];
  const marks: number[] = [];
  let marking: Promise<void> = Promise.resolve();
  const log = {
    reads: 0,
    marks,
    isAway: false,
    grow(count: number): LogEvent[] {
      const more = logEvents(events.length + 1, events.length + count);
      for (const event of more) events.push(event);
      return more;
    },
    head: async (): Promise<Head> => ({ logId, epoch: 1, seq: events.length, at: 0 }),
    async events({ after, limit }: EventQuery) {
      if (log.isAway) throw new Error("the database is away");
      const items = events.slice(after, after + limit);
      // A look of the tail begins with the last event that it knows: alone, that is nothing that was read.
      if (items.length > 1) log.reads += 1;
      return { items, scanned: items.at(-1)?.seq ?? after };
    },
    /** Marks take until the function that it answers is called. */
    holdMarks(): () => void {
      const held = Promise.withResolvers<void>();
      marking = held.promise;
      return held.resolve;
    },
    async markPublished(seq: number): Promise<number> {
      await marking;
      const marked = Math.min(seq, (marks.at(-1) ?? 0) + markedEventsMax);
      marks.push(marked);
      return marked;
    },
  };
  return log;
}
