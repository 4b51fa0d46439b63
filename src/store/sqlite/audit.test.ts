import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openRows, type Rows } from "../../../test/support/sqlite-rows.ts";
import type { After, Finding } from "../store.ts";
import { auditLog, auditRows } from "./audit.ts";

/** A small sound database with something of everything. */
function filled(): Rows {
  const rows = openRows();
  for (const id of ["A", "B"]) rows.place(id);
  for (const id of ["p", "q", "unsold"]) rows.product(id);
  for (const id of ["p", "q"]) rows.receive(id, "A", 50);
  rows.reorderAt("p", "A", 45);
  rows.transfer("t1", "p", "A", "B", 4);
  rows.hold({ id: "sold", product: "p", store: "A", quantity: 3 });
  rows.hold({ id: "open", product: "p", store: "A", quantity: 2 });
  rows.hold({ id: "left", product: "p", store: "B" });
  rows.hold({ id: "late", product: "q", store: "A" });
  rows.extend("sold", rows.now() + 90_000);
  rows.end("sold", "CONFIRMED");
  rows.end("left", "CANCELLED");
  rows.end("late", "EXPIRED");
  rows.hold({ id: "again", product: "q", store: "A", ttlMs: 1_000 });
  rows.end("again", "CONFIRMED");
  // Taken again: made and sold in the instant at which its hold ended.
  rows.run(`
    UPDATE reservations SET retaken_from = 'late', updated_at = created_at, expires_at = created_at
    WHERE id = 'again'`);
  answer(rows, "first", 6, 8);
  answer(rows, "refused", null, null);
  answer(rows, "second", 9, 9);
  return rows;
}

function answer(rows: Rows, key: string, first: number | null, last: number | null): void {
  rows.run(
    `INSERT INTO idempotency (caller, key, fingerprint, request_id, answer, first_seq, last_seq, created_at)
     VALUES ('key:test', ?, 'f', 'r', '{}', ?, ?, 1)`,
    key,
    first,
    last,
  );
}

function allRows(rows: Rows, limit = 50): Finding[] {
  const findings: Finding[] = [];
  for (let after: After = null; ; ) {
    const page = auditRows(rows.db, { after, limit, eventsMax: null });
    findings.push(...page.findings);
    if (page.next === null) return findings;
    after = page.next;
  }
}

function withRows<T>(check: (rows: Rows) => T): T {
  const rows = filled();
  try {
    return check(rows);
  } finally {
    rows.close();
  }
}

test("a sound database has no findings", () => {
  withRows((rows) => {
    assert.deepEqual(allRows(rows), []);
    assert.deepEqual(auditLog(rows.db), []);
  });
});

test("an empty database has no findings", () => {
  const rows = openRows();
  assert.deepEqual([allRows(rows), auditLog(rows.db)], [[], []]);
  rows.close();
});

