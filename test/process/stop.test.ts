// The end of the real process, asked for by a signal: whatever was let in is finished and answered, and
// nobody who only waits can hold it up.

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { stopMsMax, stuckMsMax } from "../../src/limits.ts";
import { type Instance, runOnhand, startInstance, unlimited } from "../support/instance.ts";
import {
  assertInLog,
  booksOf,
  type LoggedEvent,
  openClient,
  openConnection,
  openShopOf,
  type Reply,
  randomFrom,
  readLog,
  rowsOf,
} from "../support/ledger.ts";
import { openSse } from "../support/sse-client.ts";
import { until } from "../support/until.ts";

const env = { ...unlimited, LOG_LEVEL: "info", ONHAND_DEMO: "off" };

/** Reads one row after the other until nobody answers; says how that ended. */
async function readOn(service: Instance): Promise<Reply> {
  const connection = openConnection(service);
  for (;;) {
    const reply = await connection.get("/stock/ledger-0/MAD-001");
    if (reply.kind !== "told") return reply;
    assert.equal(reply.status, 200, reply.text);
  }
}

/** Not answered means not done: the database has never heard of these idempotency keys. */
function assertUnknown(path: string, keys: readonly string[]): void {
  const db = new DatabaseSync(path, { readOnly: true });
  const known = db.prepare("SELECT key FROM idempotency WHERE key = ?");
  const done = keys.filter((key) => known.get(key) !== undefined);
  db.close();
  assert.deepEqual(done, [], "done, and its client was not told");
}

const body = JSON.stringify({ sku: "LATE", name: "Late", price: 1 });
const half = 10;

async function isRefused({ url }: Instance): Promise<boolean> {
  const answer = await fetch(`${url}/livez`).catch(() => null);
  return answer === null;
}

interface Arriving {
  /** Sends the rest; answers all that came back when the connection is closed. */
  finish(): Promise<string>;
}

/** A request of which the service has read the head and half the body, on a kept-alive connection. */
async function openRequest(service: Instance): Promise<Arriving> {
  const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
  let heard = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    heard += text;
  });
  socket.on("error", (error) => {
    heard += `\n${error.message}`;
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once("close", () => resolve(heard));
  socket.write(
    "POST /api/v1/products HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n" +
      `X-API-Key: ${service.key}\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  await until(() => heard.startsWith("HTTP/1.1 100 Continue"), "the head has been read");
  heard = "";
  socket.write(body.slice(0, half));
  return {
    finish() {
      socket.write(body.slice(half));
      return promise;
    },
  };
}

// Side by side, because one of them has to wait for ten seconds.
describe("the end of the process", { concurrency: 3, timeout: 120_000 }, () => {
  describe("a stop under load", () => {
    test("answers every write that it let in, cuts off no answer, and keeps what it acknowledged", async (t) => {
      const service = await startInstance({ env });
      await openShopOf(service);
      const clients = Array.from({ length: 16 }, (_, n) => openClient(`c${n}`, randomFrom(n)));
      const deeds = () => clients.flatMap((client) => client.deeds);
      const working = clients.map((client) => client.work(service));
      const reading = Array.from({ length: 4 }, () => readOn(service));
      await until(() => deeds().length > 500, "there is load");

      const { code, ms } = await service.stop();
      const ends = await Promise.all([...working, ...reading]);
      assert.equal(code, 0);
      assert.ok(ms < stopMsMax, `${ms} ms`);
      for (const end of ends) {
        assert.ok(end !== null && end.kind !== "told");
        if (end.kind === "lost") assert.equal(end.isCutOff, false, "an answer was cut off");
      }
      const open = deeds().filter(({ told }) => told === null);
      t.diagnostic(`${deeds().length} writes, ${open.length} not let in, ${Math.round(ms)} ms`);
      assertUnknown(
        service.database,
        open.map(({ key }) => key),
      );

      const again = await startInstance({ env, folder: service.folder });
      const log: LoggedEvent[] = [];
      await readLog(again, log);
      assertInLog(deeds(), log);
      for (const client of clients) await client.settle(again);
      assert.deepEqual(await rowsOf(again), booksOf(deeds()));
      assert.equal((await runOnhand(["verify"], { folder: again.folder })).code, 0);
      await again.stop();
    });
  });

  describe("a stop does not wait", () => {
    test("for connections that rest, nor for live streams, which are ended and not cut", async () => {
      const service = await startInstance({ env });
      const agent = new Agent({ keepAlive: true });
      const [answer] = await once(get(`${service.url}/livez`, { agent }), "response");
      answer.resume();
      await once(answer, "end");
      const stream = await openSse(`${service.url}/api/v1/events/stream?after=0`, {
        headers: { "x-api-key": service.key },
      });
      await stream.hears((heard) => heard.length >= 4, "the stores are in the stream");
      let isWhole = false;
      stream.response.on("end", () => {
        isWhole = true;
      });
      const { code, ms } = await service.stop();
      assert.equal(code, 0);
      assert.ok(ms < stopMsMax, `${ms} ms`);
      await until(() => stream.ended(), "the stream ends");
      assert.ok(isWhole, "the stream was ended, not cut");
      agent.destroy();
    });

    test("for a client whose request never arrives whole", async () => {
      const service = await startInstance({ env });
      await openRequest(service);
      const { code, ms } = await service.stop();
      assert.equal(code, 0);
      assert.ok(ms < stopMsMax, `${ms} ms`);
    });
  });

  test("a request that is still arriving when the stop begins is answered, and its connection then ends", async () => {
    const service = await startInstance({ env });
    const request = await openRequest(service);
    const stopping = service.stop();
    await until(() => isRefused(service), "nobody is let in any more");
    const heard = await request.finish();
    assert.match(heard, /^HTTP\/1\.1 201 .*"sku":"LATE"/s);
    const { code, ms } = await stopping;
    assert.equal(code, 0);
    assert.ok(ms < stuckMsMax, `${ms} ms: it ended of itself and was not cut`);
    const db = new DatabaseSync(service.database, { readOnly: true });
    assert.ok(db.prepare("SELECT id FROM products WHERE sku = 'LATE'").get());
    db.close();
  });

  test("SIGINT stops it as SIGTERM does, and more signals change nothing: what is under way is answered", async () => {
    const service = await startInstance({ env });
    const request = await openRequest(service);
    const stopping = service.stop("SIGINT");
    await until(() => service.output().includes('"stopping"'), "it is stopping");
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) service.signal(signal);
    assert.match(await request.finish(), /^HTTP\/1\.1 201 /);
    const { code, stdout } = await stopping;
    assert.equal(code, 0);
    assert.match(stdout, /"signal":"SIGINT"/);
  });
});

describe("a thread of the database that dies", () => {
  for (const thread of ["writer", "reader"]) {
    test(`ends the service when it is the ${thread}, with code 1 and the reason`, async () => {
      const preload = new URL("../support/dying-thread.ts", import.meta.url).href;
      const service = await startInstance({
        env: { ...env, DIES: thread, NODE_OPTIONS: `--import ${preload}` },
      });
      writeFileSync(join(service.folder, "die"), "");
      const { code, stdout } = await service.ended();
      assert.equal(code, 1);
      assert.match(stdout, /"level":"fatal".*the database can serve no more/);
      const again = await startInstance({ env, folder: service.folder });
      assert.equal((await again.stop()).code, 0);
    });
  }
});
