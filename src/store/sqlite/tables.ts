// A whole database file, table by table: read to be copied or compared, and filled from another database.
// Whoever copies a file that is in use takes it over first, so that nothing is written meanwhile.

import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { OperatingError } from "../../lib/operating-error.ts";
import type { Values } from "../rows.ts";
import { countSql, openHash, type ReadTable, selectAll, tables } from "../tables.ts";
import { migrate, openForWriting } from "./open.ts";
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
  const rows = Number(prepare(db, countSql).get()?.[0]);
  return { read: readTables(db), rows, close: async () => close() };
}

/**
 * Fills a file that nobody has opened yet and answers the hash of what was read. A file that is cut off is of no
 * use, and there is nothing in it to go back to: so nothing is flushed before its end.
 */
export async function fillFile(
  path: string,
  source: ReadTable,
  now: number,
  seen: (rows: number) => void,
): Promise<string> {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  try {
    db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -131072");
    migrate(db, now);
    db.exec("BEGIN");
    const hashed = openHash(source);
    for (const table of tables) {
      const names = Object.keys(table.columns);
      const insert = db.prepare(
        `INSERT INTO ${table.name} (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
      );
      for await (const rows of hashed.read(table)) {
        // What another database's row holds is what may be bound here: numbers, texts, bytes and null.
        for (const row of rows) insert.run(...(row as SQLInputValue[]));
        seen(rows.length);
      }
    }
    db.exec("COMMIT");
    return hashed.digest();
  } finally {
    db.close();
  }
}
