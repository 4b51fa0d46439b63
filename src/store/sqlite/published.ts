// Which events the bus has: `synced` and `synced_at`, as the seed has them. What is marked is always the
// beginning of the log, so halving finds its end in some 24 look-ups where an index would cost every write.

import type { DatabaseSync } from "node:sqlite";
import { integer } from "../rows.ts";
import { prepare } from "./statements.ts";

export const publishedSql = {
  isMarked: "SELECT synced FROM events WHERE seq = ?",
  mark: "UPDATE events SET synced = 1, synced_at = ? WHERE seq > ? AND seq <= ?",
} as const;

/** Marks up to `limit` events that are not marked yet, none after `seq`; answers how far it came. */
export function markPublished(db: DatabaseSync, seq: number, at: number, limit: number): number {
  const isMarked = prepare(db, publishedSql.isMarked);
  let [marked, open] = [0, seq];
  while (marked < open) {
    const middle = Math.ceil((marked + open) / 2);
    if (integer(isMarked.get(middle)?.[0]) === 1) marked = middle;
    else open = middle - 1;
  }
  const end = Math.min(seq, marked + limit);
  db.prepare(publishedSql.mark).run(at, marked, end);
  return end;
}
