// Reconciliation: checks I1–I4 on a sample of stock rows, going round the table. It alarms and never
// repairs: a broken invariant is a bug to be understood, and `onhand verify` shows all of it.

import { reconcileEventsMax, reconcileRowsMax } from "../limits.ts";
import type { After, Finding, Store } from "../store/store.ts";

const betweenSamplesMs = 60_000;

export interface ReconcileOptions {
  readonly store: Pick<Store, "auditRows">;
  readonly now: () => number;
  readonly found: (findings: readonly Finding[]) => void;
}

/** Makes the tick; it remembers where in the table it was. */
export function openReconcile({ store, now, found }: ReconcileOptions): () => Promise<number> {
  let after: After = null;
  return async () => {
    const audit = await store.auditRows({
      after,
      limit: reconcileRowsMax,
      eventsMax: reconcileEventsMax,
    });
    if (audit.findings.length > 0) found(audit.findings);
    after = audit.next;
    return now() + betweenSamplesMs;
  };
}
