// A process that simulates the worlds it is sent, one after the other, and answers each with what came of it. Alone in a
// process, a world that never comes to its end, or ends the process, harms no other: processes.ts looks after it.

import type { Kind } from "./met.ts";
import { type Plan, planOf } from "./plan.ts";
import { simulate } from "./world.ts";

export type Work = { readonly seed: number } | { readonly plan: Plan };

/** A report as it comes from another process. */
export interface Told {
  /** The promise that was broken, or null. */
  readonly broken: string | null;
  readonly decided: readonly (readonly [what: string, times: number])[];
  readonly met: readonly Kind[];
  readonly moments: number;
  readonly events: number;
}

async function tell(work: Work): Promise<void> {
  const plan = "plan" in work ? work.plan : planOf(work.seed);
  const { violation, decided, met, moments, events } = await simulate(plan);
  const told: Told = {
    broken: violation?.message ?? null,
    decided: [...decided],
    met: [...met],
    ...{ moments, events },
  };
  process.send?.(told);
}

if (process.send !== undefined) process.on("message", (work: Work) => void tell(work));
