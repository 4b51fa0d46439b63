// Three instances behind a real nginx with the file that operators are given, on one PostgreSQL and one Redis:
// each is stopped and started again under load, and nobody who comes through nginx notices. One is then killed:
// what is repeatable still succeeds, what is not is done once or not at all, and nothing that was told is lost.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { newSecret } from "../../src/lib/ids.ts";
import { openStore } from "../../src/store/postgres/store.ts";
import { type Follower, openFollower } from "../support/follower.ts";
import { freePort } from "../support/free-port.ts";
import {
  type Environment,
  type Instance,
  runOnhand,
  runProgram,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import {
  assertInLog,
  booksOf,
  type Client,
  type LoggedEvent,
  openClient,
  openConnection,
  openShopOf,
  type Reply,
  randomFrom,
  readLog,
  rowsOf,
} from "../support/ledger.ts";
import { type Nginx, noNginx, type Passed, startNginx } from "../support/nginx.ts";
import { databaseAt, type Postgres, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { assertComplete } from "../support/streams.ts";
import { until } from "../support/until.ts";

const key = newSecret();
const plain = "/stock/ledger-0/VAL-001";
const clients = 4;

/** Of those that an instance was too busy for, it is said when to come again, and whoever asks does. */
function isFailed({ status, isPutOff }: Passed): boolean {
  return (status >= 500 && !isPutOff) || status === 499;
}

interface Load {
  readonly clients: readonly Client[];
  /** What became of writes without a key, in order. */
  readonly plain: readonly Reply[];
  /** Of clients and reads: answers that never came. */
  stop(): Promise<readonly Reply[]>;
}

describe("three instances behind nginx", { skip: noPostgres || noRedis || noNginx }, () => {
  let postgres: Postgres;
  let redis: RedisServer;
  let nginx: Nginx;
  let databaseUrl: string;
  let ports: readonly number[];
  const instances = new Map<number, Instance>();
  const followers: Follower[] = [];
  const known = getCACertificates("default");

  before(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    databaseUrl = await postgres.newDatabase();
    ports = [await freePort(), await freePort(), await freePort()];
    await Promise.all(ports.map(start));
    nginx = await startNginx(ports);
    setDefaultCACertificates([...known, readFileSync(nginx.certificate, "utf8")]);
    const shop = through();
    await openShopOf(shop);
    const row = { product_id: "ledger-0", store_id: "VAL-001", initial_quantity: 0 };
    const connection = openConnection(shop);
    const made = await connection.post("/stock", { ...row, reason: "INITIAL" }, "setup-plain");
    connection.close();
    assert.ok(made.kind === "told" && made.status === 201, JSON.stringify(made));
    for (const _ of ports) followers.push(openFollower({ ...shop, agent: new Agent() }));
  });
  after(async () => {
    for (const follower of followers) follower.close();
    setDefaultCACertificates(known);
    await Promise.all([...instances.values()].map((one) => one.stop()));
    await nginx.close();
    await redis.close();
    await postgres.close();
  });

  const through = () => ({ url: nginx.url, key });

  async function start(port: number): Promise<void> {
    const env: Environment = {
      ...unlimited,
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      ONHAND_ADMIN_KEY: key,
      TRUST_PROXY: "1",
    };
    instances.set(port, await startInstance({ env }));
  }

  function instanceAt(port: number): Instance {
    const instance = instances.get(port);
    assert.ok(instance, `one listens at ${port}`);
    return instance;
  }

  /** Writes with keys and without, and reads, one after the other on each connection. */
  function openLoad(name: string): Load {
    const working = Array.from({ length: clients }, (_, n) =>
      openClient(`${name}${n}`, randomFrom(n)),
    );
    const told: Reply[] = [];
    let enough = false;
    async function again(ask: (connection: ReturnType<typeof openConnection>) => Promise<Reply>) {
      const lost: Reply[] = [];
      const connection = openConnection(through());
      while (!enough) {
        const reply = await ask(connection);
        if (reply.kind !== "told" || reply.status !== 200) lost.push(reply);
      }
      connection.close();
      return lost;
    }
    const body = { adjustment: 1, reason: "CORRECTION" };
    const work = Promise.all([
      ...working.map(async (client) => {
        const end = await client.work(through(), () => enough);
        return end === null ? [] : [end];
      }),
      again((connection) => connection.get("/products/ledger-0/availability")),
      again((connection) => connection.get("/stock/ledger-1/MAD-001")),
      ...[0, 1].map(() =>
        again(async (connection) => {
          const reply = await connection.post(`${plain}/adjust`, body, "");
          told.push(reply);
          // Judged by itself.
          return { kind: "told", status: 200, text: "", body: {}, headers: {} };
        }),
      ),
    ]);
    return {
      clients: working,
      plain: told,
      async stop() {
        enough = true;
        return (await work).flat();
      },
    };
  }

  /** Requests that came through each instance from here on. */
  async function untilInUse(port: number): Promise<void> {
    const before = nginx.passed().length;
    const since = (): readonly Passed[] => nginx.passed().slice(before);
    await until(() => since().some((one) => one.ports.includes(port)), `${port} is in use`);
  }

  /** What was told is in the log, the books and the streams; followers have seen everything once, in order. */
  async function assertWhole(worked: readonly Client[], log: LoggedEvent[]): Promise<void> {
    await readLog(through(), log);
    const deeds = worked.flatMap((client) => client.deeds);
    assertInLog(deeds, log);
    assert.deepEqual(await rowsOf(through()), booksOf(deeds));
    const verified = await runOnhand(["verify"], { env: { DATABASE_URL: databaseUrl } });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const seqs = log.map(({ seq }) => seq);
    const head = seqs.length;
    for (const follower of followers) {
      const hasSeen = (): boolean => (follower.seqs().at(-1) ?? 0) >= head;
      await until(() => hasSeen() || follower.failures().length > 0, "a follower has seen the end");
      assert.deepEqual(follower.failures(), []);
      assert.deepEqual(follower.seqs(), seqs);
    }
    const published = async (): Promise<number> =>
      Number(await redis.ask("HGET", "inventory-events:state", "seq"));
    await until(async () => (await published()) === head, "all is published", 30_000);
    const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 1 };
    const store = await openStore(databaseAt(databaseUrl), { limits });
    try {
      await assertComplete(redis, store);
    } finally {
      await store.close();
    }
  }

  async function quantityOfPlain(): Promise<number> {
    const connection = openConnection(through());
    const reply = await connection.get(plain);
    connection.close();
    assert.ok(reply.kind === "told" && reply.status === 200, JSON.stringify(reply));
    return Number(reply.body["quantity"]);
  }

  const isDone = (reply: Reply): boolean => reply.kind === "told" && reply.status === 200;
  const worked: Client[] = [];

  test("each is stopped and started again during a trading day: no request fails, and all agrees at the end", async (t) => {
    const load = openLoad("day");
    worked.push(...load.clients);
    const example = join(repositoryRoot, "examples/trading-day.ts");
    let isOver = false;
    const day = runProgram([example], repositoryRoot, {
      ONHAND_URL: nginx.url,
      ONHAND_KEY: key,
      DATABASE_URL: databaseUrl,
      NODE_EXTRA_CA_CERTS: nginx.certificate,
    }).finally(() => {
      isOver = true;
    });
    const stops: number[] = [];
    // Each once, and on until the day is over.
    for (let turn = 0; turn < ports.length || !isOver; turn += 1) {
      const port = ports[turn % ports.length] ?? 0;
      await untilInUse(port);
      const { code, ms, stdout } = await instanceAt(port).stop();
      assert.equal(code, 0, stdout);
      stops.push(Math.round(ms));
      await start(port);
    }
    const { code, stdout, stderr } = await day;
    const unanswered = await load.stop();
    const passed = nginx.passed();
    const failed = passed.filter(isFailed);
    const putOff = passed.filter(({ isPutOff }) => isPutOff).length;
    const retried = passed.filter((one) => one.ports.length > 1).length;
    const resets = nginx.complaints().match(/recv\(\) failed \(104/g)?.length ?? 0;
    t.diagnostic(
      `${passed.length} requests, ${stops.length} restarts (stops ${stops.join(" ")} ms), ${retried} went to a second instance, ${putOff} were put off by a busy one, ${resets} were reset, ${failed.length} failed`,
    );
    assert.deepEqual(
      failed.map(({ line }) => line),
      [],
      nginx.complaints(),
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^books against server +98 rows +no difference$/m);
    assert.deepEqual(unanswered, []);
    assert.ok(load.plain.every(isDone));
    assert.equal(await quantityOfPlain(), load.plain.length);
    await assertWhole(worked, []);
    for (const follower of followers) assert.ok(follower.streams() > 1, "it had to come back");
  });

  test("one is killed under load: reads and writes with a key succeed, one without is done at most once", async (t) => {
    const [port = 0] = ports;
    const first = await quantityOfPlain();
    const load = openLoad("kill");
    worked.push(...load.clients);
    await untilInUse(port);
    await instanceAt(port).kill();
    const deeds = (): number => load.clients.flatMap((client) => client.deeds).length;
    const then = deeds();
    await until(() => deeds() > then + 100, "work goes on without it");
    await start(port);
    await untilInUse(port);
    assert.deepEqual(await load.stop(), []);
    const open = load.plain.filter((reply) => !isDone(reply)).length;
    const done = (await quantityOfPlain()) - first;
    t.diagnostic(`${load.plain.length} writes without a key, ${open} not answered`);
    assert.ok(done >= load.plain.length - open && done <= load.plain.length);
    await assertWhole(worked, []);
  });

  test("a body that is longer than a route takes is told so, and takes no instance out", async () => {
    const before = nginx.passed().length;
    const connection = openConnection(through());
    for (let count = 0; count < 6; count += 1) {
      const reply = await connection.post("/reservations", { a: "x".repeat(900_000) }, "");
      assert.ok(reply.kind === "told" && reply.status === 413, JSON.stringify(reply));
      assert.equal(reply.body["code"], "body_too_large");
    }
    connection.close();
    const passed = nginx.passed().slice(before);
    assert.ok(passed.every(({ ports: tried }) => tried.length === 1));
  });
});
