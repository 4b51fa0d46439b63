// Brings a database to this version's schema, and refuses one on which the promises could not be kept: an
// old server, commits that are answered before they are on disk, text that is not UTF-8.
//
// Any number of instances may start at once: whoever has the lock of the table `migrations` applies what is
// missing in one transaction, and the others wait for as long as that takes, and find it done.

import { OperatingError } from "../../lib/operating-error.ts";
import { type Migration, missingMigrations, readMigrations } from "../migrate.ts";
import { text } from "../rows.ts";
import type { Connections } from "./connections.ts";
import { inTransaction, type StatementOptions, type Statements } from "./statements.ts";

export const migrations: readonly Migration[] = readMigrations(
  new URL("./migrations/", import.meta.url),
);

const sql = {
  settings: `
    SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
      current_setting('fsync'), current_setting('full_page_writes'),
      current_setting('synchronous_commit'), current_setting('synchronous_standby_names')`,
  tables: "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
  hasMigrations: "SELECT to_regclass(format('%I.migrations', current_schema())) IS NOT NULL",
  applied: "SELECT name FROM migrations ORDER BY version",
  makeTable: `
    CREATE TABLE IF NOT EXISTS migrations (
      version    integer PRIMARY KEY,
      name       text    COLLATE "C" NOT NULL,
      applied_at bigint  NOT NULL
    )`,
  // A migration of a large table takes its time, and so does waiting for one.
  waitLong: "SET LOCAL lock_timeout = 0",
  // Held to the end of the transaction: one instance migrates, the others wait for it.
  lockTable: "LOCK TABLE migrations IN ACCESS EXCLUSIVE MODE",
  note: `
    INSERT INTO migrations (version, name, applied_at)
    VALUES ($1, $2, floor(extract(epoch FROM clock_timestamp()) * 1000))`,
  makeHead: `
    INSERT INTO log_head (id, log_id, epoch, seq, at)
    VALUES (1, $1, 1, 0, floor(extract(epoch FROM clock_timestamp()) * 1000))
    ON CONFLICT DO NOTHING`,
} as const;

/** Applies what is missing and answers its names. */
export async function migrate(
  connections: Connections,
  options: StatementOptions,
  newId: () => string,
  files: readonly Migration[] = migrations,
): Promise<readonly string[]> {
  const within = <T>(work: (statements: Statements) => Promise<T>): Promise<T> =>
    inTransaction(
      connections,
      "READ COMMITTED",
      { ...options, patient: true },
      async (statements) => {
        await statements.run(sql.waitLong);
        return work(statements);
      },
    );
  const isComplete = await within(async (statements) => {
    const unsafe = await whyUnsafe(statements);
    if (unsafe !== null) throw new OperatingError(unsafe, { retryable: false });
    const [applied, tables] = [await appliedOf(statements), await tablesOf(statements)];
    // Before anything is made in a database that may be somebody else's.
    return missingMigrations(files, applied, tables).length === 0;
  });
  // An ordinary start writes nothing: it need not wait for those who do.
  if (isComplete) return [];
  await makeTable(within);
  return within(async (statements) => {
    await statements.run(sql.lockTable);
    const applied = await appliedOf(statements);
    const missing = missingMigrations(files, applied, await tablesOf(statements));
    for (const { version, name, sql: script } of missing) {
      await statements.script(script);
      await statements.run(sql.note, version, name);
    }
    await statements.run(sql.makeHead, newId());
    return missing.map(({ name }) => name);
  });
}

/** Two that make a table at once: IF NOT EXISTS lets one of them fail, and then it is there. */
async function makeTable(
  within: (work: (statements: Statements) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const make = () => within((statements) => statements.run(sql.makeTable));
  await make().catch(make);
}

async function tablesOf(statements: Statements): Promise<readonly string[]> {
  return (await statements.all(sql.tables)).map(([name]) => text(name));
}

/** Names of the migrations that a database has seen, in order; none for one without the table. */
export async function appliedOf(statements: Statements): Promise<readonly string[]> {
  const [has] = (await statements.get(sql.hasMigrations)) ?? [];
  return has === true ? (await statements.all(sql.applied)).map(([name]) => text(name)) : [];
}

/** Why the promises could not be kept on this database, and what to do; null: they can. */
export async function whyUnsafe(statements: Statements): Promise<string | null> {
  const [version, encoding, fsync, fullPages, synchronous, standbys] =
    (await statements.get(sql.settings)) ?? [];
  if (typeof version !== "number" || version < 140_000) {
    return "this PostgreSQL is older than 14. Use a newer one";
  }
  if (encoding !== "UTF8") {
    return `this database has the encoding ${String(encoding)}. Create one with ENCODING 'UTF8'`;
  }
  for (const [name, value] of Object.entries({ fsync, full_page_writes: fullPages })) {
    if (value !== "on") {
      return `this PostgreSQL has ${name}=off: what was acknowledged would be lost with its machine. Set ${name}=on`;
    }
  }
  if (synchronous === "off") {
    return "this PostgreSQL has synchronous_commit=off: it answers commits before they are on disk. Set synchronous_commit=on, or remote_apply with a standby";
  }
  if (synchronous === "local" && standbys !== "") {
    return "this PostgreSQL names synchronous standbys and has synchronous_commit=local: it does not wait for them. Set synchronous_commit=on";
  }
  return null;
}
