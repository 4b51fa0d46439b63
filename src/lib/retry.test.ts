// Trying again: what is tried again, how often, after which pauses. Time is the test's.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { turn } from "../../test/support/until.ts";
import { retry } from "./retry.ts";

const away = new Error("away");
const always = () => true;

/** Work that fails so often before it succeeds. */
function failing(times: number) {
  let tries = 0;
  return {
    tries: () => tries,
    work: async (): Promise<string> => {
      tries += 1;
      if (tries <= times) throw away;
      return "done";
    },
  };
}

function ownTime(t: TestContext) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  return async (ms: number): Promise<void> => {
    await turn();
    t.mock.timers.tick(ms);
    await turn();
  };
}

test("work that succeeds is done once", async () => {
  const { work, tries } = failing(0);
  assert.equal(await retry(work, { triesMax: 5, isRetryable: always }), "done");
  assert.equal(tries(), 1);
});

test("work that fails for a moment is tried again after pauses that double, give or take a half", async (t) => {
  for (const [chance, share] of [
    [0, 0.5],
    [0.5, 1],
    [0.999, 1.499],
  ] as const) {
    const later = ownTime(t);
    t.mock.method(Math, "random", () => chance);
    const { work, tries } = failing(3);
    const done = retry(work, { triesMax: 5, isRetryable: always, pauseMs: 100 });
    for (const [index, pause] of [100, 200, 400].entries()) {
      const ms = Math.floor(pause * share);
      await later(ms - 1);
      assert.equal(tries(), index + 1, `not yet ${ms} ms after try ${index + 1}`);
      await later(2);
      assert.equal(tries(), index + 2, `${ms} ms after try ${index + 1}`);
    }
    assert.equal(await done, "done");
    t.mock.restoreAll();
    t.mock.timers.reset();
  }
});

test("the last of the allowed tries fails with what the work threw", async (t) => {
  const later = ownTime(t);
  const { work, tries } = failing(100);
  const failed = assert.rejects(retry(work, { triesMax: 3, isRetryable: always }), away);
  for (let n = 0; n < 5; n += 1) await later(60_000);
  await failed;
  assert.equal(tries(), 3);
});

test("no try begins when the time for all of them is over", async (t) => {
  const later = ownTime(t);
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const tried: number[] = [];
  const work = async (): Promise<never> => {
    tried.push(now);
    now += 500;
    throw away;
  };
  const options = { triesMax: 9, isRetryable: always, laterMsMax: 1_200 };
  const failed = assert.rejects(retry(work, options), away);
  for (let n = 0; n < 9; n += 1) await later(60_000);
  await failed;
  assert.deepEqual(tried, [0, 500, 1_000]);
});

test("what trying again would not mend fails at once", async () => {
  const { work, tries } = failing(100);
  const asked: unknown[] = [];
  const isRetryable = (error: unknown): boolean => {
    asked.push(error);
    return false;
  };
  await assert.rejects(retry(work, { triesMax: 3, isRetryable }), away);
  assert.equal(tries(), 1);
  assert.deepEqual(asked, [away]);
});
