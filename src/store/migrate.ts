// Runs numbered SQL files once, in order, in one transaction. Files are append-only: a database whose
// applied migrations are not a prefix of the files (a newer program's, or another program's) is refused
// by name and left as it is.

import { OperatingError } from "../lib/operating-error.ts";

export interface Migration {
  /** File name, `001_initial.sql`: its number is the version. */
  readonly name: string;
  readonly sql: string;
}

/** What an adapter gives: its transaction and its table of applied migrations. */
export interface MigrationTarget {
  begin(): void;
  /** Names of all tables, to tell an empty database from somebody else's. */
  tables(): readonly string[];
  /** Names of the migrations applied before, in order. */
  applied(): readonly string[];
  apply(version: number, name: string, sql: string): void;
  commit(): void;
  rollback(): void;
}

/** Returns the names that were applied now. */
export function migrate(files: readonly Migration[], target: MigrationTarget): readonly string[] {
  target.begin();
  try {
    const applied = target.applied();
    refuseForeign(files, applied, target.tables());
    const missing = files.slice(applied.length);
    for (const { name, sql } of missing) target.apply(versionOf(name), name, sql);
    target.commit();
    return missing.map(({ name }) => name);
  } catch (error) {
    target.rollback();
    throw error;
  }
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
