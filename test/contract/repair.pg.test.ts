import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { repairDatabase } from "../../src/database.ts";
import * as say from "../support/commands.ts";
import { databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { fill, open, repairContract } from "../support/repair-contract.ts";

async function newDatabase(from?: string) {
  const url = await (await sharedPostgres()).newDatabase(from);
  return { kind: "postgres", name: "the database", ...databaseAt(url) } as const;
}

describe("a repair of a PostgreSQL database", { skip: noPostgres }, () => {
  let filled: Awaited<ReturnType<typeof newDatabase>>;
  before(async () => {
    filled = await newDatabase();
    await fill(filled);
  });

  repairContract(async () => {
    const database = await newDatabase(filled.url);
    return {
      database,
      plant: async (sql) => void (await query(database.url, sql)),
      read: (sql) => query(database.url, sql),
    };
  });

  test("is written beside instances that commit: each row is decided under the lock, and the log goes on without a gap", async (t) => {
    const database = await newDatabase();
    const store = await open(database);
    t.after(() => store.close());
    await store.commit([
      say.createStore("MAD"),
      say.createProduct("mug"),
      say.changeStock({ amount: 500 }),
    ]);
    await query(database.url, "UPDATE stock SET reserved = 7");
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
