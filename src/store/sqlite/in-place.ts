// Whether the file that is written is still the one that its name leads to. A file that was removed or replaced while it
// was served is written on without an error: what is answered would be gone with the process.
//
// Its write-ahead log stays where it was, and whoever opens the new file would take it for that one's, and mix the two
// (sqlite.org/howtocorrupt.html). So it is set aside, under a name that nothing opens: not deleted, for the old file
// may be somewhere, and this is the end of it.

import { type BigIntStats, renameSync, statSync } from "node:fs";
import { OperatingError } from "../../lib/operating-error.ts";

/** Answers a look, to be taken before an answer; it throws `Misplaced` where the file is not in its place any more. */
export function watchPlace(path: string): () => void {
  const file = found(path);
  const log = found(`${path}-wal`);
  return () => {
    const now = found(path);
    if (isSame(file, now)) return;
    const aside = isSame(log, found(`${path}-wal`)) ? setAside(`${path}-wal`) : null;
    throw new Misplaced(
      [
        `${path} was ${now === undefined ? "removed" : "replaced"} while it was served, so nothing more is acknowledged.`,
        ...(aside === null ? [] : [`Its write-ahead log is now ${aside}.`]),
        "See that the file that is meant is there, and start again; stop the service before you move a file",
      ].join(" "),
      { retryable: false },
    );
  };
}

export class Misplaced extends OperatingError {}

function found(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

function isSame(one: BigIntStats | undefined, other: BigIntStats | undefined): boolean {
  return one !== undefined && one.ino === other?.ino && one.dev === other.dev;
}

function setAside(path: string): string {
  const aside = `${path}.${Date.now()}`;
  renameSync(path, aside);
  return aside;
}
