// When ticks run. Time is the test's: it moves on only where a test says so.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { turn } from "../../test/support/until.ts";
import { type Loop, openLoop } from "./loop.ts";

interface Ticking {
  readonly loop: Loop;
  /** The times at which ticks began. */
  readonly ticks: readonly number[];
  readonly errors: readonly unknown[];
  now(): number;
  later(ms: number): Promise<void>;
}

/** A loop from time 0, ended with the test; each tick does what `tick` says. */
function ticking(
  t: TestContext,
  tick: (now: number) => Promise<number | null>,
  pauseMsMax = 60_000,
): Ticking {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const ticks: number[] = [];
  const errors: unknown[] = [];
  const now = (): number => Date.now();
  const loop = openLoop({
    tick: () => {
      ticks.push(now());
      return tick(now());
    },
    pauseMsMax,
    now,
    failed: (error) => errors.push(error),
  });
  return {
    loop,
    ticks,
    errors,
    now,
    async later(ms) {
      // Step by step, as time goes: what a tick arms in between must be able to run.
      const steps = Math.min(ms, 200);
      for (let step = 0; step < steps; step += 1) {
        t.mock.timers.tick(ms / steps);
        await turn();
      }
    },
  };
}

test("the first tick runs at once, the next when the one before said", async (t) => {
  const { ticks, later } = ticking(t, async (now) => now + 100);
  await later(1);
  assert.deepEqual(ticks, [1]);
  await later(99);
  assert.deepEqual(ticks, [1]);
  await later(1);
  assert.deepEqual(ticks, [1, 101]);
});

test("a tick that names no time is followed by the next after the longest pause", async (t) => {
  const { ticks, later } = ticking(t, async () => null, 1_000);
  await later(1);
  await later(2_000);
  assert.equal(ticks.length, 3);
});

test("a time beyond the longest pause is not waited for", async (t) => {
  const { ticks, later } = ticking(t, async (now) => now + 10_000_000_000, 1_000);
  await later(1);
  await later(1_000);
  assert.equal(ticks.length, 2);
});

test("waking brings the next tick forward and never puts it off", async (t) => {
  const { loop, ticks, now, later } = ticking(t, async (at) => at + 1_000);
  await later(1);
  loop.wakeAt(now() + 5_000);
  loop.wakeAt(now() + 10);
  loop.wakeAt(now() + 500);
  await later(9);
  assert.deepEqual(ticks, [1]);
  await later(1);
  assert.deepEqual(ticks, [1, 11]);
  await later(1_000);
  assert.deepEqual(ticks, [1, 11, 1_011]);
});

test("ticks never overlap; waking during one is heeded right after it", async (t) => {
  let isRunning = false;
  const waits: (() => void)[] = [];
  const { loop, ticks, now, later } = ticking(t, async () => {
    assert.equal(isRunning, false);
    isRunning = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    waits.push(resolve);
    await promise;
    isRunning = false;
    return null;
  });
  await later(1);
  loop.wakeAt(now());
  loop.wakeAt(now());
  await later(100);
  assert.deepEqual(ticks, [1]);
  waits[0]?.();
  await turn();
  await later(1);
  assert.deepEqual(ticks, [1, 102]);
  waits[1]?.();
  await later(100);
  assert.deepEqual(ticks, [1, 102]);
});

test("a tick that fails is reported and tried again a second later, as often as it takes", async (t) => {
  let count = 0;
  const { ticks, errors, later } = ticking(t, async (now) => {
    count += 1;
    if (count <= 2) throw new Error(`failure ${count}`);
    return now + 10_000;
  });
  await later(1);
  await later(999);
  assert.equal(ticks.length, 1);
  await later(1);
  assert.equal(ticks.length, 2);
  await later(1_005);
  assert.equal(ticks.length, 3);
  await later(9_000);
  assert.equal(ticks.length, 3);
  assert.deepEqual(errors.map(String), ["Error: failure 1", "Error: failure 2"]);
});

test("stopping waits for the tick in progress, and nothing runs afterwards", async (t) => {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const { loop, ticks, now, later } = ticking(t, () => promise);
  await later(1);
  let isStopped = false;
  const stopped = loop.stop().then(() => {
    isStopped = true;
  });
  await turn();
  assert.equal(isStopped, false);
  resolve(now());
  await stopped;
  loop.wakeAt(now());
  await later(200_000);
  assert.deepEqual(ticks, [1]);
});

test("stopping between two ticks ends the waiting", async (t) => {
  const { loop, ticks, later } = ticking(t, async () => null, 1_000);
  await later(1);
  await loop.stop();
  await later(5_000);
  assert.deepEqual(ticks, [1]);
});

test("a waiting loop does not keep the process alive", async () => {
  const before = process.getActiveResourcesInfo();
  const { promise, resolve } = Promise.withResolvers<void>();
  const loop = openLoop({
    tick: async () => {
      resolve();
      return null;
    },
    pauseMsMax: 3_600_000,
    now: () => Date.now(),
    failed: assert.ifError,
  });
  // Something has to keep it alive until the first tick.
  const alive = setInterval(() => undefined, 1_000);
  await promise;
  clearInterval(alive);
  await turn();
  const kept = process.getActiveResourcesInfo();
  await loop.stop();
  assert.deepEqual(kept, before);
});
