// Backups as files: made of a file that is served, and opened to be restored from or looked at. A backup is
// an Onhand database like any other, so every command works on it. It has its name only when it is whole.

import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { must } from "../../lib/assert.ts";
import { missingMigrations } from "../migrate.ts";
import { type Audits, mustBeLike, refused } from "../restoring.ts";
import { headColumns, headOf } from "../rows.ts";
import type { Head } from "../store.ts";
import { countSql, type ReadTable, stateHash } from "../tables.ts";
import { auditLog, auditRows } from "./audit.ts";
import { appliedMigrations, migrations, tablesOf } from "./open.ts";
import { prepare } from "./statements.ts";
import { readTables } from "./tables.ts";

/** Pages per step of a backup: all. With fewer it never ends while commits change the file. */
const backupRate = 2 ** 31 - 1;

export interface Backup extends Audits {
  readonly path: string;
  readonly read: ReadTable;
  /** Rows in all. */
  readonly rows: number;
  readonly head: Head;
  copyTo(path: string): Promise<void>;
  close(): void;
}

/** Opens a file to read it only: nothing beside it is made or changed. It is read once to see that it is whole. */
export function openBackup(path: string): Backup {
  if (!existsSync(path)) throw refused(`there is no file at ${path}`);
  // A file with a log of its own is, or was, served: what is in there belongs to it.
  const isServed = existsSync(`${path}-wal`);
  const url = pathToFileURL(path);
  if (!isServed) url.searchParams.set("immutable", "1");
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    db.exec("BEGIN");
    mustBeWhole(db, path);
    mustBeOfThisVersion(db, path);
    const head = headOf(must(prepare(db, headSql).get(), "log_head has its row"));
    const rows = Number(prepare(db, countSql).get()?.[0]);
    return {
      path,
      head,
      rows,
      read: readTables(db),
      copyTo: (to) => copyPages(db, to),
      ...auditsOf(db),
      close: () => db.close(),
    };
  } catch (error) {
    if (db.isOpen) db.close();
    throw error;
  }
}

const headSql = `SELECT ${headColumns} FROM log_head WHERE id = 1`;

export function auditsOf(db: DatabaseSync): Audits {
  return {
    auditRows: async (query) => auditRows(db, query),
    auditLog: async () => auditLog(db),
  };
}

export async function copyPages(db: DatabaseSync, to: string): Promise<void> {
  await backup(db, to, { rate: backupRate });
}

/** Reads a file that was filled from elsewhere: it has the state of that hash, or is not to be used. */
export async function fileMustBeLike(
  path: string,
  expected: string,
  seen: (rows: number) => void,
): Promise<void> {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    mustBeLike(await stateHash(readTables(db), seen), expected);
  } finally {
    db.close();
  }
}

/** SQLite's own words for a file of something else, and for one that is cut off. */
function mustBeWhole(db: DatabaseSync, path: string): void {
  let answer: unknown;
  try {
    answer = db.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    if (answer === "ok") return;
  } catch (cause) {
    const code = cause instanceof Error && "errcode" in cause ? cause.errcode : null;
    if (code === notDatabase) throw refused(`${path} is no database of Onhand`, cause);
    answer = cause instanceof Error ? cause.message : String(cause);
  }
  throw refused(`${path} is damaged or cut off (${String(answer)}). Take another backup`);
}

/** Whether it is of a newer version, or of another program, is said by what migrates. */
function mustBeOfThisVersion(db: DatabaseSync, path: string): void {
  const applied = appliedMigrations(db);
  const missing = missingMigrations(migrations, applied, tablesOf(db));
  if (missing.length === 0) return;
  if (applied.length === 0) throw refused(`${path} is no database of Onhand`);
  throw refused(
    `${path} is of an older version of Onhand. Bring a copy of it to this one: DATABASE_URL=sqlite:COPY npm run onhand -- migrate`,
  );
}

/** SQLITE_NOTADB */
const notDatabase = 26;

/**
 * Lets `write` make a file under another name, and gives it its own when it is whole and on disk. It is for its
 * owner's eyes only: customers' ids and hashes of keys are in it.
 */
export async function writeWhole<T>(
  path: string,
  suffix: string,
  write: (part: string) => Promise<T>,
): Promise<T> {
  const part = path + suffix;
  // What is left of one that was cut off.
  removeFile(part);
  try {
    closeSync(openSync(part, "wx", 0o600));
    chmodSync(part, 0o600);
    const written = await write(part);
    flush(part);
    renameSync(part, path);
    flush(dirname(path));
    return written;
  } catch (error) {
    if (!isFull(error)) throw error;
    // SQLite does not say whose disk it is, and what is read from has one too.
    throw refused(`${path}: the disk is full; free space, or name a file on another`, error);
  } finally {
    removeFile(part);
  }
}

/** SQLITE_FULL */
function isFull(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 13;
}

function removeFile(path: string): void {
  for (const name of [path, `${path}-wal`, `${path}-shm`, `${path}-journal`]) {
    rmSync(name, { force: true });
  }
}

function flush(path: string): void {
  // Where a folder cannot be opened.
  if (process.platform === "win32") return;
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
