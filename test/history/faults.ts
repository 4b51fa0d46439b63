// Mistakes that a service could make, one by one, for tests of the checkers. Each is made only where it is a
// mistake for certain, whatever else happens in the history.

import { type Books, expiryOf } from "./books.ts";
import type { Operation, Outcome, RowState, ShownRow } from "./history.ts";
import { type Change, type Step, step, type View } from "./model.ts";

/** One operation at the moment at which the service deals with it. */
export interface Moment {
  readonly asked: Pick<Operation, "id" | "request" | "invokedAt">;
  readonly now: number;
  readonly books: Books;
  /** What is right. */
  readonly right: Step;
  /** All states of a row so far, its versions 1, 2, 3 … */
  readonly states: (row: string) => readonly PastState[];
  /** The version of a row that somebody had been told of when this was asked for. */
  readonly known: (row: string) => number;
  /** A hold that somebody knows of. */
  readonly someHold: string | null;
  /** It is a mistake only if the row never had so many units available. */
  readonly neverAvailable: (row: string, available: number) => void;
  /** Writes it only when a write that is asked for after its answer is done. */
  readonly postpone: () => void;
}

export type PastState = RowState & { readonly seq: number };

export interface Told {
  readonly outcome: Outcome;
  readonly answers?: readonly string[];
}

/** null: not here. */
type Fault = (moment: Moment) => Told | null;

