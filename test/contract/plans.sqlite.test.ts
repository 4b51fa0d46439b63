// Why each index is there. An index costs every write, so each one of the schema has its query here, by
// the text that the code runs, and the query's plan uses it; and no query that must be quick reads a
// whole table or sorts, unless it is said. SQLite plans without statistics here as in service, so the
// plans of an empty database are those of a full one.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { auditSql } from "../../src/store/sqlite/audit.ts";
import { dueOfChainSql, dueOfRowSql, groupSql, holdingSql } from "../../src/store/sqlite/load.ts";
import { availabilitySql } from "../../src/store/sqlite/reads-availability.ts";
import { catalogSql, productsSql } from "../../src/store/sqlite/reads-catalog.ts";
import { eventSql, eventsSql } from "../../src/store/sqlite/reads-events.ts";
import {
  indexedListSql,
  reservationCountSql,
  reservationSql,
  rowListSql,
  scanListSql,
} from "../../src/store/sqlite/reads-reservations.ts";
import { chainLowSql, stockSql, storeRowsSql } from "../../src/store/sqlite/reads-stock.ts";
import { webhookSql } from "../../src/store/webhook-sql.ts";
import { emptyFile } from "../support/sqlite-rows.ts";

interface Promised {
  readonly query: string;
  readonly sql: string;
  /** How the query's own table is reached, as EXPLAIN QUERY PLAN says it. */
  readonly by: RegExp;
  /** Sorting is part of it, and why that is right. */
  readonly sorts?: string;
  /** Reading from one end is part of it, and why that is right. */
  readonly walks?: string;
}

const any = {
  customerId: null,
  productId: null,
  storeId: null,
  status: null,
  stores: "*",
} as const;
const pending = { ...any, status: "PENDING" } as const;
const row = { productId: "p", storeId: "S" } as const;
const anyEvent = { type: null, productId: null, storeId: null, stores: "*" } as const;
const rowsOfStore = { storeId: "S", search: null, low: false, threshold: null } as const;
const numbersOnly = "numbers of the index alone, so that a page costs its rows";

