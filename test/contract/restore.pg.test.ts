// What a restore into PostgreSQL promises beside what one into a file does: the database is as one that was filled
// by the service, with its indexes and numbers, and whatever goes wrong leaves what was there.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { backupDatabase, openBackup, raiseEpoch, restoreDatabase } from "../../src/database.ts";
import { OperatingError } from "../../src/lib/operating-error.ts";
import { migrateDatabase, openStore } from "../../src/store/postgres/store.ts";
import { stateHash } from "../../src/store/tables.ts";
import * as say from "../support/commands.ts";
import { fillFile } from "../support/filled-file.ts";
import { newFolder } from "../support/instance.ts";
import { databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const quiet = { begin: () => undefined, seen: () => undefined };
const seen = (): void => undefined;
const accept = async (): Promise<void> => undefined;
const firstStart = { actor: "system:first-start" };

async function newDatabase() {
  const url = await (await sharedPostgres()).newDatabase();
  return { kind: "postgres", name: "the database", ...databaseAt(url) } as const;
}

type Database = Awaited<ReturnType<typeof newDatabase>>;

/** As a first start leaves it, or as it is after somebody has worked with it. */
async function begun(actor: { readonly actor: string } = firstStart): Promise<Database> {
  const database = await newDatabase();
  const store = await openStore(database, { limits });
  const commands = [
    say.createStore("MAD"),
    say.createProduct("mug"),
    say.changeStock({ amount: 5 }),
  ];
  await store.commit(commands.map((command) => ({ ...command, ...actor })));
  await store.close();
  return database;
}

const shape = ({ url }: Database): Promise<readonly unknown[]> =>
  query(
    url,
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL
     SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE connamespace = 'public'::regnamespace
     ORDER BY 1, 2`,
  );
const headOf = async ({ url }: Database): Promise<unknown> =>
  (await query(url, "SELECT epoch::float8, seq::integer FROM log_head"))[0];

async function restoreTo(database: Database, path: string, more = { accept }) {
  const backup = await openBackup(path);
  try {
    return await restoreDatabase(backup, database, { seen, ...more });
  } finally {
    backup.close();
  }
}

describe("a restore into PostgreSQL", { skip: noPostgres }, () => {
  test("has the state of the file, and indexes, references and numbers as the service makes them; its own backup has that state again", async () => {
    const path = fillFile(3_000);
    const file = await openBackup(path);
    const expected = await stateHash(file.read);
    file.close();
    const [database, other] = [await newDatabase(), await newDatabase()];
    await migrateDatabase(other);
    const { hash, head } = await restoreTo(database, path);
    assert.equal(hash, expected);
    assert.deepEqual([head.seq, head.epoch > 1], [3_000, true]);
    assert.deepEqual(await shape(database), await shape(other));

    const again = join(newFolder(), "again.db");
    await backupDatabase(database, again, quiet);
    const copy = await openBackup(again);
    assert.equal(copy.head.epoch, head.epoch);
    const third = await newDatabase();
    assert.equal((await restoreTo(third, again)).hash, await stateHash(copy.read));
    copy.close();

    const store = await openStore(third, { limits });
    const made = say.createProduct("after", { sku: "AFTER" });
    const [outcome] = await store.commit([made]);
    assert.equal(outcome?.events[0]?.seq, 3_001);
    await store.close();
  });

  test("replaces what a first start made, and nothing else", async () => {
    const path = fillFile(600);
    const fresh = await begun();
    assert.equal((await restoreTo(fresh, path)).head.seq, 600);
    const used = await begun({ actor: "key:till" });
    await assert.rejects(restoreTo(used, path), /is not empty: it has events by key:till/);
    assert.deepEqual(await headOf(used), { epoch: 1, seq: 3 });
  });

  test("that is not accepted, or asked for beside an instance, leaves what was there", async () => {
    const path = fillFile(600);
    const database = await begun();
    const before = await shape(database);
    const refuse = async (): Promise<void> => {
      throw new OperatingError("no", { retryable: false });
    };
    await assert.rejects(restoreTo(database, path, { accept: refuse }), /no/);
    assert.deepEqual(await headOf(database), { epoch: 1, seq: 3 });
    const store = await openStore(database, { limits });
    await assert.rejects(restoreTo(database, path), /is in use: Onhand has \d+ connections/);
    await assert.rejects(raiseEpoch(database, { seen, accept }), /is in use/);
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 5);
    await store.close();
    assert.deepEqual(await headOf(database), { epoch: 1, seq: 3 });
    assert.deepEqual(await shape(database), before);
  });

  test("by other means gets its epoch in place", async () => {
    const database = await begun({ actor: "key:till" });
    const { head } = await raiseEpoch(database, { seen, accept });
    assert.ok(head.epoch > 1);
    assert.deepEqual(await headOf(database), { epoch: head.epoch, seq: 3 });
  });
});
