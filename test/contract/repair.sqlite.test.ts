import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import { repairDatabase } from "../../src/database.ts";
import { newFolder } from "../support/instance.ts";
import { fill, open, repairContract } from "../support/repair-contract.ts";

const newFile = () => {
  const path = join(newFolder(), "inventory.db");
  return { kind: "sqlite", name: path, path } as const;
};

describe("a repair of a file", () => {
  const filled = newFile();
  before(() => fill(filled));

  repairContract(async () => {
    const database = newFile();
    copyFileSync(filled.path, database.path);
    const on = <T>(use: (db: DatabaseSync) => T): T => {
      const db = new DatabaseSync(database.path, { enableForeignKeyConstraints: false });
      try {
        return use(db);
      } finally {
        db.close();
      }
    };
    return {
      database,
      plant: async (sql) => on((db) => db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`)),
      read: async (sql) => on((db) => db.prepare(sql).all()),
    };
  });

  test("is not written beside a service, and proposed there", async () => {
    const database = newFile();
    const store = await open(database);
    const wish = { findings: [], actor: "user:ann", reason: "ticket 4711" };
    const written = repairDatabase(database, { ...wish, write: true });
    await assert.rejects(written, /is in use by another Onhand process/);
    const proposed = await repairDatabase(database, { ...wish, write: false });
    assert.deepEqual(proposed, { done: [], left: [] });
    await store.close();
  });
});
