// Webhooks of three instances on one PostgreSQL, while people sell on all of them and whichever delivers is killed,
// stopped or paused, again and again: every event that is wanted comes, first deliveries in the order of the log, one at
// a time, and what comes twice is what was not written down yet when an instance went.

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { newId, newSecret } from "../../src/lib/ids.ts";
import { webhookLeaseMs, webhookRunMax } from "../../src/limits.ts";
import {
  ask,
  type Environment,
  type Instance,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { openReceiver, type Receiver } from "../support/receiver.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { listOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

const stores = ["MAD-001", "BCN-001"] as const;
const patienceMs = 60_000;
/** Between writes of one client. */
const everyMs = 20;

type Way = "killed" | "stopped" | "paused";

/** What was so when the one that delivered went: this far was written, and this much had come. */
interface Gone {
  readonly way: Way;
  readonly cursor: number;
  readonly came: number;
  readonly quietMs: number;
}

/** A webhook with a receiver of its own. */
interface Hook {
  readonly id: string;
  readonly receiver: Receiver;
  readonly gone: Gone[];
}

/** A lease has to run out for each that is killed. */
const timeout = 300_000;

describe("webhooks of three instances", {
  skip: noPostgres || noRedis,
  timeout: 2 * timeout,
}, () => {
  let postgres: Postgres;
  let redis: RedisServer;
  before(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  });
  after(async () => {
    await redis.close();
    await postgres.close();
  });

  test("without Redis, the one that delivers killed three times, stopped and paused", {
    timeout,
  }, async (t) => {
    await endure(t, postgres, {}, ["killed", "stopped", "killed", "paused", "killed"]);
  });

  test("with Redis, the one that delivers killed twice and stopped", { timeout }, async (t) => {
    await endure(t, postgres, { REDIS_URL: redis.url }, ["killed", "stopped", "killed"]);
  });
});

async function endure(
  t: TestContext,
  postgres: Postgres,
  more: Environment,
  ways: readonly Way[],
): Promise<void> {
  const env = {
    ...{ ...unlimited, ...more, DATABASE_URL: await postgres.newDatabase() },
    ...{ ONHAND_DEMO: "on", WEBHOOKS_ALLOW_PRIVATE: "on", ONHAND_ADMIN_KEY: newSecret() },
  };
  const receivers = await Promise.all([openReceiver(), openReceiver()]);
  /** Those that were killed, stopped or paused too: one that is still paused would keep its connections. */
  const all: Instance[] = [];
  const start = async (): Promise<Instance> => {
    const one = await startInstance({ env });
    all.push(one);
    return one;
  };
  const alive = await Promise.all([1, 2, 3].map(start));
  let sold = 0;
  try {
    const [first] = alive;
    assert.ok(first);
    const begin = Number((await ask(first, "GET", "/events?limit=1")).body["head_seq"]);
    const filters = [{}, { types: ["stock.updated"], stores: ["MAD-001"] }] as const;
    const hooks: Hook[] = [];
    for (const [index, receiver] of receivers.entries()) {
      receiver.slowMs = 2;
      const wish = { url: `${receiver.url}/`, ...filters[index] };
      const { status, text, body } = await ask(first, "POST", "/webhooks", wish);
      assert.equal(status, 201, text);
      hooks.push({ id: String(body["id"]), receiver, gone: [] });
    }
    const selling = openSelling(alive);
    try {
      for (const way of ways) await lose(way, alive, hooks, start);
    } finally {
      sold = await selling.stop();
    }
    const log = await eventsAfter(must(alive[0], "one is there"), begin);
    assert.ok(log.length >= sold);
    await assertDelivered(t, must(hooks[0], "the first"), log);
    const some = log.filter(
      (event) =>
        event["type"] === "stock.updated" && ["MAD-001", "*"].includes(String(event["store_id"])),
    );
    assert.ok(some.length > 0 && some.length < log.length);
    await assertDelivered(t, must(hooks[1], "the second"), some);
  } finally {
    await Promise.all(all.map((one) => one.kill()));
    await Promise.all(receivers.map((one) => one.close()));
  }
}

/** The one that delivers goes, in one of the ways, and another takes its place. */
async function lose(
  way: Way,
  alive: Instance[],
  hooks: readonly Hook[],
  start: () => Promise<Instance>,
): Promise<void> {
  const deliverer = await delivererOf(alive, hooks);
  alive.splice(alive.indexOf(deliverer), 1);
  const other = must(alive[0], "another is there");
  // Who is stopped gives its lease back, and another goes on before it is gone.
  if (way === "stopped") await note(way, other, hooks);
  const goneAt = performance.now();
  if (way === "killed") await deliverer.kill();
  else if (way === "stopped") await deliverer.stop();
  else deliverer.signal("SIGSTOP");
  // The others wait for its lease: nobody has delivered since.
  if (way !== "stopped") await note(way, other, hooks);
  for (const { receiver, gone } of hooks) {
    const last = must(gone.at(-1), "it was noted");
    await until(() => receiver.got.length > last.came + 10, "another delivers", patienceMs);
    gone[gone.length - 1] = { ...last, quietMs: performance.now() - goneAt };
  }
  // What comes again comes first. Behind it is what is new, and then the next one may go.
  for (const { receiver } of hooks) {
    const known = differentIn(receiver);
    await until(() => differentIn(receiver) > known, "something new comes", patienceMs);
  }
  if (way === "paused") deliverer.signal("SIGCONT");
  alive.push(way === "paused" ? deliverer : await start());
}

function differentIn({ got }: Receiver): number {
  return new Set(got.map(({ headers }) => headers["webhook-id"])).size;
}