/** Each is planted into a sound database, past the checks of the schema. */
const planted: readonly (readonly [
  title: string,
  sql: string,
  invariant: string,
  detail: RegExp,
])[] = [
  [
    "more reserved than there is",
    "UPDATE stock SET reserved = 99 WHERE product_id = 'p' AND store_id = 'A'",
    "I1",
    /^stock p at A: has quantity 43 and reserved 99$/,
  ],
  [
    "less than nothing reserved",
    "UPDATE stock SET reserved = -1 WHERE product_id = 'p' AND store_id = 'B'",
    "I1",
    /^stock p at B: has quantity 4 and reserved -1$/,
  ],
  [
    "units reserved by nobody",
    "UPDATE reservations SET status = 'CANCELLED' WHERE id = 'open'",
    "I2",
    /^stock p at A: reserved is 2, and its pending reservations hold 0$/,
  ],
  [
    "a hold that is not counted",
    "UPDATE reservations SET quantity = 9 WHERE id = 'open'",
    "I2",
    /reserved is 2, and its pending reservations hold 9$/,
  ],
  [
    "a hold on a row that is not there",
    "UPDATE reservations SET store_id = 'B', product_id = 'unsold' WHERE id = 'open'",
    "I2",
    /^stock unsold at B: pending reservations hold/,
  ],
  [
    "stock changed without an event",
    "UPDATE stock SET quantity = quantity + 5 WHERE product_id = 'q'",
    "I3",
    /^stock q at A: has quantity 54 and reserved 0, and its events sum to 49 and 0$/,
  ],
  [
    "an event that does not begin where the last one ended",
    `UPDATE events SET payload = json_set(payload, '$.stock.before.quantity', 7, '$.stock.after.quantity', 7)
     WHERE event_type = 'reservation.created' AND aggregate_id = 'open'`,
    "I3",
    /^stock p at A: event 12 \(reservation.created\) begins at quantity 7 and reserved 3, and the one before it ended at 46 and 3$/,
  ],
  [
    "an event without the numbers of its row",
    "UPDATE events SET payload = json_remove(payload, '$.stock') WHERE aggregate_id = 'late' AND event_type = 'reservation.expired'",
    "I3",
    /^stock q at A: event \d+ \(reservation.expired\) does not tell the row's numbers$/,
  ],
  [
    "events of a row that is not there",
    "DELETE FROM stock WHERE product_id = 'q'",
    "I3",
    /^stock q at A: the log has events of it, and there is no such row$/,
  ],
  [
    "a version left out",
    "UPDATE events SET payload = json_set(payload, '$.stock.version', 9) WHERE aggregate_id = 'open'",
    "I4",
    /^stock p at A: event 12 \(reservation.created\) has version 9 after 4$/,
  ],
  [
    "a version twice",
    "UPDATE events SET payload = json_set(payload, '$.stock.version', 4) WHERE aggregate_id = 'open'",
    "I4",
    /^stock p at A: event 12 \(reservation.created\) has version 4 after 4$/,
  ],
  [
    "a row that is not at its last version",
    "UPDATE stock SET version = 3 WHERE product_id = 'q'",
    "I4",
    /^stock q at A: has version 3, and its last event has 5$/,
  ],
  [
    "a reservation that ended twice",
    "UPDATE events SET aggregate_id = 'sold' WHERE aggregate_id = 'late' AND event_type = 'reservation.expired'",
    "I5",
    /^reservation sold: is CONFIRMED, .* confirmed 1, cancelled 0, expired 1 times$/,
  ],
  [
    "an end that the log does not know",
    "UPDATE reservations SET status = 'CANCELLED' WHERE id = 'open'",
    "I5",
    /^reservation open: is CANCELLED, .* cancelled 0,/,
  ],
  [
    "an end of another kind than the log says",
    "UPDATE reservations SET status = 'EXPIRED' WHERE id = 'left'",
    "I5",
    /^reservation left: is EXPIRED, .* cancelled 1, expired 0 times$/,
  ],
  [
    "a pending reservation that the log ended",
    "UPDATE reservations SET status = 'PENDING' WHERE id = 'late'",
    "I5",
    /^reservation late: is PENDING, /,
  ],
  [
    "a reservation that the log never made",
    "UPDATE events SET event_type = 'reservation.extended' WHERE aggregate_id = 'open'",
    "I5",
    /^reservation open: is PENDING, and the log says created 0,/,
  ],
  [
    "a reservation of the log that is not stored",
    "DELETE FROM reservations WHERE id = 'left'",
    "I5",
    /^reservation left: is not stored, and the log says created 1,/,
  ],
  [
    "a transfer that loses units",
    `UPDATE events SET payload = json_set(payload, '$.stock.after.quantity', 1)
     WHERE json_extract(payload, '$.direction') = 'in'`,
    "I6",
    /^transfer t1: has 2 events where 2 belong to it, and moves -3 units in sum$/,
  ],
  [
    "half a transfer",
    "UPDATE events SET event_type = 'stock.updated' WHERE json_extract(payload, '$.direction') = 'in'",
    "I6",
    /^transfer t1: has 1 events where 2 belong to it, and moves -4 units/,
  ],
  [
    "an event missing in the log",
    "DELETE FROM events WHERE seq = 4",
    "I7",
    /^the log has nothing between 3 and 5$/,
  ],
  [
    "an event missing at the begin of the log",
    "DELETE FROM events WHERE seq = 1",
    "I7",
    /^the log has nothing between 0 and 2$/,
  ],
  [
    "an event missing at the end of the log",
    "UPDATE log_head SET seq = seq + 1",
    "I7",
    /^the log has \d+ events from 1 to \d+, and its head is \d+$/,
  ],
  [
    "time that goes back in the log",
    "UPDATE events SET created_at = created_at - 5000 WHERE seq = 7",
    "I7",
    /^event 7: its time \d+ lies before that of the event before it, \d+$/,
  ],
  [
    "two answers of one idempotency key",
    `CREATE TABLE copy AS SELECT * FROM idempotency;
     DROP TABLE idempotency;
     ALTER TABLE copy RENAME TO idempotency;
     INSERT INTO idempotency SELECT * FROM idempotency WHERE key = 'refused'`,
    "I8",
    /^idempotency key refused of key:test: has 2 answers where one is kept$/,
  ],
  [
    "an idempotency key whose effect is not in the log",
    "UPDATE idempotency SET last_seq = 9999 WHERE key = 'second'",
    "I8",
    /^idempotency key second of key:test: its events 9 to 9999 are not in the log$/,
  ],
  [
    "one effect under two idempotency keys",
    "UPDATE idempotency SET first_seq = 7 WHERE key = 'second'",
    "I8",
    /^idempotency key second of key:test: its events from 7 belong to another key too, up to 8$/,
  ],
  [
    "a sale from a hold that had ended",
    "UPDATE reservations SET expires_at = updated_at WHERE id = 'sold'",
    "I10",
    /^reservation sold: was confirmed at (\d+) and its hold ended at \1$/,
  ],
  [
    "a retaken reservation that was not sold at once",
    "UPDATE reservations SET updated_at = created_at + 1 WHERE id = 'again'",
    "I10",
    /^reservation again: was confirmed/,
  ],
  [
    "a total that moved alone",
    "UPDATE store_totals SET quantity = quantity + 1 WHERE store_id = 'B'",
    "totals",
    /^store B: quantity is kept as 5, and the rows give 4$/,
  ],
  [
    "a total that was forgotten",
    "DELETE FROM store_totals WHERE store_id = 'A'",
    "totals",
    /^store A: low_rows is kept as 0, and the rows give 1$/,
  ],
  [
    "a count of reservations that is wrong",
    "UPDATE store_totals SET expired = 0 WHERE store_id = 'A'",
    "totals",
    /^store A: expired is kept as 0, and the rows give 1$/,
  ],
];

