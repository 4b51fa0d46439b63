// The feed with a tail, a log and clients made for the test: who gets what, in which order, and who is
// sent away. The real thing over a socket is in test/http/events.test.ts.

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { until } from "../../test/support/until.ts";
import { pageLimitMax, sseBufferBytesMax } from "../limits.ts";
import type { EventQuery, LogEvent } from "../store/store.ts";
import { type Feed, type FeedClient, type FeedFilter, openFeed } from "./sse.ts";

const everything: FeedFilter = { type: null, storeId: null, productId: null, stores: "*" };

function event(seq: number, over: Partial<LogEvent> = {}): LogEvent {
  return {
    seq,
    id: `e-${seq}`,
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
    ...over,
  };
}

/** A log in memory, its tail, and a feed on both. */
function world(t: TestContext, { heard = 0, heartbeatMs = 1_000 } = {}) {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const log: LogEvent[] = [];
  const followers = new Set<(events: readonly LogEvent[]) => void>();
  const failures: unknown[] = [];
  /** Reads wait here while it is set. */
  let gate: Promise<void> | null = null;
  const tail = {
    seq: () => heard,
    follow(follower: (events: readonly LogEvent[]) => void) {
      followers.add(follower);
      return () => void followers.delete(follower);
    },
  };
  const store = {
    async events({ after, limit, storeId }: EventQuery) {
      await gate;
      const all = log.filter(({ seq }) => seq > after).slice(0, limit);
      const scanned = all.at(-1)?.seq ?? after;
      return { items: all.filter((one) => storeId === null || one.storeId === storeId), scanned };
    },
  };
  const feed = openFeed({ tail, store, epoch: 1, heartbeatMs, failed: (e) => failures.push(e) });
  t.after(() => feed.close());
  return {
    feed,
    failures,
    followers,
    /** Committed, but the tail has not heard of it. */
    commit(...events: readonly LogEvent[]): void {
      log.push(...events);
    },
    /** The tail hears of everything up to `seq`. */
    hear(seq: number): void {
      const fresh = log.filter((one) => one.seq > heard && one.seq <= seq);
      heard = seq;
      for (const follower of followers) follower(fresh);
    },
    holdReads(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = null;
        resolve();
      };
    },
    beat: () => t.mock.timers.tick(heartbeatMs),
    wait: (ms: number) => t.mock.timers.tick(ms),
  };
}

