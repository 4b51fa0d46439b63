// Starts the load generator beside whoever measures, and hears its result.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { LoadPlan, LoadResult, Work } from "./plan.ts";
import type { Server } from "./server.ts";

export async function generate(plan: LoadPlan): Promise<LoadResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "load.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify(plan));
  const [said, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve) => child.once("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`the load generator ended with code ${code}`);
  return JSON.parse(said);
}

/** Work at a pace, for measurements of what happens beside it: nothing is warmed up, nothing given up before 30 s. */
export function generatePaced(
  { port, key }: Pick<Server, "port" | "key">,
  work: Work,
  perSecond: number,
  seconds: number,
): Promise<LoadResult> {
  return generate({
    ports: [port],
    connections: 64,
    seconds,
    warmupSeconds: 0,
    headers: { "X-API-Key": key },
    work,
    loop: { kind: "open", perSecond, patienceMs: 30_000 },
  });
}
