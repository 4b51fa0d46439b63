// Checks the invariants on what is stored: row by row (I1–I4), in pages, so that a worker can go round
// beside traffic; and over the whole log at once (I5–I8, I10, the maintained totals). Each call reads
// one snapshot. It reports and mends nothing. What an invariant says is in GUARANTEES.md; the decisions
// assert the same before anything is written (domain/invariants.ts), so a finding means a bug, a
// damaged file or a hand in the database.

import type { DatabaseSync } from "node:sqlite";
import type { StockEffect } from "../../domain/event.ts";
import type { After, Finding, PageQuery } from "../store.ts";
import { logChecks, totalsSql } from "./audit-sql.ts";
import { afterText } from "./pages.ts";
import { integer, stockColumns, stockOf, text } from "./rows.ts";
import { openStatements, type Statements, type Values } from "./statements.ts";

/** Findings of one kind that are told one by one. */
const findingsMax = 100;

export const auditSql = {
  rows: `
    SELECT ${stockColumns} FROM stock
    WHERE (product_id, store_id) > (?, ?) ORDER BY product_id, store_id LIMIT ?`,
  held: `
    SELECT coalesce(sum(quantity), 0) FROM reservations
    WHERE product_id = ? AND store_id = ? AND status = 'PENDING'`,
  eventsOfRow: `
    SELECT seq, event_type, json_extract(payload, '$.stock.version'),
      json_extract(payload, '$.stock.before.quantity'),
      json_extract(payload, '$.stock.before.reserved'),
      json_extract(payload, '$.stock.after.quantity'),
      json_extract(payload, '$.stock.after.reserved')
    FROM events WHERE product_id = ? AND store_id = ? ORDER BY seq`,
  lengthOfRow: `
    SELECT count(*) FROM (
      SELECT 1 FROM events WHERE product_id = ? AND store_id = ? LIMIT ? + 0)`,
} as const;

type Report = (invariant: string, detail: string) => void;

/** Collects findings, not more than a reader can use of each invariant. */
function openReport(): { readonly findings: Finding[]; readonly report: Report } {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  const report: Report = (invariant, detail) => {
    const count = (counts.get(invariant) ?? 0) + 1;
    counts.set(invariant, count);
    if (count <= findingsMax) findings.push({ invariant, detail });
    else if (count === findingsMax + 1) {
      findings.push({
        invariant,
        detail: `more than ${findingsMax} such findings; the rest is left out`,
      });
    }
  };
  return { findings, report };
}

export interface RowsAudited {
  /** Rows that were checked, without those that were passed over as too long. */
  readonly checked: number;
  readonly findings: readonly Finding[];
  readonly next: After;
}

export function auditRows(
  db: DatabaseSync,
  query: PageQuery & { readonly eventsMax: number | null },
): RowsAudited {
  const { after, limit, eventsMax } = query;
  const most = eventsMax ?? Number.POSITIVE_INFINITY;
  const statements = openStatements(db);
  const { findings, report } = openReport();
  return statements.snapshot(() => {
    const start = [afterText(after, 0), afterText(after, 1)] as const;
    const rows = statements.all(auditSql.rows, ...start, limit);
    let [checked, events] = [0, 0];
    let next: After = null;
    for (const row of rows) {
      const { productId, storeId } = stockOf(row);
      const length =
        eventsMax === null ? 0 : lengthOf(statements, productId, storeId, eventsMax + 1);
      if (length <= most) {
        if (events + length > most) return { checked, findings, next };
        auditRow(statements, row, report);
        events += length;
        checked += 1;
      }
      next = [productId, storeId];
    }
    return { checked, findings, next: rows.length === limit ? next : null };
  });
}

/** How many events a row has, counted to `most`. */
function lengthOf(
  statements: Statements,
  productId: string,
  storeId: string,
  most: number,
): number {
  return integer(statements.get(auditSql.lengthOfRow, productId, storeId, most)?.[0]);
}