/** Index → the queries that it is there for. */
const indexes: Readonly<Record<string, readonly Promised[]>> = {
  sqlite_autoindex_products_1: [
    { query: "a product", sql: catalogSql.product, by: /SEARCH products USING INDEX/ },
    { query: "a product of a document", sql: availabilitySql.product, by: /SEARCH products USING/ },
  ],
  products_by_sku: [
    { query: "a product by SKU", sql: catalogSql.productBySku, by: /SEARCH products USING INDEX/ },
  ],
  sqlite_autoindex_stores_1: [
    { query: "a store", sql: catalogSql.place, by: /SEARCH stores USING INDEX/ },
    { query: "a product's open stores", sql: availabilitySql.rows, by: /SEARCH t USING INDEX/ },
  ],
  stock_by_store: [
    { query: "a store's rows", sql: storeRowsSql(rowsOfStore).sql, by: /SEARCH s USING INDEX/ },
    {
      query: "a store's low rows",
      sql: storeRowsSql({ ...rowsOfStore, low: true, search: "x" }).sql,
      by: /SEARCH s USING INDEX/,
    },
  ],
  stock_with_reorder_point: [
    { query: "low rows of the chain", sql: chainLowSql(null, "*").sql, by: /SEARCH s USING INDEX/ },
    { query: "low rows in scope", sql: chainLowSql(null, ["S"]).sql, by: /SEARCH s USING INDEX/ },
  ],
  sqlite_autoindex_reservations_1: [
    { query: "a reservation", sql: reservationSql.one, by: /SEARCH reservations USING INDEX/ },
    { query: "a row's reservations", sql: rowListSql("EXPIRED"), by: /SEARCH r USING INDEX/ },
  ],
  reservations_due: [
    {
      query: "the next due hold",
      sql: reservationSql.nextDue,
      by: /USING COVERING INDEX/,
      walks: "one step from the early end",
    },
    { query: "due holds of the chain", sql: dueOfChainSql, by: /\(expires_at<\?\)/ },
  ],
  reservations_pending_by_row: [
    {
      query: "due holds of a row",
      sql: dueOfRowSql,
      by: /\(store_id=\? AND product_id=\? AND expires_at<\?\)/,
    },
    { query: "units held of a row", sql: auditSql.held, by: /SEARCH reservations USING INDEX/ },
    {
      query: "a row's pending list",
      sql: indexedListSql({ ...pending, ...row }).sql,
      by: /USING COVERING INDEX \w+ \(store_id=\? AND product_id=\?\)/,
      sorts: numbersOnly,
    },
    {
      query: "a row's pending count",
      sql: reservationCountSql({ ...pending, ...row }).sql,
      by: /USING COVERING INDEX/,
    },
    {
      query: "a store's pick-up list",
      sql: indexedListSql({ ...pending, storeId: "S" }).sql,
      by: /USING COVERING INDEX \w+ \(store_id=\?\)/,
      sorts: numbersOnly,
    },
    {
      query: "the pick-up lists in scope",
      sql: indexedListSql({ ...pending, stores: ["S", "T"] }).sql,
      by: /USING COVERING INDEX \w+ \(store_id=\?\)/,
      sorts: numbersOnly,
    },
    {
      query: "what is pending of a product in all stores",
      sql: indexedListSql({ ...pending, productId: "P" }).sql,
      by: /USING COVERING INDEX \w+ \(store_id=\? AND product_id=\?\)/,
      sorts: numbersOnly,
    },
    {
      query: "all that is pending",
      sql: indexedListSql(pending).sql,
      by: /SCAN reservations USING COVERING INDEX/,
      walks: "pending ones only",
      sorts: numbersOnly,
    },
  ],
  reservations_by_customer: [
    {
      query: "what a customer holds",
      sql: holdingSql,
      by: /USING COVERING INDEX \w+ \(customer_id=\? AND status=\? AND expires_at>\?\)/,
    },
    {
      query: "a customer's list",
      sql: indexedListSql({ ...any, customerId: "c" }).sql,
      by: /USING COVERING INDEX \w+ \(customer_id=\?\)/,
      sorts: numbersOnly,
    },
    {
      query: "a customer's pending list",
      sql: indexedListSql({ ...pending, customerId: "c" }).sql,
      by: /USING COVERING INDEX \w+ \(customer_id=\? AND status=\?\)/,
      sorts: numbersOnly,
    },
    {
      query: "a customer's count",
      sql: reservationCountSql({ ...any, customerId: "c" }).sql,
      by: /USING COVERING INDEX/,
    },
  ],
  reservations_by_group: [
    { query: "a group", sql: reservationSql.group, by: /SEARCH reservations USING INDEX/ },
    { query: "a group to decide on", sql: groupSql, by: /SEARCH reservations USING INDEX/ },
  ],
  events_by_row: [
    {
      query: "a row's history",
      sql: eventSql.history,
      by: /\(product_id=\? AND store_id=\? AND rowid>\? AND rowid<\?\)/,
    },
    {
      query: "a row's balance then",
      sql: availabilitySql.rowThen,
      by: /\(product_id=\? AND store_id=\? AND rowid<\?\)/,
    },
    {
      query: "a product as it was then",
      sql: availabilitySql.productThen,
      by: /\(product_id=\? AND store_id=\? AND rowid<\?\)/,
    },
    {
      query: "a store as it was then",
      sql: availabilitySql.storeThen,
      by: /\(product_id=\? AND store_id=\? AND rowid<\?\)/,
    },
    { query: "the replay of a row", sql: auditSql.eventsOfRow, by: /SEARCH events USING INDEX/ },
    {
      query: "how long it is",
      sql: auditSql.lengthOfRow,
      by: /USING COVERING INDEX events_by_row/,
      walks: "what the index found, up to the limit",
    },
    {
      query: "a row's part of the log",
      sql: eventsSql({ ...anyEvent, ...row, type: "stock.updated" }).sql,
      by: /\(product_id=\? AND store_id=\? AND rowid>\? AND rowid<\?\)/,
    },
    {
      query: "the bound of a row's part of the log",
      sql: eventSql.rowScanEnd,
      by: /USING COVERING INDEX/,
    },
    {
      query: "a row's reservations in any status",
      sql: rowListSql(null),
      by: /SEARCH e USING INDEX \w+ \(product_id=\? AND store_id=\? AND rowid>\? AND rowid<\?\)/,
    },
    {
      query: "the bound of a row's reservations",
      sql: reservationSql.rowScanEnd,
      by: /USING COVERING INDEX/,
    },
    {
      query: "a row's count",
      sql: reservationCountSql({ ...any, ...row }).sql,
      by: /SEARCH events USING INDEX/,
    },
  ],
  sqlite_autoindex_idempotency_1: [
    {
      query: "a kept answer",
      sql: "SELECT answer FROM idempotency WHERE caller = ? AND key = ?",
      by: /\(caller=\? AND key=\?\)/,
    },
  ],
  sqlite_autoindex_api_keys_1: [
    {
      query: "a key to remove",
      sql: "DELETE FROM api_keys WHERE id = ?",
      by: /SEARCH api_keys USING INDEX/,
    },
  ],
  sqlite_autoindex_api_keys_2: [
    { query: "a key by its secret", sql: catalogSql.keyByHash, by: /SEARCH api_keys USING INDEX/ },
  ],
  sqlite_autoindex_webhooks_1: [
    { query: "a webhook", sql: inSqlite(webhookSql.one), by: /SEARCH webhooks USING INDEX/ },
    {
      query: "how far a webhook is",
      sql: inSqlite(webhookSql.advance),
      by: /SEARCH webhooks USING INDEX/,
    },
  ],
};

