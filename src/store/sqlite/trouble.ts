// Which of SQLite's errors are the machine's fault and not the program's (primary result codes,
// sqlite.org/rescode.html). Those become operating errors: retried or answered 503, never a bug's 500.

import { OperatingError } from "../../lib/operating-error.ts";

const codes: ReadonlyMap<number, { readonly retryable: boolean; readonly words: string }> = new Map(
  [
    [5, { retryable: true, words: "the database is busy" }],
    [6, { retryable: true, words: "the database is locked" }],
    [7, { retryable: false, words: "out of memory" }],
    [8, { retryable: false, words: "the database is read-only" }],
    [10, { retryable: false, words: "the disk does not read or write" }],
    [11, { retryable: false, words: "the database file is corrupt" }],
    [13, { retryable: false, words: "the disk is full" }],
    [14, { retryable: false, words: "the database file cannot be opened" }],
    [26, { retryable: false, words: "the file is not a database" }],
  ],
);

/** SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC: extended codes. */
const flushCodes: ReadonlySet<number> = new Set([1034, 1290]);

/**
 * A flush that failed, where the error, or what it was made of, is one. The system may have forgotten what
 * it could not write and say of the next flush that it went well (LWN 752063, "fsyncgate"): from now on this process
 * cannot know what is on the disk.
 */
export function isLostFlush(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error && flushCodes.has(Number(error.errcode))) return true;
  return isLostFlush(error.cause);
}

/** The error as the service deals with it: an operating error where it is one, else itself. */
export function troubleOf(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  // The low byte is the primary code; the rest says which call it was.
  const known = codes.get(Number(error.errcode) & 0xff);
  if (known === undefined) return error;
  const { words, retryable } = known;
  return new OperatingError(`${words}: ${error.message}`, { retryable, cause: error });
}
