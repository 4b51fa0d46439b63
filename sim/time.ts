// Virtual time. While a simulation runs, the timers, clocks and chance of this process are the simulation's: what
// the service's own code asks for by `setTimeout`, `setImmediate`, `Date.now` or `Math.random` comes from here, so a
// seed decides everything, and an hour takes as long as what happens in it.
//
// Between two moments everything that promises have to do is done, as in a real event loop.

import TinyQueue from "tinyqueue";
import type { Chance } from "./chance.ts";

export interface Time {
  /** Milliseconds since the simulation began; with fractions. */
  now(): number;
  /** Runs `work` after so long. */
  after(ms: number, work: () => void): void;
  /** Resolves after so long. */
  wait(ms: number): Promise<void>;
  /** Moves the clock that `Date.now` shows, and no timer. */
  jump(ms: number): void;
  /** Runs what is due, moment by moment, until `isDone` or until nothing more is due before `untilMs`. */
  run(untilMs: number, isDone: () => boolean): Promise<boolean>;
  /** How many moments there were. */
  moments(): number;
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  cancelled: boolean;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  dateNow: Date.now,
  performanceNow: performance.now,
  random: Math.random,
};

/** When the simulated world begins, UTC. */
export const beginning = Date.UTC(2026, 0, 1);

/** Runs `simulate` in a time of its own; afterwards the process has its own again. */
export async function inVirtualTime<T>(
  chance: Chance,
  simulate: (time: Time) => Promise<T>,
): Promise<T> {
  // The earliest first; of one moment in the order in which it was asked for.
  const queue = new TinyQueue<Due>([], (a, b) => a.at - b.at || a.order - b.order);
  let now = 0;
  let offset = 0;
  let orders = 0;
  let count = 0;

  function add(ms: number, work: () => void): Due {
    const due = { at: now + Math.max(ms, 0), order: ++orders, work, cancelled: false };
    queue.push(due);
    return due;
  }

  function next(untilMs: number): Due | null {
    for (;;) {
      const first = queue.peek();
      if (first === undefined || first.at > untilMs) return null;
      queue.pop();
      if (!first.cancelled) return first;
    }
  }

  const time: Time = {
    now: () => now,
    after: (ms, work) => void add(ms, work),
    wait: (ms) => new Promise((resolve) => void add(ms, resolve)),
    jump(ms) {
      offset += ms;
    },
    moments: () => count,
    async run(untilMs, isDone) {
      await settled();
      for (;;) {
        if (isDone()) return true;
        const due = next(untilMs);
        if (due === null) return false;
        now = Math.max(now, due.at);
        count += 1;
        due.work();
        await settled();
      }
    },
  };

  const timer = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    handleOf(add(Math.max(ms, 1), () => work(...args)));
  const interval = (work: () => void, ms: number) => {
    let due: Due;
    const again = (): void => {
      due = add(ms, () => {
        again();
        work();
      });
    };
    again();
    return { ...handleOf(null), cancel: () => (due.cancelled = true) };
  };
  const clear = (handle: unknown): void => {
    if (typeof handle === "object" && handle !== null && "cancel" in handle) {
      (handle.cancel as () => void)();
    }
  };
  Object.assign(globalThis, {
    setTimeout: timer,
    clearTimeout: clear,
    setInterval: interval,
    clearInterval: clear,
    setImmediate: (work: (...args: unknown[]) => void, ...args: unknown[]) =>
      handleOf(add(0, () => work(...args))),
  });
  Date.now = () => beginning + Math.floor(now + offset);
  performance.now = () => now;
  Math.random = chance.of("Math.random").next;
  try {
    return await simulate(time);
  } finally {
    const { dateNow, performanceNow, random, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = dateNow;
    performance.now = performanceNow;
    Math.random = random;
  }
}

function handleOf(due: Due | null) {
  return {
    unref: () => undefined,
    ref: () => undefined,
    cancel() {
      if (due !== null) due.cancelled = true;
    },
  };
}

/**
 * All that promises have to do: Node takes what waits for the next tick when there is no more of that. A turn of the
 * event loop would do as well, and ask the system for what there is of sockets, 860 times in a world.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    queueMicrotask(() => process.nextTick(resolve));
  });
}
