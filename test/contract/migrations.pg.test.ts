// Migrations that take longer than any request may: they are not cut off, whoever starts meanwhile waits for them,
// and one that fails leaves nothing.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Migration } from "../../src/store/migrate.ts";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { migrate, migrations } from "../../src/store/postgres/schema.ts";
import { inTransaction } from "../../src/store/postgres/statements.ts";
import { databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const options = { pooler: false };
/** As those of the service, and a fraction of them. */
const shortTimes =
  "?options=-c%20lock_timeout%3D150%20-c%20statement_timeout%3D150&query_timeout=250";
const long: Migration = {
  name: "998_long.sql",
  version: 998,
  sql: "CREATE TABLE long (); SELECT pg_sleep(1)",
};
const broken: Migration = {
  name: "998_broken.sql",
  version: 998,
  sql: "CREATE TABLE broken (); SELECT 1 / 0",
};

describe("a migration", { skip: noPostgres }, () => {
  let url: string;
  let connections: Connections;
  before(async () => {
    url = await (await sharedPostgres()).newDatabase();
    connections = openConnections(databaseAt(`${url}${shortTimes}`));
    await migrate(connections, options, () => "log");
  });
  after(() => connections.close());

  const start = (last: Migration) =>
    migrate(connections, options, () => "log", [...migrations, last]);
  async function count(from: string): Promise<unknown> {
    return (await query(url, `SELECT count(*)::int FROM ${from}`))[0]?.["count"];
  }

  test("is what the times are too short for in anything else", async () => {
    const read = inTransaction(connections, "READ COMMITTED", options, (one) =>
      one.run("SELECT pg_sleep(1)"),
    );
    await assert.rejects(read, /a statement took too long/);
  });

  test("that fails leaves nothing, not even its first statement", async () => {
    await assert.rejects(start(broken), /division by zero/);
    assert.equal(await count("pg_tables WHERE tablename = 'broken'"), 0);
  });

  test("whose text is the first thing in its transaction is in it", async () => {
    const failing = inTransaction(connections, "READ COMMITTED", options, async (one) => {
      await one.script("CREATE TABLE stray ()");
      throw new Error("not to be kept");
    });
    await assert.rejects(failing, /not to be kept/);
    assert.equal(await count("pg_tables WHERE tablename = 'stray'"), 0);
  });

  test("takes as long as it takes, and an instance that starts meanwhile waits for it", async () => {
    const first = start(long);
    await until(
      async () => (await count("pg_stat_activity WHERE wait_event = 'PgSleep'")) === 1,
      "it is under way",
    );
    const second = start(long);
    assert.deepEqual(await Promise.all([first, second]), [["998_long.sql"], []]);
    assert.equal(await count("migrations WHERE version = 998"), 1);
  });
});
