// Opens a database file for writing: pragmas set and read back, one process per file, migrated.
//
// Durability rests on two settings, so the start is refused unless SQLite confirms them: WAL and
// `synchronous=FULL` (the log is flushed before a commit is answered; NORMAL would lose acknowledged
// commits on power loss). SQLite before 3.51.3 has a WAL-reset race that can corrupt a database
// (sqlite.org/releaselog/3_51_3.html) and is refused too.
//
// A process that was killed may leave commits in the log that no flush has put on the disk: SQLite finds them in the
// memory of the system and goes on from there, without a flush of its own. They are flushed before anything is
// answered that rests on them, so that a repeated request is never told of what a power cut then takes away.
//
// One process per file: a second database file beside it, held in an exclusive transaction. The
// operating system drops that lock with the process, also after kill -9, so there is nothing to clean
// up; and the main file stays open to short writes of `onhand keys` and to readers.

import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { must } from "../../lib/assert.ts";
import { ensureFolder } from "../../lib/folders.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { busyTimeoutMs } from "../../limits.ts";
import { missingMigrations, readMigrations } from "../migrate.ts";

/**
 * Pages of WAL after which the writer copies it back: what the checkpoint thread has left of it (checkpoints.ts). Larger: fewer
 * pauses, a longer file.
 */
const walPagesMax = 16_000;

export interface OpenFile {
  readonly db: DatabaseSync;
  /** Names of the migrations that were applied now. */
  readonly migrated: readonly string[];
  close(): void;
}

export function openForWriting(path: string, now: number, newId: () => string): OpenFile {
  ensureFolder(dirname(path));
  // By its real name: a link to the file is the same file.
  const lock = lockFile(existsSync(path) ? realpathSync(path) : path);
  try {
    const db = openFile(path);
    flushFound(db);
    const migrated = migrate(db, now);
    ensureHead(db, now, newId());
    return {
      db,
      migrated,
      close() {
        try {
          // For a single small file to look at; on a full disk the log stays beside it and is read at the start.
          db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        } finally {
          db.close();
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/**
 * Into the database, and not only by a flush of the log: where the flush of a commit failed, the system may take what
 * it could not write for written, and whatever is appended behind it is lost with it.
 */
function flushFound(db: DatabaseSync): void {
  db.exec("PRAGMA wal_checkpoint(FULL)");
}

export function lockFile(path: string): DatabaseSync {
  const lock = new DatabaseSync(`${path}.lock`);
  try {
    // Waiting would hide the mistake; half a second covers a predecessor that is just ending.
    lock.exec("PRAGMA busy_timeout = 500; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock.close();
    throw new OperatingError(
      `${path} is in use by another Onhand process. One process serves one database file: stop the other one, or name another file in DATABASE_URL`,
      { retryable: false, cause },
    );
  }
}

/** A connection that may write. Also used by `onhand keys` beside a running service. */
export function openFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: busyTimeoutMs });
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA busy_timeout = ${busyTimeoutMs};
    PRAGMA wal_autocheckpoint = ${walPagesMax};
    PRAGMA cache_size = -49152;
    PRAGMA temp_store = MEMORY;
  `);
  const confirmed = {
    journal_mode: "wal",
    synchronous: 2,
    // macOS keeps a flush in the drive's cache without it; elsewhere it changes nothing.
    fullfsync: 1,
    foreign_keys: 1,
    timeout: busyTimeoutMs,
  };
  for (const [name, value] of Object.entries(confirmed)) {
    const pragma = name === "timeout" ? "busy_timeout" : name;
    const answered = db.prepare(`PRAGMA ${pragma}`).get()?.[name];
    if (answered !== value) {
      db.close();
      throw new OperatingError(
        `SQLite answers ${pragma}=${String(answered)} where ${value} is needed for durable commits. Is ${path} on a file system without shared memory (a network share)?`,
        { retryable: false },
      );
    }
  }
  refuseOldSqlite(db);
  return db;
}

function refuseOldSqlite(db: DatabaseSync): void {
  const version = String(db.prepare("SELECT sqlite_version() AS version").get()?.["version"]);
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major * 1_000_000 + minor * 1_000 + patch < 3_051_003) {
    db.close();
    throw new OperatingError(
      `SQLite ${version} can corrupt a database while its WAL is reset (mended in 3.51.3). Run Onhand with the Node that its package brings`,
      { retryable: false },
    );
  }
}

export const migrations = readMigrations(new URL("./migrations/", import.meta.url));

/** Applies what is missing, and answers its names. */
export function migrate(db: DatabaseSync, now: number): readonly string[] {
  db.exec("BEGIN IMMEDIATE");
  try {
    const missing = missingMigrations(migrations, appliedMigrations(db), tablesOf(db));
    db.exec(`CREATE TABLE IF NOT EXISTS migrations (
      version    INTEGER PRIMARY KEY,
      name       TEXT    NOT NULL,
      applied_at INTEGER NOT NULL
    ) STRICT`);
    const note = db.prepare("INSERT INTO migrations (version, name, applied_at) VALUES (?, ?, ?)");
    for (const { version, name, sql } of missing) {
      db.exec(sql);
      note.run(version, name, now);
    }
    db.exec("COMMIT");
    return missing.map(({ name }) => name);
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}

export function tablesOf(db: DatabaseSync): readonly string[] {
  return db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map((row) => String(row["name"]));
}

/** Names of the migrations that a file has seen, in order; none for a file without the table. */
export function appliedMigrations(db: DatabaseSync): readonly string[] {
  const table = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'";
  if (db.prepare(table).get() === undefined) return [];
  const names = db.prepare("SELECT name FROM migrations ORDER BY version").all();
  return names.map((row) => String(row["name"]));
}

/** Always a commit, whose flush takes along what a reader beside kept from being copied. */
function ensureHead(db: DatabaseSync, now: number, logId: string): void {
  db.prepare(
    "INSERT INTO log_head (id, log_id, epoch, seq, at) VALUES (1, ?, 1, 0, ?) ON CONFLICT DO UPDATE SET seq = seq",
  ).run(logId, now);
  must(db.prepare("SELECT seq FROM log_head").get(), "log_head has its row");
}
