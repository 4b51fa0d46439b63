// The SQLite adapter against the store contract, and what only a database file can promise: it is kept
// over a restart, served by one process, refused when it is not ours, and copied while it is written.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { openFile } from "../../src/store/sqlite/open.ts";
import { migrateDatabase, openBeside, openStore } from "../../src/store/sqlite/store.ts";
import { changeStock, createProduct, createStore, reserve, setStock } from "../support/commands.ts";
import { contractLimits as limits, storeContract } from "./store.contract.ts";

storeContract("SQLite", {
  async open() {
    const folder = mkdtempSync(join(tmpdir(), "onhand-contract-"));
    const store = await openStore(join(folder, "inventory.db"), { limits });
    return {
      store,
      async close() {
        await store.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
});

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "onhand-file-"));
  try {
    await work(join(folder, "inventory.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mugs = [createStore("MAD"), createProduct("mug"), changeStock({ amount: 5 })];

describe("a database file", () => {
  test("keeps everything over a restart, and its log goes on", () =>
    inFolder(async (path) => {
      const first = await openStore(path, { limits });
      await first.commit([...mugs, reserve("r-1", 2)]);
      const head = await first.head();
      await first.close();
      const second = await openStore(path, { limits });
      assert.deepEqual(await second.head(), head);
      assert.equal((await second.reservation("r-1"))?.status, "PENDING");
      const [outcome] = await second.commit([reserve("r-2", 1)]);
      assert.equal(outcome?.events[0]?.seq, head.seq + 1);
      await second.close();
    }));

  test("whose log is ahead of the clock goes on in the log's time: holds end by it, and it does not go back", () =>
    inFolder(async (path) => {
      const first = await openStore(path, { limits });
      await first.commit([...mugs, reserve("r-1", 2, { ttlMs: 60_000 })]);
      await first.close();
      const db = new DatabaseSync(path);
      const ahead = Date.now() + 3_600_000;
      db.prepare("UPDATE log_head SET at = ?").run(ahead);
      db.close();
      const store = await openStore(path, { limits });
      try {
        const [outcome] = await store.commit([reserve("r-2", 5, { ttlMs: 1_000 })]);
        assert.deepEqual(
          outcome?.events.map(({ type, occurredAt }) => [type, occurredAt]),
          [
            ["reservation.expired", ahead],
            ["reservation.created", ahead],
            ["stock.out", ahead],
          ],
        );
        assert.equal((await store.reservation("r-2"))?.expiresAt, ahead + 1_000);
        assert.deepEqual([(await store.head()).at, await store.time()], [ahead, ahead]);
      } finally {
        await store.close();
      }
    }));

  test("is served by one process: a second one is refused by the file's name", () =>
    inFolder(async (path) => {
      const first = await openStore(path, { limits });
      await assert.rejects(openStore(path, { limits }), (error: Error) => {
        assert.match(error.message, /inventory\.db is in use by another Onhand process/);
        return error.name === "OperatingError";
      });
      await first.close();
      const next = await openStore(path, { limits });
      await next.close();
    }));

  test("of another program is refused and left as it is", () =>
    inFolder(async (path) => {
      const foreign = new DatabaseSync(path);
      foreign.exec("CREATE TABLE customers (id INTEGER)");
      foreign.close();
      await assert.rejects(openStore(path, { limits }), /belongs to another program.*customers/);
      const after = new DatabaseSync(path);
      const tables = after.prepare("SELECT name FROM sqlite_schema").all();
      assert.deepEqual(
        tables.map(({ name }) => name),
        ["customers"],
      );
      after.close();
    }));

  test("of a newer program is refused by its migration's name", () =>
    inFolder(async (path) => {
      migrateDatabase(path, 1, () => "log");
      const db = new DatabaseSync(path);
      db.exec("INSERT INTO migrations VALUES (999, '999_future.sql', 1)");
      db.close();
      await assert.rejects(openStore(path, { limits }), /newer Onhand \(999_future\.sql\)/);
      assert.throws(() => openBeside(path), /999_future\.sql/);
    }));

  test("is migrated once; a second time there is nothing to do", () =>
    inFolder(async (path) => {
      assert.deepEqual(
        migrateDatabase(path, 1, () => "log"),
        ["001_initial.sql", "002_webhooks.sql", "003_traces.sql", "004_low_told.sql"],
      );
      assert.deepEqual(
        migrateDatabase(path, 1, () => "log"),
        [],
      );
    }));

  test("of the version that told a low row each time goes on as one that has told it", () =>
    inFolder(async (path) => {
      const made = await openStore(path, { limits });
      const goods = [createStore("MAD"), createProduct("mug"), changeStock({ amount: 3 })];
      await made.commit([...goods, setStock({ reorderPoint: 3 })]);
      await made.close();
      const before = new DatabaseSync(path);
      before.exec(
        "ALTER TABLE stock DROP COLUMN low_told; DELETE FROM migrations WHERE version = 4",
      );
      before.close();
      const store = await openStore(path, { limits });
      const [sold] = await store.commit([changeStock({ amount: -1 })]);
      assert.deepEqual(
        sold?.events.map(({ type }) => type),
        ["stock.updated"],
      );
      await store.close();
    }));

  test("that is not there is not made by tools that work beside the service", () =>
    inFolder(async (path) => {
      assert.throws(() => openBeside(path), /no database at .*npm start/);
    }));

  test("flushes each commit: WAL, synchronous FULL and foreign keys are read back", () =>
    inFolder(async (path) => {
      migrateDatabase(path, 1, () => "log");
      const db = openFile(path);
      const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      assert.equal(pragma("journal_mode"), "wal");
      assert.equal(pragma("synchronous"), 2);
      assert.equal(pragma("foreign_keys"), 1);
      assert.equal(pragma("busy_timeout"), 5000);
      db.close();
    }));

  test("cannot be opened without its durability: the start is refused", () => {
    assert.throws(() => openFile(":memory:"), /journal_mode=memory where wal is needed/);
  });

  test("refuses by its CHECKs and foreign keys what the domain would never write", () =>
    inFolder(async (path) => {
      const store = await openStore(path, { limits });
      await store.commit([...mugs, reserve("r-1", 2)]);
      await store.close();
      const db = openFile(path);
      for (const [sql, constraint] of [
        ["UPDATE stock SET quantity = -1", "CHECK"],
        ["UPDATE stock SET reserved = quantity + 1", "CHECK"],
        ["UPDATE stock SET reserved = -1", "CHECK"],
        ["UPDATE reservations SET status = 'LOST'", "CHECK"],
        ["UPDATE reservations SET quantity = 0", "CHECK"],
        ["UPDATE products SET price = -1", "CHECK"],
        ["DELETE FROM stock", "FOREIGN KEY"],
        ["DELETE FROM products", "FOREIGN KEY"],
        [
          "INSERT INTO stock SELECT id, product_id, 'NOWHERE', 0, 0, 1, NULL, 0, 0 FROM stock",
          "FOREIGN KEY",
        ],
        ["UPDATE stock SET quantity = 'many'", "cannot store TEXT"],
      ] as const) {
        assert.throws(() => db.exec(sql), new RegExp(constraint), sql);
      }
      db.close();
    }));

  test("is backed up whole while it is written to", () =>
    inFolder(async (path) => {
      const store = await openStore(path, { limits });
      await store.commit([...mugs, changeStock({ amount: 1000 })]);
      let going = true;
      const writing = (async () => {
        for (let n = 0; going; n += 1)
          await store.commit([reserve(`r-${n}`, 1, { customerId: `c-${n}` })]);
      })();
      const copy = `${path}.copy`;
      await store.backup(copy);
      going = false;
      await writing;
      const head = await store.head();
      await store.close();
      const beside = openBeside(copy);
      const copied = await beside.head();
      assert.equal(copied.logId, head.logId);
      assert.ok(copied.seq >= 4 && copied.seq <= head.seq);
      const rows = await beside.auditRows({ after: null, limit: 10, eventsMax: null });
      assert.deepEqual([...rows.findings, ...(await beside.auditLog())], []);
      await beside.close();
    }));

  test("gives and takes keys beside the service that has it open", () =>
    inFolder(async (path) => {
      const store = await openStore(path, { limits });
      const beside = openBeside(path);
      const hash = new Uint8Array(32).fill(9);
      const key = { name: "k", role: "admin", stores: "*", createdAt: 1 } as const;
      await beside.addKey({ id: "k-1", ...key, expiresAt: null, lastUsedAt: null }, hash);
      assert.equal((await store.keyByHash(hash))?.id, "k-1");
      assert.equal(await beside.removeKey("k-1"), true);
      assert.equal(await store.keyByHash(hash), null);
      await beside.close();
      await store.close();
    }));
});
