import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openDatabase, repairDatabase } from "../../src/database.ts";
import * as say from "../support/commands.ts";
import { databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { repairContract } from "../support/repair-contract.ts";

describe("a repair of a PostgreSQL database", { skip: noPostgres }, () => {
  repairContract(async () => {
    const url = await (await sharedPostgres()).newDatabase();
    const database = { kind: "postgres", name: "the database", ...databaseAt(url) } as const;
    return {
      database,
      async plant(sql) {
        await query(url, sql);
      },
    };
  });

  test("is written beside instances that commit: each row is decided under the lock, and the log goes on without a gap", async (t) => {
    const url = await (await sharedPostgres()).newDatabase();
    const database = { kind: "postgres", name: "the database", ...databaseAt(url) } as const;
    const limits = {
      reservationsPerCustomer: 0,
      unitsPerCustomer: 0,
      reservationLifeMs: 86_400_000,
    };
    const store = await openDatabase(database, { limits, notify: false });
    t.after(() => store.close());
    await store.commit([
      say.createStore("MAD"),
      say.createProduct("mug"),
      say.changeStock({ amount: 500 }),
    ]);
    await query(url, "UPDATE stock SET reserved = 7");
    let isDone = false;
    const selling = (async () => {
      while (!isDone) await store.commit([say.changeStock({ amount: -1 })]);
    })();
    const finding = { invariant: "I2", detail: "stock mug at MAD: reserved is 7" };
    const wish = { findings: [finding], write: true, actor: "user:ann", reason: "ticket 4711" };
    const { done } = await repairDatabase(database, wish);
    isDone = true;
    await selling;
    assert.match(done.join(), /reserved: /);
    const { reserved, quantity } = (await store.stock("mug", "MAD")) ?? {};
    const { seq } = await store.head();
    assert.deepEqual([reserved, (quantity ?? 0) > 0], [0, true]);
    const everything = { type: null, storeId: null, productId: null, stores: "*" } as const;
    const { items } = await store.events({ ...everything, after: 0, limit: seq });
    assert.deepEqual(
      items.map((event) => event.seq),
      Array.from({ length: seq }, (_, index) => index + 1),
    );
    assert.equal(items.filter(({ actor }) => actor === "user:ann").length, 1);
  });
});
