// The queue before the commit: who shares one, who waits, who is refused, and how it comes to its end.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { batch, change, confirm, expireDue, reserveGroup } from "../../test/support/commands.ts";
import {
  type CommitPortInHand,
  command,
  latest,
  namesOf,
  openCommitPort,
  outcomeOf,
} from "../../test/support/commit-port.ts";
import { turn } from "../../test/support/until.ts";
import type { Command } from "../domain/model.ts";
import {
  batchCommandsMax,
  batchRowsMax,
  queueBatchesMin,
  queueBurstMs,
  queueCommandsMax,
  queueWaitMsMax,
  reservationLinesMax,
  roomBatches,
} from "../limits.ts";
import type { Outcome } from "../store/store.ts";
import { type Executor, type ExecutorOptions, OverloadedError, openExecutor } from "./execute.ts";

function open(store: CommitPortInHand, over: Partial<ExecutorOptions> = {}): Executor {
  const silent = { committed: () => undefined, measure: () => undefined, nowMs: () => 0 };
  return openExecutor({ store, lanes: 1, ...silent, ...over });
}

const names = (count: number, prefix = "c"): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);
const executeAll = (executor: Executor, list: readonly string[]): Promise<Outcome>[] =>
  list.map((name) => executor.execute(command(name)));
const batchesOf = ({ commits }: CommitPortInHand): string[][] =>
  commits.map(({ commands }) => namesOf(commands));
/** The turn in which a commit's outcome came, and the end of it, when the next commit begins. */
async function nextBegins(): Promise<void> {
  await turn();
  await turn();
}
/** Lets every commit that begins succeed until no more begins. */
async function succeedAll(store: CommitPortInHand, from = 0): Promise<void> {
  for (let seen = from; seen < store.commits.length; seen += 1) {
    store.commits[seen]?.succeed();
    await nextBegins();
  }
}

describe("natural batching", () => {
  test("commands of one turn share a commit, in the order they came, and each gets its own outcome", async () => {
    const store = openCommitPort(() => undefined);
    const outcomes = await Promise.all(executeAll(open(store), ["a", "b", "c"]));
    assert.deepEqual(namesOf(outcomes), ["a", "b", "c"]);
    assert.deepEqual(batchesOf(store), [["a", "b", "c"]]);
  });

  test("what is read in the turn in which an outcome comes shares the next commit", async () => {
    const store = openCommitPort();
    const executor = open(store);
    const answers = executeAll(executor, ["a"]);
    await turn();
    answers.push(...executeAll(executor, ["b"]));
    store.commits[0]?.succeed();
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    answers.push(...executeAll(executor, ["c"]));
    await nextBegins();
    assert.deepEqual(batchesOf(store), [["a"], ["b", "c"]]);
    await succeedAll(store, 1);
    await Promise.all(answers);
  });

  test("what comes while a commit is on its way waits and shares the next one", async () => {
    const store = openCommitPort();
    const executor = open(store);
    const first = executeAll(executor, ["a"]);
    await turn();
    const second = executeAll(executor, ["b", "c"]);
    await turn();
    const third = executeAll(executor, ["d"]);
    await turn();
    assert.deepEqual(batchesOf(store), [["a"]]);
    assert.equal(executor.queued(), 3);
    await succeedAll(store);
    assert.deepEqual(batchesOf(store), [["a"], ["b", "c", "d"]]);
    assert.deepEqual(namesOf(await Promise.all([...first, ...second, ...third])), [..."abcd"]);
    assert.equal(executor.queued(), 0);
  });

  test("so many commits are on their way at once as there are lanes, and no more", async () => {
    for (const lanes of [1, 2, 3]) {
      const store = openCommitPort();
      const executor = open(store, { lanes });
      const answers: Promise<Outcome>[] = [];
      for (const name of names(6)) {
        answers.push(executor.execute(command(name)));
        await turn();
      }
      assert.equal(store.open(), lanes);
      assert.equal(executor.queued(), 6 - lanes);
      store.commits[0]?.succeed();
      await nextBegins();
      assert.ok(store.open() <= lanes);
      await succeedAll(store, 1);
      assert.deepEqual(namesOf(await Promise.all(answers)), names(6));
    }
  });
});

