// The service of simulated histories: it does each request at one moment, keeps a log, ends holds when they are
// due, and makes one mistake if it is told to.

import { expiryOf, openBooks } from "./books.ts";
import { type FaultName, faults, type PastState, type Told } from "./faults.ts";
import type { LogEvent, Request } from "./history.ts";
import { type Step, step, type View } from "./model.ts";

/** A request on its way. */
export interface Asked {
  readonly id: string;
  readonly client: number;
  readonly request: Request;
  readonly invokedAt: number;
  /** For each row that it reads the version that somebody knew when it was asked for. */
  readonly known: ReadonlyMap<string, number>;
  /** Whether an answer comes; or it is done and nobody hears; or it is never done. */
  readonly fate: "answered" | "unheard" | "lost";
  told: Told | null;
}

export interface SimulatedInstance {
  readonly view: View;
  readonly log: readonly LogEvent[];
  handle(asked: Asked, now: number): Told;
  /** Its answer is with the client. */
  returned(asked: Asked, now: number): void;
  known(request: Request): ReadonlyMap<string, number>;
  /** At which operation the mistake was made; null: there was no chance to. */
  planted(): string | null;
}

export interface InstanceOptions {
  /** How long holds of one line count; Infinity: none expires. */
  readonly ttl: number;
  readonly fault: FaultName | null;
  /** Requests that are dealt with rightly first. */
  readonly after: number;
}

export function openInstance({ ttl, fault, after }: InstanceOptions): SimulatedInstance {
  const books = openBooks();
  const { view, log } = books;
  const past = openPast(log);
  const holds = openHolds(ttl);
  let handled = 0;
  let planted: string | null = null;
  /** Units of a row that were said to be available. */
  let lie: { readonly row: string; readonly available: number } | null = null;
  let late: { readonly asked: Asked; returnedAt: number } | null = null;

  function right({ request, id }: Asked): Step {
    return step(view, request, `group of ${id}`);
  }

  function write(asked: Asked, now: number): Told {
    const { outcome, changes, hold } = right(asked);
    if (changes.length > 0) {
      const expiresAt = hold === null ? null : holds.endOf(hold, now);
      books.write(asked.id, { changes, hold }, { at: now, expiresAt });
    }
    // A read of several rows says where in the log it is.
    const isPlaced = outcome.kind === "ok" && changes.length === 0 && outcome.rows.length > 1;
    return { outcome: isPlaced ? { ...outcome, asOfSeq: log.length } : outcome };
  }

  function plant(asked: Asked, now: number): Told | null {
    if (fault === null || planted !== null || late !== null || handled < after) return null;
    const told = faults[fault]({
      asked,
      now,
      books,
      right: right(asked),
      states: past.states,
      known: (row) => asked.known.get(row) ?? 0,
      someHold: holds.pending(view, now),
      neverAvailable: (row, available) => {
        lie = { row, available };
      },
      postpone: () => {
        late = { asked, returnedAt: Number.POSITIVE_INFINITY };
      },
    });
    if (told !== null && late === null) planted = asked.id;
    return told;
  }

  /** What was put off is done behind a write that nobody had asked for when it was answered. */
  function writeLate(asked: Asked, now: number): void {
    if (late === null || asked.invokedAt <= late.returnedAt) return;
    const before = log.length;
    write(late.asked, now);
    if (log.length > before) planted = late.asked.id;
    late = null;
  }

  return {
    view,
    log,
    known: past.known,
    // What was the truth at another time may be told.
    planted: () => (lie !== null && past.wasAvailable(lie.row, lie.available) ? null : planted),
    returned(asked, now) {
      if (late?.asked === asked) late.returnedAt = now;
      if (asked.told !== null) past.tell(asked.told);
    },
    handle(asked, now) {
      for (const { id, at } of holds.takeDue(now)) {
        const expiry = expiryOf(view, id);
        if (expiry !== null)
          books.write("expiry", expiry, { isExpiry: true, at: now, expiresAt: at });
      }
      past.note();
      const planned = asked.fate === "answered" ? plant(asked, now) : null;
      handled += 1;
      const before = log.length;
      const told = planned ?? write(asked, now);
      if (planned === null && log.length > before) writeLate(asked, now);
      past.note();
      return told;
    },
  };
}

/** What was, and what of it somebody knows. */
function openPast(log: readonly LogEvent[]) {
  const states = new Map<string, PastState[]>();
  const available = new Set<string>();
  const told = new Map<string, number>();
  let noted = 0;
  return {
    note(): void {
      for (const { seq, change } of log.slice(noted)) {
        if (change === null) continue;
        const { row, after, version } = change;
        available.add(`${row} ${after.quantity - after.reserved}`);
        const rows = states.get(row) ?? [];
        states.set(row, rows);
        rows.push({ ...after, version, seq });
      }
      noted = log.length;
    },
    states: (row: string): readonly PastState[] => states.get(row) ?? [],
    wasAvailable: (row: string, units: number): boolean => available.has(`${row} ${units}`),
    tell({ outcome }: Told): void {
      if (outcome.kind !== "ok") return;
      for (const { row, version } of outcome.rows) {
        told.set(row, Math.max(version, told.get(row) ?? 0));
      }
    },
    known: (request: Request): ReadonlyMap<string, number> =>
      new Map(request.kind === "read" ? request.rows.map((row) => [row, told.get(row) ?? 0]) : []),
  };
}

/** Holds with an end, in the order of their ends, as all last as long. */
function openHolds(ttl: number) {
  const due: { readonly id: string; readonly at: number }[] = [];
  const ends = new Map<string, number>();
  let taken = 0;
  return {
    /** When it ends; of a new one that is decided here. */
    endOf({ id, state }: NonNullable<Step["hold"]>, now: number): number | null {
      if (
        state.status === "PENDING" &&
        state.lines.length === 1 &&
        ttl < Number.POSITIVE_INFINITY
      ) {
        due.push({ id, at: now + ttl });
        ends.set(id, now + ttl);
      }
      return ends.get(id) ?? null;
    },
    *takeDue(now: number) {
      for (let next = due[taken]; next !== undefined && next.at <= now; next = due[taken]) {
        taken += 1;
        yield next;
      }
    },
    pending(view: View, now: number): string | null {
      const is = ({ id, at }: (typeof due)[number]): boolean =>
        at > now && view.hold(id)?.status === "PENDING";
      return due.findLast(is)?.id ?? null;
    },
  };
}
