// Commits a batch, and deals with what may go wrong around a decision:
//  - the database was busy or away for a moment: the whole batch runs again (nothing of it was stored), so often
//    and for so long, since others wait behind it;
//  - the database stays away: every command of the batch fails with that error (503);
//  - anything else is a bug or a poisoned command: the batch is split in halves until the bad command
//    fails alone, and the others go through.

import type { Command } from "../domain/model.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { retry } from "../lib/retry.ts";
import { commitAgainMsMax, commitTriesMax } from "../limits.ts";
import type { Outcome, Store } from "../store/store.ts";

export type CommitPort = Pick<Store, "commit">;

export type Settled = { readonly outcome: Outcome } | { readonly error: unknown };

/** Settles every command, in order. `committed` sees each transaction's outcomes as soon as it is durable. */
export async function commitBatch(
  store: CommitPort,
  commands: readonly Command[],
  committed: (outcomes: readonly Outcome[]) => void,
): Promise<Settled[]> {
  let outcomes: readonly Outcome[];
  try {
    outcomes = await retry(() => store.commit(commands), {
      triesMax: commitTriesMax,
      laterMsMax: commitAgainMsMax,
      isRetryable: (error) => error instanceof OperatingError && error.retryable,
    });
  } catch (error) {
    if (error instanceof OperatingError || commands.length === 1) {
      return commands.map(() => ({ error }));
    }
    const half = Math.ceil(commands.length / 2);
    const first = await commitBatch(store, commands.slice(0, half), committed);
    const second = await commitBatch(store, commands.slice(half), committed);
    return [...first, ...second];
  }
  // Outside the try: what is stored must not run again because somebody who was told of it failed.
  committed(outcomes);
  return outcomes.map((outcome) => ({ outcome }));
}
