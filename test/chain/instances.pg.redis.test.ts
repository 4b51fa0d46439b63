// Several instances on one PostgreSQL, with nothing before them: they start together, hear of each other's
// commits in each way there is, and decide as one. What one promised is kept by the others when it dies.

import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { newId, newSecret } from "../../src/lib/ids.ts";
import {
  ask,
  type Environment,
  type Instance,
  startInstance,
  type Told,
  unlimited,
} from "../support/instance.ts";
import { openConnection } from "../support/ledger.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { openSse } from "../support/sse-client.ts";
import { until } from "../support/until.ts";

const key = newSecret();
const many = 10;

/** Sorted, ms. */
type Times = readonly number[];

function percentile(times: Times, percent: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  const index = Math.ceil((sorted.length * percent) / 100) - 1;
  return Math.round(must(sorted[index], "something was measured") * 10) / 10;
}

function said(times: Times): string {
  return `p50 ${percentile(times, 50)} ms, p99 ${percentile(times, 99)} ms of ${times.length}`;
}

/** A product with so many units in MAD-001; answers its id. */
async function newRow(instance: Instance, units: number): Promise<string> {
  const id = newId();
  const product = await ask(instance, "POST", "/products", { id, sku: id, name: id, price: 1 });
  assert.equal(product.status, 201, product.text);
  const row = { product_id: id, store_id: "MAD-001", initial_quantity: units, reason: "INITIAL" };
  const stock = await ask(instance, "POST", "/stock", row);
  assert.equal(stock.status, 201, stock.text);
  return id;
}

async function addOne(instance: Instance, id: string): Promise<void> {
  const body = { adjustment: 1, reason: "CORRECTION" };
  const { status, text } = await ask(instance, "POST", `/stock/${id}/MAD-001/adjust`, body);
  assert.equal(status, 200, text);
}

/** From the answer to a write here until a stream there has it. */
async function hearing(writer: Instance, hearer: Instance, times: number): Promise<Times> {
  const id = await newRow(writer, 1);
  const stream = await openSse(`${hearer.url}/api/v1/events/stream?product_id=${id}&after=0`, {
    headers: { "x-api-key": key },
  });
  await stream.hears((heard) => heard.length === 2, "the product and its row are in the stream");
  const measured: number[] = [];
  for (let count = 3; count < times + 3; count += 1) {
    await addOne(writer, id);
    const answeredAt = performance.now();
    await stream.hears((heard) => heard.length === count, "the stream has the write");
    measured.push(performance.now() - answeredAt);
  }
  const seqs = stream.seqs();
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => a - b),
  );
  stream.close();
  return measured;
}

