// A whole database file, table by table. Whoever copies it takes it over first, so that nothing is written
// meanwhile.

import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { OperatingError } from "../../lib/operating-error.ts";
import type { Values } from "../rows.ts";
import { type ReadTable, selectAll } from "../tables.ts";
import { openForWriting } from "./open.ts";
import { prepare } from "./statements.ts";

const pageRows = 5_000;

export function readTables(db: DatabaseSync): ReadTable {
  return async function* pages(table) {
    let page: Values[] = [];
    for (const row of prepare(db, selectAll(table)).iterate()) {
      page.push(row);
      if (page.length < pageRows) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  };
}

export interface CopySource {
  readonly read: ReadTable;
  /** Rows in all. */
  readonly rows: number;
  close(): Promise<void>;
}

/** Opens a file that no service has open, brought to this version's schema. */
export function openSource(path: string, now: number, newId: () => string): CopySource {
  if (!existsSync(path)) {
    throw new OperatingError(`there is no database at ${path}`, { retryable: false });
  }
  const { db, close } = openForWriting(path, now, newId);
  const counted = prepare(
    db,
    `SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM reservations)
      + (SELECT count(*) FROM stock) + (SELECT count(*) FROM products) + (SELECT count(*) FROM stores)
      + (SELECT count(*) FROM idempotency) + (SELECT count(*) FROM api_keys)
      + (SELECT count(*) FROM sessions) + (SELECT count(*) FROM store_totals) + 1`,
  ).get();
  return { read: readTables(db), rows: Number(counted?.[0]), close: async () => close() };
}
