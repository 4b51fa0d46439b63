// PostgreSQL away, in each way there is: stopped, killed, hanging, its connections cut again and again. The service
// says so within its limits and answers what it knows without it; when the database is back it goes on by itself,
// its workers too. What was acknowledged is there, and nothing is there twice.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { connectMsMax, fateMsMax, statementMsMax } from "../../src/limits.ts";
import { ask, type Instance, runOnhand, startInstance, unlimited } from "../support/instance.ts";
import {
  assertInLog,
  booksOf,
  type LoggedEvent,
  openShopOf,
  randomFrom,
  readLog,
  rowsOf,
} from "../support/ledger.ts";
import { type Crowd, openCrowd, resolved } from "../support/outage.ts";
import { guardedUser, type Postgres, query, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const password = "pa55w0rd-that-nobody-may-read";
const quiet = "quiet-product";
const seed = Number(process.env["AWAY_SEED"] ?? randomInt(2 ** 31));
/** Far longer than anything takes on a busy machine. */
const patienceMs = 60_000;

interface World {
  readonly pg: Postgres;
  readonly service: Instance;
  readonly databaseUrl: string;
  readonly crowd: Crowd;
  /** Ends the load, and holds the database to what the clients were told. */
  close(): Promise<void>;
}

/** A server, a service on it as a user with a password, and clients who do not rest. */
async function openWorld(name: string, redisUrl?: string): Promise<World> {
  const pg = await startPostgres();
  await query(
    pg.url,
    `CREATE ROLE ${guardedUser} LOGIN PASSWORD '${password}'; GRANT pg_monitor TO ${guardedUser}`,
  );
  await query(pg.url, `CREATE DATABASE shop OWNER ${guardedUser}`);
  const databaseUrl = pg.urlOf("shop").replace("onhand@", `${guardedUser}:${password}@`);
  const env = {
    ...unlimited,
    ONHAND_DEMO: "off",
    DATABASE_URL: databaseUrl,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
  };
  const service = await startInstance({ env });
  await openShopOf(service);
  await makeQuiet(service);
  const crowd = openCrowd([service], { name, width: 4, random: randomFrom(seed) });
  await until(() => crowd.done() > 50, "there is load", patienceMs);
  return {
    pg,
    service,
    databaseUrl,
    crowd,
    async close() {
      const { keyed, keyless } = await crowd.settle();
      const log: LoggedEvent[] = [];
      await readLog(service, log);
      const known = resolved(keyless, log);
      assertInLog([...keyed, ...known], log);
      assert.deepEqual(await rowsOf(service), booksOf([...keyed, ...known]));
      const { code, stdout } = await runOnhand(["verify"], { env });
      assert.equal(code, 0, stdout);
      const exit = await service.stop();
      assert.equal(exit.code, 0);
      const said = exit.stdout + exit.stderr;
      assert.ok(!said.includes(password), "a password is in the log");
      assert.doesNotMatch(said, /\n? +at |\\n +at |"level":"fatal"|this is a bug/);
      await pg.close();
    },
  };
}

/** A product that no client touches: its availability stays as it is. */
async function makeQuiet(service: Instance): Promise<void> {
  const product = { id: quiet, sku: "QUIET", name: "Quiet", price: 1 };
  const row = { product_id: quiet, store_id: "MAD-001", initial_quantity: 50, reason: "INITIAL" };
  assert.equal((await ask(service, "POST", "/products", product)).status, 201);
  assert.equal((await ask(service, "POST", "/stock", row)).status, 201);
}

async function statusOf({ url }: Instance, path: string): Promise<number> {
  const answer = await fetch(url + path);
  await answer.text();
  return answer.status;
}

async function hold(service: Instance, id: string, ttl: number): Promise<void> {
  const body = { id, product_id: quiet, store_id: "MAD-001", quantity: 1, customer_id: "x", ttl };
  assert.equal((await ask(service, "POST", "/reservations", body)).status, 201);
}

/** What everyone is told while the database is away; `goneAt`: since when. */
async function assertAway({ service, crowd }: World, goneAt: number): Promise<void> {
  await until(() => crowd.refused(goneAt) > 0, "writes are refused", patienceMs);
  const kept = `/api/v1/products/${quiet}/availability`;
  const [availability, uncached, livez, readyz, health] = await Promise.all([
    statusOf(service, kept),
    statusOf(service, "/api/v1/products/ledger-0"),
    statusOf(service, "/livez"),
    fetch(`${service.url}/readyz`).then((answer) => answer.json()),
    fetch(`${service.url}/health`).then((answer) => answer.json()),
  ]);
  assert.deepEqual([availability, uncached, livez], [200, 503, 200]);
  assert.deepEqual(readyz, { status: "no database" });
  assert.partialDeepStrictEqual(health, { status: "unavailable", database: "disconnected" });
}

/** Since the database answers again: writes, expiry and readiness come back by themselves. */
async function untilBack({ service, crowd }: World): Promise<number> {
  const backAt = performance.now();
  await until(() => crowd.done(backAt) > 20, "writes are answered", patienceMs);
  const ms = Math.round(performance.now() - backAt);
  assert.equal(await statusOf(service, "/readyz"), 200);
  assert.equal(await statusOf(service, "/health"), 200);
  return ms;
}

async function untilExpired(service: Instance, id: string): Promise<void> {
  const isExpired = async (): Promise<boolean> =>
    (await ask(service, "GET", `/reservations/${id}`)).body["status"] === "EXPIRED";
  await until(isExpired, `${id} has expired`, patienceMs);
}

const options = { skip: noPostgres || noRedis, concurrency: 2, timeout: 120_000 };

describe("PostgreSQL away", options, () => {
  describe("and back, with load all the time", { concurrency: 1 }, () => {
    let redis: RedisServer;
    let world: World;
    before(async () => {
      redis = await startRedis();
      world = await openWorld("away", redis.url);
    });
    after(async () => {
      await world.crowd.settle();
      await redis.close();
    });

    for (const [title, leave] of [
      ["stopped", () => world.pg.stop("fast")],
      ["killed with all its processes", () => world.pg.kill()],
    ] as const) {
      test(`${title}: it is said, and then everything goes on by itself`, async (t) => {
        const { service, pg } = world;
        const id = `short-${title.slice(0, 4)}`;
        await statusOf(service, `/api/v1/products/${quiet}/availability`);
        await hold(service, id, 1);
        await statusOf(service, `/api/v1/products/${quiet}/availability`);
        const goneAt = performance.now();
        await leave();
        await assertAway(world, goneAt);
        await pg.start();
        t.diagnostic(`writes are answered again after ${await untilBack(world)} ms`);
        await untilExpired(service, id);
      });
    }

    test("its connections ended again and again: who asks again is answered", async (t) => {
      const { pg, crowd } = world;
      const beganAt = performance.now();
      for (let round = 0; round < 30; round += 1) {
        const doneBefore = crowd.done(beganAt);
        await query(
          pg.url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${guardedUser}'`,
        );
        await until(() => crowd.done(beganAt) > doneBefore, "writes are answered", patienceMs);
      }
      t.diagnostic(
        `${crowd.done(beganAt)} writes answered, ${crowd.refused(beganAt)} refused, in 30 rounds`,
      );
      await untilBack(world);
    });

    test("restarted under load, at once: who asks again is answered", async (t) => {
      await world.pg.stop("immediate");
      await world.pg.start();
      t.diagnostic(`writes are answered again after ${await untilBack(world)} ms`);
    });

    test("in the end the streams have every event, and the database what was told", async () => {
      const { service, crowd } = world;
      await crowd.settle();
      const isPublished = async (): Promise<boolean> => {
        const { body } = await ask(service, "GET", "/events?limit=1");
        return Number(await redis.ask("XLEN", "inventory-events")) === body["head_seq"];
      };
      await until(isPublished, "Redis has everything", patienceMs);
      await world.close();
    });
  });

  test("hanging: nobody waits for longer than the limits, and then everything goes on", async (t) => {
    const world = await openWorld("hung");
    const { pg, crowd, service } = world;
    await statusOf(service, `/api/v1/products/${quiet}/availability`);
    const goneAt = performance.now();
    pg.signal("SIGSTOP");
    await assertAway(world, goneAt);
    pg.signal("SIGCONT");
    t.diagnostic(`writes are answered again after ${await untilBack(world)} ms`);
    const longest = Math.max(...crowd.seen.map(({ ms }) => ms));
    t.diagnostic(`the longest answer took ${Math.round(longest)} ms`);
    assert.ok(longest < statementMsMax + fateMsMax + 3 * connectMsMax, `${longest} ms`);
    await world.close();
  });
});
