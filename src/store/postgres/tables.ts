// A whole database, table by table: read to be compared, and filled from another one in one transaction, so
// that a copy that is cut off leaves nothing.

import { newId } from "../../lib/ids.ts";
import { mustBeLike, refused } from "../restoring.ts";
import { integer, text, type Values } from "../rows.ts";
import {
  type ColumnType,
  countSql,
  openHash,
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

export interface Filling {
  /** Makes sure that the database may be filled, and leaves nothing in it but the schema. */
  readonly vacate: (statements: Statements) => Promise<void>;
  /** The last thing before it is committed. */
  readonly accept: (statements: Statements) => Promise<void>;
}

const intoNothing: Filling = { vacate: mustBeEmpty, accept: async () => undefined };

/**
 * Copies everything into an empty database and answers the hash of its state. It is committed only if what is
 * read back has the hash of the source. `seen` is told of rows as they are written, and as they are compared.
 */
export async function fillDatabase(
  database: Database,
  source: ReadTable,
  seen: (rows: number) => void,
  { vacate, accept }: Filling = intoNothing,
): Promise<string> {
  const connections = openConnections(database);
  const options = { pooler: database.pooler, patient: true };
  try {
    await migrate(connections, options, newId);
    return await inTransaction(connections, "READ COMMITTED", options, async (statements) => {
      // Held to the end: no service starts on it meanwhile.
      await statements.run("LOCK TABLE log_head IN ACCESS EXCLUSIVE MODE");
      await vacate(statements);
      const hashed = openHash(source);
      const makeAgain = await dropIndexes(statements);
      for (const table of tables) await fill(statements, table, hashed.read(table), seen);
      await makeAgain();
      const found = await stateHash(readTables(statements), seen);
      mustBeLike(found, hashed.digest());
      await statements.run("ANALYZE");
      await accept(statements);
      return found;
    });
  } finally {
    await connections.close();
  }
}

/** Everything of one moment, while instances go on writing. */
export async function readSnapshot<T>(
  database: Database,
  read: (read: ReadTable, rows: number) => Promise<T>,
): Promise<T> {
  const connections = openConnections(database);
  const options = { pooler: database.pooler, patient: true };
  try {
    return await inTransaction(connections, "REPEATABLE READ READ ONLY", options, async (one) => {
      // Whoever writes the pages somewhere may take its time.
      await one.get("SELECT set_config('idle_in_transaction_session_timeout', '0', true)");
      const [rows] = (await one.get(countSql)) ?? [];
      return read(readTables(one), integer(rows));
    });
  } finally {
    await connections.close();
  }
}

/** A database that a service has not written to: the schema, and the log's head at 0. */
async function mustBeEmpty(statements: Statements): Promise<void> {
  for (const { name } of tables) {
    const rows = `SELECT 1 FROM ${name} ${name === "log_head" ? "WHERE seq > 0" : ""} LIMIT 1`;
    if ((await statements.get(rows)) === undefined) continue;
    throw refused(`the database to copy to is not empty: it has rows in ${name}. Create a new one`);
  }
  await statements.run("DELETE FROM log_head");
}

const indexesSql = `
  SELECT indexname::text, indexdef FROM pg_indexes i
  WHERE schemaname = current_schema() AND tablename = ANY($1::text[])
    AND NOT EXISTS (
      SELECT 1 FROM pg_constraint
      WHERE conname = i.indexname AND connamespace = current_schema()::regnamespace)
  ORDER BY indexname`;
const foreignKeysSql = `
  SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname`;

/**
 * Takes away what is dearer kept with each row than made at the end: indexes beside the keys, and references.
 * Answers what makes them again as they were.
 */
async function dropIndexes(statements: Statements): Promise<() => Promise<void>> {
  const indexes = await statements.all(
    indexesSql,
    tables.map(({ name }) => name),
  );
  const references = await statements.all(foreignKeysSql);
  for (const [table, name] of references) {
    await statements.script(`ALTER TABLE ${text(table)} DROP CONSTRAINT "${text(name)}"`);
  }
  for (const [name] of indexes) await statements.script(`DROP INDEX "${text(name)}"`);
  return async () => {
    for (const [, definition] of indexes) await statements.script(text(definition));
    for (const [table, name, definition] of references) {
      await statements.script(
        `ALTER TABLE ${text(table)} ADD CONSTRAINT "${text(name)}" ${text(definition)}`,
      );
    }
  };
}

async function fill(
  statements: Statements,
  table: Table,
  pages: AsyncIterable<readonly Values[]>,
  seen: (rows: number) => void,
): Promise<void> {
  // While the server takes one page, the next is read.
  let sent: Promise<void> = Promise.resolve();
  for await (const rows of pages) {
    await sent;
    sent = insert(statements, table, rows).then(() => seen(rows.length));
    // It is told where it is waited for; until then it is not unheard.
    sent.catch(() => undefined);
  }
  await sent;
  if (table.counted) await goOnCounting(statements, table);
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
