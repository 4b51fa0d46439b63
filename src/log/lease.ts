// The lease as one instance sees it: of many that share a log and a bus, one copies. It is asked for when that
// is due and not before each piece of work. It is no lock: who was paused for longer than it lasts still
// thinks that it has it, and the bus makes that safe.

import type { Bus } from "../bus/bus.ts";
import { relayFollowMs } from "../limits.ts";

export interface Lease {
  /** Takes or prolongs it where that is due; false: another instance has it. */
  hold(): Promise<boolean>;
  held(): boolean;
  /** When it is to be prolonged, or asked for again. */
  dueAt(): number;
  /** Gives it back, so that another need not wait until it is over. */
  release(): Promise<void>;
}

export interface LeaseOptions {
  readonly bus: Pick<Bus, "claim" | "release">;
  /** Who asks: one name for each relay that there is. */
  readonly holder: string;
  readonly ms: number;
  readonly now: () => number;
}

/** Another may end a moment after it said that it goes on: asking more often than this finds nothing out. */
const pauseMsMin = 20;

export function openLease({ bus, holder, ms, now }: LeaseOptions): Lease {
  let held = false;
  let dueAt = 0;
  return {
    async hold() {
      const askedAt = now();
      if (askedAt < dueAt) return held;
      const othersMs = await bus.claim(holder, ms);
      held = othersMs === 0;
      // Asked three times in its life, one answer may be lost.
      const pauseMs = held ? ms / 3 : Math.min(Math.max(othersMs, pauseMsMin), relayFollowMs);
      dueAt = askedAt + pauseMs;
      return held;
    },
    held: () => held,
    dueAt: () => dueAt,
    async release() {
      dueAt = 0;
      if (!held) return;
      held = false;
      await bus.release(holder);
    },
  };
}
