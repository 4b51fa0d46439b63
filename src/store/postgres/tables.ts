// A whole database, table by table: read to be compared, and filled from another one in one transaction, so
// that a copy that is cut off leaves nothing.

import { newId } from "../../lib/ids.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import type { Values } from "../rows.ts";
import {
  type ColumnType,
  type ReadTable,
  selectAll,
  stateHash,
  type Table,
  tables,
} from "../tables.ts";
import { type Database, openConnections } from "./connections.ts";
import { migrate } from "./schema.ts";
import { type Bound, inTransaction, type Statements } from "./statements.ts";

const pageRows = 5_000;

/** Within a snapshot or a transaction. */
export function readTables(statements: Statements): ReadTable {
  return async function* pages(table) {
    let page: Values[] = [];
    for await (const row of statements.each(selectAll(table))) {
      page.push(row);
      if (page.length < pageRows) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  };
}

/**
 * Copies everything into an empty database and answers the hash of its state. It is committed only if what is
 * read back has the hash of the source. `seen` is told of rows as they are written, and as they are compared.
 */
export async function fillDatabase(
  database: Database,
  source: ReadTable,
  seen: (rows: number) => void,
): Promise<string> {
  const connections = openConnections(database);
  const options = { pooler: database.pooler, patient: true };
  try {
    await migrate(connections, options, newId);
    const hash = await inTransaction(connections, "READ COMMITTED", options, async (statements) => {
      await mustBeEmpty(statements);
      for (const table of tables) {
        for await (const rows of source(table)) {
          await insert(statements, table, rows);
          seen(rows.length);
        }
        if (table.counted) await goOnCounting(statements, table);
      }
      const [found, expected] = await Promise.all([
        stateHash(readTables(statements), seen),
        stateHash(source),
      ]);
      if (found === expected) return found;
      throw new OperatingError(
        `the copy is not like its source (${found} instead of ${expected}); nothing was kept`,
        { retryable: false },
      );
    });
    await inTransaction(connections, "READ COMMITTED", options, (one) => one.run("ANALYZE"));
    return hash;
  } finally {
    await connections.close();
  }
}

/** A database that a service has not written to: the schema, and the log's head at 0. */
async function mustBeEmpty(statements: Statements): Promise<void> {
  // Held to the end: no service starts on it meanwhile.
  await statements.run("LOCK TABLE log_head IN ACCESS EXCLUSIVE MODE");
  for (const { name } of tables) {
    const rows = `SELECT 1 FROM ${name} ${name === "log_head" ? "WHERE seq > 0" : ""} LIMIT 1`;
    if ((await statements.get(rows)) === undefined) continue;
    throw new OperatingError(
      `the database to copy to is not empty: it has rows in ${name}. Create a new one`,
      { retryable: false },
    );
  }
  await statements.run("DELETE FROM log_head");
}

const arrays: Readonly<Record<ColumnType, string>> = {
  text: "text[]",
  integer: "bigint[]",
  bytes: "bytea[]",
};

async function insert(
  statements: Statements,
  { name, columns, counted }: Table,
  rows: readonly Values[],
): Promise<void> {
  const names = Object.keys(columns);
  const types = Object.values(columns).map((type, index) => `$${index + 1}::${arrays[type]}`);
  // Each column of a page is one bound list; what a row holds is what may be bound.
  const lists = names.map((_, index) => rows.map((row) => row[index])) as unknown as Bound[];
  await statements.run(
    `INSERT INTO ${name} (${names.join(", ")}) ${counted ? "OVERRIDING SYSTEM VALUE" : ""}
     SELECT * FROM unnest(${types.join(", ")})`,
    ...lists,
  );
}

/** After the last number that was copied. */
async function goOnCounting(statements: Statements, { name }: Table): Promise<void> {
  await statements.get(
    `SELECT setval(pg_get_serial_sequence('${name}', 'n'), greatest(max(n), 1), max(n) IS NOT NULL)
     FROM ${name}`,
  );
}
