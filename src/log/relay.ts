// The relay: keeps the bus in step with the log, and marks what is there. Of many instances the one with the
// lease copies; the others look how far it is, and take over when it dies. It is fed by the tail, so that what
// this instance has just seen is not read again. What the tail has not seen is not there for the relay: whoever
// follows other instances' commits (working.ts) does it for both.

import type { Bus } from "../bus/bus.ts";
import { relayFinishMsMax, relayFollowMs, relayLeaseMs, relayTickMsMax } from "../limits.ts";
import { type LogEvent, type Store, wholeLog } from "../store/store.ts";
import { openCopy } from "./copy.ts";
import { openLease } from "./lease.ts";
import { openMarks } from "./marks.ts";
import type { Tail } from "./tail.ts";

export interface RelayOptions {
  readonly store: Pick<Store, "head" | "events" | "markPublished">;
  readonly bus: Bus;
  readonly tail: Pick<Tail, "seq">;
  /** Names this relay among all that publish to the bus. */
  readonly holder: string;
  readonly now: () => number;
  /** What it paces itself by: a clock that is set back must not make it rest for as long. */
  readonly steady: () => number;
  readonly leaseMs?: number;
}

export interface Relay {
  /** Takes events of the tail; true: there is something to do now. */
  feed(events: readonly LogEvent[]): boolean;
  /**
   * Publishes what is not published yet, if it has the lease, for a moment, and answers when (by its steady clock)
   * it wants to go on. Throws `OperatingError` where it cannot, to be tried again.
   */
  tick(): Promise<number>;
  /**
   * Marks some of what is published, if it has the lease, and answers when (by its steady clock) it wants to go on.
   * Apart from `tick`, because the database takes many milliseconds for it, and what comes meanwhile is not to wait.
   */
  mark(): Promise<number>;
  /** The last seq that the bus is known to have; null: it was not reached yet. */
  published(): number | null;
  /** When the oldest event that is not published yet happened; null: there is none, or none is known of. */
  oldestWaiting(): Promise<number | null>;
  /**
   * Publishes and marks the rest, as far as it comes in some seconds, and gives the lease back: where the bus is
   * behind for longer, the next one goes on.
   */
  finish(): Promise<void>;
}

export function openRelay(options: RelayOptions): Relay {
  const { store, bus, tail, holder, now, steady, leaseMs = relayLeaseMs } = options;
  const lease = openLease({ bus, holder, ms: leaseMs, now: steady });
  const copy = openCopy({ store, bus, tail });
  const marks = openMarks(store, { now, steady });
  let askAt = 0;

  /** A bus that lost something while nothing was sent to it does not say so by itself. */
  async function ask(): Promise<void> {
    if (steady() < askAt) return;
    await copy.ask();
    askAt = steady() + relayFollowMs;
  }

  /** Works until that time at the latest, by the steady clock, and a step more; answers whether more is to be done. */
  async function work(until: number): Promise<boolean> {
    for (;;) {
      if (!(await lease.hold())) {
        copy.forget();
        await ask();
        return false;
      }
      await ask();
      if (!(await copy.step())) return false;
      if (steady() >= until) return true;
    }
  }

  async function workOrLetGo(until: number): Promise<boolean> {
    try {
      return await work(until);
    } catch (error) {
      // Whatever it was: the bus may have come further, or lost something, meanwhile; and another instance
      // may be able to do what this one cannot.
      copy.forget();
      // If that is what does not answer, the lease ends by itself.
      await lease.release().catch(() => undefined);
      throw error;
    }
  }

  return {
    feed(events) {
      // Who has no lease need not keep them: it begins where the bus is then.
      if (lease.held()) copy.feed(events);
      return lease.held();
    },
    async tick() {
      // Not the whole backlog at once: a stop waits for a tick.
      if (await workOrLetGo(steady() + relayTickMsMax)) return steady();
      if (!lease.held()) return lease.dueAt();
      return Math.min(lease.dueAt(), askAt);
    },
    mark: () => marks.some(lease.held() ? (copy.published() ?? 0) : 0),
    published: copy.published,
    async oldestWaiting() {
      const after = copy.published();
      if (after === null) return null;
      const { items } = await store.events({ ...wholeLog, after, limit: 1 });
      return items[0]?.occurredAt ?? null;
    },
    async finish() {
      const until = steady() + relayFinishMsMax;
      await workOrLetGo(until);
      if (!lease.held()) return;
      await marks.all(copy.published() ?? 0, until);
      await lease.release();
    },
  };
}