describe("the bounds of a commit", () => {
  test(`a commit has at most ${batchCommandsMax} commands; the order is kept from one to the next`, async () => {
    const store = openCommitPort();
    const all = names(2 * batchCommandsMax + 1);
    const answers = executeAll(open(store), all);
    await turn();
    assert.equal(store.open(), 1, "one lane, one commit on its way");
    await succeedAll(store);
    assert.deepEqual(
      store.commits.map(({ commands }) => commands.length),
      [batchCommandsMax, batchCommandsMax, 1],
    );
    assert.deepEqual(batchesOf(store).flat(), all);
    await Promise.all(answers);
  });

  test(`a commit touches at most ${batchRowsMax} rows; what alone is larger goes alone`, async () => {
    const rows = Array.from({ length: batchRowsMax / 2 }, () => change());
    const lines = Array.from({ length: 50 }, (_, n) => ({ id: `r${n}`, quantity: 1 }));
    const list: readonly Command[] = [
      { ...batch("skip_failed", ...rows), requestId: "half" },
      { ...batch("skip_failed", ...rows), requestId: "other half" },
      { ...reserveGroup("basket", lines), requestId: "basket" },
      { ...batch("skip_failed", ...rows), requestId: "third half" },
      { ...expireDue(2 * batchRowsMax), requestId: "more than all" },
      command("one"),
    ];
    const store = openCommitPort();
    const executor = open(store);
    const answers = list.map((one) => executor.execute(one));
    await turn();
    await succeedAll(store);
    assert.deepEqual(batchesOf(store), [
      ["half", "other half"],
      ["basket", "third half"],
      ["more than all"],
      ["one"],
    ]);
    await Promise.all(answers);
  });
});

describe("the rows of a command", () => {
  const rows = (count: number) =>
    batch("skip_failed", ...Array.from({ length: count }, () => change()));
  const basket = reserveGroup(
    "g",
    Array.from({ length: 30 }, (_, n) => ({ id: `r${n}`, quantity: 1 })),
  );
  const counts: readonly (readonly [title: string, command: Command, rows: number])[] = [
    ["are the lines of a basket", basket, 30],
    ["of a basket that ends are as many as one may have", confirm("group:g"), reservationLinesMax],
    ["of a single hold that ends are one", confirm("r"), 1],
    ["of the worker are as many as it may end", expireDue(40), 40],
    ["are the lines of a batch", rows(7), 7],
    ["of any other are one", command("x"), 1],
  ];
  for (const [title, one, count] of counts) {
    test(title, async () => {
      for (const more of [0, 1]) {
        const store = openCommitPort();
        const executor = open(store);
        const list = [one, rows(batchRowsMax - count + more)];
        const answers = list.map((each) => executor.execute(each));
        await turn();
        await succeedAll(store);
        assert.deepEqual(
          store.commits.map(({ commands }) => commands.length),
          more === 0 ? [2] : [1, 1],
        );
        await Promise.all(answers);
      }
    });
  }
});

describe("answers", () => {
  test("whoever follows the log is told before callers are answered, once per commit", async () => {
    const store = openCommitPort();
    const said: string[] = [];
    const executor = open(store, {
      committed: (outcomes) => said.push(`committed ${namesOf(outcomes).join()}`),
    });
    const answers = executeAll(executor, ["a", "b"]).map(async (answer) => {
      said.push(`answered ${(await answer).requestId}`);
    });
    await turn();
    latest(store).succeed();
    await Promise.all(answers);
    assert.deepEqual(said, ["committed a,b", "answered a", "answered b"]);
  });

  test("a poisoned command is told so, and the commands beside it are not", async () => {
    const bug = new Error("poison");
    const store = openCommitPort((commands) => {
      if (namesOf(commands).includes("b")) throw bug;
    });
    const [a, b, c] = await Promise.allSettled(executeAll(open(store), ["a", "b", "c"]));
    assert.deepEqual(a, { status: "fulfilled", value: outcomeOf(command("a")) });
    assert.deepEqual(b, { status: "rejected", reason: bug });
    assert.deepEqual(c, { status: "fulfilled", value: outcomeOf(command("c")) });
  });

  test("a failed commit does not stop the ones after it", async () => {
    const store = openCommitPort();
    const executor = open(store);
    const [failing] = executeAll(executor, ["a"]);
    await turn();
    const [waiting] = executeAll(executor, ["b"]);
    latest(store).fail(new Error("poison"));
    await assert.rejects(failing ?? Promise.resolve(), /poison/);
    await turn();
    latest(store).succeed();
    assert.equal((await waiting)?.requestId, "b");
  });

  test("the size of a batch and when it began are measured", async () => {
    const store = openCommitPort(() => undefined);
    const measured: [number, number][] = [];
    const measure = (count: number, startedAt: number) => measured.push([count, startedAt]);
    await Promise.all(executeAll(open(store, { measure, nowMs: () => 42 }), ["a", "b"]));
    assert.deepEqual(measured, [[2, 42]]);
  });
});

