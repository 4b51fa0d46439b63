// The tail with a log made for the test: everyone who follows sees every event once, in order, however
// the events were brought to it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { turn, until } from "../../test/support/until.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { tailEventsMax } from "../limits.ts";
import type { EventQuery, LogEvent } from "../store/store.ts";
import { openTail } from "./tail.ts";

function event(seq: number, life = "e"): LogEvent {
  return {
    seq,
    id: `${life}-${seq}`,
    type: "stock.updated",
    aggregateType: "stock",
    aggregateId: "row",
    storeId: "MAD",
    productId: "mug",
    occurredAt: 0,
    actor: "test",
    requestId: "r",
    traceparent: null,
    payload: "{}",
  };
}

function world(from = 0) {
  const log: LogEvent[] = [];
  const failures: unknown[] = [];
  const state = { reads: 0, broken: false };
  let gate: Promise<void> | null = null;
  const store = {
    async events({ after, limit }: EventQuery) {
      state.reads += 1;
      if (state.broken) throw new Error("away");
      // The page is taken first: what is committed while it is on its way is not in it.
      const items = log.filter(({ seq }) => seq > after).slice(0, limit);
      await gate;
      return { items, scanned: items.at(-1)?.seq ?? after };
    },
  };
  const tail = openTail({ store, from, failed: (error) => failures.push(error) });
  const seen: number[] = [];
  tail.follow((events) => seen.push(...events.map(({ seq }) => seq)));
  return {
    log,
    tail,
    seen,
    failures,
    state,
    commit(first: number, last: number): LogEvent[] {
      const events = upTo(last)
        .filter((seq) => seq >= first)
        .map((seq) => event(seq));
      log.push(...events);
      return events;
    },
    holdReads(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = null;
        resolve();
      };
    },
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe("own commits", () => {
  test("followers see them at once, without a read", () => {
    const { tail, seen, state, commit } = world();
    tail.feed(commit(1, 3));
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal(tail.seq(), 3);
    assert.equal(state.reads, 0);
  });

  test("a follower sees the tail where it is told it is", () => {
    const { tail, commit } = world();
    const places: number[] = [];
    tail.follow(() => places.push(tail.seq()));
    tail.feed(commit(1, 2));
    assert.deepEqual(places, [2]);
  });

  test("what was seen is not told again, also where it comes with something new", async () => {
    const { tail, seen, commit } = world(1);
    commit(1, 1);
    const events = commit(2, 4);
    tail.feed(events.slice(0, 2));
    tail.feed(events.slice(0, 2));
    tail.feed(events);
    await until(() => seen.length >= 3, "the log was read");
    assert.deepEqual(seen, [2, 3, 4]);
  });

  test("what was seen before is not asked after", async () => {
    const { tail, state, commit } = world();
    const events = commit(1, 3);
    tail.feed(events);
    tail.feed(events.slice(1));
    tail.feed(events.slice(2));
    await turn();
    assert.equal(state.reads, 0);
  });

  test("a commit without events is nothing", () => {
    const { tail, seen, state } = world();
    tail.feed([]);
    assert.deepEqual([seen, state.reads], [[], 0]);
  });
});

describe("a gap", () => {
  test("is read from the log before what lies beyond it", async () => {
    const { tail, seen, commit } = world();
    commit(1, 2);
    tail.feed(commit(3, 4));
    assert.deepEqual(seen, []);
    await until(() => seen.length === 4, "the log was read");
    assert.deepEqual(seen, [1, 2, 3, 4]);
  });

  test("two commits that come in the wrong order are told in the right one", async () => {
    const { tail, seen, commit } = world();
    const [first, second] = [commit(1, 2), commit(3, 4)];
    tail.feed(second);
    tail.feed(first);
    await tail.pull();
    assert.deepEqual(seen, [1, 2, 3, 4]);
  });

  test("commits that come while it is read are told once", async () => {
    const { tail, seen, commit, holdReads } = world();
    commit(1, 1);
    const letGo = holdReads();
    tail.feed(commit(2, 2));
    tail.feed(commit(3, 3));
    letGo();
    await until(() => seen.length >= 3, "the log was read");
    await tail.pull();
    assert.deepEqual(seen, [1, 2, 3]);
  });

  test("that could not be read is told as a failure and read with the next commit", async () => {
    const { tail, seen, failures, state, commit } = world();
    state.broken = true;
    commit(1, 1);
    tail.feed(commit(2, 2));
    await until(() => failures.length === 1, "the failure was told");
    state.broken = false;
    tail.feed(commit(3, 3));
    await until(() => seen.length === 3, "the log was read");
    assert.deepEqual(seen, [1, 2, 3]);
  });
});

describe("pull", () => {
  test("reads everything to the head, in as many pages as it takes", async () => {
    const { tail, seen, state, commit } = world();
    const count = 2 * tailEventsMax + 1;
    commit(1, count);
    await tail.pull();
    assert.deepEqual(seen, upTo(count));
    assert.equal(state.reads, 3);
  });

  test("sees what was committed before the call, also while another read is on its way", async () => {
    const { tail, seen, commit, holdReads } = world();
    commit(1, 1);
    const letGo = holdReads();
    const first = tail.pull();
    commit(2, 2);
    const second = tail.pull();
    letGo();
    await Promise.all([first, second]);
    assert.deepEqual(seen, [1, 2]);
  });

  test("asks for events of every type, store and product", async () => {
    const queries: EventQuery[] = [];
    const store = {
      async events(query: EventQuery) {
        queries.push(query);
        return { items: [], scanned: 0 };
      },
    };
    await openTail({ store, from: 0, failed: assert.ifError }).pull();
    const all = { type: null, storeId: null, productId: null, stores: "*" } as const;
    assert.deepEqual(queries, [{ ...all, after: 0, limit: tailEventsMax }]);
  });

  test("a commit that overtakes the read is not told twice", async () => {
    const { tail, seen, commit, holdReads } = world();
    const events = commit(1, 2);
    const letGo = holdReads();
    const pulled = tail.pull();
    tail.feed(events);
    tail.feed(commit(3, 3));
    letGo();
    await pulled;
    assert.deepEqual(seen, [1, 2, 3]);
  });
});

describe("a log that was set back", () => {
  async function isNoticed({ tail, seen }: ReturnType<typeof world>): Promise<void> {
    const before = [...seen];
    await assert.rejects(tail.pull(), /event 5, which this instance has told, is not in it/);
    assert.match((await tail.ended).message, /the log was set back.*has to start anew/);
    assert.deepEqual(seen, before);
  }

  test("and ends before what was told is noticed at the next look", async () => {
    const it = world();
    it.tail.feed(it.commit(1, 5));
    it.log.splice(3);
    await isNoticed(it);
  });

  test("and has gone past what was told since is noticed, too: the numbers are given again", async () => {
    const it = world();
    it.commit(1, 5);
    await it.tail.pull();
    it.log.splice(3, 2, event(4, "other"), event(5, "other"), event(6, "other"));
    await isNoticed(it);
  });

  test("is noticed with the next commit of this instance, whose numbers were told", async () => {
    const it = world();
    it.tail.feed(it.commit(1, 5));
    it.log.splice(3, 2, event(4, "other"), event(5, "other"), event(6, "other"));
    it.tail.feed(it.log.slice(3));
    await until(() => it.failures.length === 1, "it was looked at");
    await isNoticed(it);
  });

  test("is not a log whose last event was not known by its name yet; from then on it is", async () => {
    const it = world(5);
    it.commit(1, 5);
    await it.tail.pull();
    assert.deepEqual(it.seen, []);
    it.log.splice(4, 1, event(5, "other"));
    await isNoticed(it);
  });

  test("is not tried again: time does not heal it", async () => {
    const it = world(5);
    await assert.rejects(it.tail.pull(), (error) => {
      assert.ok(error instanceof OperatingError);
      assert.equal(error.retryable, false);
      return true;
    });
  });

  test("is noticed where this instance began, too", async () => {
    const it = world(5);
    it.commit(1, 4);
    await isNoticed(it);
  });

  test("is not the log of a read that began before a commit of this instance", async () => {
    const { tail, seen, commit, holdReads } = world();
    tail.feed(commit(1, 5));
    const letGo = holdReads();
    const pulled = tail.pull();
    tail.feed(commit(6, 7));
    letGo();
    await pulled;
    await tail.pull();
    assert.deepEqual(seen, upTo(7));
  });
});

describe("followers", () => {
  test("one that fails does not keep the log from the others", () => {
    const { tail, failures, commit } = world();
    const failure = new Error("a bug");
    tail.follow(() => {
      throw failure;
    });
    const seen: number[] = [];
    tail.follow((events) => seen.push(...events.map(({ seq }) => seq)));
    tail.feed(commit(1, 2));
    assert.deepEqual(seen, [1, 2]);
    assert.deepEqual(failures, [failure]);
  });

  test("one that has left hears nothing more", () => {
    const { tail, commit } = world();
    const heard: number[] = [];
    const leave = tail.follow((events) => heard.push(events.length));
    tail.feed(commit(1, 1));
    leave();
    tail.feed(commit(2, 2));
    assert.deepEqual(heard, [1]);
  });
});