describe("several instances on one database", { skip: noPostgres || noRedis }, () => {
  let postgres: Postgres;
  let redis: RedisServer;
  const started: Instance[] = [];
  before(async () => {
    [postgres, redis] = await Promise.all([
      startPostgres({ settings: { max_connections: 200 } }),
      startRedis(),
    ]);
  });
  after(async () => {
    await Promise.all(started.map((one) => one.kill()));
    await redis.close();
    await postgres.close();
  });

  async function start(url: string, env: Environment): Promise<Instance> {
    const common = { ...unlimited, DATABASE_URL: url, ONHAND_ADMIN_KEY: key };
    const instance = await startInstance({ env: { ...common, ...env } });
    started.push(instance);
    return instance;
  }

  describe("without Redis", () => {
    let writer: Instance;
    let listening: Instance;
    let looking: Instance;
    before(async () => {
      const url = await postgres.newDatabase();
      [writer, listening, looking] = await Promise.all([
        start(url, {}),
        start(url, {}),
        // Behind a pooler, and no way past it: nobody tells it.
        start(url, { DATABASE_POOLER: "transaction" }),
      ]);
    });
    after(() => Promise.all([writer, listening, looking].map((one) => one.stop())));

    test("a stream here has what was committed there: told by the database", async (t) => {
      const times = await hearing(writer, listening, 40);
      t.diagnostic(`LISTEN: ${said(times)}`);
      assert.ok(percentile(times, 50) < 100, said(times));
    });

    test("and without its word, by looking four times a second", async (t) => {
      const times = await hearing(writer, looking, 10);
      t.diagnostic(`looking: ${said(times)}`);
      assert.ok(percentile(times, 50) < 400, said(times));
    });
  });

  describe("with Redis", () => {
    let a: Instance;
    let b: Instance;
    let c: Instance;
    const three = () => [a, b, c] as const;
    const anyOf = (n: number): Instance => must(three()[n % 3], "one of three");

    before(async () => {
      const url = await postgres.newDatabase();
      const env = { REDIS_URL: redis.url, ONHAND_DEMO: "on", DATABASE_POOL_MAX: "4" };
      const all = await Promise.all(Array.from({ length: many }, () => start(url, env)));
      const [first, second, third, ...rest] = all;
      assert.ok(first && second && third);
      [a, b, c] = [first, second, third];
      await Promise.all(rest.map((one) => one.stop()));
    });
    after(() => Promise.all([a, c].map((one) => one.stop())));

    test(`${many} that started at once on an empty database made four stores, one demo and one key`, async () => {
      const listed = async (path: string): Promise<readonly Record<string, unknown>[]> => {
        const { body, text } = await ask(a, "GET", path);
        assert.ok(Array.isArray(body["items"]), text);
        return body["items"];
      };
      const idsOf = async (path: string) => (await listed(path)).map(({ id }) => String(id)).sort();
      assert.deepEqual(await idsOf("/stores"), ["BCN-001", "MAD-001", "SEV-001", "VAL-001"]);
      assert.equal((await idsOf("/products")).length, 5);
      assert.deepEqual(await idsOf("/api-keys"), ["environment"]);
      const events = await listed("/events?limit=100");
      const count = (type: string): number => events.filter((one) => one["type"] === type).length;
      assert.equal(count("reservation.created"), 3);
      assert.equal(events.length, 4 + 5 + 20 + 3, "no event came twice");
    });

    test("a stream of one has what another committed: told by Redis", async (t) => {
      const times = await hearing(b, a, 40);
      t.diagnostic(`Redis: ${said(times)}`);
      assert.ok(percentile(times, 50) < 100, said(times));
    });

    test("a cached read on one shows what was written on another, within 100 ms", async (t) => {
      await assertFresh(t, a, b);
    });

    test("an idempotency key that was used on one is answered by the others, byte for byte", async () => {
      const id = await newRow(a, 10);
      const body = { product_id: id, store_id: "MAD-001", quantity: 2, customer_id: "c" };
      const answers: Told[] = [];
      for (const instance of three()) {
        const connection = openConnection(instance);
        answers.push(must(await connection.told("/reservations", body, `once-${id}`), "told"));
        connection.close();
      }
      const first = must(answers[0], "it was asked");
      assert.equal(first.status, 201, first.text);
      for (const { status, text } of answers) assert.deepEqual([status, text], [201, first.text]);
      assert.equal((await rowOf(c, id))["reserved"], 2);
    });

    test("a storm of one key on all of them has one effect and one answer", async () => {
      const id = await newRow(a, 100);
      const body = { adjustment: -7, reason: "CORRECTION" };
      const answers = await Promise.all(
        Array.from({ length: 90 }, (_, n) =>
          ask(anyOf(n), "POST", `/stock/${id}/MAD-001/adjust`, body, {
            "idempotency-key": `storm-${id}`,
          }),
        ),
      );
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
      assert.equal((await rowOf(b, id))["quantity"], 93);
    });

    test("of 300 clients on all of them, 50 get the last 50 units", async () => {
      const id = await newRow(a, 50);
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, n) =>
          ask(anyOf(n), "POST", "/reservations", {
            product_id: id,
            store_id: "MAD-001",
            quantity: 1,
            customer_id: `c-${n}`,
          }),
        ),
      );
      const count = (is: (told: Told) => boolean): number => answers.filter(is).length;
      assert.equal(
        count(({ status }) => status === 201),
        50,
      );
      assert.equal(
        count(({ body }) => body["code"] === "insufficient_stock"),
        250,
      );
      const { quantity, reserved } = await rowOf(c, id);
      assert.deepEqual([quantity, reserved], [50, 50]);
    });

    test("a hold of one that is killed is ended by another, in time", async (t) => {
      const id = await newRow(b, 1);
      const body = { product_id: id, store_id: "MAD-001", quantity: 1, customer_id: "c", ttl: 1 };
      const made = await ask(b, "POST", "/reservations", body);
      assert.equal(made.status, 201, made.text);
      await b.kill();
      const expired = async (): Promise<Record<string, unknown> | undefined> => {
        const path = `/events?product_id=${id}&type=reservation.expired`;
        const { items } = (await ask(a, "GET", path)).body as { items: Record<string, unknown>[] };
        return items[0];
      };
      await until(async () => (await expired()) !== undefined, "the hold has ended");
      const event = must(await expired(), "it is there");
      const late =
        Date.parse(String(event["occurred_at"])) - Date.parse(String(made.body["expires_at"]));
      t.diagnostic(`ended ${late} ms after it was due`);
      assert.ok(late >= 0 && late <= 1_500, `${late} ms`);
      assert.equal((await rowOf(c, id))["reserved"], 0);
    });
  });
});

async function rowOf(instance: Instance, id: string): Promise<Record<string, unknown>> {
  const { status, text, body } = await ask(instance, "GET", `/stock/${id}/MAD-001`);
  assert.equal(status, 200, text);
  return body;
}

/** A stall of the machine counts as ours: one of three rounds without one is enough. */
async function assertFresh(t: TestContext, reader: Instance, writer: Instance): Promise<void> {
  const rounds: Times[] = [];
  const isFresh = (): boolean => rounds.some((times) => percentile(times, 99) <= 100);
  while (rounds.length < 3 && !isFresh()) rounds.push(await staleness(reader, writer, 120));
  t.diagnostic(`seen elsewhere: ${rounds.map(said).join("; ")}`);
  assert.ok(isFresh());
}

/** From the answer to a write on one until a read on the other, which has it cached, shows it. */
async function staleness(reader: Instance, writer: Instance, times: number): Promise<Times> {
  const id = await newRow(writer, 0);
  const seen = async (): Promise<number> => {
    const { body } = await ask(reader, "GET", `/products/${id}/availability`);
    return Number(body["total_available"]);
  };
  const measured: number[] = [];
  for (let count = 1; count <= times; count += 1) {
    await seen();
    await addOne(writer, id);
    const answeredAt = performance.now();
    await until(async () => (await seen()) >= count, "the read shows the write");
    measured.push(performance.now() - answeredAt);
  }
  return measured;
}