export const faults = {
  "a write is acknowledged and lost": ({ right }) =>
    isDone(right) ? { outcome: right.outcome } : null,

  "a write is done twice": ({ right, books, asked, now: at }) => {
    const { request } = asked;
    // One that can be done again for sure.
    if (request.kind !== "adjust" || request.by < 0 || request.expected !== null) return null;
    books.write(asked.id, right, { at });
    books.write(asked.id, step(books.view, request, ""), { at });
    return { outcome: right.outcome };
  },

  "a read shows what was over": ({ asked, states, known, right }) => {
    const { request } = asked;
    if (request.kind !== "read" || right.outcome.kind !== "ok") return null;
    const [row, ...others] = request.rows;
    const old = row === undefined || others.length > 0 ? null : states(row)[known(row) - 2];
    if (row === undefined || old === null || old === undefined) return null;
    return { outcome: { ...right.outcome, rows: [shownOf(row, old)], asOfSeq: null } };
  },

  "a read shows what has not been": ({ asked, right }) => {
    if (asked.request.kind !== "read" || right.outcome.kind !== "ok") return null;
    const rows = right.outcome.rows.map((one) => ({ ...one, quantity: one.quantity + many }));
    return { outcome: { ...right.outcome, rows, asOfSeq: null } };
  },

  // Each of them by itself was so while the read was under way.
  "a read shows two rows as they never were together": ({ asked, states, known, right }) => {
    if (asked.request.kind !== "read" || right.outcome.kind !== "ok") return null;
    const [first, second, ...others] = right.outcome.rows;
    if (first === undefined || second === undefined || others.length > 0) return null;
    const old = states(first.row)[known(first.row) - 1];
    const end = states(first.row)[known(first.row)]?.seq;
    const begin = states(second.row)[second.version - 1]?.seq;
    if (old === undefined || end === undefined || begin === undefined || begin < end) return null;
    const rows = [shownOf(first.row, old), second];
    return { outcome: { ...right.outcome, rows, asOfSeq: null } };
  },

  "more is held than is there": ({ asked, right, books, now: at }) => {
    if (asked.request.kind !== "reserve" || !isRefused(right, "insufficient_stock")) return null;
    const bold = step(plenty(books.view), asked.request, `group of ${asked.id}`);
    if (!isDone(bold)) return null;
    const changes = bold.changes.map((one) => changed(one, { quantity: -many }));
    books.write(asked.id, { ...bold, changes }, { at });
    return { outcome: bold.outcome };
  },

  "a request is refused without a reason": ({ asked, right, neverAvailable }) => {
    if (asked.request.kind !== "reserve" || !isDone(right)) return null;
    const [line, ...others] = asked.request.lines;
    if (line === undefined || others.length > 0) return null;
    const { row, quantity: requested } = line;
    neverAvailable(row, requested - 1);
    const facts = { row, available: requested - 1, requested };
    return { outcome: { kind: "refused", code: "insufficient_stock", facts } };
  },

  "a request is refused and done": ({ asked, right, books, now: at }) => {
    if (!isDone(right)) return null;
    books.write(asked.id, right, { at });
    return { outcome: { kind: "refused", code: "stock_not_found", facts: { row: "nowhere" } } };
  },

  "a write is put behind one that came after its answer": ({ asked, right, postpone }) => {
    if (asked.request.kind !== "reserve" || !isDone(right)) return null;
    postpone();
    return { outcome: right.outcome };
  },

  "an event is missing": ({ asked, right, books, now: at }) => {
    if (!isDone(right)) return null;
    books.write(asked.id, right, { at });
    books.log.length -= right.changes.length;
    return { outcome: right.outcome };
  },

  "a version comes twice": ({ asked, right, books, now: at }) => {
    const { outcome, changes } = right;
    if (changes.length !== 1 || outcome.kind !== "ok") return null;
    const repeated = changes.map((one) => changed(one, { version: -1 }));
    if (repeated.some(({ after }) => after.version === 0)) return null;
    books.write(asked.id, { ...right, changes: repeated }, { at });
    const rows = outcome.rows.map((one) => ({ ...one, version: one.version - 1 }));
    return { outcome: { ...outcome, rows } };
  },

  "half of a transfer is done": ({ asked, right, books, now: at }) => {
    if (asked.request.kind !== "transfer" || !isDone(right)) return null;
    books.write(asked.id, { ...right, changes: right.changes.slice(0, 1) }, { at });
    return { outcome: right.outcome };
  },

  "one key is answered twice, and not the same": ({ asked, right, books, now: at }) => {
    if (!isDone(right)) return null;
    books.write(asked.id, right, { at });
    return { outcome: right.outcome, answers: ["one", "another"] };
  },

  "a hold expires before it is due": ({ asked, right, books, someHold, now }) => {
    const expiry = someHold === null ? null : expiryOf(books.view, someHold);
    if (expiry === null || asked.request.kind !== "read") return null;
    books.write("expiry", expiry, { isExpiry: true, at: now, expiresAt: now + 1 });
    // Where it was read, before or after, is right either way.
    return { outcome: right.outcome.kind === "ok" ? { ...right.outcome } : right.outcome };
  },

  "something is done that nobody asked for": ({ asked, right, books, now: at }) => {
    if (!isDone(right)) return null;
    books.write(`${asked.id} of nobody`, right, { at });
    const again = step(books.view, asked.request, `group of ${asked.id}`);
    if (isDone(again)) books.write(asked.id, again, { at });
    return { outcome: again.outcome };
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as readonly FaultName[];

const many = 1_000_000;

function shownOf(row: string, { quantity, reserved, version }: RowState): ShownRow {
  return { row, quantity, reserved, version };
}

function isDone({ changes }: Step): boolean {
  return changes.length > 0;
}

function isRefused({ outcome }: Step, code: string): boolean {
  return outcome.kind === "refused" && outcome.code === code;
}

/** The same rows with far more units; those that do not exist are not there still. */
function plenty(view: View): View {
  return {
    hold: view.hold,
    row(key) {
      const there = view.row(key);
      return there === undefined ? undefined : { ...there, quantity: there.quantity + many };
    },
  };
}

function changed(change: Change, by: { quantity?: number; version?: number }): Change {
  const { after } = change;
  const quantity = after.quantity + (by.quantity ?? 0);
  const version = after.version + (by.version ?? 0);
  return { ...change, after: { ...after, quantity, version } };
}
