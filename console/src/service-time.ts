// The time of the service, which decides when a hold ends: the clock of a tablet may be minutes off.

import { client } from "./client.ts";

let aheadMs = 0;

export function serviceNow(): number {
  return Date.now() + aheadMs;
}

/** What an answer's way may take off or add: no reason to move the clock. */
const toleranceMs = 1_000;

/** Compares the clocks; where that fails the device's own counts on. */
export async function setByService(): Promise<void> {
  const asked = Date.now();
  const health = await client.health.get().catch(() => null);
  if (health === null) return;
  const middle = (asked + Date.now()) / 2;
  const ahead = Date.parse(health.timestamp) - middle;
  aheadMs = Math.abs(ahead) < toleranceMs ? 0 : ahead;
}
