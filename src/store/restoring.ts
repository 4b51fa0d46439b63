// What a restore is, whichever database it goes to: which database may be replaced, what is asked of the copy
// before it is kept, and the epoch that the log gets.

import { OperatingError } from "../lib/operating-error.ts";
import type { Head, Store } from "./store.ts";

export type Audits = Pick<Store, "auditRows" | "auditLog">;

export interface Restoring {
  readonly now: number;
  /** Rows that were hashed or written, in all three times the rows of the backup. */
  readonly seen: (rows: number) => void;
  /** Looks at what was written before it is kept. Throws where it is not to be kept. */
  readonly accept: (audits: Audits) => Promise<void>;
}

export interface Restored {
  /** Of the state that was compared, which is that of the backup: with the epoch that it had. */
  readonly hash: string;
  /** With the epoch that it has now. */
  readonly head: Head;
}

const epochsBegin = Date.UTC(2026, 0, 1);

/**
 * The epoch of a log that was put back to an older state: another one than its lives before had. Not just one
 * more than the backup's: whoever restores one backup, looks, and restores an older one instead would have two
 * lives of one epoch, and readers of the first would go on in the second without a word. So it is at least the
 * milliseconds since 2026: two restores of small files begin within a second.
 */
export function nextEpoch(epoch: number, now: number): number {
  return Math.max(epoch + 1, now - epochsBegin);
}

/**
 * What a first start does not leave behind: one column, a word of the first thing that is found. A first start
 * makes the stores and the demo catalogue with its holds, which may have expired since, and an admin key.
 */
const usedChecks = [
  [
    "SELECT actor FROM events WHERE actor <> 'system:first-start' AND actor <> 'system:expiry' LIMIT 1",
    "events by",
  ],
  ["SELECT key FROM idempotency LIMIT 1", "an answer under the idempotency key"],
  [
    "SELECT name FROM api_keys WHERE name <> 'admin' AND name <> 'admin-from-environment' LIMIT 1",
    "an API key named",
  ],
  ["SELECT subject FROM sessions LIMIT 1", "a session of"],
] as const;

/** Throws where the database to restore to has more than a first start makes by itself. */
export async function mustBeVacant(
  name: string,
  get: (sql: string) => Promise<readonly unknown[] | undefined>,
): Promise<void> {
  for (const [sql, what] of usedChecks) {
    const found = await get(sql);
    if (found === undefined) continue;
    throw refused(
      `${name} is not empty: it has ${what} ${String(found[0])}. A restore replaces only what a first start makes by itself; move that database away, or name another one`,
    );
  }
}

export function mustBeLike(found: string, expected: string): void {
  if (found === expected) return;
  throw refused(
    `the copy is not like its source (${found} instead of ${expected}); nothing was kept`,
  );
}

/** No new try would mend it. */
export function refused(words: string, cause?: unknown): OperatingError {
  return new OperatingError(words, { retryable: false, cause });
}
