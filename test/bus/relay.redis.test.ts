// The relay against a real Redis: whatever is killed, emptied or set back, each event is in its streams
// once and in order in the end, and Redis never takes in a second log.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Bus } from "../../src/bus/bus.ts";
import { openRedisStreams } from "../../src/bus/redis-streams.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { openRelay, type Relay } from "../../src/log/relay.ts";
import { openTestApp, type TestApp } from "../support/app.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { assertComplete, type Entry, entriesOf, logOf } from "../support/streams.ts";
import { until } from "../support/until.ts";

const options = { skip: noRedis };

describe("events in Redis Streams", options, () => {
  let redis: RedisServer;
  let it: TestApp;
  const buses: Bus[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());
  beforeEach(async () => {
    await redis.ask("FLUSHALL");
    it = await openTestApp();
    await it.given(createStore("MAD"), createProduct("mug"));
  });
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
    await it.close();
  });

  async function openBus(prefix = "", retentionMs = 3_600_000): Promise<Bus> {
    const silent = { said: () => undefined, ready: () => undefined };
    const bus = openRedisStreams({ url: redis.url, prefix, retentionMs, now, ...silent });
    buses.push(bus);
    await until(() => bus.connected(), "the bus is connected");
    return bus;
  }

  function relayOver(bus: Bus): Relay {
    const { store, tail } = it;
    const relay = openRelay({ store, bus, tail, holder: newId(), now, steady: now });
    tail.follow(relay.feed);
    return relay;
  }

  async function open(prefix = "", retentionMs = 3_600_000): Promise<Relay> {
    return relayOver(await openBus(prefix, retentionMs));
  }

  async function sell(count: number): Promise<void> {
    await it.given(...Array.from({ length: count }, () => changeStock({ amount: 1 })));
  }

  const entries = (stream: string): Promise<Entry[]> => entriesOf(redis, stream);
  const assertAllThere = (prefix = ""): Promise<void> => assertComplete(redis, it.store, prefix);

  /** Ticks until the relay has published the whole log, through whatever trouble. */
  async function untilPublished(relay: Relay): Promise<void> {
    await until(async () => {
      await relay.tick().catch(() => undefined);
      return relay.published() === (await it.store.head()).seq;
    }, "everything is published");
  }

  test("an entry carries the fields of the seed, and where it stands in the log", async () => {
    await sell(1);
    const relay = await open();
    await relay.tick();
    await assertAllThere();
    const [created] = await entries("stock.created");
    const { payload = "{}", ...fields } = created?.fields ?? {};
    const event = (await logOf(it.store))[2];
    assert.ok(event);
    assert.equal(payload, event.payload);
    assert.deepEqual(fields, {
      event_id: event.id,
      event_type: "stock.created",
      aggregate_id: event.aggregateId,
      aggregate_type: event.aggregateType,
      store_id: "MAD",
      timestamp: String(Math.floor(event.occurredAt / 1000)),
      seq: "3",
      product_id: "mug",
      actor: event.actor,
      occurred_at: new Date(event.occurredAt).toISOString(),
      request_id: event.requestId,
    });
  });

  test("a prefix stands before every name, so that two chains share one Redis", async () => {
    const relay = await open("{shop}:");
    await relay.tick();
    await assertAllThere("{shop}:");
    assert.equal(await redis.ask("EXISTS", "inventory-events"), 0);
  });

  test("what is published is marked in the database, at the end all of it", async () => {
    const relay = await open();
    await sell(10);
    await relay.finish();
    const folder = mkdtempSync(join(tmpdir(), "onhand-marks-"));
    await it.store.backup(join(folder, "copy.db"));
    const copy = new DatabaseSync(join(folder, "copy.db"));
    const unmarked = copy.prepare(
      "SELECT count(*) AS n FROM events WHERE synced = 0 OR synced_at IS NULL",
    );
    assert.equal(unmarked.get()?.["n"], 0);
    copy.close();
    rmSync(folder, { recursive: true });
  });

  test("two relays at once and Redis killed again and again: nothing lost, doubled or out of order", async () => {
    // As if the lease did nothing: the script alone makes it safe.
    const claim = async (): Promise<number> => 0;
    const relays = [await openBus(), await openBus()].map((bus) => relayOver({ ...bus, claim }));
    let busy = true;
    const ticking = relays.map(async (relay) => {
      while (busy) {
        await relay.tick().catch(() => undefined);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    for (let kill = 0; kill < 4; kill += 1) {
      await sell(150);
      await redis.kill();
      await sell(50);
      await redis.start();
    }
    busy = false;
    await Promise.all(ticking);
    for (const relay of relays) await untilPublished(relay);
    await assertAllThere();
  });

  test("a Redis that lost its end is filled again from where it is", async () => {
    const relay = await open();
    await sell(40);
    await relay.tick();
    await redis.ask("SAVE");
    await sell(40);
    await relay.tick();
    await redis.kill();
    await redis.start();
    const kept = Number(await redis.ask("XLEN", "inventory-events"));
    assert.equal(kept, 42, "the saved part came back");
    await sell(5);
    await untilPublished(relay);
    await assertAllThere();
    await redis.ask("CONFIG", "SET", "save", "");
  });

  test("a Redis that was emptied is filled again from the beginning", async () => {
    const relay = await open();
    await sell(30);
    await relay.tick();
    await redis.ask("FLUSHALL");
    await sell(1);
    await untilPublished(relay);
    await assertAllThere();
  });

  test("a run that would leave a gap is not taken, and the answer says where to go on", async () => {
    await sell(20);
    const bus = await openBus();
    const [head, log] = [await it.store.head(), await logOf(it.store)];
    assert.equal(await bus.append(head, log.slice(0, 10)), 10);
    assert.equal(await bus.append(head, log.slice(12)), 10);
    assert.equal(await redis.ask("XLEN", "inventory-events"), 10);
    assert.equal(await bus.append(head, log.slice(5)), log.length);
    await assertAllThere();
  });

  test("an entry that is there from a run that was cut off is not added twice", async () => {
    await sell(3);
    const relay = await open();
    await relay.finish();
    // As if the script had ended between the two streams of the last event and its note of it.
    const [before, last] = (await entries("stock.updated")).slice(-2);
    assert.ok(before && last);
    await redis.ask("HINCRBY", "inventory-events:state", "seq", "-1");
    await redis.ask("XDEL", "stock.updated", last.id);
    await redis.ask("XSETID", "stock.updated", before.id);
    await sell(1);
    await untilPublished(await open());
    await assertAllThere();
  });

  test("a stream that somebody else wrote to is named, and nothing is lost quietly", async () => {
    const relay = await open();
    await redis.ask("XADD", "stock.created", "99999999999999-0", "a", "b");
    await sell(1);
    await assert.rejects(relay.tick(), /does not take an event into stock\.created/);
    await redis.ask("DEL", "stock.created", "inventory-events", "inventory-events:state");
    await untilPublished(relay);
    await assertAllThere();
  });

  test("streams whose state was lost, and whose beginning was trimmed, are left alone, and what to do is said", async () => {
    const relay = await open();
    await sell(10);
    await relay.finish();
    await redis.ask("DEL", "inventory-events:state");
    for (const stream of ["inventory-events", "stock.updated"]) {
      await redis.ask("XTRIM", stream, "MAXLEN", "3");
    }
    const before = await entries("inventory-events");
    const again = await open();
    await assert.rejects(again.tick(), /state was lost.*Delete .*together/);
    assert.deepEqual(await entries("inventory-events"), before);
    // As it says.
    const types = new Set((await logOf(it.store)).map(({ type }) => type));
    await redis.ask("DEL", "inventory-events", "inventory-events:state", ...types);
    await untilPublished(again);
    await assertAllThere();
  });

  test("another log's streams are refused by name, and left as they are", async () => {
    const relay = await open();
    await relay.tick();
    const before = await entries("inventory-events");
    const other = await openTestApp();
    await other.given(createStore("BCN"), createStore("VAL"), createStore("SEV"));
    const [bus] = buses;
    assert.ok(bus);
    const { store, tail } = other;
    const second = openRelay({ store, bus, tail, holder: newId(), now, steady: now });
    await assert.rejects(second.tick(), /belong to the log .* Set REDIS_PREFIX/);
    const head = await other.store.head();
    const items = await logOf(other.store);
    await assert.rejects(bus.append(head, items), /belong to the log/);
    assert.deepEqual(await entries("inventory-events"), before);
    await other.close();
  });

  test("a database that was put back to an older state is told from a Redis that is ahead", async () => {
    const relay = await open();
    await relay.tick();
    await redis.ask("HINCRBY", "inventory-events:state", "seq", "10");
    const again = await open();
    await assert.rejects(again.tick(), /the database was put back to an older state/);
  });

  test("entries older than the retention are trimmed, newer ones never", async () => {
    await sell(3);
    const relay = await open("", 0);
    await relay.tick();
    await sell(400);
    await relay.tick();
    const kept = Number(await redis.ask("XLEN", "inventory-events"));
    assert.ok(kept < 405, `${kept} are left`);
    await redis.ask("FLUSHALL");
    const keeping = await open("", 3_600_000);
    await untilPublished(keeping);
    await assertAllThere();
  });
});
