// onhand doctor where something is wrong: each trouble is named with what to do about it, hides no other, and
// no password is shown.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { type Finding, findingsOf } from "../../src/cli/doctor/local.ts";
import { codeOf } from "../../src/cli/doctor.ts";
import { loadConfig } from "../../src/config.ts";
import { must } from "../../src/lib/assert.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { clockBehindMsMax } from "../../src/limits.ts";
import { migrateDatabase as migratePostgres } from "../../src/store/postgres/store.ts";
import { migrateDatabase as migrateFile } from "../../src/store/sqlite/store.ts";
import { freePort } from "../support/free-port.ts";
import { newFolder, runOnhand } from "../support/instance.ts";
import {
  databaseAt,
  guardedUser,
  type Postgres,
  query,
  startPostgres,
} from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

const password = "pa55w0rd-that-nobody-may-read";

/** What doctor finds with these settings, without the service, beyond what is well. */
async function wrongWith(settings: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  const folder = settings["ONHAND_DATA_DIR"] ?? newFolder();
  const found: Finding[] = [];
  await findingsOf(loadConfig({ ONHAND_DATA_DIR: folder, ...settings }), (one) => found.push(one));
  assert.ok(!JSON.stringify(found).includes(password));
  // How full the disk under the tests is, is not theirs.
  return found.filter(({ check, level }) => level !== "ok" && check !== "disk");
}

/** There is one finding, an error unless it says otherwise, and it says what is wrong and what to do. */
function assertOnly(
  findings: readonly Finding[],
  { check, found, advice, level = "error" }: Told,
): void {
  assert.deepEqual(
    findings.map((one) => [one.check, one.level]),
    [[check, level]],
    JSON.stringify(findings),
  );
  assert.match(findings[0]?.found ?? "", found);
  assert.match(findings[0]?.advice ?? "", advice);
  assert.equal(codeOf(findings), level === "error" ? 1 : 3);
}

interface Told {
  readonly check: string;
  readonly found: RegExp;
  readonly advice: RegExp;
  readonly level?: Finding["level"];
}

/** A data folder with a database file whose last event is so far ahead of this machine's clock. */
function folderOf(aheadMs = 0): string {
  const folder = newFolder();
  const path = join(folder, "inventory.db");
  migrateFile(path, now(), newId);
  const file = new DatabaseSync(path);
  file.prepare("UPDATE log_head SET at = ?").run(now() + aheadMs);
  file.close();
  return folder;
}

async function silentServer(): Promise<{ server: Server; port: number }> {
  const server = createServer(() => undefined).listen(0, "127.0.0.1");
  await until(() => server.listening, "it listens");
  const address = must(server.address(), "it listens");
  return { server, port: typeof address === "object" ? address.port : 0 };
}

describe("doctor, of a database file", () => {
  const advice = /DATABASE_URL and ONHAND_DATA_DIR are those of the service/;

  test("finds nothing where all is well", async () => {
    assert.deepEqual(await wrongWith({ ONHAND_DATA_DIR: folderOf() }), []);
  });

  test("says that there is none", async () => {
    const findings = await wrongWith({});
    assertOnly(findings, { check: "database", found: /there is no database at .*db/, advice });
  });

  test("says that it is something else", async () => {
    const folder = newFolder();
    writeFileSync(
      join(folder, "inventory.db"),
      "not a database, but long enough to be read as one".repeat(100),
    );
    const findings = await wrongWith({ ONHAND_DATA_DIR: folder });
    assertOnly(findings, { check: "database", found: /not a database/, advice });
  });

  test("says that it is of another version", async () => {
    const folder = newFolder();
    new DatabaseSync(join(folder, "inventory.db")).close();
    const findings = await wrongWith({ ONHAND_DATA_DIR: folder });
    assertOnly(findings, { check: "database", found: /onhand -- migrate|npm start/, advice });
  });

  test("says that the clock is behind the log, and not where it is so by less than a start minds", async () => {
    const near = folderOf(clockBehindMsMax - 20_000);
    assert.deepEqual(await wrongWith({ ONHAND_DATA_DIR: near }), []);
    const findings = await wrongWith({ ONHAND_DATA_DIR: folderOf(600_000) });
    assertOnly(findings, {
      check: "clock",
      found: /the last event is of 2.*Z, (?:600|59\d) s ahead of this machine's clock/,
      advice: /no hold expires.*timedatectl set-ntp true/,
    });
  });
});