function client(feed: Feed, over: Partial<FeedClient> = {}) {
  let waiting = 0;
  let blocked: PromiseWithResolvers<void> | null = null;
  const state = { text: "", ended: "", allowed: true };
  const disconnect = feed.connect({
    caller: "ann",
    filter: everything,
    start: { kind: "head" },
    write(text) {
      assert.equal(state.ended, "", "nothing is written to a stream that has ended");
      state.text += text;
      if (blocked !== null) waiting += text.length;
    },
    buffered: () => waiting,
    drained: () => blocked?.promise ?? Promise.resolve(),
    isAllowed: async () => state.allowed,
    end: () => {
      state.ended = "end";
    },
    cut: () => {
      state.ended = "cut";
      blocked?.resolve();
    },
    ...over,
  });
  return {
    state,
    disconnect,
    seqs: () => Array.from(state.text.matchAll(/^data: \{"seq":(\d+)/gm), ([, seq]) => Number(seq)),
    beats: () => state.text.split(": heartbeat\n").length - 1,
    stopReading: () => {
      blocked = Promise.withResolvers<void>();
    },
    readOn: () => {
      waiting = 0;
      blocked?.resolve();
      blocked = null;
    },
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const events = (count: number): LogEvent[] => upTo(count).map((seq) => event(seq));

describe("what a client gets", () => {
  test("without a place it begins at the head and is told that place", (t) => {
    const { feed, commit, hear } = world(t, { heard: 2 });
    const one = client(feed);
    assert.equal(one.state.text, "retry: 2000\nid: 1.2\n\n");
    commit(event(3));
    hear(3);
    assert.deepEqual(one.seqs(), [3]);
  });

  test("an event is its envelope on one line, under its name and its place", (t) => {
    const { feed, commit, hear } = world(t);
    const one = client(feed);
    one.state.text = "";
    commit(event(1, { payload: '{"note":"a\\nb"}' }));
    hear(1);
    assert.match(one.state.text, /^id: 1\.1\nevent: stock\.updated\ndata: \{.*"a\\nb"\}\}\n\n$/);
  });

  test("after a place it gets the log from there, page by page, then what comes", async (t) => {
    const { feed, commit, hear } = world(t);
    const count = 2 * pageLimitMax + 3;
    commit(...events(count));
    hear(count);
    const one = client(feed, { start: { kind: "after", seq: 0 } });
    await until(() => one.seqs().length === count, "the log was read");
    commit(event(count + 1));
    hear(count + 1);
    assert.deepEqual(one.seqs(), upTo(count + 1));
  });

  test("what is committed while it catches up comes once and in its place", async (t) => {
    const { feed, commit, hear, holdReads } = world(t);
    commit(...events(3));
    hear(3);
    const letGo = holdReads();
    const one = client(feed, { start: { kind: "after", seq: 0 } });
    commit(event(4), event(5));
    hear(5);
    letGo();
    await until(() => one.seqs().length >= 5, "everything came");
    commit(event(6));
    hear(6);
    assert.deepEqual(one.seqs(), upTo(6));
  });

  test("what the log shows before the tail has heard of it comes once", async (t) => {
    const { feed, commit, hear } = world(t);
    commit(...events(3));
    hear(1);
    const one = client(feed, { start: { kind: "after", seq: 0 } });
    await until(() => one.seqs().length === 3, "the log was read");
    hear(3);
    commit(event(4));
    hear(4);
    assert.deepEqual(one.seqs(), upTo(4));
  });

  test("a place that the tail has not heard of yet is not sent again", async (t) => {
    const { feed, commit, hear } = world(t);
    commit(...events(3));
    const one = client(feed, { start: { kind: "after", seq: 2 } });
    await Promise.resolve();
    hear(3);
    assert.deepEqual(one.seqs(), [3]);
  });

  test("a client of another log is told what is current, before its id moves, and begins there", (t) => {
    const { feed, commit, hear } = world(t, { heard: 7 });
    const one = client(feed, { start: { kind: "reset" } });
    const reset = 'event: log_reset\nid: 1.7\ndata: {"epoch":1,"head_seq":7}\n\n';
    assert.equal(one.state.text, `retry: 2000\n\n${reset}`);
    commit(event(8));
    hear(8);
    assert.deepEqual(one.seqs(), [8]);
  });
});

describe("filters", () => {
  const rows = [
    event(1),
    event(2, { storeId: "BCN" }),
    event(3, { productId: "cup" }),
    event(4, { type: "stock.created" }),
    event(5, { storeId: "*", type: "product.updated" }),
  ];
  const cases: readonly [string, Partial<FeedFilter>, number[]][] = [
    ["a store", { storeId: "BCN" }, [2]],
    ["a product", { productId: "cup" }, [3]],
    ["a type", { type: "stock.created" }, [4]],
    ["the caller's stores, and the whole chain's", { stores: ["BCN"] }, [2, 5]],
    ["a store that is not the caller's", { storeId: "MAD", stores: ["BCN"] }, []],
    ["no store", { stores: [] }, [5]],
  ];
  for (const [title, filter, expected] of cases) {
    test(`live events are only those of ${title}`, (t) => {
      const { feed, commit, hear } = world(t);
      const one = client(feed, { filter: { ...everything, ...filter } });
      commit(...rows);
      hear(5);
      assert.deepEqual(one.seqs(), expected);
    });
  }

  test("a client that catches up asks the log for what it may see", async (t) => {
    const { feed, commit, hear } = world(t);
    commit(...rows);
    hear(5);
    const filter = { ...everything, storeId: "BCN" };
    const one = client(feed, { filter, start: { kind: "after", seq: 0 } });
    await until(() => one.seqs().length > 0, "the log was read");
    assert.deepEqual(one.seqs(), [2]);
  });
});

describe("heartbeats", () => {
  test("a heartbeat says how far the client is, though nothing was for it", async (t) => {
    const { feed, commit, hear, beat } = world(t);
    const one = client(feed, { filter: { ...everything, storeId: "BCN" } });
    commit(event(1), event(2));
    hear(2);
    beat();
    await until(() => one.beats() === 1, "a heartbeat came");
    assert.ok(one.state.text.endsWith(": heartbeat\nid: 1.2\n\n"));
  });

  test("a client that may no longer see anything is sent away", async (t) => {
    const { feed, beat } = world(t);
    const one = client(feed);
    beat();
    await until(() => one.beats() === 1, "a heartbeat came");
    one.state.allowed = false;
    beat();
    await until(() => one.state.ended === "end", "the stream ended");
    assert.equal(one.beats(), 1);
    assert.equal(feed.clients(), 0);
  });

  test("a client that may no longer see anything is sent away within 5 seconds, before a heartbeat", async (t) => {
    const { feed, wait } = world(t, { heartbeatMs: 15_000 });
    const [gone, stays] = [client(feed), client(feed)];
    gone.state.allowed = false;
    wait(5_000);
    await until(() => gone.state.ended === "end", "the stream ended");
    assert.deepEqual([gone.beats(), stays.state.ended, feed.clients()], [0, "", 1]);
  });

  test("and at once where its caller's key or session is known to have ended", async (t) => {
    const { feed } = world(t, { heartbeatMs: 15_000 });
    const [gone, stays] = [client(feed), client(feed, { caller: "bob" })];
    gone.state.allowed = false;
    stays.state.allowed = false;
    feed.recheck("ann");
    await until(() => gone.state.ended === "end", "the stream ended");
    assert.equal(stays.state.ended, "", "the others are not asked");
  });

  test("where that cannot be found out the stream ends, and the failure is told", async (t) => {
    const { feed, failures, beat } = world(t);
    const failure = new Error("no answer");
    const one = client(feed, { isAllowed: () => Promise.reject(failure) });
    beat();
    await until(() => one.state.ended === "cut", "the stream ended");
    assert.deepEqual(failures, [failure]);
  });

  test("every client of many gets its heartbeat", async (t) => {
    const { feed, beat } = world(t);
    const all = upTo(450).map(() => client(feed));
    beat();
    await until(() => all.every((one) => one.beats() === 1), "all heard it");
  });
});

describe("a client that does not read", () => {
  test("is cut off when more than the bound waits for it; the others are not", (t) => {
    const { feed, commit, hear } = world(t);
    const slow = client(feed);
    const quick = client(feed);
    slow.stopReading();
    const payload = JSON.stringify({ note: "x".repeat(sseBufferBytesMax / 2) });
    commit(event(1, { payload }), event(2, { payload }));
    hear(1);
    assert.equal(slow.state.ended, "");
    hear(2);
    assert.equal(slow.state.ended, "cut");
    assert.equal(quick.state.ended, "");
    assert.equal(feed.clients(), 1);
  });

  test("gets no further page while it catches up", async (t) => {
    const { feed, commit, hear } = world(t);
    const count = 2 * pageLimitMax;
    commit(...events(count));
    hear(count);
    const one = client(feed, { start: { kind: "after", seq: 0 } });
    one.stopReading();
    await until(() => one.seqs().length > 0, "the first page came");
    commit(event(count + 1));
    hear(count + 1);
    assert.equal(one.seqs().length, pageLimitMax);
    one.readOn();
    await until(() => one.seqs().length > count, "the rest came");
    assert.deepEqual(one.seqs(), upTo(count + 1));
  });

  for (const kind of ["head", "after"] as const) {
    test(`is cut off when it took nothing for a whole heartbeat (${kind})`, async (t) => {
      const { feed, commit, hear, beat } = world(t);
      commit(...events(3));
      hear(3);
      const one = client(feed, { start: { kind, seq: 0 } });
      one.stopReading();
      beat();
      await until(() => one.beats() === 1, "a heartbeat was written");
      beat();
      assert.equal(one.state.ended, "cut");
    });
  }

  test("and reads on before the next heartbeat may stay", async (t) => {
    const { feed, beat } = world(t);
    const one = client(feed);
    one.stopReading();
    beat();
    await until(() => one.beats() === 1, "a heartbeat was written");
    one.readOn();
    await new Promise((resolve) => setImmediate(resolve));
    beat();
    await until(() => one.beats() === 2, "the next one came");
    assert.equal(one.state.ended, "");
  });
});

describe("the end", () => {
  test("a connection that closes is forgotten, once", (t) => {
    const { feed, commit, hear } = world(t);
    const one = client(feed);
    one.disconnect();
    one.disconnect();
    assert.equal(feed.clients(), 0);
    commit(event(1));
    hear(1);
    assert.deepEqual(one.seqs(), []);
  });

  test("a connection that closes while it catches up gets nothing more", async (t) => {
    const { feed, commit, hear, holdReads } = world(t);
    commit(...events(3));
    hear(3);
    const letGo = holdReads();
    const one = client(feed, { start: { kind: "after", seq: 0 } });
    one.disconnect();
    letGo();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(one.seqs(), []);
  });

  test("a log that cannot be read ends the stream, and the failure is told", async (t) => {
    const { feed, failures } = world(t, { heard: 1 });
    const filter = {
      ...everything,
      get stores(): never {
        throw new Error("unreadable");
      },
    };
    const one = client(feed, { filter, start: { kind: "after", seq: 0 } });
    await until(() => one.state.ended === "cut", "the stream ended");
    assert.equal(failures.length, 1);
  });

  test("closing ends every stream, follows nothing more and takes nobody in", (t) => {
    const { feed, followers } = world(t);
    const all = [client(feed), client(feed)];
    feed.close();
    assert.deepEqual(
      all.map((one) => one.state.ended),
      ["end", "end"],
    );
    assert.equal(followers.size, 0);
    const late = client(feed);
    assert.equal(late.state.ended, "end");
    assert.equal(feed.clients(), 0);
  });
});
