// A Redis whose primary was made a replica, as a failover does: connections to it stay, and it refuses what writes. The
// service says so, connects anew until its address leads to the new primary, and nothing is lost or doubled there.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openRedisStreams } from "../../src/bus/redis-streams.ts";
import { now } from "../../src/lib/clock.ts";
import { ask, type Instance, startInstance, unlimited } from "../support/instance.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

const laptop = "550e8400-e29b-41d4-a716-446655440000";

describe("a primary that is made a replica", { skip: noRedis, timeout: 120_000 }, () => {
  let one: RedisServer;
  let other: RedisServer;
  let proxy: TcpProxy;
  let service: Instance;
  before(async () => {
    [one, other] = await Promise.all([startRedis(), startRedis()]);
    await other.ask("REPLICAOF", "127.0.0.1", new URL(one.url).port);
    proxy = await startProxy(one.url);
    const env = { ...unlimited, REDIS_URL: proxy.urlOf(one.url) };
    service = await startInstance({ env });
  });
  after(async () => {
    await service.stop();
    await proxy.close();
    await Promise.all([one.close(), other.close()]);
  });

  async function sell(times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) {
      const row = { product_id: laptop, store_id: "MAD-001", quantity_change: 1 };
      const { status, text } = await ask(service, "POST", "/stock", { ...row, reason: "RESTOCK" });
      assert.equal(status, 200, text);
    }
  }

  async function healthOf(): Promise<{ status: string; redis: string; event_lag: number | null }> {
    return JSON.parse(await (await fetch(`${service.url}/health`)).text());
  }

  async function untilPublished(): Promise<void> {
    await until(
      async () => {
        const { status, event_lag } = await healthOf();
        return status === "healthy" && event_lag === 0;
      },
      "Redis has everything",
      30_000,
    );
  }

  const warnings = (): number => service.output().split("Redis takes no writes").length - 1;
  const lengthOf = (redis: RedisServer) => redis.ask("XLEN", "inventory-events");

  test("is left, and said so once, while the service sells on", async () => {
    await sell(20);
    await untilPublished();
    await until(
      async () => (await lengthOf(other)) === (await lengthOf(one)),
      "the replica has all of it",
    );
    await other.ask("REPLICAOF", "NO", "ONE");
    await one.ask("REPLICAOF", "127.0.0.1", new URL(other.url).port);
    await sell(20);
    await until(async () => (await healthOf()).status === "degraded", "it is said in /health");
    await until(() => warnings() === 1, "it is said in the log");
    // So often it has tried again.
    const met = async (): Promise<number> => {
      const text = String(await one.ask("INFO", "stats"));
      return Number(/total_connections_received:(\d+)/.exec(text)?.[1]);
    };
    const before = await met();
    await until(async () => (await met()) >= before + 3, "it connects anew");
    assert.equal((await healthOf()).status, "degraded");
    assert.equal(warnings(), 1);
  });

  test("is forgotten when the address leads to the other: every event is there, once and in order", async () => {
    const there = await lengthOf(other);
    assert.ok(Number(there) > 0);
    proxy.pointAt(other.url);
    await sell(20);
    await untilPublished();
    const head = Number((await ask(service, "GET", "/events?limit=1")).body["head_seq"]);
    assert.ok(head >= Number(there) + 40);
    const entries = await other.ask("XRANGE", "inventory-events", "-", "+");
    assert.ok(Array.isArray(entries));
    const seqs = entries.map(([id]: [string]) => Number(id.split("-")[1]));
    assert.deepEqual(
      seqs,
      Array.from({ length: head }, (_, at) => at + 1),
    );
    assert.equal(warnings(), 1);
  });

  test("refuses also those who only look whose turn it is", async () => {
    const quiet = (): void => undefined;
    const wish = { url: other.url, prefix: "looked:", retentionMs: 1_000, now, said: quiet };
    const bus = openRedisStreams({ ...wish, ready: quiet });
    const third = await startRedis();
    try {
      await until(() => bus.connected(), "it is connected");
      assert.equal(await bus.claim("one", 60_000), 0);
      assert.ok((await bus.claim("two", 60_000)) > 0, "it is another's");
      await other.ask("REPLICAOF", "127.0.0.1", new URL(third.url).port);
      await assert.rejects(bus.claim("two", 60_000), /READONLY/);
      await until(() => !bus.connected(), "it is left");
    } finally {
      await bus.close();
      await third.close();
    }
  });
});
