// Pruning: idempotency records past their kept time and ended sessions are deleted in small steps, so
// that a commit never waits long for it.

import { idempotencyKeptMs, pruneRecordsMax } from "../limits.ts";
import type { Store } from "../store/store.ts";

const betweenStepsMs = 200;
const whenDoneMs = 600_000;

export async function pruneTick(
  store: Pick<Store, "prune">,
  now: () => number,
): Promise<number | null> {
  const deleted = await store.prune(now() - idempotencyKeptMs, pruneRecordsMax);
  return now() + (deleted >= pruneRecordsMax ? betweenStepsMs : whenDoneMs);
}
