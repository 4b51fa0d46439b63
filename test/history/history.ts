// What a history is: what clients asked for, when, and what they were told; and the log that the service kept
// meanwhile. Values only, in few words, so that a history may come from a real run, from a generator or from a
// file. All times of one history are of one clock that never goes back.

/** A stock row, `product/store`. */
export type RowKey = string;

export interface Balance {
  readonly quantity: number;
  readonly reserved: number;
}

/** A row as an answer shows it, or as an event leaves it. */
export interface RowState extends Balance {
  readonly version: number;
}

export interface ShownRow extends RowState {
  readonly row: RowKey;
}

export interface Line {
  readonly row: RowKey;
  readonly quantity: number;
}

export type HoldStatus = "PENDING" | "CONFIRMED" | "CANCELLED" | "EXPIRED";

/** Requests in the terms of the API. A hold is a reservation or a group of them, by its id there. */
export type Request =
  | { readonly kind: "create"; readonly row: RowKey; readonly quantity: number }
  | {
      readonly kind: "adjust";
      readonly row: RowKey;
      readonly by: number;
      readonly expected: number | null;
    }
  | {
      readonly kind: "set";
      readonly row: RowKey;
      readonly quantity: number;
      readonly expected: number | null;
    }
  | {
      readonly kind: "transfer";
      readonly from: RowKey;
      readonly to: RowKey;
      readonly quantity: number;
    }
  /** `hold` null: a group, which the service names. */
  | { readonly kind: "reserve"; readonly hold: string | null; readonly lines: readonly Line[] }
  | { readonly kind: "confirm" | "cancel"; readonly hold: string }
  | { readonly kind: "read"; readonly rows: readonly RowKey[] }
  | { readonly kind: "find"; readonly hold: string };

export type Facts = Readonly<Record<string, string | number>>;

export type Outcome =
  | {
      readonly kind: "ok";
      readonly rows: readonly ShownRow[];
      readonly hold: string | null;
      readonly status: HoldStatus | null;
      /** The place in the log that a read says it is of. */
      readonly asOfSeq: number | null;
    }
  | { readonly kind: "refused"; readonly code: string; readonly facts: Facts }
  /** No answer, or one that says that nobody knows. */
  | { readonly kind: "unknown" };

export interface Operation {
  /** Its request id: its events carry it. */
  readonly id: string;
  readonly client: number;
  readonly request: Request;
  readonly invokedAt: number;
  /** When the first answer came; Infinity where none did. */
  readonly returnedAt: number;
  readonly outcome: Outcome;
  /** The bytes of all answers to it, where it was asked for again under its key. */
  readonly answers: readonly string[];
}

export interface LogEvent {
  readonly seq: number;
  readonly type: string;
  readonly requestId: string;
  /** Not by whoever asked, but because a hold was due. */
  readonly isExpiry: boolean;
  /** When it was committed, by the service's clock. */
  readonly at: number;
  /** null: no stock row was changed. */
  readonly change: LoggedChange | null;
}

export interface LoggedChange {
  readonly row: RowKey;
  readonly before: Balance;
  readonly after: Balance;
  readonly version: number;
  readonly hold: string | null;
  /** Until when the hold counts, by the service's clock. */
  readonly expiresAt: number | null;
}

export interface History {
  readonly operations: readonly Operation[];
  /** From its first event on. */
  readonly log: readonly LogEvent[];
}

/** Something that must not be, and where to look. */
export interface Problem {
  readonly rule: Rule;
  readonly what: string;
  /** Operations that it is about. */
  readonly operations: readonly string[];
  /** Where in the log; null: nowhere. */
  readonly seq: number | null;
}

export type Rule =
  /** Numbers and versions without gap, each event where the former left the row. */
  | "log"
  /** What was acknowledged is in the log, once and whole, and nothing else is. */
  | "effects"
  /** Each decision is right where it stands in the log. */
  | "decisions"
  /** What was answered before something was asked for comes before it. */
  | "real-time"
  /** One key, one answer. */
  | "answers";
