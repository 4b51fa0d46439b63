// What may go wrong around a commit, and whom it hits.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type CommitPortInHand,
  commandsNamed,
  namesOf,
  openCommitPort,
} from "../../test/support/commit-port.ts";
import { turn } from "../../test/support/until.ts";
import type { Command } from "../domain/model.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { commitTriesMax, lockWaitMsMax } from "../limits.ts";
import { commitBatch, type Settled } from "./batch.ts";

const bug = new TypeError("x is not a function");
const busy = new OperatingError("the database is busy", { retryable: true });
const gone = new OperatingError("the disk is full", { retryable: false });
const seven = commandsNamed("a", "b", "c", "d", "e", "f", "g");

/** Outcomes by the name of their command, errors as they are. */
function told(settled: readonly Settled[]): unknown[] {
  return settled.map((one) => ("outcome" in one ? one.outcome.requestId : one.error));
}

/** Commits all seven with pauses that take no time. */
async function commitSeven(t: TestContext, store: CommitPortInHand) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const stored: string[][] = [];
  let settled: readonly Settled[] | null = null;
  const done = commitBatch(store, seven, (outcomes) => stored.push(namesOf(outcomes))).then(
    (all) => {
      settled = all;
    },
  );
  while (settled === null) {
    await turn();
    t.mock.timers.tick(10_000);
  }
  await done;
  return { told: told(settled), stored };
}

test("a batch is one commit; each command gets its own outcome, in order", async (t) => {
  const store = openCommitPort(() => undefined);
  const { told: answers, stored } = await commitSeven(t, store);
  assert.deepEqual(answers, namesOf(seven));
  assert.deepEqual(stored, [namesOf(seven)]);
  assert.deepEqual(store.commits.length, 1);
});

test("a poisoned command fails alone, wherever it stands; the others are stored once and in order", async (t) => {
  for (const poisoned of namesOf(seven)) {
    const store = openCommitPort((commands) => {
      if (namesOf(commands).includes(poisoned)) throw bug;
    });
    const { told: answers, stored } = await commitSeven(t, store);
    t.mock.timers.reset();
    const expected = namesOf(seven).map((name) => (name === poisoned ? bug : name));
    assert.deepEqual(answers, expected);
    assert.deepEqual(
      stored.flat(),
      namesOf(seven).filter((name) => name !== poisoned),
    );
  }
});

test("several poisoned commands fail each with its own error", async (t) => {
  const errors = new Map(["b", "c", "g"].map((name) => [name, new RangeError(name)]));
  const store = openCommitPort((commands) => {
    const [error] = namesOf(commands).flatMap((name) => errors.get(name) ?? []);
    if (error !== undefined) throw error;
  });
  const { told: answers, stored } = await commitSeven(t, store);
  assert.deepEqual(
    answers,
    namesOf(seven).map((name) => errors.get(name) ?? name),
  );
  assert.deepEqual(stored.flat(), ["a", "d", "e", "f"]);
});

test("a database that was away for a moment gets the same commands again", async (t) => {
  const tried: (readonly Command[])[] = [];
  const store = openCommitPort((commands) => {
    tried.push(commands);
    if (tried.length < commitTriesMax) throw busy;
  });
  const { told: answers, stored } = await commitSeven(t, store);
  assert.deepEqual(answers, namesOf(seven));
  assert.deepEqual(stored, [namesOf(seven)]);
  assert.deepEqual(
    tried,
    Array.from({ length: commitTriesMax }, () => seven),
  );
});

test("a database that stays away fails every command with that error, after a bounded number of tries", async (t) => {
  const store = openCommitPort(() => {
    throw busy;
  });
  const { told: answers, stored } = await commitSeven(t, store);
  assert.deepEqual(
    answers,
    seven.map(() => busy),
  );
  assert.deepEqual(stored, []);
  assert.equal(store.commits.length, commitTriesMax);
});

test("a batch whose every try waits for a lock is given up in a bounded time", async (t) => {
  let now = performance.now();
  t.mock.method(performance, "now", () => now);
  const store = openCommitPort(() => {
    now += lockWaitMsMax;
    throw busy;
  });
  const begunAt = now;
  const { told: answers } = await commitSeven(t, store);
  assert.deepEqual(
    answers,
    seven.map(() => busy),
  );
  assert.ok(now - begunAt <= 12_000, `${now - begunAt} ms`);
});

test("trouble that time does not heal fails every command at once", async (t) => {
  const store = openCommitPort(() => {
    throw gone;
  });
  const { told: answers } = await commitSeven(t, store);
  assert.deepEqual(
    answers,
    seven.map(() => gone),
  );
  assert.equal(store.commits.length, 1);
});

test("trouble that begins while a batch is split fails only what is not stored yet", async (t) => {
  const store = openCommitPort((commands) => {
    if (commands.length === seven.length) throw bug;
    if (namesOf(commands).includes("g")) throw gone;
  });
  const { told: answers } = await commitSeven(t, store);
  assert.deepEqual(answers, ["a", "b", "c", "d", gone, gone, gone]);
});

test("what is stored is not stored again because somebody who was told of it failed", async () => {
  const store = openCommitPort(() => undefined);
  const failed = commitBatch(store, seven, () => {
    throw bug;
  });
  await assert.rejects(failed, bug);
  assert.equal(store.commits.length, 1);
});
