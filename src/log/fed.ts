// Events that the tail has seen and the relay has not published yet, so that it need not read them again
// from the database. Always one run without a gap; what does not continue it begins a new one, and too many
// are dropped: the log has them all.

import type { LogEvent } from "../store/store.ts";

export interface Fed {
  add(events: readonly LogEvent[]): void;
  /** Up to `limit` events that follow `seq`, and forgets what is before them. null: they are not here. */
  after(seq: number, limit: number): readonly LogEvent[] | null;
  clear(): void;
}

export function openFed(eventsMax: number): Fed {
  let run: LogEvent[] = [];
  return {
    add(events) {
      const first = events[0]?.seq;
      if (first !== (run.at(-1)?.seq ?? 0) + 1) run = [];
      if (run.length + events.length > eventsMax) run = [];
      else for (const event of events) run.push(event);
    },
    after(seq, limit) {
      const passed = seq + 1 - (run[0]?.seq ?? Number.POSITIVE_INFINITY);
      if (passed < 0 || passed >= run.length) return null;
      if (passed > 0) run = run.slice(passed);
      return run.slice(0, limit);
    },
    clear() {
      run = [];
    },
  };
}
