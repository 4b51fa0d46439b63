// Fills an empty database with a history: node bench/fill.ts <sqlite:… or postgres://…> [--rows N] [--reservations N].
// By statements that insert whole tables, with indexes made afterwards: ten million reservations in minutes, where the
// API would take an hour. What is in it: fill-sql.ts.

import { existsSync, statSync } from "node:fs";
import { parseArgs } from "node:util";
import { must } from "../src/lib/assert.ts";
import { newId } from "../src/lib/ids.ts";
import { openConnections } from "../src/store/postgres/connections.ts";
import { migrate } from "../src/store/postgres/schema.ts";
import { openForWriting } from "../src/store/sqlite/open.ts";
import { connected } from "../test/support/postgres.ts";
import { type Dialect, eventsOf, fillSteps, type Size } from "./fill-sql.ts";
import type { Filled } from "./result.ts";

export async function fillDatabase(url: string, { rows, reservations }: Size): Promise<Filled> {
  const size = { rows, reservations };
  const startedAt = performance.now();
  const isFile = url.startsWith("sqlite:");
  const bytes = isFile
    ? fillFile(url.slice("sqlite:".length), size)
    : await fillPostgres(url, size);
  return {
    database: isFile ? "SQLite" : "PostgreSQL",
    rows,
    reservations,
    events: eventsOf(size),
    megabytes: Math.round(bytes / 1e6),
    seconds: Math.round((performance.now() - startedAt) / 1000),
  };
}

const sqliteWords: Dialect = {
  numbers: (count) =>
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1}) SELECT i FROM n`,
  hex: (number, digits) => `printf('%0${digits}x', ${number})`,
  iso: (ms) => `strftime('%Y-%m-%dT%H:%M:%fZ', (${ms}) / 1000.0, 'unixepoch')`,
  text: (number) => `CAST(${number} AS TEXT)`,
};

/** Bytes of the file. */
function fillFile(path: string, size: Size): number {
  if (existsSync(path)) throw new Error(`${path} is there already`);
  const { db, close } = openForWriting(path, Date.now(), newId);
  // Nothing can be lost: who interrupts it begins again.
  db.exec("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA temp_store = FILE");
  const indexes = db
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${String(name)}`);
  for (const { sql } of fillSteps(size, Date.now(), sqliteWords)) db.exec(sql);
  for (const { sql } of indexes) db.exec(String(sql));
  close();
  return statSync(path).size;
}

const postgresWords: Dialect = {
  numbers: (count) => `SELECT i::bigint AS i FROM generate_series(0, ${count - 1}) AS i`,
  hex: (number, digits) => `lpad(to_hex((${number})::bigint), ${digits}, '0')`,
  iso: (ms) =>
    `to_char(to_timestamp((${ms}) / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  text: (number) => `(${number})::text`,
};

/** Bytes of the database. As a superuser: foreign keys are not looked at. */
async function fillPostgres(url: string, size: Size): Promise<number> {
  const connections = openConnections({
    url,
    poolMin: 1,
    poolMax: 2,
    pooler: false,
    directUrl: null,
  });
  await migrate(connections, { pooler: false }, newId);
  await connections.close();
  return connected(url, async (client) => {
    const { rows: heads } = await client.query("SELECT seq FROM log_head");
    if (Number(heads[0]?.seq ?? 0) !== 0) throw new Error("the database is not empty");
    await client.query("SET session_replication_role = replica");
    await client.query("SET synchronous_commit = off");
    const { rows: indexes } = await client.query<{ name: string; sql: string }>(`
      SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS sql
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid)`);
    for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
    for (const { sql } of fillSteps(size, Date.now(), postgresWords)) await client.query(sql);
    for (const { sql } of indexes) await client.query(sql);
    await client.query("VACUUM ANALYZE");
    const { rows } = await client.query("SELECT pg_database_size(current_database()) AS bytes");
    return Number(rows[0]?.bytes);
  });
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rows: { type: "string", default: "100000" },
      reservations: { type: "string", default: "1000000" },
    },
  });
  const url = must(positionals[0], "where to: sqlite:PATH or postgres://…");
  const filled = await fillDatabase(url, {
    rows: Number(values.rows),
    reservations: Number(values.reservations),
  });
  process.stdout.write(`${JSON.stringify(filled)}\n`);
}
