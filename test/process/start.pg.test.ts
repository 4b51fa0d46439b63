// A start on PostgreSQL that cannot be: the program ends with code 1 and one sentence that says what is wrong and
// what to do. Nobody reads a stack trace there, and nobody a password.

import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { migrateDatabase } from "../../src/store/postgres/store.ts";
import { freePort } from "../support/free-port.ts";
import { runOnhand, startInstance } from "../support/instance.ts";
import {
  databaseAt,
  type Postgres,
  query,
  startPostgres,
  startStandby,
} from "../support/postgres.ts";
import { noPostgres, superuser } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const password = "pa55w0rd-that-nobody-may-read";

describe("a start on PostgreSQL", { skip: noPostgres, concurrency: 4, timeout: 120_000 }, () => {
  let server: Postgres;
  let standby: Postgres;
  let unsafe: Postgres;
  let nowhere: number;
  let silent: Server;
  before(async () => {
    [server, unsafe] = await Promise.all([
      startPostgres(),
      startPostgres({ settings: { fsync: "off" } }),
    ]);
    standby = await startStandby(server);
    await query(server.url, "CREATE ROLE guarded LOGIN PASSWORD 'another-pa55w0rd'");
    nowhere = await freePort();
    silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await until(() => silent.listening, "it listens");
  });
  after(async () => {
    silent.close();
    await Promise.all([server.close(), standby.close(), unsafe.close()]);
  });

  const at = (user: string, port: number, name = "postgres"): string =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
  const made = async (sql: (name: string) => string): Promise<string> => {
    const url = await server.newDatabase();
    await query(url, sql(new URL(url).pathname.slice(1)));
    return at(superuser, server.port, new URL(url).pathname.slice(1));
  };
  const silentPort = (): number => {
    const address = must(silent.address(), "it listens");
    return typeof address === "object" ? address.port : 0;
  };

  const starts: readonly (readonly [
    title: string,
    url: () => string | Promise<string>,
    words: RegExp,
  ])[] = [
    [
      "a wrong password",
      () => at("guarded", server.port),
      /127\.0\.0\.1:\d+: .*password authentication failed for user "guarded"\. Check the user and the password/,
    ],
    [
      "no password where one is asked for",
      () => `postgres://guarded@127.0.0.1:${server.port}/postgres`,
      /asks for a password\. Give one in DATABASE_URL/,
    ],
    [
      "a wrong host",
      () => `postgres://${superuser}:${password}@nowhere.invalid:5432/postgres`,
      /nowhere\.invalid:5432: the database is away: .*\. Check .* host and port in DATABASE_URL/,
    ],
    [
      "a wrong port",
      () => at(superuser, nowhere),
      /127\.0\.0\.1:\d+: the database is away: .*ECONNREFUSED.*\. Check that PostgreSQL runs there/,
    ],
    [
      "a port on which something else listens and says nothing",
      () => at(superuser, silentPort()),
      /the database is away: .*\. Check that PostgreSQL runs there/,
    ],
    [
      "several hosts, none of which is there",
      () =>
        `postgres://${superuser}:${password}@127.0.0.1:${nowhere},nowhere.invalid:5432/postgres`,
      /127\.0\.0\.1:\d+: .*; nowhere\.invalid:5432: /,
    ],
    [
      "a database that does not exist",
      () => at(superuser, server.port, "nothing"),
      /there is no such database: .*"nothing".*\. Create it/,
    ],
    [
      "a database of another program",
      () => made(() => "CREATE TABLE customers (id integer)"),
      /belongs to another program.*customers.*Choose another DATABASE_URL/,
    ],
    [
      "a database of a newer version",
      async () => {
        const url = await server.newDatabase();
        await migrateDatabase(databaseAt(url));
        await query(url, "INSERT INTO migrations VALUES (999, '999_future.sql', 1)");
        return at(superuser, server.port, new URL(url).pathname.slice(1));
      },
      /newer Onhand \(999_future\.sql\).*Run the newer program/,
    ],
    [
      "a standby alone",
      () => at(superuser, standby.port),
      /127\.0\.0\.1:\d+: it is a read-only standby\. Name its primary/,
    ],
    ["a server with fsync=off", () => at(superuser, unsafe.port), /fsync=off.*Set fsync=on/],
    [
      "a database with synchronous_commit=off",
      () => made((name) => `ALTER DATABASE ${name} SET synchronous_commit = off`),
      /synchronous_commit=off.*Set synchronous_commit=on/,
    ],
    [
      "a user who may not make tables",
      async () => {
        await query(server.url, "CREATE ROLE visitor LOGIN");
        return at("visitor", server.port);
      },
      /may not do that.*\. Make the user in DATABASE_URL the owner/,
    ],
  ];
  for (const [title, url, words] of starts) {
    test(`${title} is told in a sentence, and the program ends`, async () => {
      const env = { PORT: "0", DATABASE_URL: await url() };
      const { code, stdout, stderr } = await runOnhand(["serve"], { env });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /^onhand: [^\n]+\n$/);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\bat [^\n]*:\d+:\d+|bug/);
      assert.ok(!(stdout + stderr).includes(password), stderr);
      assert.equal(stdout, "");
    });
  }

  test("goes well when only the first of several hosts is down", async () => {
    const url = await server.newDatabase();
    const hosts = `127.0.0.1:${nowhere},127.0.0.1:${server.port}`;
    const env = { DATABASE_URL: url.replace(`127.0.0.1:${server.port}`, hosts) };
    const service = await startInstance({ env });
    assert.equal((await service.stop()).code, 0);
  });
});
