// Makes a failing plan short: leaves out steps, half of them, a quarter, one by one, as long as the world still breaks
// the same promise (delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).

import type { Plan, Step } from "./plan.ts";
import { simulate } from "./world.ts";

/** Worlds that are tried at most. */
const triesMax = 400;

export async function shrink(plan: Plan): Promise<Plan> {
  const promise = await brokenBy(plan);
  let tries = 0;
  let steps = plan.steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1; ) {
    let isShorter = false;
    for (let at = 0; at < steps.length && tries < triesMax; ) {
      const shorter: readonly Step[] = [...steps.slice(0, at), ...steps.slice(at + size)];
      tries += 1;
      if ((await brokenBy({ ...plan, steps: shorter })) === promise) {
        steps = shorter;
        isShorter = true;
      } else at += size;
    }
    if (tries >= triesMax || (size === 1 && !isShorter)) break;
    size = Math.max(1, Math.floor(size / 2));
  }
  return { ...plan, steps };
}

async function brokenBy(plan: Plan): Promise<string | null> {
  const { violation } = await simulate(plan);
  return violation === null ? null : (violation.message.split(":", 2)[0] ?? null);
}
