// The audit of a PostgreSQL database, whose statements are its own: each thing that is planted into a sound database is
// found and named by its invariant. The same for a file is src/store/sqlite/audit.test.ts.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { auditAll } from "../../src/cli/audit.ts";
import { openStore } from "../../src/store/postgres/store.ts";
import type { Finding } from "../../src/store/store.ts";
import * as say from "../support/commands.ts";
import { databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };

async function newDatabase(from?: string): Promise<string> {
  return (await sharedPostgres()).newDatabase(from);
}

const under = (key: string) => ({ once: { caller: "key:test", key, fingerprint: "f" } });

/** Something of everything. */
async function fill(url: string): Promise<void> {
  const store = await openStore(databaseAt(url), { limits });
  const commit = async (...commands: Parameters<typeof store.commit>[0]): Promise<void> => {
    for (const { result } of await store.commit(commands)) assert.ok("reply" in result);
  };
  try {
    await commit(
      ...[say.createStore("MAD"), say.createStore("BCN"), say.createProduct("mug")],
      ...[say.changeStock({ amount: 50 }), say.setStock({ reorderPoint: 5 })],
      say.transfer({ transferId: "t1", quantity: 4 }),
      ...[say.reserve("open", 2), say.reserve("left", 1), say.extend("open", 3_600_000)],
      ...[say.cancel("left"), say.reserve("late", 1, { ttlMs: 1 })],
    );
    await commit(say.reserve("sold", 3, under("first")), say.confirm("sold", under("second")));
    const dueAt = (await store.reservation("late"))?.expiresAt ?? 0;
    await until(async () => (await store.time()) > dueAt, "it is due");
    await commit(say.confirm("late", { retakeId: "again" }));
  } finally {
    await store.close();
  }
}

async function findingsOf(url: string): Promise<readonly Finding[]> {
  const store = await openStore(databaseAt(url), { limits });
  try {
    return (await auditAll(store)).findings;
  } finally {
    await store.close();
  }
}

/** Of the schema: what keeps such things out. */
const withoutGuards = `
  DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f')
        OR conrelid = 'idempotency'::regclass AND contype = 'u' LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.name, one.conname);
    END LOOP;
  END $$;`;

const stockOfMadrid = "product_id = 'mug' AND store_id = 'MAD'";
const payload = (path: string, value: string): string =>
  `payload = jsonb_set(payload::jsonb, '{${path}}', '${value}')::text`;
const ofOpen = "aggregate_id = 'open' AND event_type = 'reservation.created'";
const arrival = "payload::jsonb ->> 'direction' = 'in'";

const planted: readonly (readonly [sql: string, invariant: string, detail: RegExp])[] = [
  [
    `UPDATE stock SET reserved = 99 WHERE ${stockOfMadrid}`,
    "I1",
    /^stock mug at MAD: .*reserved 99/,
  ],
  ["UPDATE reservations SET quantity = 9 WHERE id = 'open'", "I2", /holds? 9/],
  [`DELETE FROM stock WHERE ${stockOfMadrid}`, "I2", /and there is no such row$/],
  [`DELETE FROM stock WHERE store_id = 'BCN'`, "I3", /BCN: the log has events of it, and there/],
  [`UPDATE stock SET quantity = quantity + 5 WHERE ${stockOfMadrid}`, "I3", /its events sum to/],
  [
    `UPDATE events SET ${payload("stock,before,quantity", "7")} WHERE ${ofOpen}`,
    "I3",
    /begins at quantity 7/,
  ],
  [
    `UPDATE events SET payload = (payload::jsonb - 'stock')::text WHERE ${ofOpen}`,
    "I3",
    /does not tell the row's numbers/,
  ],
  [
    `UPDATE events SET ${payload("stock,version", "9")} WHERE ${ofOpen}`,
    "I4",
    /has version 9 after/,
  ],
  [
    `UPDATE stock SET version = 2 WHERE ${stockOfMadrid}`,
    "I4",
    /has version 2, and its last event/,
  ],
  [
    "UPDATE reservations SET status = 'CANCELLED' WHERE id = 'open'",
    "I5",
    /^reservation open: is CANCELLED/,
  ],
  [
    "UPDATE events SET aggregate_id = 'sold' WHERE event_type = 'reservation.cancelled'",
    "I5",
    /^reservation sold: .*cancelled 1/,
  ],
  [
    "UPDATE events SET aggregate_id = 'sold' WHERE event_type = 'reservation.expired'",
    "I5",
    /^reservation sold: .*expired 1/,
  ],
  ["DELETE FROM reservations WHERE id = 'left'", "I5", /^reservation left: is not stored/],
  [
    `UPDATE events SET ${payload("stock,after,quantity", "1")} WHERE ${arrival}`,
    "I6",
    /^transfer t1: has 2 events .* moves -3 units/,
  ],
  [
    `UPDATE events SET event_type = 'stock.updated' WHERE ${arrival}`,
    "I6",
    /^transfer t1: has 1 events .* moves -4 units/,
  ],
  ["DELETE FROM events WHERE seq = 4", "I7", /^the log has nothing between 3 and 5$/],
  ["DELETE FROM events WHERE seq = 1", "I7", /^the log has nothing between 0 and 2$/],
  ["UPDATE log_head SET seq = seq + 1", "I7", /, and its head is \d+$/],
  ["UPDATE events SET created_at = created_at - 5000 WHERE seq = 7", "I7", /^event 7: its time/],
  [
    `INSERT INTO idempotency (caller, key, fingerprint, request_id, answer, created_at)
     SELECT caller, key, fingerprint, request_id, answer, created_at FROM idempotency WHERE key = 'first'`,
    "I8",
    /^idempotency key first of key:test: has 2 answers/,
  ],
  [
    "UPDATE idempotency SET last_seq = 9999 WHERE key = 'second'",
    "I8",
    /second of key:test: its events \d+ to 9999 are not/,
  ],
  [
    "UPDATE idempotency SET first_seq = first_seq - 1 WHERE key = 'second'",
    "I8",
    /second of key:test: .* belong to another key/,
  ],
  [
    "UPDATE reservations SET expires_at = updated_at WHERE id = 'sold'",
    "I10",
    /^reservation sold: was confirmed at (\d+) and its hold ended at \1$/,
  ],
  [
    "UPDATE reservations SET updated_at = created_at + 1 WHERE id = 'again'",
    "I10",
    /^reservation again: was confirmed/,
  ],
  [
    "UPDATE store_totals SET quantity = quantity + 1 WHERE store_id = 'BCN'",
    "totals",
    /^store BCN: quantity is kept as/,
  ],
  [
    "UPDATE store_totals SET expired = 0 WHERE store_id = 'MAD'",
    "totals",
    /^store MAD: expired is kept as 0/,
  ],
];

describe("an audit of a PostgreSQL database", { skip: noPostgres }, () => {
  let filled = "";
  before(async () => {
    filled = await newDatabase();
    await fill(filled);
  });

  test("finds nothing in a sound one", async () => {
    assert.deepEqual(await findingsOf(filled), []);
  });

  for (const [sql, invariant, detail] of planted) {
    test(`finds by ${invariant}: ${sql.replaceAll(/\s+/g, " ")}`, async () => {
      const url = await newDatabase(filled);
      await query(url, withoutGuards);
      await query(url, sql);
      const findings = await findingsOf(url);
      const isIt = (one: Finding): boolean =>
        one.invariant === invariant && detail.test(one.detail);
      assert.ok(findings.some(isIt), JSON.stringify(findings, null, 1));
    });
  }
});
