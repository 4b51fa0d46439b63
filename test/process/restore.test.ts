// A database file is lost and put back from a backup that was made under load: what the backup had is there, no
// more and no less; readers of the log are told; and whatever is no backup, or would overwrite something, is
// refused and changes nothing.

import assert from "node:assert/strict";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { fillFile } from "../support/filled-file.ts";
import {
  ask,
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
import { openSse } from "../support/sse-client.ts";
import { until } from "../support/until.ts";

/** The long run: npm run test:long. */
const events = Number(process.env["RESTORE_EVENTS"] ?? 2_000);

async function logOf(service: Instance): Promise<readonly LoggedEvent[]> {
  const log: LoggedEvent[] = [];
  await readLog(service, log);
  return log;
}

const seqIn = (stdout: string): number => Number(/up to seq (\d+)/.exec(stdout)?.[1]);

async function headOf(service: Instance): Promise<{ seq: number; epoch: number }> {
  const { body } = await ask(service, "GET", "/events?limit=1");
  return { seq: Number(body["head_seq"]), epoch: Number(body["epoch"]) };
}

function query(path: string, sql: string): Record<string, unknown> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return { ...db.prepare(sql).get() };
  } finally {
    db.close();
  }
}

function change(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

test("a file that is lost under load comes back from its backup: exactly the log up to there, audited, and who followed it is told", async (t) => {
  const folder = newFolder();
  const env = { ...unlimited, PORT: "0" };
  const lost = await startInstance({ folder, env });
  await openShopOf(lost);
  const clients = Array.from({ length: 4 }, (_, n) => openClient(`r${n}`, randomFrom(n)));
  let isDone = false;
  const working = clients.map((client) => client.work(lost, () => isDone));
  const deeds = () => clients.flatMap((client) => client.deeds);
  const told = () => deeds().filter((deed) => deed.told !== null);
  await until(() => told().length > 100, "there is load");

  const toldBefore = told();
  const backup = join(folder, "backup.db");
  const made = await runOnhand(["backup", "--to", backup], { folder });
  assert.equal(made.code, 0, made.stdout + made.stderr);
  const toldAfter = told().length;
  await until(() => told().length > toldAfter + 50, "the backup is behind");
  isDone = true;
  await Promise.all(working);
  const stream = `/api/v1/events/stream?after=0`;
  const headers = { "x-api-key": lost.key };
  const follower = await openSse(lost.url + stream, { headers });
  t.after(() => follower.close());
  const head = await headOf(lost);
  await follower.hears((heard) => heard.length >= head.seq, "it has the whole log");
  const lostLog = await logOf(lost);

  await lost.kill();
  for (const name of readdirSync(join(folder, "data"))) {
    if (name.startsWith("inventory.db")) rmSync(join(folder, "data", name));
  }
  const { code, stdout, stderr } = await runOnhand(["restore", "--from", backup], { folder });
  assert.equal(code, 0, stdout + stderr);
  const verified = await runOnhand(["verify"], { folder });
  assert.equal(verified.code, 0, verified.stdout);

  const back = await startInstance({ folder, env });
  const log = await logOf(back);
  const seq = seqIn(made.stdout);
  assert.ok(seq < lostLog.length, "something was lost");
  assert.deepEqual(log.slice(0, seq), lostLog.slice(0, seq));
  assert.deepEqual(log.length, seq);
  // What was answered before the backup began is in it.
  assertInLog(toldBefore, log);
  const now = await headOf(back);
  assert.equal(now.seq, seq);
  assert.ok(now.epoch > head.epoch);
  assert.match(stdout, new RegExp(`seq ${seq}, .* its epoch is now ${now.epoch}`));

  const again = await openSse(back.url + stream, {
    headers: { ...headers, "last-event-id": follower.lastId() },
  });
  t.after(() => again.close());
  await again.hears((heard) => heard.length > 0, "it is told");
  assert.deepEqual(again.heard, [
    {
      id: `${now.epoch}.${seq}`,
      event: "log_reset",
      data: JSON.stringify({ epoch: now.epoch, head_seq: seq }),
    },
  ]);
  const client = must(clients[0], "there are four");
  const enough = client.deeds.length + 20;
  await client.work(back, () => client.deeds.length >= enough);
  await until(async () => again.seqs().length === (await headOf(back)).seq - seq, "it follows on");
  assert.equal(again.seqs()[0], seq + 1);
  await back.kill();
});

describe("restore", () => {
  let service: Instance;
  let folder: string;
  let sound: string;
  before(async () => {
    service = await startInstance({ env: { LOG_LEVEL: "warn" } });
    folder = service.folder;
    await openShopOf(service);
    sound = join(folder, "sound.db");
    const { code, stderr } = await runOnhand(["backup", "--to", sound], { folder });
    assert.equal(code, 0, stderr);
  });
  after(() => service.kill());

  const put = (from: string, to: string, ...more: readonly string[]) =>
    runOnhand(["restore", "--from", from, "--to", `sqlite:${to}`, ...more], { folder });
  const named = (name: string): string => join(newFolder(), name);

  async function refuses(from: string, to: string, words: RegExp): Promise<void> {
    const before = existsSync(to) ? readFileSync(to) : null;
    const { code, stdout, stderr } = await put(from, to);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, words);
    assert.match(stderr, /^onhand: [^\n]*\n$/);
    assert.deepEqual(existsSync(to) ? readFileSync(to) : null, before);
    assert.ok(!existsSync(`${to}.restoring`), "nothing is left of it");
  }

  test("refuses a database that has more than a first start makes, and one that is in use", async () => {
    const used = named("used.db");
    writeFileSync(used, readFileSync(sound));
    await Promise.all([
      refuses(sound, used, /used\.db is not empty: it has events by key:admin/),
      refuses(sound, service.database, /is in use by another Onhand process/),
      refuses(sound, sound, /is the backup itself/),
    ]);
  });

  test("refuses to replace what is not Onhand's, and what is left of a database that was here", async () => {
    const other = named("other.db");
    change(other, "CREATE TABLE accounts (id INTEGER)");
    await refuses(sound, other, /belongs to another program \(it has a table accounts\)/);
    const junk = named("junk.db");
    writeFileSync(junk, "no database at all");
    await refuses(sound, junk, /cannot be read .*Move it away first/);
    const gone = named("gone.db");
    writeFileSync(`${gone}-wal`, "the last commits");
    await refuses(sound, gone, /gone\.db-wal is left of a database that was here/);
    assert.equal(readFileSync(`${gone}-wal`, "utf8"), "the last commits");
  });

  test("refuses a backup that is none, is cut off, or is of a newer version, whatever the target is", async () => {
    const copy = (name: string): string => {
      const path = named(name);
      writeFileSync(path, readFileSync(sound));
      return path;
    };
    const [cut, start, newer] = [copy("cut.db"), copy("start.db"), copy("newer.db")];
    truncateSync(cut, readFileSync(cut).length - 4096);
    truncateSync(start, 2_000);
    change(newer, "INSERT INTO migrations VALUES (999, '999_later.sql', 0)");
    const text = named("text.db");
    writeFileSync(text, "no database at all, whatever its name says. ".repeat(100));
    const empty = named("empty.db");
    writeFileSync(empty, "");
    const foreign = named("foreign.db");
    change(foreign, "CREATE TABLE accounts (id INTEGER)");
    const refused = [
      [named("missing.db"), /there is no file at/],
      [cut, /cut\.db is damaged or cut off/],
      [start, /start\.db is damaged or cut off/],
      [newer, /migrated by a newer Onhand \(999_later\.sql\)/],
      [text, /text\.db is no database of Onhand/],
      [empty, /empty\.db is no database of Onhand/],
      [foreign, /belongs to another program/],
    ] as const;
    await Promise.all(refused.map(([from, words]) => refuses(from, named("target.db"), words)));
  });

  test("replaces what a first start made by itself, demo and key included, and leaves the backup as it was", async () => {
    const begun = await startInstance({ env: { LOG_LEVEL: "warn" } });
    await begun.stop();
    const bytes = readFileSync(sound);
    const { code, stdout, stderr } = await put(sound, begun.database);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(readFileSync(sound), bytes);
    const count = "SELECT count(*) AS n, max(seq) AS seq FROM events";
    assert.deepEqual(query(begun.database, count), query(sound, count));
    const back = await startInstance({ folder: begun.folder, env: { LOG_LEVEL: "warn" } });
    const restored = { ...back, key: service.key };
    assert.equal((await ask(restored, "GET", "/stock/ledger-0/MAD-001")).status, 200);
    await back.kill();
  });

  test("keeps nothing of a backup in which an invariant is broken, unless it is told to", async () => {
    const broken = named("broken.db");
    writeFileSync(broken, readFileSync(sound));
    change(broken, "UPDATE stock SET reserved = reserved + 1 WHERE product_id = 'ledger-0'");
    const to = named("target.db");
    const { code, stdout, stderr } = await put(broken, to);
    assert.equal(code, 1);
    assert.match(stdout, /^I2 {2}stock ledger-0 at /m);
    assert.match(stderr, /findings; nothing was kept/);
    assert.ok(!existsSync(to));
    const kept = await put(broken, to, "--with-findings");
    assert.equal(kept.code, 0, kept.stderr);
    assert.ok(existsSync(to));
  });

  test("of the same backup twice makes two lives of the log, each with an epoch of its own", async () => {
    const epochs = new Set([1]);
    for (const name of ["one.db", "two.db"]) {
      const to = named(name);
      assert.equal((await put(sound, to)).code, 0);
      epochs.add(Number(query(to, "SELECT epoch FROM log_head")["epoch"]));
    }
    assert.equal(epochs.size, 3);
  });

  test("in place raises the epoch of a database that came back by other means, not beside a service", async () => {
    const path = named("copied.db");
    writeFileSync(path, readFileSync(sound));
    const env = { DATABASE_URL: `sqlite:${path}` };
    const { code, stdout, stderr } = await runOnhand(["restore", "--in-place"], { env });
    assert.equal(code, 0, stderr);
    const { epoch } = query(path, "SELECT epoch FROM log_head");
    assert.ok(Number(epoch) > 1);
    assert.match(stdout, new RegExp(`its epoch is now ${String(epoch)}\\n`));
    const served = await runOnhand(["restore", "--in-place"], { folder });
    assert.equal(served.code, 1);
    assert.match(served.stderr, /is in use by another Onhand process/);
  });
});

test(`${events} events are backed up and restored with all that is checked, at 1,000,000 within a minute`, {
  timeout: 120_000 + events,
}, async (t) => {
  const filled = fillFile(events);
  const folder = newFolder();
  const [backup, to] = [join(folder, "backup.db"), join(folder, "restored.db")];
  const env = { DATABASE_URL: `sqlite:${filled}` };
  const made = await runOnhand(["backup", "--to", backup], { env });
  assert.equal(made.code, 0, made.stderr);
  const restored = await runOnhand(["restore", "--from", backup, "--to", `sqlite:${to}`]);
  assert.equal(restored.code, 0, restored.stderr);
  assert.equal(must(query(to, "SELECT seq FROM log_head")["seq"], "its head"), events);
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  t.diagnostic(`backup ${seconds(made.ms)} s, restore ${seconds(restored.ms)} s`);
  assert.ok(restored.ms < 60_000, `the restore took ${seconds(restored.ms)} s`);
});