describe("an audit finds", () => {
  for (const [title, sql, invariant, detail] of planted) {
    test(`${title} (${invariant})`, () => {
      withRows((rows) => {
        rows.db.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
        rows.db.exec(sql);
        const findings = [...allRows(rows), ...auditLog(rows.db)];
        assert.ok(
          findings.some(
            (finding) => finding.invariant === invariant && detail.test(finding.detail),
          ),
          JSON.stringify(findings, null, 2),
        );
      });
    });
  }
});

test("rows are audited in pages of any size, each once", () => {
  withRows((rows) => {
    rows.run("UPDATE stock SET version = version + 1");
    const whole = allRows(rows);
    assert.deepEqual(
      whole.map(({ detail }) => detail.slice(0, 13)),
      ["stock p at A:", "stock p at B:", "stock q at A:"],
    );
    for (const limit of [1, 2, 3]) assert.deepEqual(allRows(rows, limit), whole);
  });
});

test("rows are audited while their logs together are as long as asked; a longer one is passed over", () => {
  withRows((rows) => {
    rows.run("UPDATE stock SET quantity = quantity + 1");
    // Events: 7 of p at A, an extension among them, 3 of p at B, 5 of q at A.
    const pages = (eventsMax: number): string[] => {
      const told: string[] = [];
      for (let after: After = null; ; ) {
        const page = auditRows(rows.db, { after, limit: 50, eventsMax });
        const found = page.findings.map(({ detail }) => detail.slice(6, 12));
        told.push(`${page.checked}: ${found.join(", ")}`);
        if (page.next === null) return told;
        after = page.next;
      }
    };
    assert.deepEqual(pages(15), ["3: p at A, p at B, q at A"]);
    assert.deepEqual(pages(14), ["2: p at A, p at B", "1: q at A"]);
    assert.deepEqual(pages(8), ["1: p at A", "2: p at B, q at A"]);
    assert.deepEqual(pages(5), ["1: p at B", "1: q at A"]);
    assert.deepEqual(pages(4), ["1: p at B"]);
    assert.deepEqual(pages(2), ["0: "]);
  });
});

test("a list of findings ends where it is no longer of use, and says so", () => {
  withRows((rows) => {
    for (let count = 0; count < 130; count += 1) answer(rows, `wrong ${count}`, 5, 99_999);
    const found = auditLog(rows.db).filter(({ detail }) => /not in the log|more than/.test(detail));
    assert.equal(found.length, 101);
    assert.match(found.at(-1)?.detail ?? "", /more than 100/);
  });
});
