// A replay with a log and a bus made for the test: what is asked of either, step by step. What is in Redis then is
// tried with a real one, in test/bus.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openLog } from "../../test/support/log-events.ts";
import { openMemoryBus } from "../../test/support/memory-bus.ts";
import { AssertionFailure } from "../lib/assert.ts";
import { relayEventsMax } from "../limits.ts";
import type { EventQuery } from "../store/store.ts";
import { openReplay, type Range } from "./replay.ts";

const whole = { stream: "again", type: null, storeId: null, stores: "*" } as const;

function world(events: number) {
  const log = openLog();
  log.grow(events);
  const bus = openMemoryBus(() => 0);
  const asked: EventQuery[] = [];
  const runs: number[] = [];
  const store = {
    events(query: EventQuery) {
      asked.push(query);
      return log.events(query);
    },
  };
  const told = {
    replay(stream: string, run: Parameters<typeof bus.replay>[1]) {
      runs.push(run.length);
      return bus.replay(stream, run);
    },
  };
  const replay = (fromSeq: number, toSeq: number, over: Partial<Range> = {}) =>
    openReplay({ store, bus: told })({ ...whole, fromSeq, toSeq, ...over });
  const seqs = (): number[] => (bus.streams.get("again") ?? []).map(({ seq }) => seq);
  return { log, bus, store, asked, runs, replay, seqs };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a replay", () => {
  test("has both ends of the range and nothing else", async () => {
    const { replay, seqs } = world(20);
    assert.deepEqual(await replay(10, 12), { added: 3 });
    assert.deepEqual(seqs(), [10, 11, 12]);
    assert.deepEqual(await replay(13, 13), { added: 1 });
    assert.deepEqual(seqs(), [10, 11, 12, 13]);
  });

  test("of nothing reads nothing", async () => {
    const { asked, replay } = world(20);
    assert.deepEqual(await replay(5, 4), { added: 0 });
    assert.deepEqual(asked, []);
  });

  test("goes in steps, and reads no further than it is asked to", async () => {
    const { asked, runs, replay, seqs } = world(2 * relayEventsMax + 50);
    const to = 2 * relayEventsMax + 7;
    assert.deepEqual(await replay(1, to), { added: to });
    assert.deepEqual(
      asked.map(({ after, limit }) => [after, limit]),
      [
        [0, relayEventsMax],
        [relayEventsMax, relayEventsMax],
        [2 * relayEventsMax, 7],
      ],
    );
    assert.deepEqual(runs, [relayEventsMax, relayEventsMax, 7]);
    assert.deepEqual(seqs(), range(1, to));
  });

  test("asks for what its caller wants and may see, of every product", async () => {
    const { asked, replay } = world(3);
    const wish = { type: "stock.updated", storeId: "MAD", stores: ["MAD", "BCN"] } as const;
    await replay(1, 3, wish);
    assert.deepEqual(asked, [{ ...wish, productId: null, after: 0, limit: 3 }]);
  });

  test("goes on where the log was looked through and nothing was found, and leaves the bus alone", async () => {
    const { log, bus, runs, replay } = world(10);
    log.events = async ({ after }) => ({ items: [], scanned: after + 4 });
    assert.deepEqual(await replay(1, 10), { added: 0 });
    assert.deepEqual(runs, []);
    assert.equal(bus.streams.size, 0);
  });

  test("leaves out what the log gives beyond the range", async () => {
    const { log, replay, seqs } = world(10);
    const { events } = log;
    log.events = (query) => events({ ...query, limit: 10 });
    assert.deepEqual(await replay(3, 5), { added: 3 });
    assert.deepEqual(seqs(), [3, 4, 5]);
  });

  test("asked for again, or further than before, adds nothing twice", async () => {
    const { replay, seqs } = world(1_000);
    await replay(10, 600);
    assert.deepEqual(await replay(10, 600), { added: 0 });
    assert.deepEqual(await replay(300, 700), { added: 100 });
    assert.deepEqual(seqs(), range(10, 700));
  });

  test("ends where something newer is in the way, and says what", async () => {
    const { asked, replay, seqs } = world(2 * relayEventsMax + 100);
    const last = 2 * relayEventsMax + 50;
    await replay(last, last);
    asked.length = 0;
    assert.deepEqual(await replay(1, last + 10), { lastId: `1000-${last}` });
    assert.equal(asked.length, 1);
    assert.deepEqual(seqs(), [last]);
  });
});

describe("trouble on the way", () => {
  test("with the bus is said, and ends it", async () => {
    const { bus, asked, replay, seqs } = world(2 * relayEventsMax);
    bus.isAway = true;
    assert.equal(await replay(1, 2 * relayEventsMax), "away");
    assert.equal(asked.length, 1);
    bus.isAway = false;
    assert.deepEqual(await replay(1, 3), { added: 3 });
    assert.deepEqual(seqs(), [1, 2, 3]);
  });

  test("with the log is its caller's", async () => {
    const { log, replay } = world(3);
    log.isAway = true;
    await assert.rejects(replay(1, 3), /the database is away/);
  });

  test("that is a bug is thrown as it is", async () => {
    const bug = new TypeError("x is not a function");
    const { store } = world(3);
    const bus = { replay: () => Promise.reject(bug) };
    await assert.rejects(openReplay({ store, bus })({ ...whole, fromSeq: 1, toSeq: 3 }), bug);
  });

  test("that is a log which ends before the range does not go round for ever", async () => {
    const { replay } = world(3);
    await assert.rejects(replay(1, 9), (error) => {
      assert.ok(error instanceof AssertionFailure);
      assert.equal(error.message, "the log reaches to the end of the range");
      return true;
    });
  });
});
