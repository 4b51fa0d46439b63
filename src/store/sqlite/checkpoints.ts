// The checkpoint thread: copies committed pages from the write-ahead log into the file, on a connection of its own, while the
// writer goes on. A commit that finds the log full (`walPagesMax`, open.ts) copies it itself, and everybody waits
// meanwhile: with the pages of a large database 0.2 s, several times in ten seconds (docs/decisions/0021). Most of that is
// done here before; what is left to the writer is what came in the meantime.
//
// This file is both ends of it: `openCheckpoints` for the main thread, and, when it is itself started as that thread, the
// thread. Its durability is SQLite's: the log is flushed before a page is copied, the file before the log is used again.

import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";
import { openThread, serveThread, type Thread } from "../../lib/thread.ts";
import { busyTimeoutMs } from "../../limits.ts";
import { isLostFlush } from "./trouble.ts";

/** So many pages are worth a flush of the file; the writer copies at four times as many. */
const pagesMin = 4_000;
/** Between two looks at the length of the log, which cost microseconds. */
const lookMs = 100;

interface CheckpointsStart {
  readonly checkpointsOf: string;
}

/** Opens the file when `after` resolves. */
export function openCheckpoints(path: string, after: Promise<unknown>): Promise<Thread> {
  const start: CheckpointsStart = { checkpointsOf: path };
  return openThread(new URL("./checkpoints.ts", import.meta.url), start, after);
}

function isCheckpointsStart(given: unknown): given is CheckpointsStart {
  return typeof given === "object" && given !== null && "checkpointsOf" in given;
}

/** Looks, and copies where that is worth it. */
export function openCheckpointing(path: string): { look(): void; close(): void } {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  db.exec("PRAGMA synchronous = FULL; PRAGMA checkpoint_fullfsync = ON; PRAGMA cache_size = -1024");
  const length = db.prepare("PRAGMA wal_checkpoint(NOOP)");
  const copy = db.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  return {
    look() {
      try {
        const { log, checkpointed } = { log: 0, checkpointed: 0, ...length.get() };
        if (log - checkpointed >= pagesMin) copy.get();
      } catch (error) {
        // As with a commit it is the last. What else goes wrong (a full disk) leaves the log as it was, and the writer
        // says so where it meets it.
        if (isLostFlush(error)) throw error;
      }
    },
    close: () => db.close(),
  };
}

if (isCheckpointsStart(workerData)) {
  const { checkpointsOf } = workerData;
  serveThread(() => {
    const { look, close } = openCheckpointing(checkpointsOf);
    const timer = setInterval(look, lookMs);
    return {
      methods: {},
      close() {
        clearInterval(timer);
        close();
      },
    };
  });
}
