// Pruning: idempotency records past their kept time and ended sessions are deleted in small steps, so
// that a commit never waits long for it.
//
// By the database's clock, of which the times are: an instance whose clock is ahead would forget sooner than was
// promised. And not by the log's time as expiry: where the log is ahead, its times are too late, and what was
// written before it jumped would be forgotten too soon. So it is kept longer.

import { idempotencyKeptMs, pruneRecordsMax } from "../limits.ts";
import type { Store } from "../store/store.ts";

const betweenStepsMs = 200;
const whenDoneMs = 600_000;

export async function pruneTick(
  store: Pick<Store, "prune">,
  now: () => number,
): Promise<number | null> {
  const deleted = await store.prune(idempotencyKeptMs, pruneRecordsMax);
  return now() + (deleted >= pruneRecordsMax ? betweenStepsMs : whenDoneMs);
}