describe("doctor, of Redis", { skip: noRedis }, () => {
  const advice = /The service goes on without it and catches up.*REDIS_URL/;
  let folder: string;
  let redis: RedisServer;
  before(async () => {
    folder = folderOf();
    redis = await startRedis();
  });
  after(() => redis.close());
  const wrongAt = (url: string) => wrongWith({ ONHAND_DATA_DIR: folder, REDIS_URL: url });
  const withUser = (user: string) => redis.url.replace("//", `//${user}:${password}@`);

  test("finds nothing where it is well", async () => {
    assert.deepEqual(await wrongAt(redis.url), []);
  });

  test("says that it is away", async () => {
    const findings = await wrongAt(`redis://:${password}@127.0.0.1:${await freePort()}`);
    assertOnly(findings, { check: "redis", found: /Redis is away: .*ECONNREFUSED/, advice });
  });

  test("says that it does not answer", async () => {
    const { server, port } = await silentServer();
    try {
      const findings = await wrongAt(`redis://127.0.0.1:${port}`);
      assertOnly(findings, { check: "redis", found: /Redis does not answer/, advice });
    } finally {
      server.close();
    }
  });

  test("warns that it may drop events", async () => {
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    const findings = await wrongAt(redis.url);
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");
    assertOnly(findings, {
      check: "redis",
      level: "warning",
      found: /it answers/,
      advice: /maxmemory-policy allkeys-lru .*set it to noeviction/,
    });
  });

  test("says that the password is wrong, or is missing", async () => {
    await redis.ask("ACL", "SETUSER", "other", "on", ">another", "~*", "+@all");
    await redis.ask("CONFIG", "SET", "requirepass", "another");
    const wrong = await wrongAt(withUser("default"));
    const stranger = await wrongAt(withUser("other"));
    const missing = await wrongAt(redis.url);
    await redis.ask("CONFIG", "SET", "requirepass", "");
    for (const findings of [wrong, stranger]) {
      assertOnly(findings, { check: "redis", found: /WRONGPASS/, advice });
    }
    assertOnly(missing, { check: "redis", found: /NOAUTH/, advice });
  });
});

describe("doctor, of PostgreSQL", { skip: noPostgres }, () => {
  const advice = /PostgreSQL runs, that DATABASE_URL names it, and that its user may log in/;
  let server: Postgres;
  before(async () => {
    server = await startPostgres();
    await query(server.url, `CREATE ROLE ${guardedUser} LOGIN PASSWORD 'another'`);
  });
  after(() => server.close());

  async function migrated(): Promise<string> {
    const url = await server.newDatabase();
    await migratePostgres(databaseAt(url));
    return url;
  }
  const wrongAt = (url: string) => wrongWith({ DATABASE_URL: url });

  test("finds nothing where it is well", async () => {
    assert.deepEqual(await wrongAt(await migrated()), []);
  });

  test("says that it is away", async () => {
    const findings = await wrongAt(
      `postgres://shop:${password}@127.0.0.1:${await freePort()}/onhand`,
    );
    assertOnly(findings, {
      check: "database",
      found: /the database is away: .*ECONNREFUSED/,
      advice,
    });
  });

  test("says that the password is wrong", async () => {
    const findings = await wrongAt(
      `postgres://${guardedUser}:${password}@127.0.0.1:${server.port}/postgres`,
    );
    assertOnly(findings, { check: "database", found: /password authentication failed/, advice });
  });

  test("says that there is no such database, and that it is empty", async () => {
    const none = await wrongAt(server.urlOf("nowhere"));
    assertOnly(none, { check: "database", found: /"nowhere" does not exist/, advice });
    const empty = await wrongAt(await server.newDatabase());
    assertOnly(empty, { check: "database", found: /onhand -- migrate|npm start/, advice });
  });

  test("says which setting of it would lose what was answered", async () => {
    const url = await migrated();
    const name = new URL(url).pathname.slice(1);
    await query(url, `ALTER DATABASE ${name} SET synchronous_commit = off`);
    assertOnly(await wrongAt(url), {
      check: "durability",
      found: /synchronous_commit=off: .*Set synchronous_commit=on/,
      advice: /does not start on it/,
    });
  });

  test("says that the clock is behind its log", async () => {
    const url = await migrated();
    await query(url, "UPDATE log_head SET at = at + 600000");
    assertOnly(await wrongAt(url), {
      check: "clock",
      found: /s ahead of this machine's clock/,
      advice: /timedatectl set-ntp true/,
    });
  });
});

test("doctor goes through all that is wrong, says each with its advice, and ends with 1", async () => {
  const folder = newFolder();
  const data = folderOf(600_000);
  const [redis, service] = [await freePort(), await freePort()];
  const { code, stdout } = await runOnhand(["doctor"], {
    folder,
    env: {
      ONHAND_DATA_DIR: data,
      REDIS_URL: `redis://:${password}@127.0.0.1:${redis}`,
      PORT: String(service),
    },
  });
  assert.equal(code, 1, stdout);
  assert.ok(!stdout.includes(password));
  for (const [check, advice] of [
    ["clock", "Until the clock has caught up no hold expires"],
    ["redis", "The service goes on without it"],
    ["service", "Start it"],
  ]) {
    assert.match(stdout, new RegExp(`^ERROR +${check} .*\\n +→ ${advice}`, "m"));
  }
});
