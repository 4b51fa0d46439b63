// The starts that README.md and docs/tracing.md show, pasted: with the addresses of servers that are here, a free port
// and a folder of the test's own for its data, and nothing else changed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newSecret } from "../../src/lib/ids.ts";
import { ask, newFolder } from "../support/instance.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/otlp.ts";
import { blockAt } from "../support/pasted.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { addressOf, type Group, startGroup } from "../support/process-group.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const limitMs = 60_000;

describe("a start as the documents show it", {
  skip: noPostgres || noRedis,
  timeout: 240_000,
}, () => {
  let redis: RedisServer;
  let receiver: OtlpReceiver;
  const key = newSecret();
  const started: Group[] = [];
  before(async () => {
    [redis, receiver] = await Promise.all([startRedis(), startOtlpReceiver()]);
  });
  after(async () => {
    await Promise.all(started.map((one) => one.end()));
    await redis.close();
    receiver.close();
  });

  /** Pastes a start into a shell and answers where it listens. */
  async function start(command: string): Promise<{ url: string; key: string }> {
    const env = {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: "0",
      ONHAND_DATA_DIR: newFolder(),
      ONHAND_ADMIN_KEY: key,
      RATE_LIMIT_ANONYMOUS: "0",
    };
    const group = startGroup("bash", ["-euo", "pipefail", "-c", command], {
      cwd: repositoryRoot,
      env,
    });
    started.push(group);
    const url = (await addressOf(group, limitMs)).replace("0.0.0.0", "127.0.0.1");
    await until(async () => (await fetch(`${url}/readyz`)).ok, "it is ready", limitMs);
    return { url, key };
  }

  test("many instances: two of them sell from the same stock", async () => {
    const database = await (await sharedPostgres()).newDatabase();
    const command = blockAt("README.md", "export DATABASE_URL=")
      .replace("postgres://onhand:secret@db-1,db-2/onhand", database)
      .replace("redis://redis-1:6379", redis.url)
      .replace("ohk_…", key);
    for (const real of [database, redis.url, key]) assert.ok(command.includes(real));
    const [one, other] = [await start(command), await start(command)];
    const made = await ask(one, "POST", "/products", {
      id: "mug",
      sku: "MUG",
      name: "Mug",
      price: 9,
    });
    assert.equal(made.status, 201, made.text);
    const row = { product_id: "mug", store_id: "MAD-001", initial_quantity: 1 };
    assert.equal((await ask(other, "POST", "/stock", row)).status, 201);
    const hold = { product_id: "mug", store_id: "MAD-001", quantity: 1, customer_id: "c", ttl: 60 };
    const answers = await Promise.all(
      [one, other].map((at) => ask(at, "POST", "/reservations", hold)),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    const { body } = await ask(one, "GET", "/products/mug/availability");
    assert.equal(body["total_available"], 0);
    await until(async () => Number(await redis.ask("XLEN", "inventory-events")) > 0, "published");
  });

  test("with a receiver of traces: what is asked is told", async () => {
    const from = "http://127.0.0.1:4318";
    const command = blockAt("docs/tracing.md", "OTEL_EXPORTER_OTLP_ENDPOINT=");
    assert.ok(command.includes(from));
    const at = await start(command.replace(from, receiver.url));
    const traceId = "1af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    assert.equal((await ask(at, "GET", "/stores", undefined, { traceparent })).status, 200);
    await receiver.spansOf(traceId, ["GET /api/v1/stores"]);
  });

  test("with a share of the traces: so many of those that nobody decided on, and all that a caller wants", async () => {
    const share = blockAt("docs/tracing.md", "export OTEL_TRACES_SAMPLER=");
    assert.match(share, /OTEL_TRACES_SAMPLER_ARG=0\.05$/m);
    const at = await start(`${share}\nOTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url} npm start`);
    const roots = (): number =>
      receiver
        .spans()
        .filter(({ name, parentSpanId }) => name === "GET /api/v1/stores" && parentSpanId === "")
        .length;
    const before = roots();
    for (let asked = 0; asked < 400; asked += 20) {
      await Promise.all(Array.from({ length: 20 }, () => ask(at, "GET", "/stores")));
    }
    const traceId = "2af7651916cd43dd8448eb211c80319c";
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    await ask(at, "GET", "/stores", undefined, { traceparent });
    await receiver.spansOf(traceId, ["GET /api/v1/stores"]);
    const told = roots() - before;
    // 20 in the middle: none, or more than 80, comes less than once in a hundred million runs.
    assert.ok(told > 0 && told <= 80, `${told} of 400`);
  });
});
