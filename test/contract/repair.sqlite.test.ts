import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { openDatabase, repairDatabase } from "../../src/database.ts";
import { newFolder } from "../support/instance.ts";
import { repairContract } from "../support/repair-contract.ts";

const newFile = () => {
  const path = join(newFolder(), "inventory.db");
  return { kind: "sqlite", name: path, path } as const;
};

describe("a repair of a file", () => {
  repairContract(async () => {
    const database = newFile();
    return {
      database,
      async plant(sql) {
        const db = new DatabaseSync(database.path, { enableForeignKeyConstraints: false });
        db.exec(`PRAGMA ignore_check_constraints = ON; ${sql}`);
        db.close();
      },
    };
  });

  test("is not written beside a service", async () => {
    const database = newFile();
    const limits = {
      reservationsPerCustomer: 0,
      unitsPerCustomer: 0,
      reservationLifeMs: 86_400_000,
    };
    const store = await openDatabase(database, { limits, notify: false });
    const wish = { findings: [], write: true, actor: "user:ann", reason: "ticket 4711" };
    await assert.rejects(repairDatabase(database, wish), /is in use by another Onhand process/);
    assert.deepEqual(await repairDatabase(database, { ...wish, write: false }), {
      done: [],
      left: [],
    });
    await store.close();
  });
});
