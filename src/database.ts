// Which database the configuration names, as the port has it: the one place that knows both adapters. Each is
// loaded when it is chosen, so that a service on a file starts without PostgreSQL's client.

import type { DatabaseConfig } from "./config-database.ts";
import { now } from "./lib/clock.ts";
import { newId } from "./lib/ids.ts";
import type { Repairing, Repairs } from "./store/repairing.ts";
import type { Restored, Restoring } from "./store/restoring.ts";
import type { Backup } from "./store/sqlite/backup.ts";
import type { Store, StoreBeside, StoreOptions } from "./store/store.ts";

export interface DatabaseOptions extends Pick<StoreOptions, "limits"> {
  /** Whether instances tell each other of commits through the database, for want of Redis. */
  readonly notify: boolean;
}

/** Brings the schema up to date and opens the database for serving. */
export async function openDatabase(
  database: DatabaseConfig,
  options: DatabaseOptions,
): Promise<Store> {
  if (database.kind === "postgres") {
    const { openStore } = await import("./store/postgres/store.ts");
    return openStore(database, options);
  }
  const { openStore } = await import("./store/sqlite/store.ts");
  return openStore(database.path, options);
}

/** Works beside a running service: reads, audits, backups and keys. */
export async function openBeside(database: DatabaseConfig): Promise<StoreBeside> {
  if (database.kind === "postgres") {
    const { openBeside } = await import("./store/postgres/store.ts");
    return openBeside(database);
  }
  const { openBeside } = await import("./store/sqlite/store.ts");
  return openBeside(database.path);
}

/** Answers the names of the migrations that were applied now. */
export async function migrateDatabase(database: DatabaseConfig): Promise<readonly string[]> {
  if (database.kind === "postgres") {
    const { migrateDatabase } = await import("./store/postgres/store.ts");
    return migrateDatabase(database);
  }
  const { migrateDatabase } = await import("./store/sqlite/store.ts");
  return migrateDatabase(database.path, now(), newId);
}

export interface CopyProgress {
  readonly begin: (rows: number) => void;
  readonly seen: (rows: number) => void;
}

/** Copies a file that no service has open into an empty PostgreSQL database. */
export async function copyDatabase(
  from: DatabaseConfig & { readonly kind: "sqlite" },
  to: DatabaseConfig & { readonly kind: "postgres" },
  { begin, seen }: CopyProgress,
): Promise<{ readonly hash: string; readonly rows: number }> {
  const [{ openSource }, { fillDatabase }] = await Promise.all([
    import("./store/sqlite/tables.ts"),
    import("./store/postgres/tables.ts"),
  ]);
  const source = openSource(from.path, now(), newId);
  try {
    begin(source.rows);
    return { hash: await fillDatabase(to, source.read, seen), rows: source.rows };
  } finally {
    await source.close();
  }
}

/** Writes everything of one moment to a new file, while the service goes on. */
export async function backupDatabase(
  database: DatabaseConfig,
  path: string,
  { begin, seen }: CopyProgress,
): Promise<void> {
  const { fileMustBeLike, writeWhole } = await import("./store/sqlite/backup.ts");
  if (database.kind === "sqlite") {
    const store = await openBeside(database);
    try {
      return await writeWhole(path, ".part", (part) => store.backup(part));
    } finally {
      await store.close();
    }
  }
  const [{ fillFile }, { readSnapshot }] = await Promise.all([
    import("./store/sqlite/tables.ts"),
    import("./store/postgres/tables.ts"),
  ]);
  await writeWhole(path, ".part", async (part) => {
    const hash = await readSnapshot(database, (read, rows) => {
      begin(rows);
      return fillFile(part, read, now(), seen);
    });
    // Not before: a snapshot that is held for nothing keeps the server from tidying up.
    await fileMustBeLike(part, hash, seen);
  });
}

/** Opens a backup to look at it. What it throws says why it is none. */
export async function openBackup(path: string): Promise<Backup> {
  return (await import("./store/sqlite/backup.ts")).openBackup(path);
}

/** Puts a backup into a database that is not there, or has nothing but what a first start makes. */
export async function restoreDatabase(
  backup: Backup,
  database: DatabaseConfig,
  restoring: Omit<Restoring, "now">,
): Promise<Restored> {
  if (database.kind === "postgres") {
    const { restore } = await import("./store/postgres/restore.ts");
    return restore(database, backup, { ...restoring, now: now() });
  }
  const { restore } = await import("./store/sqlite/restore.ts");
  return restore(database.path, backup, { ...restoring, now: now() });
}

/** Gives the log of a database that was put back by other means its new epoch. */
export async function raiseEpoch(
  database: DatabaseConfig,
  restoring: Omit<Restoring, "now">,
): Promise<Restored> {
  if (database.kind === "postgres") {
    const { raiseEpoch } = await import("./store/postgres/restore.ts");
    return raiseEpoch(database, { ...restoring, now: now() });
  }
  const { raiseEpoch } = await import("./store/sqlite/restore.ts");
  return raiseEpoch(database.path, { ...restoring, now: now() });
}

/** Sets right what an audit found, as far as an event can; or says what it would do. */
export async function repairDatabase(
  database: DatabaseConfig,
  repairing: Repairing,
): Promise<Repairs> {
  if (database.kind === "postgres") {
    const { repair } = await import("./store/postgres/repair.ts");
    return repair(database, { ...repairing, newId });
  }
  const { repair } = await import("./store/sqlite/repair.ts");
  return repair(database.path, { ...repairing, newId, now: now() });
}