describe("overload", () => {
  test(`beyond ${queueCommandsMax} waiting commands the next is refused at once, and one fits again after a commit`, async () => {
    const store = openCommitPort();
    const executor = open(store);
    const accepted = executeAll(executor, ["first"]);
    await turn();
    accepted.push(...executeAll(executor, names(queueCommandsMax)));
    assert.equal(executor.queued(), queueCommandsMax);
    await assert.rejects(executor.execute(command("late")), (error) => {
      assert.ok(error instanceof OverloadedError);
      assert.equal(error.name, "OverloadedError");
      assert.equal(error.message, "too many commands are waiting");
      assert.equal(error.retryAfterSeconds, 1);
      return true;
    });
    store.commits[0]?.succeed();
    await nextBegins();
    accepted.push(executor.execute(command("in time")));
    await succeedAll(store, 1);
    const all = ["first", ...names(queueCommandsMax), "in time"];
    assert.deepEqual(namesOf(await Promise.all(accepted)), all);
    assert.deepEqual(batchesOf(store).flat(), all, "nothing of what was refused was stored");
  });
});

describe("overload by time", () => {
  function openAt() {
    const store = openCommitPort();
    const clock = { now: 0 };
    return { store, clock, executor: open(store, { nowMs: () => clock.now }) };
  }

  test(`when commands have waited for ${queueBurstMs} ms no more are taken than ${queueBatchesMin} batches, where the store does no more`, async () => {
    const { store, clock, executor } = openAt();
    const most = queueBatchesMin * batchCommandsMax;
    const accepted = executeAll(executor, ["committing"]);
    await turn();
    accepted.push(...executeAll(executor, names(most + 1)));
    clock.now += queueBurstMs;
    assert.equal(executor.isFull(), false, "a burst is taken");
    accepted.push(...executeAll(executor, ["of the burst"]));
    clock.now += 1;
    assert.equal(executor.isFull(), true);
    await assert.rejects(executor.execute(command("late")), OverloadedError);
    store.commits[0]?.succeed();
    await nextBegins();
    assert.equal(executor.isFull(), false, "a batch is on its way, the others fit");
    accepted.push(...executeAll(executor, ["in time"]));
    await succeedAll(store, 1);
    const all = ["committing", ...names(most + 1), "of the burst", "in time"];
    assert.deepEqual(namesOf(await Promise.all(accepted)), all);
  });

  test("baskets count by their lines", async () => {
    const { store, clock, executor } = openAt();
    const lines = Array.from({ length: 50 }, (_, n) => ({ id: `r${n}`, quantity: 1 }));
    const baskets = names(1 + (queueBatchesMin * batchRowsMax) / 50);
    const answers = executeAll(executor, ["committing"]);
    await turn();
    for (const requestId of baskets) {
      answers.push(executor.execute({ ...reserveGroup(requestId, lines), requestId }));
    }
    clock.now += queueBurstMs + 1;
    assert.equal(executor.isFull(), true);
    store.commits[0]?.succeed();
    await nextBegins();
    await succeedAll(store, 1);
    assert.equal((await Promise.all(answers)).length, 1 + baskets.length);
  });

  test("what was decided in the last second may wait as well, and is forgotten in time", async () => {
    const { store, clock, executor } = openAt();
    const many = 8 * batchCommandsMax;
    const first = executeAll(executor, names(many));
    await turn();
    await succeedAll(store);
    await Promise.all(first);
    const next = executeAll(executor, ["committing"]);
    await turn();
    next.push(...executeAll(executor, names(6 * batchCommandsMax)));
    clock.now += queueBurstMs + 1;
    assert.equal(executor.isFull(), false);
    clock.now += 1000;
    assert.equal(executor.isFull(), true);
    await succeedAll(store, 8);
    assert.equal((await Promise.all(next)).length, 1 + 6 * batchCommandsMax);
  });

  test(`what has waited for more than ${queueWaitMsMax} ms is refused, and what came after it is decided`, async () => {
    const { store, clock, executor } = openAt();
    const [committing] = executeAll(executor, ["committing"]);
    await turn();
    const late = Promise.allSettled(executeAll(executor, ["a", "b"]));
    const ours = executor.execute({ ...command("ours"), actor: "system:expiry" });
    clock.now += 1;
    const [inTime] = executeAll(executor, ["c"]);
    clock.now += queueWaitMsMax;
    store.commits[0]?.succeed();
    await nextBegins();
    await succeedAll(store, 1);
    assert.deepEqual(batchesOf(store), [["committing"], ["ours", "c"]]);
    for (const answer of await late) {
      assert.ok(answer.status === "rejected" && answer.reason instanceof OverloadedError);
    }
    assert.deepEqual(namesOf(await Promise.all([committing, ours, inTime] as Promise<Outcome>[])), [
      "committing",
      "ours",
      "c",
    ]);
  });

  test("where all have waited too long the last batch of them is decided: the store is not left idle", async () => {
    const { store, clock, executor } = openAt();
    const [committing] = executeAll(executor, ["committing"]);
    await turn();
    const waiting = Promise.allSettled(executeAll(executor, names(batchCommandsMax + 2)));
    clock.now += queueWaitMsMax + 1;
    store.commits[0]?.succeed();
    await nextBegins();
    await succeedAll(store, 1);
    assert.deepEqual(batchesOf(store), [["committing"], names(batchCommandsMax + 2).slice(2)]);
    const refused = (await waiting).filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 2);
    await committing;
  });

  test("at a stop what was accepted is finished, however long it has waited", async () => {
    const { store, clock, executor } = openAt();
    const accepted = executeAll(executor, ["committing"]);
    await turn();
    accepted.push(...executeAll(executor, ["a"]));
    clock.now += 2 * queueWaitMsMax;
    const drained = executor.drain();
    store.commits[0]?.succeed();
    await nextBegins();
    await succeedAll(store, 1);
    await drained;
    assert.deepEqual(namesOf(await Promise.all(accepted)), ["committing", "a"]);
  });
});