/** Statements that both adapters share. */
function inSqlite(sql: string): string {
  return sql.replaceAll("$", "?");
}

const byRowid = /USING INTEGER PRIMARY KEY/;
/** Queries that need no index of their own: they go by the order in which their table lies. */
const tables: readonly Promised[] = [
  {
    query: "the last attempts of a webhook",
    sql: inSqlite(webhookSql.deliveries),
    by: /USING PRIMARY KEY \(webhook_id=\? AND id<\?\)/,
  },
  {
    query: "attempts that are too many",
    sql: inSqlite(webhookSql.forget),
    by: /USING PRIMARY KEY \(webhook_id=\? AND id<\?\)/,
  },
  {
    query: "a stock row",
    sql: stockSql.row,
    by: /USING PRIMARY KEY \(product_id=\? AND store_id=\?\)/,
  },
  { query: "a product's rows", sql: stockSql.ofProduct, by: /SEARCH s USING PRIMARY KEY/ },
  {
    query: "a product's rows in scope",
    sql: stockSql.ofProductInScope,
    by: /SEARCH s USING PRIMARY KEY/,
  },
  { query: "a document's rows", sql: availabilitySql.rows, by: /SEARCH s USING PRIMARY KEY/ },
  {
    query: "rows below a threshold",
    sql: chainLowSql(5, "*").sql,
    by: /SEARCH s USING PRIMARY KEY/,
  },
  { query: "rows to audit", sql: auditSql.rows, by: /SEARCH stock USING PRIMARY KEY/ },
  { query: "products", sql: productsSql({ search: null, category: null }).sql, by: byRowid },
  {
    query: "products with a word",
    sql: productsSql({ search: "x", category: "y" }).sql,
    by: byRowid,
  },
  { query: "stores", sql: catalogSql.places, by: byRowid },
  { query: "keys", sql: catalogSql.keys, by: byRowid },
  { query: "a session", sql: catalogSql.sessionByHash, by: /USING PRIMARY KEY/ },
  { query: "the log", sql: eventsSql(anyEvent).sql, by: /\(rowid>\? AND rowid<\?\)/ },
  {
    query: "a filtered part of the log",
    sql: eventsSql({ ...anyEvent, type: "stock.updated", productId: "p", stores: ["S"] }).sql,
    by: /\(rowid>\? AND rowid<\?\)/,
  },
  { query: "the time of an event", sql: eventSql.timeOf, by: byRowid },
  {
    query: "a part of all reservations",
    sql: scanListSql({ ...any, productId: "p", status: "EXPIRED", stores: ["S"] }).sql,
    by: /\(rowid>\? AND rowid<\?\)/,
  },
  {
    query: "a store's count",
    sql: reservationCountSql({ ...any, storeId: "S" }).sql,
    by: /SEARCH store_totals USING PRIMARY KEY/,
  },
];

let file: ReturnType<typeof emptyFile>;
before(() => {
  file = emptyFile();
});
after(() => file.close());

function planOf(sql: string): string[] {
  return file.db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map(({ detail }) => String(detail))
    .filter((step) => !/json_each/.test(step)); // a scope is a list that the caller gave
}

function assertPlan({ sql, by, sorts, walks }: Promised, index: string | null): void {
  const plan = planOf(sql);
  const said = `${sql}\n${plan.join("\n")}`;
  const named = (step: string): boolean => index === null || step.split(/\W+/).includes(index);
  assert.ok(
    plan.some((step) => by.test(step) && named(step)),
    said,
  );
  assert.equal(
    plan.some((step) => step.startsWith("SCAN")),
    walks !== undefined,
    said,
  );
  assert.equal(
    plan.some((step) => step.includes("TEMP B-TREE")),
    sorts !== undefined,
    said,
  );
}

for (const [index, queries] of Object.entries(indexes)) {
  describe(`the index ${index} serves`, () => {
    for (const promised of queries) test(promised.query, () => assertPlan(promised, index));
  });
}

describe("no index is needed for", () => {
  for (const promised of tables) test(promised.query, () => assertPlan(promised, null));
});

test("every index of the schema has its query", () => {
  const inSchema = file.db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name")
    .all()
    .map(({ name }) => String(name));
  assert.deepEqual(inSchema, Object.keys(indexes).sort());
});

test("no statistics are kept that would change the plans", () => {
  const { count } = file.db
    .prepare("SELECT count(*) AS count FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'")
    .get() as { count: number };
  assert.equal(count, 0);
});
