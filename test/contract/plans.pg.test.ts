// Why each index is there, on PostgreSQL: each one of the schema has its query here, by the text that the code
// runs, and the query's plan uses it. The planner goes by statistics, so a plan is held in three states: of an
// empty database, of a full one that was never analyzed, and of one that was. A statement of the service is
// planned once, without its values (connections.ts), and that is the plan that is looked at.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { PoolClient } from "pg";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { dueOfChainSql, dueOfRowSql, groupSql, holdingSql } from "../../src/store/postgres/load.ts";
import { lockStockSql } from "../../src/store/postgres/lock.ts";
import { availabilitySql } from "../../src/store/postgres/reads-availability.ts";
import { catalogSql } from "../../src/store/postgres/reads-catalog.ts";
import { eventSql, eventsSql } from "../../src/store/postgres/reads-events.ts";
import { reservationSql, scanListSql } from "../../src/store/postgres/reads-reservations.ts";
import { chainLowSql, stockSql, storeRowsSql } from "../../src/store/postgres/reads-stock.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const page = { after: null, limit: 50 } as const;
const rowsOfStore = { storeId: "S", search: null, low: false, threshold: null } as const;
const wholeLog = {
  after: 0,
  limit: 50,
  type: null,
  productId: null,
  storeId: null,
  stores: "*",
} as const;

const anyReservation = {
  ...page,
  storeId: null,
  productId: null,
  customerId: null,
  status: null,
  stores: "*",
} as const;

