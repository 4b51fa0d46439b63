// Prepared statements of one connection, each made once and found again by its text, so that a file of
// reads can keep its SQL in plain sight where it is used. Values are always bound. Rows come as arrays
// in the order of the selected columns: node:sqlite makes them in half the time of objects.
//
// Reads say `LIMIT ? + 0`: SQLite's planner looks at the value of a bare parameter there (and of one that
// is compared with the column of a partial index) and plans anew each time one is bound. Measured: twice
// the time of a short list.

import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Values } from "../rows.ts";
import { troubleOf } from "./trouble.ts";

export type Bound = SQLInputValue;

/** A statement whose rows are arrays. */
export interface ArrayStatement {
  get(...bound: readonly Bound[]): Values | undefined;
  all(...bound: readonly Bound[]): Values[];
  iterate(...bound: readonly Bound[]): Iterable<Values>;
}

export interface Statements {
  get(sql: string, ...bound: readonly Bound[]): Values | undefined;
  all(sql: string, ...bound: readonly Bound[]): Values[];
  /** Row by row, for what is too long to hold; read to its end or left with `break`. */
  each(sql: string, ...bound: readonly Bound[]): Iterable<Values>;
  /** Everything that `read` reads is of one moment. Takes no lock that a writer would wait for. */
  snapshot<T>(read: () => T): T;
}

export function prepare(db: DatabaseSync, sql: string): ArrayStatement {
  const statement = db.prepare(sql);
  statement.setReturnArrays(true);
  // The type declarations describe object rows only; the line above is what makes this true.
  return statement as unknown as ArrayStatement;
}

export function openStatements(db: DatabaseSync): Statements {
  const made = new Map<string, ArrayStatement>();
  const statement = (sql: string): ArrayStatement => {
    let found = made.get(sql);
    if (found === undefined) {
      found = prepare(db, sql);
      made.set(sql, found);
    }
    return found;
  };
  const begin = db.prepare("BEGIN");
  const end = db.prepare("COMMIT");
  return {
    get: (sql, ...bound) => statement(sql).get(...bound),
    all: (sql, ...bound) => statement(sql).all(...bound),
    each: (sql, ...bound) => statement(sql).iterate(...bound),
    snapshot(read) {
      if (db.isTransaction) return read();
      begin.run();
      try {
        return read();
      } finally {
        end.run();
      }
    },
  };
}

/** Statements that both adapters share name what they bind $1, $2 …. */
export function runSteps(
  db: DatabaseSync,
  steps: readonly { readonly sql: string; readonly bound: readonly Bound[] }[],
): Values[][] {
  return steps.map(({ sql, bound }) => prepare(db, sql.replaceAll("$", "?")).all(...bound));
}

/** Runs work in a write transaction of this connection; its statements are prepared once. */
export function openTransactions(db: DatabaseSync): <T>(work: () => T) => T {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  return (work) => {
    try {
      begin.run();
      const done = work();
      commit.run();
      return done;
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw troubleOf(error);
    }
  };
}
