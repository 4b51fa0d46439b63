// Checks the invariants on what is stored: row by row (I1–I4), in pages, so that a worker can go round
// beside traffic; and over the whole log at once (I5–I8, I10, the maintained totals). Each call reads
// one snapshot. It reports and mends nothing; findings.ts compares what is selected here. What an
// invariant says is in GUARANTEES.md; the decisions assert the same before anything is written
// (domain/invariants.ts), so a finding means a bug, a damaged file or a hand in the database.

import type { DatabaseSync } from "node:sqlite";
import type { Stock } from "../../domain/model.ts";
import {
  compareTotals,
  findingsMax,
  openReport,
  openRowAudit,
  type Report,
  type RowsAudited,
} from "../findings.ts";
import { afterText } from "../pages.ts";
import { integer, stockColumns, stockOf, text } from "../rows.ts";
import type { After, Finding, PageQuery } from "../store.ts";
import { logChecks, totalsSql } from "./audit-sql.ts";
import { openStatements, type Statements } from "./statements.ts";

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
      const stock = stockOf(row);
      const { productId, storeId } = stock;
      const length =
        eventsMax === null ? 0 : lengthOf(statements, productId, storeId, eventsMax + 1);
      if (length <= most) {
        if (events + length > most) return { checked, findings, next };
        auditRow(statements, stock, report);
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

function auditRow(statements: Statements, stock: Stock, report: Report): void {
  const row = [stock.productId, stock.storeId] as const;
  const held = integer(statements.get(auditSql.held, ...row)?.[0]);
  const audit = openRowAudit(stock, held, report);
  for (const event of statements.each(auditSql.eventsOfRow, ...row)) audit.take(event);
  audit.end();
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
    const found = {
      stored: statements.all(totalsSql.stored),
      stock: statements.all(totalsSql.stock),
      reservations: statements.all(totalsSql.reservations),
    };
    compareTotals(found, report);
  });
  return findings;
}
