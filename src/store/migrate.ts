// Numbered SQL files, run once, in order. Files are append-only: a database whose applied migrations are not
// a prefix of the files (a newer program's, or another program's) is refused by name and left as it is. Each
// adapter applies what is missing in one transaction of its own.

import { readdirSync, readFileSync } from "node:fs";
import { OperatingError } from "../lib/operating-error.ts";

export interface Migration {
  /** File name, `001_initial.sql`: its number is the version. */
  readonly name: string;
  readonly version: number;
  readonly sql: string;
}

/** The files of a folder in their order. */
export function readMigrations(folder: URL): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), "utf8");
      return { name, version: versionOf(name), sql };
    });
}

/**
 * Those that a database has not seen, given the names that it has seen, in order, and its tables, to tell an
 * empty database from somebody else's. Throws where the database is not ours to change.
 */
export function missingMigrations(
  files: readonly Migration[],
  applied: readonly string[],
  tables: readonly string[],
): readonly Migration[] {
  refuseForeign(files, applied, tables);
  return files.slice(applied.length);
}

/** For who works on a database beside the service and changes nothing of its schema. */
export function mustBeCurrent(files: readonly Migration[], applied: readonly string[]): void {
  refuseForeign(files, applied, []);
  if (applied.length === files.length) return;
  throw new OperatingError(
    `this database is of an older version of Onhand (its last migration: ${applied.at(-1) ?? "none"}). Run: npm run onhand -- migrate`,
    { retryable: false },
  );
}

function refuseForeign(
  files: readonly Migration[],
  applied: readonly string[],
  tables: readonly string[],
): void {
  const last = applied.at(-1);
  if (applied.length > files.length) {
    throw new OperatingError(
      `this database was migrated by a newer Onhand (${last}); this one knows ${files.length} migrations. Run the newer program, or restore a backup`,
      { retryable: false },
    );
  }
  for (const [index, name] of applied.entries()) {
    if (files[index]?.name === name) continue;
    throw new OperatingError(
      `this database has the migration ${name} where this program has ${files[index]?.name}: it belongs to another version of Onhand`,
      { retryable: false },
    );
  }
  const others = tables.filter((name) => name !== "migrations");
  if (applied.length === 0 && others.length > 0) {
    throw new OperatingError(
      `this database belongs to another program (it has a table ${others[0]}). Choose another DATABASE_URL`,
      { retryable: false },
    );
  }
}

function versionOf(name: string): number {
  const version = Number.parseInt(name, 10);
  if (Number.isSafeInteger(version) && version > 0) return version;
  throw new Error(`a migration's name begins with its number: ${name}`);
}
