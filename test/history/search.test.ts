// Two checkers that work by different means say the same of thousands of short histories, right ones and wrong
// ones. Whatever the one with the log lets pass, the one that tries all orders can explain without the log. And
// whatever that one can explain, the other lets pass with the log of a service that worked in this order.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { randomFrom } from "../support/ledger.ts";
import { logOf } from "./books.ts";
import { check } from "./check.ts";
import { type FaultName, faultNames } from "./faults.ts";
import type { History, Operation, Outcome } from "./history.ts";
import { search } from "./search.ts";
import { simulate } from "./simulate.ts";

const runs = 20 * Number(process.env["HISTORY_RUNS"] ?? 100);

const shapes = fc.record({
  seed: fc.integer(),
  operations: fc.integer({ min: 3, max: 12 }),
  clients: fc.integer({ min: 2, max: 4 }),
  rows: fc.integer({ min: 1, max: 2 }),
  units: fc.integer({ min: 0, max: 4 }),
  ttl: fc.constant(Number.POSITIVE_INFINITY),
});

/** Mistakes that show in what clients are told, often enough for a short history. */
const visible: ReadonlySet<FaultName> = new Set([
  "a write is acknowledged and lost",
  "a write is done twice",
  "a read shows what was over",
  "a read shows what has not been",
  "a read shows two rows as they never were together",
  "more is held than is there",
  "a request is refused without a reason",
  "a request is refused and done",
  "a write is put behind one that came after its answer",
  "a version comes twice",
  "half of a transfer is done",
  "something is done that nobody asked for",
] satisfies FaultName[]);

/** Of bytes and of the service's clock a search knows nothing. */
const beyondSearch: ReadonlySet<FaultName> = new Set([
  "one key is answered twice, and not the same",
  "a hold expires before it is due",
] satisfies FaultName[]);

/** Where in a log something was seen, only one with the same log can know. */
function withoutPlaces({ operations, log }: History): History {
  return { operations: operations.map(withoutPlace), log };
}

function withoutPlace(operation: Operation): Operation {
  const { outcome } = operation;
  return outcome.kind === "ok"
    ? { ...operation, outcome: { ...outcome, asOfSeq: null } }
    : operation;
}

/** Whether it was right; fails where the two do not say the same. */
function judge({ operations, log }: History): "right" | "wrong" {
  const order = search(operations);
  if (order === null) {
    assert.notDeepEqual(check({ operations, log }), [], "let pass with a log, and has no order");
    return "wrong";
  }
  assert.deepEqual(check({ operations, log: logOf(order) }), [], "has an order, and is refused");
  return "right";
}

/** Something of it is otherwise than it was: a time, a number, an answer. It may still be right. */
function disturbed({ operations, log }: History, seed: number): History {
  const random = randomFrom(seed);
  const index = Math.floor(random() * operations.length);
  const other = operations[Math.floor(random() * operations.length)];
  const disturb = (one: Operation): Operation => {
    const chance = random();
    if (chance < 0.25) return { ...one, returnedAt: one.invokedAt + 1 };
    if (chance < 0.5) return { ...one, invokedAt: Math.min(one.invokedAt + 6, one.returnedAt - 1) };
    if (chance < 0.65) return { ...one, outcome: other?.outcome ?? one.outcome };
    if (chance < 0.8) return { ...one, outcome: { kind: "unknown" } };
    return { ...one, outcome: otherwise(one.outcome, random) };
  };
  return {
    log,
    operations: operations.map((one, at) => (at === index ? whole(disturb(one)) : one)),
  };
}

/** What is not known has no end, and only that. */
function whole(one: Operation): Operation {
  if (one.outcome.kind === "unknown") return { ...one, returnedAt: Number.POSITIVE_INFINITY };
  return { ...one, returnedAt: Math.min(one.returnedAt, one.invokedAt + 10) };
}

function otherwise(outcome: Outcome, random: () => number): Outcome {
  const by = random() < 0.5 ? 1 : -1;
  if (outcome.kind === "ok") {
    const rows = outcome.rows.map((one) => ({ ...one, version: one.version + by }));
    return { ...outcome, rows };
  }
  if (outcome.kind === "unknown") return outcome;
  const facts = Object.entries(outcome.facts).map(([name, fact]) => [
    name,
    name === "available" || name === "current" ? Number(fact) + by : fact,
  ]);
  return { ...outcome, facts: Object.fromEntries(facts) };
}

describe("a checker with a log and a search without one", () => {
  test("both find nothing in a history that is right", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const history = simulate({ ...shape, fault: null });
        assert.deepEqual(check(history), []);
        assert.equal(judge(withoutPlaces(history)), "right");
      }),
      { numRuns: runs },
    );
  });

  test("say the same of one in which something was disturbed", (t) => {
    const count = { right: 0, wrong: 0 };
    fc.assert(
      fc.property(shapes, fc.integer(), (shape, seed) => {
        const history = withoutPlaces(simulate({ ...shape, fault: null }));
        count[judge(disturbed(history, seed))] += 1;
      }),
      { numRuns: runs },
    );
    t.diagnostic(`${count.right} were right still, ${count.wrong} were wrong`);
    assert.ok(count.right > runs / 10 && count.wrong > runs / 10);
  });

  for (const fault of faultNames.filter((one) => !beyondSearch.has(one))) {
    test(`say the same where ${fault}`, (t) => {
      const count = { right: 0, wrong: 0 };
      fc.assert(
        fc.property(shapes, (shape) => {
          const history = simulate({ ...shape, fault });
          fc.pre(history.planted !== null);
          assert.notDeepEqual(check(history), [], "the checker finds it with the log");
          count[judge(withoutPlaces(history))] += 1;
        }),
        { numRuns: runs / 10, maxSkipsPerRun: 1_000 },
      );
      t.diagnostic(`the search finds ${count.wrong} of ${count.right + count.wrong} without a log`);
      assert.equal(count.wrong > 0, visible.has(fault));
    });
  }
});
