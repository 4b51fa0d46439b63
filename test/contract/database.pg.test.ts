// What a PostgreSQL database promises beside the store contract: it is kept over a restart, served by any number
// of instances, refused when it is not ours or would not keep what it answered, and no password is ever told.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  type Database,
  noTimelineSeen,
  openConnections,
} from "../../src/store/postgres/connections.ts";
import { migrateDatabase, openBeside, openStore } from "../../src/store/postgres/store.ts";
import { changeStock, createProduct, createStore, reserve, setStock } from "../support/commands.ts";
import { freePort } from "../support/free-port.ts";
import {
  databaseAt,
  guardedUser,
  type Postgres,
  query,
  type SharedPostgres,
  sharedPostgres,
  startPostgres,
  startStandby,
} from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const mugs = [createStore("MAD"), createProduct("mug"), changeStock({ amount: 5 })];
const open = (database: Database) => openStore(database, { limits });
const options = { skip: noPostgres };

async function newDatabase(): Promise<Database> {
  return databaseAt(await (await sharedPostgres()).newDatabase());
}

async function tablesOf({ url }: Database): Promise<unknown[]> {
  const rows = await query(
    url,
    "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  return rows.map(({ tablename }) => tablename);
}

/** An operating error that no new try would mend, and that says what is wrong. */
function refused(words: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, "OperatingError");
    assert.match(error.message, words);
    return true;
  };
}