function auditRow(statements: Statements, values: Values, report: Report): void {
  const { productId, storeId, quantity, reserved, version } = stockOf(values);
  const row = `stock ${productId} at ${storeId}`;
  if (reserved < 0 || reserved > quantity) {
    report("I1", `${row}: has quantity ${quantity} and reserved ${reserved}`);
  }
  const held = integer(statements.get(auditSql.held, productId, storeId)?.[0]);
  if (held !== reserved) {
    report("I2", `${row}: reserved is ${reserved}, and its pending reservations hold ${held}`);
  }
  const told = replay(statements.each(auditSql.eventsOfRow, productId, storeId), row, report);
  if (told.quantity !== quantity || told.reserved !== reserved) {
    report(
      "I3",
      `${row}: has quantity ${quantity} and reserved ${reserved}, and its events sum to ` +
        `${told.quantity} and ${told.reserved}`,
    );
  }
  if (told.version !== version) {
    report("I4", `${row}: has version ${version}, and its last event has ${told.version}`);
  }
}

/** Sums the events of a row, each of which begins where the one before it ended, a version later. */
function replay(events: Iterable<Values>, row: string, report: Report) {
  const sum = { quantity: 0, reserved: 0, version: 0 };
  let end = { quantity: 0, reserved: 0 };
  for (const [number, type, ...numbers] of events) {
    const event = `event ${integer(number)} (${text(type)})`;
    if (type === "reservation.extended") continue;
    const effect = effectOf(numbers);
    if (effect === null) {
      report("I3", `${row}: ${event} does not tell the row's numbers`);
      continue;
    }
    const { version, before, after } = effect;
    if (version !== sum.version + 1) {
      report("I4", `${row}: ${event} has version ${version} after ${sum.version}`);
    }
    if (before.quantity !== end.quantity || before.reserved !== end.reserved) {
      report(
        "I3",
        `${row}: ${event} begins at quantity ${before.quantity} and reserved ` +
          `${before.reserved}, and the one before it ended at ${end.quantity} and ${end.reserved}`,
      );
    }
    sum.quantity += after.quantity - before.quantity;
    sum.reserved += after.reserved - before.reserved;
    sum.version = version;
    end = after;
  }
  return sum;
}

/** null: not all of the numbers are there. */
function effectOf(numbers: Values): StockEffect | null {
  const [version, quantityBefore, reservedBefore, quantity, reserved] = numbers;
  if (!numbers.every((number) => typeof number === "number")) return null;
  return {
    version: integer(version),
    before: { quantity: integer(quantityBefore), reserved: integer(reservedBefore) },
    after: { quantity: integer(quantity), reserved: integer(reserved) },
  };
}

export function auditLog(db: DatabaseSync): readonly Finding[] {
  const statements = openStatements(db);
  const { findings, report } = openReport();
  statements.snapshot(() => {
    for (const { invariant, sql } of logChecks) {
      for (const [sentence] of statements.each(sql, findingsMax + 1)) {
        report(invariant, text(sentence));
      }
    }
    auditTotals(statements, report);
  });
  return findings;
}

const totalNames = [
  "quantity",
  "reserved",
  "stock_rows",
  "low_rows",
  "pending",
  "confirmed",
  "cancelled",
  "expired",
] as const;

/** The totals that commits maintain against what the tables say. */
function auditTotals(statements: Statements, report: Report): void {
  const none = [0, 0, 0, 0];
  const stock = numbersByStore(statements.all(totalsSql.stock));
  const reservations = numbersByStore(statements.all(totalsSql.reservations));
  const stored = numbersByStore(statements.all(totalsSql.stored));
  for (const storeId of new Set([...stored.keys(), ...stock.keys(), ...reservations.keys()])) {
    const counted = [...(stock.get(storeId) ?? none), ...(reservations.get(storeId) ?? none)];
    for (const [index, name] of totalNames.entries()) {
      const [said, found] = [stored.get(storeId)?.[index] ?? 0, counted[index]];
      if (said !== found) {
        report(
          "totals",
          `store ${storeId}: ${name} is kept as ${said}, and the rows give ${found}`,
        );
      }
    }
  }
}

function numbersByStore(rows: readonly Values[]): Map<string, readonly number[]> {
  return new Map(rows.map(([storeId, ...numbers]) => [text(storeId), numbers.map(integer)]));
}
