// A bus in memory, that keeps what the port promises: for tests of whoever publishes, which say when it is
// away, hold its answers back, or make it forget.

import type { Bus, BusState, Replayed } from "../../src/bus/bus.ts";
import { foreignLog } from "../../src/bus/bus.ts";
import { OperatingError } from "../../src/lib/operating-error.ts";
import type { LogEvent } from "../../src/store/store.ts";

export interface MemoryBus extends Bus {
  /** Seqs of all that was published, in order. */
  readonly seqs: number[];
  /** How many events each append brought. */
  readonly runs: number[];
  readonly streams: Map<string, LogEvent[]>;
  isAway: boolean;
  /** How many events of a run it takes. */
  takesMax: number;
  /** It has forgotten all but the first events. */
  cutTo(seq: number): void;
  /** Appends are taken and not answered until the function is called. */
  holdAnswers(): () => void;
}

export function openMemoryBus(now: () => number): MemoryBus {
  let state: BusState | null = null;
  let lease: { readonly holder: string; readonly until: number } | null = null;
  let gate: Promise<void> | null = null;
  const seqs: number[] = [];
  const runs: number[] = [];
  const streams = new Map<string, LogEvent[]>();
  function mustBeThere(): void {
    if (bus.isAway) throw new OperatingError("the bus is away", { retryable: true });
  }
  const bus: MemoryBus = {
    seqs,
    runs,
    streams,
    isAway: false,
    takesMax: Number.POSITIVE_INFINITY,
    cutTo(seq) {
      seqs.length = seq;
      if (state !== null) state = { ...state, seq };
    },
    holdAnswers() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = null;
        resolve();
      };
    },
    async state() {
      mustBeThere();
      return state;
    },
    async append(log, events) {
      mustBeThere();
      const { logId, epoch } = log;
      state ??= { logId, epoch, seq: 0 };
      if (state.logId !== logId || state.epoch !== epoch) throw foreignLog(log, state);
      runs.push(events.length);
      for (const { seq } of events.slice(0, bus.takesMax)) {
        if (seq !== state.seq + 1) continue;
        state = { logId, epoch, seq };
        seqs.push(seq);
      }
      const reached = state.seq;
      await gate;
      mustBeThere();
      return reached;
    },
    async claim(holder, ms) {
      mustBeThere();
      if (lease !== null && lease.holder !== holder && lease.until > now()) {
        return lease.until - now();
      }
      lease = { holder, until: now() + ms };
      return 0;
    },
    async release(holder) {
      mustBeThere();
      if (lease?.holder === holder) lease = null;
    },
    async replay(name, events): Promise<Replayed> {
      mustBeThere();
      const stream = streams.get(name) ?? [];
      streams.set(name, stream);
      let added = 0;
      for (const event of events) {
        if (stream.some(({ seq }) => seq === event.seq)) continue;
        const last = stream.at(-1);
        if (last !== undefined && last.seq > event.seq) {
          return { lastId: `${last.occurredAt}-${last.seq}` };
        }
        stream.push(event);
        added += 1;
      }
      return { added };
    },
    connected: () => !bus.isAway,
    close: async () => undefined,
  };
  return bus;
}
