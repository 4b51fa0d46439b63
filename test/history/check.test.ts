// The checker of histories can fail: it finds every kind of mistake that is planted, in whatever history, and it
// finds none in histories that are right. And it is fast enough for a million operations.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { check } from "./check.ts";
import { explain } from "./explain.ts";
import { type FaultName, faultNames } from "./faults.ts";
import type { Rule } from "./history.ts";
import { type Shape, simulate } from "./simulate.ts";

/** Histories of each kind. */
const runs = Number(process.env["HISTORY_RUNS"] ?? 100);
const operations = Number(process.env["HISTORY_SYNTHETIC_OPERATIONS"] ?? 50_000);
const secondsMax = 60;

const shapes = fc.record({
  seed: fc.integer(),
  operations: fc.integer({ min: 20, max: 200 }),
  clients: fc.integer({ min: 2, max: 8 }),
  rows: fc.integer({ min: 2, max: 3 }),
  units: fc.integer({ min: 0, max: 20 }),
  ttl: fc.constantFrom(40, Number.POSITIVE_INFINITY),
});

/** What a mistake is found as; it may be found as others besides. */
const foundAs: Readonly<Record<FaultName, Rule>> = {
  "a write is acknowledged and lost": "effects",
  "a write is done twice": "effects",
  "a read shows what was over": "real-time",
  "a read shows what has not been": "real-time",
  "a read shows two rows as they never were together": "real-time",
  "more is held than is there": "decisions",
  "a request is refused without a reason": "real-time",
  "a request is refused and done": "effects",
  "a write is put behind one that came after its answer": "real-time",
  "an event is missing": "effects",
  "a version comes twice": "log",
  "half of a transfer is done": "effects",
  "one key is answered twice, and not the same": "answers",
  "a hold expires before it is due": "log",
  "something is done that nobody asked for": "effects",
};

describe("a history checker", () => {
  test("finds nothing in a history that is right", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        assert.deepEqual(check(simulate({ ...shape, fault: null })), []);
      }),
      { numRuns: runs },
    );
  });

  for (const fault of faultNames) {
    test(`finds it where ${fault}`, () => {
      fc.assert(
        fc.property(shapes, (shape) => {
          const history = simulate({ ...shape, fault });
          fc.pre(history.planted !== null);
          const rules = check(history).map(({ rule }) => rule);
          assert.ok(rules.includes(foundAs[fault]), `found as ${rules.join(", ") || "nothing"}`);
        }),
        { numRuns: runs, maxSkipsPerRun: 1_000 },
      );
    });
  }
});

test("a problem is shown with what was beside it, in the history and in the log", () => {
  const fault = "a read shows what was over";
  const history = simulate({
    seed: 3,
    operations: 100,
    clients: 4,
    rows: 2,
    units: 9,
    ttl: 40,
    fault,
  });
  const words = explain(history, check(history));
  assert.match(
    words,
    /^real-time: \d\.\d+ and \d\.\d+ at \d+: no state from place \d+ to \d+ gives/,
  );
  const lines = words.split("\n");
  const marked = lines.filter((line) => line.startsWith("  > "));
  assert.ok(
    marked.some((line) => line.includes(`> ${history.planted} [`)),
    words,
  );
  assert.ok(lines.length > 2 * marked.length && lines.length < 60, words);
});

test(`a history of ${operations} operations is checked in ${secondsMax} s`, (t) => {
  const shape: Shape = {
    seed: 1,
    operations,
    clients: 64,
    rows: 50,
    units: 20,
    ttl: 2_000,
    fault: null,
  };
  const history = simulate(shape);
  assert.ok(history.operations.length >= operations);
  const began = performance.now();
  const problems = check(history);
  const seconds = (performance.now() - began) / 1_000;
  const rate = Math.round(history.operations.length / seconds);
  t.diagnostic(
    `${history.operations.length} operations, ${history.log.length} events: ${seconds.toFixed(1)} s, ${rate}/s`,
  );
  assert.deepEqual(problems, []);
  assert.ok(seconds < secondsMax, `${seconds} s`);
});
