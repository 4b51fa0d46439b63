// Which events the bus has: `synced` and `synced_at`, as the seed has them. What is marked is always the
// beginning of the log, so halving finds its end in some 24 look-ups where an index would cost every write.
// Two instances that mark at once mark the same: the second waits, and leaves alone what is marked by then.

import { must } from "../../lib/assert.ts";
import { integer } from "../rows.ts";
import type { Statements } from "./statements.ts";

export const publishedSql = {
  /** The last event up to $1 that is marked; 0: none. */
  lastMarked: `
    WITH RECURSIVE halving (low, high) AS (
      SELECT 0::bigint, $1::bigint
      UNION ALL
      SELECT CASE WHEN e.synced = 1 THEN e.seq ELSE low END,
        CASE WHEN e.synced = 1 THEN high ELSE e.seq - 1 END
      FROM halving JOIN events e ON e.seq = (low + high + 1) / 2 WHERE low < high)
    SELECT low FROM halving WHERE low = high`,
  mark: "UPDATE events SET synced = 1, synced_at = $1 WHERE seq > $2 AND seq <= $3 AND synced = 0",
} as const;

/** Marks up to `limit` events that are not marked yet, none after `seq`; answers how far it came. */
export async function markPublished(
  statements: Statements,
  seq: number,
  at: number,
  limit: number,
): Promise<number> {
  const found = must(await statements.get(publishedSql.lastMarked, seq), "I7: the log has no gap");
  const marked = integer(found[0]);
  const end = Math.min(seq, marked + limit);
  if (end > marked) await statements.run(publishedSql.mark, at, marked, end);
  return end;
}
