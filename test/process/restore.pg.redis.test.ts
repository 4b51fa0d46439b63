// A PostgreSQL database whose service publishes to Redis is lost and put back: readers of the streams are told by
// an entry, and hear what comes after it, each event once. Until an operator asks for that, nothing is published.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type Environment,
  type Instance,
  newFolder,
  runOnhand,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import {
  assertInLog,
  type LoggedEvent,
  openClient,
  openShopOf,
  randomFrom,
  readLog,
} from "../support/ledger.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { type Entry, entriesOf } from "../support/streams.ts";
import { until } from "../support/until.ts";

const skip = noPostgres || noRedis;

async function logOf(service: Instance): Promise<readonly LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  await readLog(service, log);
  return log;
}

/** Some clients at once, until so many of their deeds were answered. */
async function work(service: Instance, name: string, deeds: number) {
  const clients = Array.from({ length: 4 }, (_, n) => openClient(`${name}${n}`, randomFrom(n)));
  const all = () => clients.flatMap((client) => client.deeds);
  const enough = (): boolean => all().length >= deeds;
  await Promise.all(clients.map((client) => client.work(service, enough)));
  return all();
}

const kindsOf = (entries: readonly Entry[]): string[] =>
  entries.map(({ fields }) => `${fields["event_type"]} ${fields["seq"]}`);
const told = (log: readonly LoggedEvent[]): string[] =>
  log.map(({ type, seq }) => `${type} ${seq}`);

let server: Postgres;
let redis: RedisServer;
before(async () => {
  if (skip) return;
  [server, redis] = await Promise.all([startPostgres(), startRedis()]);
});
after(async () => {
  if (skip) return;
  await Promise.all([server.close(), redis.close()]);
});

test("a database that is lost under load comes back from its backup, and readers of its streams are told once, in each", {
  skip,
  timeout: 240_000,
}, async () => {
  const folder = newFolder();
  const key = `ohk_${"k".repeat(40)}`;
  const envOf = (url: string): Environment => ({
    ...unlimited,
    DATABASE_URL: url,
    REDIS_URL: redis.url,
    ONHAND_ADMIN_KEY: key,
  });
  const [lostUrl, newUrl] = [await server.newDatabase(), await server.newDatabase()];
  const lost = await startInstance({ folder, env: envOf(lostUrl) });
  await openShopOf(lost);
  const first = await work(lost, "a", 60);
  const backup = join(folder, "backup.db");
  const working = work(lost, "b", 200);
  const made = await runOnhand(["backup", "--to", backup], { folder, env: envOf(lostUrl) });
  assert.equal(made.code, 0, made.stdout + made.stderr);
  await working;
  await work(lost, "c", 60);
  const lostLog = await logOf(lost);
  const everything = (): Promise<Entry[]> => entriesOf(redis, "inventory-events");
  await until(async () => (await everything()).length === lostLog.length, "all is published");
  const before = await everything();

  // A target that a service has open is refused, even if that service has not written anything.
  const used = await runOnhand(["restore", "--from", backup, "--to", lostUrl], { folder });
  assert.equal(used.code, 1);
  assert.match(used.stderr, /is in use: Onhand has \d+ connections to it\. Stop every instance/);
  await lost.kill();
  const notEmpty = await runOnhand(["restore", "--from", backup, "--to", lostUrl], { folder });
  assert.equal(notEmpty.code, 1);
  assert.match(notEmpty.stderr, /is not empty: it has events by key:admin-from-environment/);

  const restored = await runOnhand(["restore", "--from", backup, "--to", newUrl], { folder });
  assert.equal(restored.code, 0, restored.stdout + restored.stderr);
  const back = await startInstance({ folder, env: envOf(newUrl) });
  const seq = Number(/up to seq (\d+)/.exec(made.stdout)?.[1]);
  assert.ok(seq < lostLog.length, "something was lost");
  const log = await logOf(back);
  assert.deepEqual(log, lostLog.slice(0, seq));
  assertInLog(first, log);

  // It goes on, and says why its events are not published; what is in the streams is left alone.
  await work(back, "d", 20);
  const refusal = /The log was restored since: tell the readers.*streams --reset/;
  await until(() => refusal.test(back.output()), "it says what is to be done");
  assert.deepEqual(await everything(), before);

  const resetHere = () => runOnhand(["streams", "--reset"], { folder, env: envOf(newUrl) });
  const reset = await resetHere();
  assert.equal(reset.code, 0, reset.stderr);
  const from = Number(/they go on after seq (\d+)/.exec(reset.stdout)?.[1]);
  assert.equal(from, (await logOf(back)).length);
  const second = await resetHere();
  assert.match(second.stdout, /nothing to do/);

  await work(back, "e", 20);
  const whole = await logOf(back);
  const after = [`log_reset ${from}`, ...told(whole.slice(from))];
  const news = async (stream: string, old: number): Promise<string[]> =>
    kindsOf((await entriesOf(redis, stream)).slice(old));
  await until(
    async () => (await news("inventory-events", before.length)).length >= after.length,
    "all is published again",
  );
  assert.deepEqual(await news("inventory-events", before.length), after);
  assert.deepEqual((await everything()).slice(0, before.length), before);
  for (const type of new Set(before.map(({ fields }) => String(fields["event_type"])))) {
    const old = before.filter(({ fields }) => fields["event_type"] === type).length;
    const expected = after.filter((one, index) => index === 0 || one.startsWith(`${type} `));
    assert.deepEqual(await news(type, old), expected, type);
  }
  const entry = (await everything())[before.length];
  const { epoch, head_seq } = JSON.parse(entry?.fields["payload"] ?? "{}");
  assert.deepEqual([Number(head_seq), Number(epoch) > 1], [from, true]);
  await back.kill();
});
