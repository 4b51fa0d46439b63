// Calls into a thread and what comes back, whatever happens to the thread in between.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { turn } from "../../test/support/until.ts";
import { OperatingError } from "./operating-error.ts";
import { openThread, type Thread } from "./thread.ts";

const file = new URL("../../test/support/echo-thread.ts", import.meta.url);

/** A thread that ends with the test, however that ends. */
async function open(t: TestContext, data: unknown): Promise<Thread> {
  const thread = await openThread(file, data);
  t.after(() => thread.close());
  return thread;
}

async function thrownBy(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error, "it throws an error");
  return error;
}

describe("a call", () => {
  test("reaches the thread with its arguments, and the thread was given its data", async (t) => {
    const thread = await open(t, { path: "inventory.db" });
    assert.deepEqual(await thread.call("start", []), { path: "inventory.db" });
    const values = [1, "two", null, { three: [3] }, new Map([[4, 5n]])];
    assert.deepEqual(await thread.call("echo", values), values);
  });

  test("is answered in the order of arrival, each with its own answer", async (t) => {
    const thread = await open(t, null);
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const notes = numbers.map((n) => thread.call("note", [n]));
    const noted = thread.call("noted", []);
    assert.deepEqual(
      await Promise.all(notes),
      numbers.map((n) => n + 1),
    );
    assert.deepEqual(await noted, numbers);
  });
});

describe("an error crosses", () => {
  test("as an operating error where it is one, and keeps whether it may be tried again", async (t) => {
    const thread = await open(t, null);
    const error = await thrownBy(thread.call("busy", []));
    assert.ok(error instanceof OperatingError);
    assert.equal(error.retryable, true);
    assert.equal(error.message, "the database is busy");
  });

  test("else with its name, message, stack and plain fields", async (t) => {
    const thread = await open(t, null);
    const bug = await thrownBy(thread.call("bug", []));
    assert.equal(bug.name, "AssertionFailure");
    assert.match(String(bug.stack), /a sum went wrong\n.*echo-thread\.ts/s);
    const odd = await thrownBy(thread.call("odd", []));
    assert.partialDeepStrictEqual({ ...odd }, { name: "RangeError", code: "E_FAR", at: 7 });
    assert.equal(odd.message, "too far");
  });

  test("and fails its own call only: the thread goes on", async (t) => {
    const thread = await open(t, null);
    const calls = ["bug", "odd", "missing", "uncloneable", "noted"].map((method) =>
      thread.call(method, []),
    );
    const [, , missing, uncloneable, noted] = await Promise.allSettled(calls);
    assert.match(String(missing?.status === "rejected" && missing.reason), /no method missing/);
    assert.equal(uncloneable?.status, "rejected");
    assert.deepEqual(noted, { status: "fulfilled", value: [] });
  });
});

describe("a thread that cannot be", () => {
  test("rejects with what it threw while it started", async () => {
    const error = await thrownBy(openThread(file, { fails: true }));
    assert.ok(error instanceof OperatingError);
    assert.match(error.message, /the file is in use/);
  });

  test("rejects where there is no such file", async () => {
    const error = await thrownBy(openThread(new URL("./no-thread.ts", import.meta.url), null));
    assert.match(error.message, /no-thread\.ts/);
  });
});

test("a thread that ends by itself fails what waits for it and what comes after", async (t) => {
  const thread = await open(t, null);
  const calls = ["exit", "noted", "noted"].map((method) => thrownBy(thread.call(method, [])));
  for (const error of await Promise.all(calls)) assert.match(error.message, /has ended/);
  assert.match((await thrownBy(thread.call("noted", []))).message, /has ended/);
});

test("a thread that ends by itself tells its owner why, once and for all", async (t) => {
  const left = await open(t, null);
  void thrownBy(left.call("exit", []));
  assert.match((await left.ended).message, /echo-thread\.ts has ended/);
  const crashed = await open(t, null);
  const late = crashed.call("throwLater", []);
  assert.equal((await crashed.ended).message, "out of order");
  await late;
  assert.equal((await thrownBy(crashed.call("noted", []))).message, "out of order");
});

test("a thread that is closed has not ended unexpectedly", async () => {
  const thread = await openThread(file, null);
  let told = false;
  void thread.ended.then(() => {
    told = true;
  });
  await thread.close();
  await turn();
  assert.equal(told, false);
});

test("closing answers the calls before it first, and lets the thread put its things away", async (t) => {
  const closed = new SharedArrayBuffer(4);
  const thread = await open(t, { closed });
  const notes = [1, 2, 3].map((n) => thread.call("note", [n]));
  await thread.close();
  assert.deepEqual(await Promise.all(notes), [1, 2, 3]);
  assert.equal(Atomics.load(new Int32Array(closed), 0), 3);
  assert.match((await thrownBy(thread.call("noted", []))).message, /has ended/);
});
