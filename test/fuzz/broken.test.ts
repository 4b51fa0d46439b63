// What becomes of requests on a bad line: connections that are dropped at every byte of a write, and bytes that were
// damaged on the way or never were a request. A write is whole or not there, and nothing of it is a failure of
// ours. FUZZ_SOCKETS says how many damaged requests, FUZZ_SEED which.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bentBytes, noise } from "../support/fuzz-bytes.ts";
import { openChance } from "../support/fuzz-values.ts";
import { answersIn, speak, speakThenEnd } from "../support/raw-http.ts";
import { mustBeProper, openRawTarget, type RawTarget } from "../support/raw-target.ts";
import { listOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

const damaged = Number(process.env["FUZZ_SOCKETS"] ?? 400);
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000_000);
const runSize = 2_000;
/** Of one run, on a machine with much other work. */
const timeout = 600_000;
const heapGrowthMax = 30_000_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

let it: RawTarget;
before(async () => {
  it = await openRawTarget();
});
afterEach(() => it.mustBeAtRest());
after(() => it.close());

// ── broken off ──────────────────────────────────────────────────────────────────────────────────

describe("a connection that is dropped while a write is on its way", () => {
  for (const [title, write] of [
    ["with its length", "post"],
    ["in chunks", "chunkedPost"],
  ] as const) {
    test(`at any byte of a basket ${title}: it is whole or not there`, async () => {
      const { product } = it.things;
      const customer = (cut: number): string => `${write}-${String(cut).padStart(5, "0")}`;
      const basket = (cut: number): string =>
        it[write]("/api/v1/reservations", {
          lines: ["MAD", "BCN"].map((store_id) => ({ product_id: product, store_id, quantity: 1 })),
          customer_id: customer(cut),
          ttl: 600,
        });
      const { length } = basket(0);
      const cuts = Array.from({ length: length + 1 }, (_one, cut) => cut);
      for (const cut of cuts) {
        const socket = it.connect();
        await once(socket, "connect");
        await new Promise((done) => socket.write(basket(cut).slice(0, cut), done));
        if (cut % 2 === 0) socket.destroy();
        else socket.resetAndDestroy();
      }
      await until(async () => (await it.connections()) === 0, "all were dropped");
      // Another one on the same rows: by then, what came before it is decided.
      const [last] = answersIn(await speak(it.base, basket(length + 1), (heard) => heard !== ""));
      assert.equal(last?.status, 201);
      for (const cut of cuts) {
        const url = `/api/v1/reservations?customer_id=${customer(cut)}`;
        const { body } = await it.market.ask("GET", url, { as: it.market.keys.admin });
        const lines = listOf(body).length;
        assert.ok(
          lines === 0 || (cut === length && lines === 2),
          `${lines} lines after ${cut} bytes`,
        );
      }
    });
  }
});

// ── damaged ─────────────────────────────────────────────────────────────────────────────────────

describe(`bytes that were damaged, or never were a request (FUZZ_SEED=${seed})`, () => {
  const lanes = 8;

  function whole(): readonly string[] {
    const { product } = it.things;
    return [
      it.get("/livez"),
      it.get(`/api/v1/products/${product}/availability?store_id=MAD`, 'If-None-Match: "v1"\r\n'),
      it.get("/api/v1/events?after=0&limit=1") + it.get("/readyz"),
      it.post(`/api/v1/stock/${product}/MAD/adjust`, { adjustment: 1, reason: "RESTOCK" }),
      it.post("/api/v1/stock/transfer", {
        ...{ product_id: product, from_store_id: "MAD", to_store_id: "BCN", quantity: 1 },
      }) + it.get("/livez"),
      it.chunkedPost("/api/v1/reservations", {
        ...{ product_id: product, store_id: "MAD", quantity: 1, customer_id: "ann", ttl: 60 },
      }),
      it.post("/api/v1/stores", { name: "x" }, "Idempotency-Key: k\r\nExpect: 100-continue\r\n"),
      `DELETE /api/v1/stores/NOWHERE HTTP/1.1\r\n${it.own}If-Match: "v1"\r\n\r\n`,
      `OPTIONS /api/v1/stores HTTP/1.1\r\n${it.own}Origin: http://x\r\n\r\n`,
    ];
  }

  async function run(from: number, count: number): Promise<number> {
    const chance = openChance(from);
    const good = whole().map((one) => Buffer.from(one));
    let answered = 0;
    const lane = async (): Promise<void> => {
      for (let sent = 0; sent < count / lanes; sent += 1) {
        const isNoise = chance.is(0.15);
        const bytes = isNoise ? noise(chance) : bentBytes(chance.pick(good), chance);
        const answers = answersIn(await speakThenEnd(it.base, bytes));
        mustBeProper(answers, bytes);
        answered += answers.length;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return answered;
  }

  let heap = 0;
  before(async () => {
    await run(seed - 1, 80);
    collect();
    heap = process.memoryUsage().heapUsed;
  });

  for (let from = 0; from < damaged; from += runSize) {
    const count = Math.min(runSize, damaged - from);
    test(`${from + 1} to ${from + count} are answered with no failure of ours, and leave neither connections nor memory`, {
      timeout,
    }, async () => {
      const answered = await run(seed + from, count);
      assert.ok(answered > count / 4, `${answered} answers: they are too damaged to say much`);
      collect();
      const grown = process.memoryUsage().heapUsed - heap;
      assert.ok(grown < heapGrowthMax, `${grown} bytes more`);
      const told = `${answered} answers; heap ${(grown / 1e6).toFixed(1)} MB larger`;
      console.log(`fuzz: seed ${seed}; ${count} damaged requests, ${told}`);
    });
  }

  test("rows, holds and log are as they must be", async () => {
    const rows = await it.market.store.auditRows({ after: null, limit: 100_000, eventsMax: null });
    assert.deepEqual([rows.next, rows.findings], [null, []]);
    assert.deepEqual(await it.market.store.auditLog(), []);
  });
});