describe("a PostgreSQL database", options, () => {
  test("keeps everything over a restart of the service, and its log goes on", async () => {
    const database = await newDatabase();
    const first = await open(database);
    await first.commit([...mugs, reserve("r-1", 2)]);
    const head = await first.head();
    await first.close();
    const second = await open(database);
    assert.deepEqual(await second.head(), head);
    assert.equal((await second.reservation("r-1"))?.status, "PENDING");
    const [outcome] = await second.commit([reserve("r-2", 1)]);
    assert.equal(outcome?.events[0]?.seq, head.seq + 1);
    await second.close();
  });

  test("whose log is ahead of the clock goes on in the log's time: holds end by it, and it does not go back", async () => {
    const database = await newDatabase();
    const store = await open(database);
    try {
      await store.commit([...mugs, reserve("r-1", 2, { ttlMs: 60_000 })]);
      const ahead = Date.now() + 3_600_000;
      await query(database.url, `UPDATE log_head SET at = ${ahead}`);
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
  });

  test("is served by several instances: each reads what another committed", async () => {
    const database = await newDatabase();
    const [one, other] = await Promise.all([open(database), open(database)]);
    await one.commit(mugs);
    const [outcome] = await other.commit([reserve("r-1", 5)]);
    assert.equal(outcome?.events[0]?.seq, 4);
    assert.equal((await one.stock("mug", "MAD"))?.reserved, 5);
    assert.deepEqual(await one.head(), await other.head());
    await Promise.all([one.close(), other.close()]);
  });

  test("of another program is refused and left as it is", async () => {
    const database = await newDatabase();
    await query(database.url, "CREATE TABLE customers (id integer)");
    const words = /belongs to another program.*customers/;
    await assert.rejects(open(database), refused(words));
    await assert.rejects(migrateDatabase(database), refused(words));
    assert.deepEqual(await tablesOf(database), ["customers"]);
  });

  test("of a newer program is refused by its migration's name", async () => {
    const database = await newDatabase();
    await migrateDatabase(database);
    await query(database.url, "INSERT INTO migrations VALUES (999, '999_future.sql', 1)");
    await assert.rejects(open(database), refused(/newer Onhand \(999_future\.sql\)/));
    await assert.rejects(openBeside(database), refused(/999_future\.sql/));
  });

  test("is migrated once; a second time there is nothing to do", async () => {
    const database = await newDatabase();
    assert.deepEqual(await migrateDatabase(database), [
      "001_initial.sql",
      "002_webhooks.sql",
      "003_traces.sql",
      "004_low_told.sql",
    ]);
    assert.deepEqual(await migrateDatabase(database), []);
  });

  test("of the version that told a low row each time goes on as one that has told it", async () => {
    const database = await newDatabase();
    const made = await open(database);
    await made.commit([...mugs, setStock({ reorderPoint: 5 })]);
    await made.close();
    await query(database.url, "ALTER TABLE stock DROP COLUMN low_told");
    await query(database.url, "DELETE FROM migrations WHERE version = 4");
    const store = await open(database);
    const [sold] = await store.commit([changeStock({ amount: -1 })]);
    assert.deepEqual(
      sold?.events.map(({ type }) => type),
      ["stock.updated"],
    );
    await store.close();
  });

  test("that is empty may be opened by ten instances at once: it is migrated once", async () => {
    const database = { ...(await newDatabase()), poolMax: 2 };
    const stores = await Promise.all(Array.from({ length: 10 }, () => open(database)));
    const heads = await Promise.all(stores.map((store) => store.head()));
    assert.deepEqual(new Set(heads.map(({ logId }) => logId)).size, 1);
    const applied = await query(database.url, "SELECT name FROM migrations");
    assert.deepEqual(applied, [
      { name: "001_initial.sql" },
      { name: "002_webhooks.sql" },
      { name: "003_traces.sql" },
      { name: "004_low_told.sql" },
    ]);
    await Promise.all(stores.map((store) => store.close()));
  });

  test("that is empty is not filled by tools that work beside the service", async () => {
    const database = await newDatabase();
    await assert.rejects(openBeside(database), refused(/last migration: none.*migrate/));
    assert.deepEqual(await tablesOf(database), []);
  });

  test("orders by bytes, whatever the language of its cluster", async () => {
    const database = await newDatabase();
    const store = await open(database);
    const ids = ["b", "A", "é", "a-1", "Z", "a1", "ñ", "a_1", "😀", "ﬀ"];
    const commands = ids.flatMap((productId) => [
      createProduct(productId, { sku: productId }),
      changeStock({ productId }),
    ]);
    await store.commit([createStore("MAD"), ...commands]);
    const query = { storeId: "MAD", search: null, low: false, threshold: null, limit: 500 };
    const { items } = await store.stockOfStore({ ...query, after: null });
    const byBytes = ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      items.map(({ productId }) => productId),
      byBytes,
    );
    await store.close();
  });

  test("refuses by its CHECKs and foreign keys what the domain would never write", async () => {
    const database = await newDatabase();
    const store = await open(database);
    await store.commit([...mugs, reserve("r-1", 2)]);
    await store.close();
    const [check, foreign] = ["23514", "23503"];
    for (const [sql, code] of [
      ["UPDATE stock SET quantity = -1", check],
      ["UPDATE stock SET reserved = quantity + 1", check],
      ["UPDATE stock SET reserved = -1", check],
      ["UPDATE reservations SET status = 'LOST'", check],
      ["UPDATE reservations SET quantity = 0", check],
      ["UPDATE products SET price = -1", check],
      ["DELETE FROM stock", foreign],
      ["DELETE FROM products", foreign],
      [
        "INSERT INTO stock SELECT id, product_id, 'NOWHERE', 0, 0, 1, NULL, 0, 0 FROM stock",
        foreign,
      ],
    ] as const) {
      await assert.rejects(query(database.url, sql), { code }, sql);
    }
  });

  test("gives and takes keys beside the services that have it open", async () => {
    const database = await newDatabase();
    const store = await open(database);
    const beside = await openBeside(database);
    const hash = new Uint8Array(32).fill(9);
    const key = { name: "k", role: "admin", stores: "*", createdAt: 1 } as const;
    await beside.addKey({ id: "k-1", ...key, expiresAt: null, lastUsedAt: null }, hash);
    assert.equal((await store.keyByHash(hash))?.id, "k-1");
    assert.equal(await beside.removeKey("k-1"), true);
    assert.equal(await store.keyByHash(hash), null);
    await beside.close();
    await store.close();
  });

  test("is backed up by PostgreSQL's own tools, and says so", async () => {
    const store = await open(await newDatabase());
    await assert.rejects(store.backup("copy.db"), refused(/pg_dump/));
    await store.close();
  });
});

