// Puts a backup in the place of a database file: copied beside it, compared, audited, given its new epoch, and
// only then named as the file that is served. A restore that is cut off leaves what was there.

import { existsSync, mkdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { must } from "../../lib/assert.ts";
import { newId } from "../../lib/ids.ts";
import {
  mustBeLike,
  mustBeVacant,
  nextEpoch,
  type Restored,
  type Restoring,
  refused,
} from "../restoring.ts";
import { headColumns, headOf } from "../rows.ts";
import type { Head } from "../store.ts";
import { stateHash } from "../tables.ts";
import { auditsOf, type Backup, writeWhole } from "./backup.ts";
import { lockFile, openFile, openForWriting, tablesOf } from "./open.ts";
import { prepare } from "./statements.ts";
import { readTables } from "./tables.ts";

export async function restore(
  path: string,
  backup: Backup,
  restoring: Restoring,
): Promise<Restored> {
  mkdirSync(dirname(path), { recursive: true });
  // By its real name: a link to the file is the same file.
  const target = existsSync(path) ? realpathSync(path) : path;
  if (existsSync(target) && target === realpathSync(backup.path)) {
    throw refused(`${path} is the backup itself`);
  }
  const lock = lockFile(target);
  try {
    await fileMustBeVacant(target);
    return await writeWhole(target, ".restoring", async (part) => {
      const restored = await fill(part, backup, restoring);
      // Of the file that is replaced: read with the new one they would be taken for its own.
      for (const name of [`${target}-wal`, `${target}-shm`]) rmSync(name, { force: true });
      return restored;
    });
  } finally {
    lock.close();
  }
}

async function fill(
  part: string,
  backup: Backup,
  { now, seen, accept }: Restoring,
): Promise<Restored> {
  await backup.copyTo(part);
  const expected = await stateHash(backup.read, seen);
  const db = openFile(part);
  try {
    const hash = await stateHash(readTables(db), seen);
    mustBeLike(hash, expected);
    await accept(auditsOf(db));
    const head = raise(db, now);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return { hash, head };
  } finally {
    db.close();
  }
}

/** Of a file that was put back by other means, and that nobody has open. */
export async function raiseEpoch(
  path: string,
  { now, seen, accept }: Restoring,
): Promise<Restored> {
  if (!existsSync(path)) throw refused(`there is no database at ${path}`);
  const { db, close } = openForWriting(path, now, newId);
  try {
    await accept(auditsOf(db));
    const hash = await stateHash(readTables(db), seen);
    return { hash, head: raise(db, now) };
  } finally {
    close();
  }
}

function raise(db: DatabaseSync, now: number): Head {
  const head = (): Head =>
    headOf(must(prepare(db, `SELECT ${headColumns} FROM log_head`).get(), "log_head has its row"));
  db.prepare("UPDATE log_head SET epoch = ? WHERE id = 1").run(nextEpoch(head().epoch, now));
  return head();
}

/** A file that is not there, is empty, or has nothing but what a first start makes. */
async function fileMustBeVacant(path: string): Promise<void> {
  if (!existsSync(path) || statSync(path).size === 0) {
    if (!existsSync(`${path}-wal`)) return;
    throw refused(
      `${path}-wal is left of a database that was here and may hold what it had last. Move it away with that database`,
    );
  }
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = tablesOf(db);
    if (tables.length === 0) return;
    if (!tables.includes("log_head")) {
      throw refused(`${path} belongs to another program (it has a table ${tables[0]})`);
    }
    await mustBeVacant(path, async (sql) => prepare(db, sql).get());
  } catch (error) {
    if (!(error instanceof Error) || !("errcode" in error)) throw error;
    throw refused(`${path} cannot be read (${error.message}). Move it away first`, error);
  } finally {
    db.close();
  }
}