/** Index → the queries that it is there for. */
const indexes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  products_id_key: { "a product": catalogSql.product, "a document": availabilitySql.one },
  products_by_sku: { "a product by SKU": catalogSql.productBySku },
  products_pkey: {},
  stores_id_key: { "a store": catalogSql.place },
  stores_pkey: { "the stores": catalogSql.places },
  stock_pkey: { "a product's rows": stockSql.ofProduct },
  // One row is one step down either tree.
  "stock_pkey|stock_by_store": {
    "the rows of a batch, locked": lockStockSql(["SELECT * FROM unnest($1::text[], $2::text[])"]),
  },
  stock_by_store: { "a store's rows": storeRowsSql(rowsOfStore, page).sql },
  stock_with_reorder_point: {
    "low rows of the chain": chainLowSql({ ...page, threshold: null, stores: "*" }).sql,
  },
  reservations_id_key: { "a reservation": reservationSql.one },
  reservations_pkey: { "reservations, newest first": scanListSql(anyReservation, 0).sql },
  reservations_due: {
    "the next due hold": reservationSql.nextDue,
    "due holds of the chain": dueOfChainSql,
  },
  reservations_pending_by_row: { "due holds of the rows of a batch": dueOfRowSql },
  reservations_by_customer: { "live holds of the customers of a batch": holdingSql },
  reservations_by_group: { "the members of a group": groupSql },
  events_pkey: { "the log": eventsSql(wholeLog).sql },
  events_by_row: { "history of a row": eventSql.history },
  idempotency_pkey: {},
  idempotency_caller_key_key: {
    "kept answers": `SELECT answer FROM idempotency
      WHERE (caller, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
  },
  api_keys_hash_key: { "a key by its hash": catalogSql.keyByHash },
  sessions_pkey: { "a session by its hash": catalogSql.sessionByHash },
};
/** Of tables with a row, or a few; and keys that no query is about. */
const others = [
  "log_head_pkey",
  "store_totals_pkey",
  "migrations_pkey",
  "api_keys_pkey",
  "api_keys_id_key",
  "webhooks_pkey",
  "webhooks_id_key",
  "webhook_deliveries_pkey",
  "webhook_lease_pkey",
];

const fill = `
  INSERT INTO products (id, sku, name, price, search, version, created_at, updated_at)
    SELECT 'p' || n, 's' || n, 'P', 1, 'p', 1, 0, 0 FROM generate_series(1, 500) n;
  INSERT INTO stores (id, name, version, created_at, updated_at)
    SELECT 'S' || n, 'S', 1, 0, 0 FROM generate_series(1, 4) n;
  INSERT INTO stock (id, product_id, store_id, quantity, reserved, reorder_point, updated_at)
    SELECT 'x', p.id, s.id, 100, 10, CASE WHEN p.n % 10 = 0 THEN 5 END, 0 FROM products p, stores s;
  INSERT INTO reservations (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at, group_id)
    SELECT 'r' || n, 'p' || 1 + n % 500, 'S' || 1 + n % 4, 'c' || n % 5000, 1,
      CASE WHEN n % 4 = 0 THEN 'PENDING' ELSE 'CONFIRMED' END, n, 0,
      CASE WHEN n % 100 = 0 THEN 'g' || n % 1000 END
    FROM generate_series(1, 20000) n;
  INSERT INTO events (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id, payload, created_at)
    SELECT n, 'e' || n, 'reservation.created', 'r' || n, 'reservation', 'S' || 1 + n % 4, 'p' || 1 + n % 500,
      'a', 'r', '{}', n FROM generate_series(1, 40000) n;
  INSERT INTO idempotency (caller, key, fingerprint, request_id, answer, created_at)
    SELECT 'a', 'k' || n, 'f', 'r', '{}', n FROM generate_series(1, 10000) n;
  UPDATE log_head SET seq = 40000`;

describe("plans on PostgreSQL", { skip: noPostgres }, () => {
  let connections: Connections;
  let client: PoolClient;
  before(async () => {
    const url = await (await sharedPostgres()).newDatabase();
    connections = openConnections({ url, poolMin: 1, poolMax: 4, pooler: false, directUrl: null });
    await migrate(connections, { pooler: false }, () => "log");
    client = await connections.take();
    await client.query(`
      ALTER TABLE reservations SET (autovacuum_enabled = off);
      ALTER TABLE events SET (autovacuum_enabled = off);
      ALTER TABLE stock SET (autovacuum_enabled = off);
      ALTER TABLE idempotency SET (autovacuum_enabled = off)`);
  });
  after(async () => {
    connections.release(client);
    await connections.close();
  });

  async function planOf(sql: string): Promise<string> {
    const count = Math.max(0, ...Array.from(sql.matchAll(/\$(\d+)/g), ([, n]) => Number(n)));
    const values = count === 0 ? "" : `(${Array.from({ length: count }, () => "NULL").join(", ")})`;
    await client.query(`PREPARE looked_at AS ${sql}`);
    try {
      const { rows } = await client.query<{ "QUERY PLAN": string }>(
        `EXPLAIN EXECUTE looked_at${values}`,
      );
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    } finally {
      await client.query("DEALLOCATE looked_at");
    }
  }

  async function mustHold(state: string): Promise<void> {
    for (const [index, queries] of Object.entries(indexes)) {
      for (const [query, sql] of Object.entries(queries)) {
        const plan = await planOf(sql);
        assert.match(plan, new RegExp(`\\b(?:${index})\\b`), `${query}, ${state}:\n${plan}`);
        const scans = Array.from(plan.matchAll(/Seq Scan on (\w+)/g), ([, table]) => table);
        assert.deepEqual(
          scans.filter((table) => table !== "log_head"),
          [],
          `${query}, ${state}:\n${plan}`,
        );
      }
    }
  }

  test("every index has its query", async () => {
    const { rows } = await client.query<{ indexname: string }>(
      "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public'",
    );
    assert.deepEqual(
      rows.map(({ indexname }) => indexname).sort(),
      [...new Set([...Object.keys(indexes).flatMap((key) => key.split("|")), ...others])].sort(),
    );
  });

  test("of an empty database", () => mustHold("empty"));

  test("of a full database that was never analyzed", async () => {
    await client.query(fill);
    await mustHold("never analyzed");
  });

  test("of a full database", async () => {
    await client.query("ANALYZE");
    await mustHold("analyzed");
  });
});