describe("a PostgreSQL that would lose what it answered", options, () => {
  test("is refused with fsync=off", async () => {
    const server = await startPostgres({ settings: { fsync: "off" } });
    const database = databaseAt(await server.newDatabase());
    await assert.rejects(open(database), refused(/fsync=off.*Set fsync=on/));
    await server.close();
  });

  test("is refused with synchronous_commit=off, which one database may have", async () => {
    const database = await newDatabase();
    const name = new URL(database.url).pathname.slice(1);
    await query(database.url, `ALTER DATABASE ${name} SET synchronous_commit = off`);
    await assert.rejects(open(database), refused(/synchronous_commit=off/));
    assert.deepEqual(await tablesOf(database), []);
  });

  test("is refused with another encoding, which cannot hold every text", async () => {
    const server = await sharedPostgres();
    const made = "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    await query(server.url, `${made} LOCALE_PROVIDER libc`);
    const words = /encoding LATIN1.*ENCODING 'UTF8'/;
    await assert.rejects(open(databaseAt(server.urlOf("latin"))), refused(words));
  });
});

describe("a password is in no message", options, () => {
  const password = "pa55w0rd-that-nobody-may-read";
  let port: number;
  let nowhere: number;
  before(async () => {
    const server = await sharedPostgres();
    ({ port } = server);
    nowhere = await freePort();
    await query(server.url, `CREATE ROLE ${guardedUser} LOGIN PASSWORD 'another-pa55w0rd'`);
  });

  const wrong: readonly (readonly [title: string, url: () => string, words: RegExp])[] = [
    [
      "that is wrong",
      () => `postgres://${guardedUser}:${password}@127.0.0.1:${port}/postgres`,
      /refuses these credentials/,
    ],
    [
      "of a user that does not exist",
      () => `postgres://nobody:${password}@127.0.0.1:${port}/postgres`,
      /refuses these credentials/,
    ],
    [
      "for a database that does not exist",
      () => `postgres://onhand:${password}@127.0.0.1:${port}/nothing`,
      /there is no such database/,
    ],
    [
      "for a host that does not exist",
      () => `postgres://onhand:${password}@nowhere.invalid:5432/onhand`,
      /no database takes writes: nowhere\.invalid/,
    ],
    [
      "for a port on which nobody listens",
      () => `postgres://onhand:${password}@127.0.0.1:${nowhere}/onhand`,
      /the database is away/,
    ],
    [
      "for several hosts, none of which answers",
      () => `postgres://onhand:${password}@127.0.0.1:${nowhere},nowhere.invalid:5432/onhand`,
      /127\.0\.0\.1:\d+: .*; nowhere\.invalid:5432: /,
    ],
  ];
  for (const [title, url, words] of wrong) {
    test(title, async () => {
      for (const attempt of [open, openBeside, migrateDatabase]) {
        await assert.rejects(attempt(databaseAt(url())), (error: Error) => {
          assert.match(error.message, words);
          for (let told: unknown = error; told instanceof Error; told = told.cause) {
            assert.ok(!`${told.stack} ${JSON.stringify(told)}`.includes(password), told.message);
          }
          return true;
        });
      }
    });
  }
});

describe("a standby", options, () => {
  let primary: SharedPostgres;
  let standby: Postgres;
  before(async () => {
    primary = await sharedPostgres();
    standby = await startStandby(primary);
  });
  after(() => standby.close());

  test("is refused by name when it is alone", async () => {
    const database = databaseAt(standby.url);
    await assert.rejects(open(database), refused(/127\.0\.0\.1:\d+: it is a read-only standby/));
  });

  test("that was promoted makes the old primary of no use to all that know it", async () => {
    const seen = noTimelineSeen();
    const [reads, writes] = [1, 2].map(() => openConnections(databaseAt(primary.url), seen));
    assert.ok(reads !== undefined && writes !== undefined);
    reads.release(await reads.take());
    // As if one of them had been at the promoted server meanwhile.
    Atomics.add(seen, 0, 1);
    await assert.rejects(writes.take(), refused(/it was replaced by a standby that was promoted/));
    await Promise.all([reads.close(), writes.close()]);
  });

  test("is passed over for the primary, in whichever order they are named", async () => {
    const name = new URL((await newDatabase()).url).pathname;
    for (const [one, other] of [
      [primary, standby],
      [standby, primary],
    ] as const) {
      const hosts = `127.0.0.1:${one.port},127.0.0.1:${other.port}`;
      const store = await open(databaseAt(`postgres://onhand@${hosts}${name}`));
      const [outcome] = await store.commit([createStore(`S-${one.port}`)]);
      assert.ok(outcome !== undefined && "reply" in outcome.result);
      await store.close();
    }
  });
});
