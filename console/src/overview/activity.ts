// What happened in the last minutes, counted by the second: reservations made, and changes of what is on hand. The log
// tells what was before the page was opened, the live events what comes; kept on while other pages are open.

import type { OnhandEvent } from "@onhand/client";
import { follow, onReset } from "../live.ts";
import { headSeq, readBack } from "../log.ts";
import { serviceNow } from "../service-time.ts";

export const spanMs = 15 * 60_000;
export const stepMs = 15_000;

interface Counts {
  readonly reservations: number;
  readonly changes: number;
}

export interface Step extends Counts {
  readonly at: number;
}

export interface Activity {
  /** Oldest first, one for every `stepMs` of what is known; the last one is still filling. */
  readonly steps: readonly Step[];
  readonly lastMinute: Counts;
}

const none: Counts = { reservations: 0, changes: 0 };
const seconds = new Map<number, Counts>();
/** From when on everything is counted; null: the log has not been read yet. */
let knownFrom: number | null = null;
let waiting: OnhandEvent[] = [];
let hasStarted = false;
let reading: AbortController | null = null;

/** Call it whenever live events begin to come in: it reads what is not known yet. */
export function startActivity(): void {
  if (!hasStarted) {
    hasStarted = true;
    follow((event) => {
      if (knownFrom === null) waiting.push(event);
      else count(event);
    });
    onReset(() => void readLog());
  }
  if (knownFrom === null && reading === null) void readLog();
}

async function readLog(): Promise<void> {
  knownFrom = null;
  waiting = [];
  // Where the log is put back while it is read, the last reading counts.
  reading?.abort();
  const mine = new AbortController();
  reading = mine;
  const since = serviceNow() - spanMs;
  const isEnough = (found: readonly OnhandEvent[]) => timeOf(found.at(-1)) < since;
  try {
    const head = await headSeq();
    // A very busy log is not read for all of the span: what is known begins later then.
    const { events, from } = await readBack(head, {}, isEnough, 4);
    if (mine.signal.aborted) return;
    seconds.clear();
    for (const event of events) count(event);
    for (const event of waiting) if (event.seq > head) count(event);
    const oldest = Math.min(timeOf(events.at(-1)), serviceNow());
    knownFrom = from === 1 ? since : Math.max(since, oldest);
    waiting = [];
  } catch (error) {
    // The shell says that the connection is lost, and this is called again when it is back.
    console.warn("the last minutes could not be read", error);
  } finally {
    if (reading === mine) reading = null;
  }
}

function timeOf(event: OnhandEvent | undefined): number {
  return event === undefined ? Number.POSITIVE_INFINITY : Date.parse(event.occurred_at);
}

function count(event: OnhandEvent): void {
  const second = Math.floor(timeOf(event) / 1_000);
  const { reservations, changes } = seconds.get(second) ?? none;
  seconds.set(second, {
    reservations: reservations + (event.type === "reservation.created" ? 1 : 0),
    changes: changes + (isChange(event) ? 1 : 0),
  });
}

/** A sale is one, a hold is none. */
function isChange({ payload }: OnhandEvent): boolean {
  return "stock" in payload && payload.stock.before.quantity !== payload.stock.after.quantity;
}

/** null: not known yet. */
export function activityAt(now: number): Activity | null {
  if (knownFrom === null) return null;
  for (const second of seconds.keys()) {
    if (second * 1_000 < now - spanMs - stepMs) seconds.delete(second);
  }
  const first = Math.ceil(Math.max(now - spanMs, knownFrom) / stepMs) * stepMs;
  const last = Math.max(first, Math.floor(now / stepMs) * stepMs);
  const steps: Step[] = [];
  for (let at = first; at <= last; at += stepMs) {
    steps.push({ at, ...between(at, at + stepMs) });
  }
  return { steps, lastMinute: between(now - 60_000, now + stepMs) };
}

function between(from: number, to: number): Counts {
  let [reservations, changes] = [0, 0];
  for (let second = Math.floor(from / 1_000); second < Math.floor(to / 1_000); second += 1) {
    const counts = seconds.get(second) ?? none;
    reservations += counts.reservations;
    changes += counts.changes;
  }
  return { reservations, changes };
}

export function sumOf(steps: readonly Step[], what: keyof Counts): number {
  return steps.reduce((sum, step) => sum + step[what], 0);
}
