// The lease in a real Redis: one has it, nobody takes it from who prolongs it, and it ends by itself. And what
// the bus says of a Redis that is set up to forget.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import type { Bus } from "../../src/bus/bus.ts";
import { openRedisStreams } from "../../src/bus/redis-streams.ts";
import { now } from "../../src/lib/clock.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

describe("the lease in Redis", { skip: noRedis }, () => {
  let redis: RedisServer;
  const said: string[] = [];
  const buses: Bus[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());
  beforeEach(() => redis.ask("FLUSHALL"));
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
  });

  async function open(): Promise<Bus> {
    const bus = openRedisStreams({
      url: redis.url,
      prefix: "{shop}:",
      retentionMs: 1_000,
      now,
      said: (_level, words) => said.push(words),
      ready: () => undefined,
    });
    buses.push(bus);
    await until(() => bus.connected(), "the bus is connected");
    return bus;
  }

  test("is one holder's; another is told how long to wait", async () => {
    const [one, two] = [await open(), await open()];
    assert.equal(await one.claim("one", 5_000), 0);
    const othersMs = await two.claim("two", 5_000);
    assert.ok(othersMs > 0 && othersMs <= 5_000, String(othersMs));
    assert.equal(await redis.ask("GET", "{shop}:inventory-events:relay"), "one");
  });

  test("is prolonged by its holder only", async () => {
    const bus = await open();
    await bus.claim("one", 1_000);
    await bus.claim("two", 60_000);
    assert.ok(Number(await redis.ask("PTTL", "{shop}:inventory-events:relay")) <= 1_000);
    await bus.claim("one", 60_000);
    assert.ok(Number(await redis.ask("PTTL", "{shop}:inventory-events:relay")) > 1_000);
  });

  test("ends by itself, and is then another's", async () => {
    const bus = await open();
    await bus.claim("one", 30);
    await until(async () => (await bus.claim("two", 5_000)) === 0, "it is over");
    assert.ok((await bus.claim("one", 30)) > 0);
  });

  test("is given back by its holder only", async () => {
    const bus = await open();
    await bus.claim("one", 5_000);
    await bus.release("two");
    assert.ok((await bus.claim("two", 5_000)) > 0);
    await bus.release("one");
    assert.equal(await bus.claim("two", 5_000), 0);
  });

  test("a Redis that may drop keys by itself is warned of", async () => {
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    await open();
    await until(() => said.some((words) => words.includes("allkeys-lru")), "it is said");
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
    said.length = 0;
    const bus = await open();
    await bus.state();
    await until(() => said.includes("Redis is connected"), "it is connected");
    assert.equal(said.filter((words) => words.includes("maxmemory-policy")).length, 0);
  });
});
