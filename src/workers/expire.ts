// Expiry. Decisions are exact without this worker (the write path ends due holds of the rows it
// touches); it makes reads and events follow within a second, by waking when the next hold is due.

import type { Executor } from "../commands/execute.ts";
import { expireCommandMax } from "../limits.ts";
import type { Store } from "../store/store.ts";

export interface ExpireOptions {
  readonly store: Pick<Store, "nextDueAt">;
  readonly execute: Executor["execute"];
  readonly now: () => number;
  readonly newRequestId: () => string;
  /** How late the oldest due hold was found, ms. */
  readonly lag: (ms: number) => void;
}

/** One tick: ends what is due, a bounded number at a time; answers when the next hold is due. */
export async function expireTick(options: ExpireOptions): Promise<number | null> {
  const { store, execute, now } = options;
  const due = await store.nextDueAt();
  if (due === null || due > now()) return due;
  options.lag(now() - due);
  await execute({
    kind: "ExpireDue",
    limit: expireCommandMax,
    actor: "system:expiry",
    requestId: options.newRequestId(),
    once: null,
  });
  // More may be due: other commands get their turn in the queue in between.
  return store.nextDueAt();
}
