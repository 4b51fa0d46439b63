// The writer thread: the only place that writes the database. It runs apart from the event loop because
// a flush to disk blocks; a batch of commands crosses as one message.
//
// It ends with the first flush that fails: to flush again proves nothing, so nothing more may be acknowledged; and where
// its file is not in its place any more. The process ends with it, and the next start reads what there is.

import { workerData } from "node:worker_threads";
import { newId } from "../../lib/ids.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { serveThread } from "../../lib/thread.ts";
import type { StoreOptions } from "../store.ts";
import type { RunSteps } from "../webhook-sql.ts";
import { openCommit } from "./commit.ts";
import { Misplaced, watchPlace } from "./in-place.ts";
import { addKey, addSession, prune, removeKey, removeSession, touchKeys } from "./keys.ts";
import { openForWriting } from "./open.ts";
import { markPublished } from "./published.ts";
import { openTransactions, runSteps } from "./statements.ts";
import { isLostFlush } from "./trouble.ts";

/** What the thread is started with; clock and ids are made here, since functions do not cross. */
export interface WriterStart {
  readonly path: string;
  readonly limits: StoreOptions["limits"];
}

serveThread(() => {
  const { path, limits }: WriterStart = workerData;
  const file = openForWriting(path, Date.now(), newId);
  const { db } = file;
  const commit = openCommit(db, { limits, now: Date.now, newId });
  const transact = openTransactions(db);
  const mustBeInPlace = watchPlace(path);
  let lost: OperatingError | null = null;
  /** Everything that writes goes through here. */
  function once<T>(work: () => T): T {
    if (lost !== null) throw lost;
    try {
      const done = work();
      mustBeInPlace();
      return done;
    } catch (error) {
      const reason = lossIn(error);
      if (reason === null) throw error;
      lost = reason;
      // After the answer to this call: whoever asked is told by it.
      setImmediate(() => {
        throw reason;
      });
      throw reason;
    }
  }
  const inTransaction: typeof transact = (work) => once(() => transact(work));
  return {
    methods: {
      // Text both ways: JSON crosses in a third of the time that structured clones of these objects take.
      commit: (commands: string) => once(() => JSON.stringify(commit(JSON.parse(commands)))),
      addKey: (...args: DropFirst<typeof addKey>) => inTransaction(() => addKey(db, ...args)),
      removeKey: (...args: DropFirst<typeof removeKey>) =>
        inTransaction(() => removeKey(db, ...args)),
      touchKeys: (...args: DropFirst<typeof touchKeys>) =>
        inTransaction(() => touchKeys(db, ...args)),
      addSession: (...args: DropFirst<typeof addSession>) =>
        inTransaction(() => addSession(db, ...args)),
      removeSession: (...args: DropFirst<typeof removeSession>) =>
        inTransaction(() => removeSession(db, ...args)),
      markPublished: (...args: DropFirst<typeof markPublished>) =>
        inTransaction(() => markPublished(db, ...args)),
      runSteps: (steps: Parameters<RunSteps>[0]) => inTransaction(() => runSteps(db, steps)),
      prune: (ageMs: number, limit: number) =>
        inTransaction(() => prune(db, Date.now(), ageMs, limit)),
    },
    close: () => file.close(),
  };
});

/** Why nothing more can be acknowledged; null: it still can. */
function lossIn(error: unknown): OperatingError | null {
  if (error instanceof Misplaced) return error;
  if (!isLostFlush(error)) return null;
  return new OperatingError(
    "the disk failed to keep what was written (a flush to it failed), so nothing more is acknowledged. Check the disk, then start again",
    { retryable: false, cause: error },
  );
}

type DropFirst<F extends (...args: never[]) => unknown> =
  Parameters<F> extends [unknown, ...infer Rest] ? Rest : never;
