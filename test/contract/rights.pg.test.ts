// The PostgreSQL adapter against the store contract, with the few rights that docs/security.md gives to the service: all
// that it does works, and nothing of it goes beyond them.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { migrateDatabase, openStore } from "../../src/store/postgres/store.ts";
import {
  asUser,
  giveRights,
  makeOwnersDatabase,
  owner,
  serving,
} from "../support/little-rights.ts";
import { databaseAt, type Postgres, query, startPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { contractLimits as limits, storeContract } from "./store.contract.ts";

describe("PostgreSQL with few rights", { skip: noPostgres }, () => {
  let server: Postgres | null = null;
  let model = "";
  before(async () => {
    server = await startPostgres();
    model = await makeOwnersDatabase(server);
    await migrateDatabase(databaseAt(asUser(model, owner)));
    await giveRights(model);
  });
  after(() => server?.close());

  const newDatabase = async (): Promise<string> => must(server, "it runs").newDatabase(model);

  storeContract("PostgreSQL with few rights", {
    async open() {
      const url = await newDatabase();
      const store = await openStore(databaseAt(asUser(url, serving)), { limits });
      return { store, close: () => store.close() };
    },
  });

  test("the log is not rewritten, and no table made or dropped, by the service's account", async () => {
    const url = asUser(await newDatabase(), serving);
    for (const statement of [
      "DELETE FROM events",
      "UPDATE events SET payload = '{}'",
      "UPDATE events SET seq = seq + 1",
      "TRUNCATE events",
      "DROP TABLE events",
      "ALTER TABLE events DISABLE TRIGGER ALL",
      "DELETE FROM stock",
      "DELETE FROM log_head",
      "UPDATE log_head SET epoch = epoch + 1",
      "UPDATE idempotency SET answer = '{}'",
      "INSERT INTO log_head (id, log_id, epoch, seq, at) VALUES (1, 'x', 1, 0, 0)",
      "DELETE FROM reservations",
      "UPDATE migrations SET version = 9",
      "CREATE TABLE mine (n integer)",
    ]) {
      await assert.rejects(query(url, statement), /permission denied|must be owner/, statement);
    }
    await query(url, "UPDATE events SET synced = 1, synced_at = 1 WHERE synced = 0");
  });
});
