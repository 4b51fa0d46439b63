// A replay into a real Redis: the entries of the live streams, each once however often it is asked for, and
// only ever at the end of a stream.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Bus } from "../../src/bus/bus.ts";
import { openRedisStreams } from "../../src/bus/redis-streams.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { relayEventsMax } from "../../src/limits.ts";
import { openRelay } from "../../src/log/relay.ts";
import { openReplay, type Range } from "../../src/log/replay.ts";
import { openTestApp, type TestApp } from "../support/app.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { entriesOf } from "../support/streams.ts";
import { until } from "../support/until.ts";

describe("a replay to Redis", { skip: noRedis }, () => {
  let redis: RedisServer;
  let it: TestApp;
  let bus: Bus;
  before(async () => {
    redis = await startRedis();
    it = await openTestApp();
    await it.given(createStore("MAD"), createProduct("mug"));
    for (let batch = 0; batch < 5; batch += 1) {
      await it.given(...Array.from({ length: 240 }, () => changeStock({ amount: 1 })));
    }
  });
  after(async () => {
    await it.close();
    await redis.close();
  });
  beforeEach(async () => {
    await redis.ask("FLUSHALL");
    const silent = { said: () => undefined, ready: () => undefined };
    bus = openRedisStreams({
      url: redis.url,
      prefix: "p:",
      retentionMs: 3_600_000,
      now,
      ...silent,
    });
    await until(() => bus.connected(), "the bus is connected");
  });
  afterEach(() => bus.close());

  function replay(fromSeq: number, toSeq: number, over: Partial<Range> = {}) {
    const whole = { stream: "again", type: null, storeId: null, stores: "*" } as const;
    return openReplay({ store: it.store, bus })({ ...whole, fromSeq, toSeq, ...over });
  }

  const seqs = async (): Promise<number[]> =>
    (await entriesOf(redis, "p:again")).map(({ fields }) => Number(fields["seq"]));
  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, index) => from + index);

  test("has the entries of inventory-events, in as many steps as it takes", async () => {
    const { store, tail } = it;
    const relay = openRelay({ store, bus, tail, holder: newId(), now, steady: now });
    const { seq } = await store.head();
    while ((relay.published() ?? 0) < seq) await relay.tick();
    const to = 2 * relayEventsMax + 7;
    assert.deepEqual(await replay(1, to), { added: to });
    const live = await entriesOf(redis, "p:inventory-events");
    assert.deepEqual(await entriesOf(redis, "p:again"), live.slice(0, to));
    assert.deepEqual((await entriesOf(redis, "p:inventory-events")).length, live.length);
  });

  test("has both ends of the range and nothing else", async () => {
    assert.deepEqual(await replay(10, 12), { added: 3 });
    assert.deepEqual(await seqs(), [10, 11, 12]);
    assert.deepEqual(await replay(13, 13), { added: 1 });
  });

  test("asked for twice, or further than before, adds nothing twice", async () => {
    await replay(10, 600);
    assert.deepEqual(await replay(10, 600), { added: 0 });
    assert.deepEqual(await replay(300, 700), { added: 100 });
    assert.deepEqual(await seqs(), range(10, 700));
  });

  test("asked for twice at once adds nothing twice", async () => {
    const outcomes = await Promise.all([replay(1, 900), replay(1, 900)]);
    const added = outcomes.map((one) =>
      one !== "away" && "added" in one ? one.added : Number.NaN,
    );
    assert.equal(
      added.reduce((sum, one) => sum + one, 0),
      900,
    );
    assert.deepEqual(await seqs(), range(1, 900));
  });

  test("takes those of one type and store", async () => {
    assert.deepEqual(await replay(1, 100, { type: "product.created" }), { added: 1 });
    assert.deepEqual(await replay(1, 100, { stream: "mad", storeId: "MAD" }), { added: 99 });
  });

  test("never goes back in a stream: what is in the way is named, and nothing added", async () => {
    await replay(50, 60);
    const [last] = (await entriesOf(redis, "p:again")).slice(-1);
    assert.deepEqual(await replay(40, 70), { lastId: last?.id });
    assert.deepEqual(await seqs(), range(50, 60));
  });

  test("never goes back in a stream that its consumer has emptied either, and names where it was", async () => {
    await replay(50, 60);
    const last = (await entriesOf(redis, "p:again")).at(-1)?.id;
    await redis.ask("XTRIM", "p:again", "MAXLEN", "0");
    assert.deepEqual(await replay(50, 60), { lastId: last });
    assert.deepEqual(await replay(61, 62), { added: 2 });
  });

  test("touches nothing that is no stream", async () => {
    await redis.ask("SET", "p:again", "mine");
    assert.deepEqual(await replay(1, 2), { lastId: null });
    assert.equal(await redis.ask("GET", "p:again"), "mine");
  });

  test("says that Redis is away, and goes on where it was", async () => {
    await replay(1, 20);
    await bus.close();
    assert.equal(await replay(1, 20), "away");
  });
});