async function note(way: Way, other: Instance, hooks: readonly Hook[]): Promise<void> {
  for (const { id, receiver, gone } of hooks) {
    const { body } = await ask(other, "GET", `/webhooks/${id}`);
    const came = receiver.got.length;
    gone.push({ way, cursor: Number(body["cursor_seq"]), came, quietMs: 0 });
  }
}

/** Whoever's count of deliveries rises; there must be only one. */
async function delivererOf(alive: readonly Instance[], hooks: readonly Hook[]): Promise<Instance> {
  const before = await Promise.all(alive.map(deliveriesOf));
  const came = hooks.map(({ receiver }) => receiver.got.length);
  await until(
    () => hooks.every(({ receiver }, index) => receiver.got.length > (came[index] ?? 0) + 5),
    "it delivers",
    patienceMs,
  );
  const counts = await Promise.all(alive.map(deliveriesOf));
  const busy = alive.filter((_, index) => (counts[index] ?? 0) > (before[index] ?? 0));
  assert.equal(busy.length, 1, "one of them delivers");
  return must(busy[0], "there is one");
}

async function deliveriesOf({ url }: Instance): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counts = text.matchAll(/^onhand_webhook_delivery_duration_seconds_count\{.*\} (\d+)$/gm);
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, one) => sum + one, 0);
}

/** Writes on four rows, on every instance that is there; answers how many succeeded. */
function openSelling(alive: readonly Instance[]) {
  let isOver = false;
  const product = newId();
  async function sell(): Promise<number> {
    let sold = 0;
    for (let n = 0; !isOver; n += 1) {
      const instance = must(alive[n % alive.length], "one is there");
      const row = {
        product_id: n % 4 < 2 ? "550e8400-e29b-41d4-a716-446655440000" : product,
        store_id: must(stores[n % 2], "a store"),
        quantity_change: 1,
        reason: "RESTOCK",
      };
      try {
        const { status, text } = await ask(instance, "POST", "/stock", row);
        // One that is paused in the middle of a commit keeps its rows until PostgreSQL ends its transaction.
        assert.ok([200, 201, 503].includes(status), text);
        if (status !== 503) sold += 1;
      } catch (error) {
        // Of one that is killed or stopped it is not known.
        if (alive.includes(instance) || error instanceof assert.AssertionError) throw error;
      }
      const next = performance.now() + everyMs;
      await until(() => performance.now() >= next, "it is time for the next one");
    }
    return sold;
  }
  const made = (async () => {
    const one = must(alive[0], "one is there");
    const body = { id: product, sku: product, name: "One more", price: 1 };
    const { status, text } = await ask(one, "POST", "/products", body);
    assert.equal(status, 201, text);
    return Promise.all([sell(), sell()]);
  })();
  // Told by `stop`: it may fail long before somebody waits for it.
  made.catch(() => {
    isOver = true;
  });
  return {
    async stop(): Promise<number> {
      isOver = true;
      return (await made).reduce((sum, one) => sum + one, 0);
    },
  };
}

async function eventsAfter(instance: Instance, begin: number) {
  const events: Record<string, unknown>[] = [];
  for (let at = begin; ; ) {
    const { body, text } = await ask(instance, "GET", `/events?after=${at}&limit=500`);
    const page = listOf(body);
    events.push(...page);
    if (page.length === 0) return events;
    at = Number(must(page.at(-1), text)["seq"]);
  }
}

async function assertDelivered(
  t: TestContext,
  { receiver, gone }: Hook,
  wanted: readonly Record<string, unknown>[],
): Promise<void> {
  const { got } = receiver;
  const last = must(wanted.at(-1), "there are some")["id"];
  await until(
    () => got.some(({ headers }) => headers["webhook-id"] === last),
    "all came",
    patienceMs,
  );
  const ids = got.map(({ headers }) => String(headers["webhook-id"]));
  const inOrder = wanted.map(({ id }) => String(id));
  assert.deepEqual([...new Set(ids)], inOrder, "first deliveries are the log, in its order");
  // One that was paused at the moment of sending sends that one when it wakes: nobody could know better.
  const late = gone.filter(({ way }) => way === "paused").length;
  assert.ok(receiver.most() <= 1 + late, "one at a time");
  // Each that came again had come before an instance went, and was behind what that one had written down.
  const had = new Set<string>();
  const again = gone.map(() => 0);
  for (const [index, id] of ids.entries()) {
    if (had.has(id)) {
      const time = gone.findLastIndex(({ came }) => came <= index);
      const seq = Number(got[index]?.body["seq"]);
      const lost = must(gone[time], `${seq} came twice, and no instance had gone`);
      assert.ok(seq > lost.cursor, `${seq} came again, and ${lost.cursor} was written`);
      // What one cuts off as it stops is what came last.
      const hadCome = lost.way === "stopped" ? ids[index - 1] === id : ids.indexOf(id) < lost.came;
      assert.ok(hadCome || lost.way === "paused", `${seq} had come before one was ${lost.way}`);
      again[time] = (again[time] ?? 0) + 1;
    }
    had.add(id);
  }
  const figures = gone.map(({ way, quietMs }, time) => {
    const doubled = again[time] ?? 0;
    assert.ok(doubled <= (way === "stopped" ? 1 : webhookRunMax + 1), `${doubled} came again`);
    assert.ok(quietMs < webhookLeaseMs + 10_000, `quiet for ${quietMs} ms`);
    return `${way}: ${doubled} again, others went on after ${Math.round(quietMs)} ms`;
  });
  t.diagnostic(`${inOrder.length} events, ${ids.length} deliveries; ${figures.join("; ")}`);
}
