// The write transaction: load, decide, save, commit. One batch of commands, one flush to disk.
//
// BEGIN IMMEDIATE takes SQLite's write lock before anything is read, so what is decided on cannot change
// under it; the only other writers of the file are `onhand keys` and backups, for milliseconds.

import type { DatabaseSync } from "node:sqlite";
import {
  type Context,
  type DomainLimits,
  decideAll,
  restsOnUnloadedHolds,
} from "../../domain/decide.ts";
import type { Command } from "../../domain/model.ts";
import { isoTime } from "../../lib/clock.ts";
import { dueHoldsPerRowMax } from "../../limits.ts";
import type { Outcome } from "../store.ts";
import { openLoader } from "./load.ts";
import { openSaver } from "./save.ts";
import { troubleOf } from "./trouble.ts";

export interface CommitOptions {
  readonly limits: DomainLimits;
  readonly now: () => number;
  readonly newId: () => string;
}

export function openCommit(
  db: DatabaseSync,
  options: CommitOptions,
): (commands: readonly Command[]) => Outcome[] {
  const loader = openLoader(db);
  const saver = openSaver(db);
  const inTransaction = openTransactions(db);
  const head = db.prepare("SELECT at FROM log_head WHERE id = 1");

  function decide(commands: readonly Command[], context: Context, dueMax: number) {
    const slice = loader.load(commands, context.now, dueMax);
    const decided = decideAll(slice, commands, context);
    return restsOnUnloadedHolds(slice, decided.outcomes) ? null : decided;
  }

  return (commands) =>
    inTransaction(() => {
      // Time in the log never goes back, even where the system clock does.
      const now = Math.max(options.now(), Number(head.get()?.["at"]));
      const { limits, newId } = options;
      const context = { now, newId, isoTime, limits };
      const decided =
        decide(commands, context, dueHoldsPerRowMax) ??
        decide(commands, context, Number.POSITIVE_INFINITY);
      if (decided === null) throw new Error("everything due was loaded, yet a decision wants more");
      return saver.save(decided.changes, decided.outcomes, now);
    });
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
