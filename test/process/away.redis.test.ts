// Redis away, in each way there is: not there at the start, killed, hanging, with a wrong password. The
// service answers as before, says so in /health, and the streams are complete again without a hand on it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ask, type Instance, runOnhand, startInstance, unlimited } from "../support/instance.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

interface Health {
  readonly status: string;
  readonly redis: string;
  readonly event_lag: number | null;
}

async function healthOf({ url }: Instance): Promise<Health> {
  const answer = await fetch(`${url}/health`);
  const health: Health = JSON.parse(await answer.text());
  return health;
}

async function untilHealthy(service: Instance): Promise<void> {
  await until(
    async () => {
      const { status, event_lag } = await healthOf(service);
      return status === "healthy" && event_lag === 0;
    },
    "Redis has everything",
    30_000,
  );
}

async function sell(service: Instance, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) {
    const { status, text } = await ask(service, "POST", "/stock", {
      product_id: "550e8400-e29b-41d4-a716-446655440000",
      store_id: "MAD-001",
      quantity_change: 1,
      reason: "RESTOCK",
    });
    assert.equal(status, 200, text);
  }
}

describe("Redis away", { skip: noRedis }, () => {
  let redis: RedisServer;
  let service: Instance;
  before(async () => {
    redis = await startRedis();
    await redis.kill();
    service = await startInstance({ env: { ...unlimited, REDIS_URL: redis.url } });
  });
  after(async () => {
    await service.stop();
    await redis.close();
  });

  /** What Prometheus is told of how far behind Redis is. */
  async function lagMetrics(): Promise<string[]> {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    return text.match(/^onhand_event_(?:lag_events|age_seconds) .*$/gm) ?? [];
  }

  async function assertComplete(): Promise<void> {
    await untilHealthy(service);
    assert.deepEqual(await lagMetrics(), [
      "onhand_event_lag_events 0",
      "onhand_event_age_seconds 0",
    ]);
    const { body } = await ask(service, "GET", "/events?limit=1");
    assert.equal(Number(await redis.ask("XLEN", "inventory-events")), body["head_seq"]);
  }

  test("at the start: the service starts, says that it is degraded, and sells", async () => {
    const { status, redis: state, event_lag } = await healthOf(service);
    assert.deepEqual([status, state], ["degraded", "disconnected"]);
    assert.equal(event_lag, null, "nobody knows what Redis has");
    assert.deepEqual(await lagMetrics(), []);
    await sell(service, 20);
    assert.equal((await fetch(`${service.url}/readyz`)).status, 200);
  });

  test("come back: the streams are complete without a hand on them", async () => {
    await redis.start();
    await assertComplete();
  });

  test("killed and started empty, while it sells", async () => {
    await redis.kill();
    await sell(service, 20);
    assert.equal((await healthOf(service)).redis, "disconnected");
    await redis.start();
    await assertComplete();
  });

  test("hanging: nobody waits for it", async () => {
    redis.signal("SIGSTOP");
    await sell(service, 20);
    await until(
      async () => (await healthOf(service)).redis === "disconnected",
      "it counts as away",
    );
    await sell(service, 20);
    redis.signal("SIGCONT");
    await assertComplete();
  });

  test("a start that fails when Redis is already open ends, and publishes nothing more", async () => {
    const { port } = new URL(service.url);
    const env = { ...unlimited, PORT: port, REDIS_URL: redis.url, REDIS_PREFIX: "failed:" };
    const { code, stderr } = await runOnhand(["serve"], { env });
    assert.equal(code, 1, "it ended by itself");
    assert.match(stderr, /EADDRINUSE/);
    assert.equal(
      await redis.ask("EXISTS", "failed:inventory-events:relay"),
      0,
      "its lease is free",
    );
  });

  test("a start with Redis up says nothing of trouble", async () => {
    const env = { ...unlimited, LOG_LEVEL: "info", REDIS_URL: redis.url, REDIS_PREFIX: "up:" };
    const other = await startInstance({ env });
    await untilHealthy(other);
    const { stdout } = await other.stop();
    assert.match(stdout, /Redis is connected/);
    assert.doesNotMatch(stdout, /"level":"(?:warn|error)"/);
  });

  test("that holds another log's streams is degraded and not healthy, and the service sells", async () => {
    const env = { ...unlimited, REDIS_URL: redis.url, REDIS_PREFIX: "two:" };
    const first = await startInstance({ env });
    await untilHealthy(first);
    await first.stop();
    const second = await startInstance({ env });
    try {
      await until(async () => (await healthOf(second)).status === "degraded", "it is degraded");
      assert.equal((await healthOf(second)).redis, "connected");
      await sell(second, 1);
    } finally {
      await second.stop();
    }
  });

  test("a wrong password is said, once, and not repeated to anyone", async () => {
    await redis.ask("CONFIG", "SET", "requirepass", "another");
    const url = redis.url.replace("redis://", "redis://:p4ssw0rd@");
    const other = await startInstance({ env: { ...unlimited, REDIS_URL: url } });
    await sell(other, 1);
    await until(() => /Redis is away/.test(other.output()), "it is said");
    await redis.ask("CONFIG", "SET", "requirepass", "");
    await until(async () => (await healthOf(other)).redis === "connected", "it is let in");
    const { code, stdout, stderr } = await other.stop();
    assert.equal(code, 0);
    assert.doesNotMatch(stdout + stderr, /p4ssw0rd/);
    assert.equal(stdout.match(/Redis is away: WRONGPASS/g)?.length, 1, stdout);
  });
});
