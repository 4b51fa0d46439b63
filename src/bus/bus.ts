// The bus: where the log is copied to for readers outside (Redis Streams). It is a copy and never the
// truth: it says itself how far it has come, so whoever publishes asks and goes on from there. Appending is
// safe with any number of publishers at once, and after any crash: what is there is skipped, and what
// would leave a gap is refused.

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

export interface Bus {
  /** null: it holds nothing. */
  state(): Promise<BusState | null>;
  /**
   * Appends a run of events without a gap in it and answers how far the bus is now. That may be before the
   * run (it lost its end: go on from there) or beyond it (somebody else was faster). Throws
   * `OperatingError` when it cannot be reached or belongs to another log.
   */
  append(log: LogName, events: readonly LogEvent[]): Promise<number>;
  connected(): boolean;
  close(): Promise<void>;
}

/** The streams were filled from another log, or from this one before a restore. */
export function foreignLog(ours: LogName, state: BusState): OperatingError {
  return new OperatingError(
    `the streams belong to the log ${state.logId} (epoch ${state.epoch}, seq ${state.seq}), this service has ${ours.logId} (epoch ${ours.epoch}). Set REDIS_PREFIX to a name of its own, or delete those streams`,
    { retryable: false },
  );
}
