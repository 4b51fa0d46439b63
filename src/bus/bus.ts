// The bus: where the log is copied to for readers outside (Redis Streams). It is a copy and never the
// truth: it says itself how far it has come, so whoever publishes asks and goes on from there. Appending is
// safe with any number of publishers at once, and after any crash: what is there is skipped, and what
// would leave a gap is refused. The lease only spares instances from doing the same work.

import { OperatingError } from "../lib/operating-error.ts";
import type { LogEvent } from "../store/store.ts";

/** Which log is copied. */
export interface LogName {
  readonly logId: string;
  readonly epoch: number;
}

/** What the bus holds; seq 0: nothing yet. */
export interface BusState extends LogName {
  readonly seq: number;
}

/** What came of a replay: how many entries are new, or what in the stream is in their way. */
export type Replayed =
  | { readonly added: number }
  /** The id of the stream's last entry; null: what is there is no stream. */
  | { readonly lastId: string | null };

export interface Bus {
  /** null: it holds nothing. */
  state(): Promise<BusState | null>;
  /**
   * Appends a run of events without a gap in it and answers how far the bus is now. That may be before the
   * run (it lost its end: go on from there) or beyond it (somebody else was faster). Throws
   * `OperatingError` when it cannot be reached or belongs to another log.
   */
  append(log: LogName, events: readonly LogEvent[]): Promise<number>;
  /**
   * Gives the lease to `holder` for so many ms, or prolongs it. Answers 0 where it has it now, else after how
   * many ms at the latest it is free.
   */
  claim(holder: string, ms: number): Promise<number>;
  /** Gives the lease back, if `holder` has it. */
  release(holder: string): Promise<void>;
  /** Appends events to a stream beside those of the log, and skips what it has. */
  replay(stream: string, events: readonly LogEvent[]): Promise<Replayed>;
  connected(): boolean;
  close(): Promise<void>;
}

/** The streams were filled from another log, or from this one before a restore. */
export function foreignLog(ours: LogName, state: BusState): OperatingError {
  const restored = state.logId === ours.logId && state.epoch < ours.epoch;
  const help = restored
    ? "The log was restored since: tell the readers of those streams, npm run onhand -- streams --reset"
    : "Set REDIS_PREFIX to a name of its own, or delete those streams";
  return new OperatingError(
    `the streams belong to the log ${state.logId} (epoch ${state.epoch}, seq ${state.seq}), this service has ${ours.logId} (epoch ${ours.epoch}). ${help}`,
    { retryable: false },
  );
}