describe("room", () => {
  test("there is room for two full batches, and less for each that waits", async () => {
    const store = openCommitPort();
    const executor = open(store);
    assert.equal(executor.room(), roomBatches * batchCommandsMax);
    const answers = executeAll(executor, ["committing"]);
    await turn();
    assert.equal(executor.room(), roomBatches * batchCommandsMax, "it does not wait any more");
    answers.push(...executeAll(executor, ["a", "b"]));
    assert.equal(executor.room(), roomBatches * batchCommandsMax - 2);
    await succeedAll(store);
    await Promise.all(answers);
    assert.equal(executor.room(), roomBatches * batchCommandsMax);
  });

  test("it is counted in commands of the size that came lately, and that is forgotten in time", async () => {
    const store = openCommitPort();
    const clock = { now: 0 };
    const executor = open(store, { nowMs: () => clock.now });
    const lines = Array.from({ length: 50 }, (_, n) => ({ id: `r${n}`, quantity: 1 }));
    const basket = executor.execute({ ...reserveGroup("basket", lines), requestId: "basket" });
    await turn();
    await succeedAll(store);
    await basket;
    assert.equal(executor.room(), Math.floor((roomBatches * batchRowsMax) / 50));
    clock.now += 10_000;
    const single = executeAll(executor, ["single"]);
    await turn();
    await succeedAll(store);
    await Promise.all(single);
    assert.ok(executor.room() > 0.99 * roomBatches * batchCommandsMax);
  });
});

describe("a bug around the commit", () => {
  for (const around of ["committed", "measure"] as const) {
    test(`that \`${around}\` fails is the answer of its commands, and the next ones go through`, async () => {
      const store = openCommitPort(() => undefined);
      let fails = true;
      const executor = open(store, {
        [around]() {
          if (fails) throw new Error("a bug");
        },
      });
      const answers = await Promise.allSettled(executeAll(executor, ["a", "b"]));
      for (const answer of answers)
        assert.match(String(answer.status === "rejected" && answer.reason), /a bug/);
      fails = false;
      assert.deepEqual(namesOf(await Promise.all(executeAll(executor, ["c"]))), ["c"]);
      await executor.drain();
    });
  }
});

describe("draining", () => {
  test("answers all that was accepted, refuses what comes later, and ends when the last is answered", async () => {
    const store = openCommitPort();
    const executor = open(store);
    const accepted = executeAll(executor, ["a"]);
    await turn();
    accepted.push(...executeAll(executor, ["b", "c"]));
    let isDrained = false;
    const drained = [executor.drain(), executor.drain()];
    const ended = Promise.all(drained).then(() => {
      isDrained = true;
    });
    await assert.rejects(executor.execute(command("late")), {
      name: "OverloadedError",
      message: "the service is stopping",
    });
    store.commits[0]?.succeed();
    await nextBegins();
    assert.deepEqual(batchesOf(store), [["a"], ["b", "c"]]);
    assert.equal(isDrained, false);
    store.commits[1]?.succeed();
    await ended;
    assert.deepEqual(namesOf(await Promise.all(accepted)), ["a", "b", "c"]);
    assert.equal(store.commits.length, 2);
  });

  for (const isBegun of [false, true]) {
    test(`waits for what ${isBegun ? "is on its way to the store" : "was accepted in the same turn"}`, async () => {
      const store = openCommitPort();
      const executor = open(store);
      const [answer] = executeAll(executor, ["a"]);
      if (isBegun) await turn();
      const said: string[] = [];
      const drained = executor.drain().then(() => said.push("drained"));
      const answered = answer?.then(({ requestId }) => said.push(`answered ${requestId}`));
      await nextBegins();
      assert.deepEqual(said, []);
      latest(store).succeed();
      await Promise.all([drained, answered]);
      assert.deepEqual(said, ["answered a", "drained"]);
    });
  }

  test("ends at once where nothing was accepted", async () => {
    await open(openCommitPort()).drain();
  });
});
