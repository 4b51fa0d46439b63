// The write transaction: load, decide, save, commit. One batch of commands, one flush to disk.
//
// BEGIN IMMEDIATE takes SQLite's write lock before anything is read, so what is decided on cannot change
// under it; the only other writers of the file are `onhand keys` and backups, for milliseconds.

import type { DatabaseSync } from "node:sqlite";
import {
  type Context,
  type DomainLimits,
  decideAll,
  type RowKey,
  restsOnUnloadedHolds,
} from "../../domain/decide.ts";
import type { Command } from "../../domain/model.ts";
import { isoTime } from "../../lib/clock.ts";
import type { Outcome } from "../store.ts";
import { openLoader } from "./load.ts";
import { openSaver } from "./save.ts";
import { openTransactions } from "./statements.ts";

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
  const head = db.prepare("SELECT seq, at FROM log_head WHERE id = 1");

  /** Loads what the commands name, and all due holds of the rows where a decision rests on one left out. */
  function decide(commands: readonly Command[], context: Context) {
    const whole = new Set<RowKey>();
    for (;;) {
      const slice = loader.load(commands, context.now, whole);
      const decided = decideAll(slice, commands, context);
      const rests = restsOnUnloadedHolds(slice, decided.outcomes);
      if (rests.size === 0) return decided;
      for (const key of rests) whole.add(key);
    }
  }

  return (commands) =>
    inTransaction(() => {
      const { seq, at } = head.get() ?? {};
      // Time in the log never goes back, even where the system clock does.
      const now = Math.max(options.now(), Number(at));
      const { limits, newId } = options;
      const { changes, outcomes } = decide(commands, { now, newId, isoTime, limits });
      return saver.save(changes, outcomes, now, Number(seq));
    });
}
