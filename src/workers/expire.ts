// Expiry. Decisions are exact without this worker (the write path ends due holds of the rows it
// touches); it makes reads and events follow within a second, by waking when the next hold is due.
//
// It goes by the same time as commits do, which is the database's. By the clock of its instance it would leave
// holds that every commit takes for due, or ask again and again for those that none does.

import type { Executor } from "../commands/execute.ts";
import { assert } from "../lib/assert.ts";
import { expireCommandMax } from "../limits.ts";
import type { Finding, Store } from "../store/store.ts";

export interface ExpireOptions {
  readonly store: Pick<Store, "time" | "nextDueAt">;
  readonly execute: Executor["execute"];
  /** What it paces itself by. */
  readonly now: () => number;
  readonly newRequestId: () => string;
  /** How late the oldest due hold was found, ms. */
  readonly lag: (ms: number) => void;
  /** Rows whose holds cannot end because an invariant is broken in them; each once, while it lasts. */
  readonly found: (findings: readonly Finding[]) => void;
}

/** Between looks past holds that cannot end, ms: those of sound rows are then late by no more. */
const stuckPauseMs = 1_000;

/** Longest rest between two commands while more is due, ms: where a command waits for its turn, others have theirs anyway. */
const restMsMax = 100;

/**
 * Makes the tick: it ends what is due, a bounded number at a time, and answers when the next hold is due.
 * It remembers the holds that cannot end: they stay the oldest, and each command must reach beyond them.
 */
export function openExpire(options: ExpireOptions): () => Promise<number | null> {
  const { store, execute, now, lag, found } = options;
  let stuck = 0;
  let known = new Set<string>();
  return async () => {
    const due = await store.nextDueAt();
    if (due === null) return null;
    const at = await store.time();
    if (due > at) return now() + due - at;
    lag(at - due);
    const limit = expireCommandMax + stuck;
    const begunAt = now();
    const { result } = await execute({
      kind: "ExpireDue",
      limit,
      actor: "system:expiry",
      requestId: options.newRequestId(),
      once: null,
    });
    assert("reply" in result && result.reply.kind === "expired", "nothing refuses an expiry");
    const { count, broken } = result.reply;
    const before = known;
    const findings: Finding[] = [];
    known = new Set();
    stuck = 0;
    for (const { productId, storeId, holds, why } of broken) {
      const row = `stock ${productId} at ${storeId}`;
      known.add(row);
      stuck += holds;
      if (before.has(row)) continue;
      const invariant = /^I\d+/.exec(why)?.[0] ?? "other";
      findings.push({ invariant, detail: `${row}: ${holds} due holds cannot end: ${why}` });
    }
    if (findings.length > 0) found(findings);
    // What is still due cannot end: asking for it at once again would spin. Others may be due soon.
    if (count === 0 && 0 < stuck && stuck < limit) return now() + stuckPauseMs;
    // More may be due. Half of the time is others': where thousands of holds end at once, that nobody can sell for a while
    // would be worse than that they are told a moment later; decisions are exact without this worker.
    const restMs = Math.min(now() - begunAt, restMsMax);
    const next = await store.nextDueAt();
    return next === null ? null : now() + Math.max(next - (await store.time()), restMs);
  };
}
