// Checks the invariants on what is stored: row by row (I1–I4), in pages, so that a worker can go round
// beside traffic; and over the whole log at once (I5–I8, I10, the maintained totals). Each call reads
// one snapshot. It reports and mends nothing; findings.ts compares what is selected here. What an
// invariant says is in GUARANTEES.md; the decisions assert the same before anything is written
// (domain/invariants.ts), so a finding means a bug, a damaged disk or a hand in the database.
//
// A page's rows come with one statement and their events with another, in the order of events_by_row: one by
// one they would cost a journey over the network each, and a database has millions.

import type { Stock } from "../../domain/model.ts";
import {
  compareTotals,
  findingsMax,
  openReport,
  openRowAudit,
  type Report,
  type RowAudit,
  type RowsAudited,
} from "../findings.ts";
import { afterText } from "../pages.ts";
import { columnsOf, integer, stockColumns, stockOf, text, type Values } from "../rows.ts";
import type { After, Finding, PageQuery } from "../store.ts";
import { logChecks, totalsSql } from "./audit-sql.ts";
import type { Statements } from "./statements.ts";

// The events of one row `s` are counted in the order of events_by_row, since without it a plan that was made
// with statistics of a small table reads the log once for each row (measured: 30 s for 200 rows).
export const auditSql = {
  /** With each row what its pending reservations hold, and how many events it has, counted to $4. */
  rows: `
    SELECT ${columnsOf("s", stockColumns)},
      (SELECT coalesce(sum(quantity), 0)::bigint FROM reservations
        WHERE product_id = s.product_id AND store_id = s.store_id AND status = 'PENDING'),
      (SELECT count(*) FROM (
        SELECT 1 FROM events
        WHERE (product_id, store_id) >= (s.product_id, s.store_id)
          AND (product_id, store_id) <= (s.product_id, s.store_id)
        ORDER BY product_id, store_id, seq LIMIT $4) counted)
    FROM stock s
    WHERE (s.product_id, s.store_id) > ($1, $2) ORDER BY s.product_id, s.store_id LIMIT $3`,
  /** Of the rows from one to another. */
  events: `
    SELECT product_id, store_id, seq, event_type, (stock ->> 'version')::bigint,
      (stock #>> '{before,quantity}')::bigint, (stock #>> '{before,reserved}')::bigint,
      (stock #>> '{after,quantity}')::bigint, (stock #>> '{after,reserved}')::bigint
    FROM (
      SELECT product_id, store_id, seq, event_type, payload::json -> 'stock' AS stock FROM events
      WHERE (product_id, store_id) >= ($1, $2) AND (product_id, store_id) <= ($3, $4)
      ORDER BY product_id, store_id, seq OFFSET 0) e
    ORDER BY product_id, store_id, seq`,
} as const;

interface Listed {
  readonly stock: Stock;
  readonly held: number;
}

export function auditRows(
  statements: Statements,
  query: PageQuery & { readonly eventsMax: number | null },
): Promise<RowsAudited> {
  const { after, limit, eventsMax } = query;
  const { findings, report } = openReport();
  return statements.snapshot(async (snapshot) => {
    const counted = eventsMax === null ? 0 : eventsMax + 1;
    const bound = [afterText(after, 0), afterText(after, 1), limit, counted] as const;
    const rows = await snapshot.all(auditSql.rows, ...bound);
    const { runs, next, isWhole } = runsOf(rows, eventsMax ?? Number.POSITIVE_INFINITY);
    for (const run of runs) await auditRun(snapshot, run, report);
    const checked = runs.flat().length;
    return { checked, findings, next: isWhole && rows.length < limit ? null : next };
  });
}

/** What is checked of a page: its rows in runs, between those that are passed over as too long. */
function runsOf(rows: readonly Values[], eventsMax: number) {
  const runs: Listed[][] = [];
  let run: Listed[] = [];
  let events = 0;
  let next: After = null;
  for (const row of rows) {
    const stock = stockOf(row);
    const [held, length] = row.slice(-2).map(integer) as [number, number];
    if (length > eventsMax) {
      runs.push(run);
      run = [];
    } else if (events + length > eventsMax) {
      return { runs: [...runs, run], next, isWhole: false };
    } else {
      run.push({ stock, held });
      events += length;
    }
    next = [stock.productId, stock.storeId];
  }
  return { runs: [...runs, run], next, isWhole: true };
}

async function auditRun(
  statements: Statements,
  run: readonly Listed[],
  report: Report,
): Promise<void> {
  const [first, last] = [run.at(0)?.stock, run.at(-1)?.stock];
  if (first === undefined || last === undefined) return;
  const audits = new Map<string, RowAudit>();
  for (const { stock, held } of run) {
    audits.set(`${stock.productId} ${stock.storeId}`, openRowAudit(stock, held, report));
  }
  const bounds = [first.productId, first.storeId, last.productId, last.storeId] as const;
  for await (const [productId, storeId, ...event] of statements.each(auditSql.events, ...bounds)) {
    // Events of no row of these are the catalogue's, or found by the audit of the log.
    audits.get(`${text(productId)} ${text(storeId)}`)?.take(event);
  }
  for (const audit of audits.values()) audit.end();
}

export async function auditLog(statements: Statements): Promise<readonly Finding[]> {
  const { findings, report } = openReport();
  await statements.snapshot(async (snapshot) => {
    for (const { invariant, sql } of logChecks) {
      for (const [sentence] of await snapshot.all(sql, findingsMax + 1)) {
        report(invariant, text(sentence));
      }
    }
    const found = {
      stored: await snapshot.all(totalsSql.stored),
      stock: await snapshot.all(totalsSql.stock),
      reservations: await snapshot.all(totalsSql.reservations),
    };
    compareTotals(found, report);
  });
  return findings;
}
