// One window of load on a service, and what it cost there; several windows of several measurements in turn, so that
// a machine whose speed drifts drifts for all; and the one in the middle.

import { must } from "../src/lib/assert.ts";
import { generate } from "./generator.ts";
import type { Options } from "./options.ts";
import type { LoadResult, Loop, Work } from "./plan.ts";
import type { Result } from "./result.ts";
import type { Server } from "./server.ts";

export interface Window extends LoadResult {
  /** Processor time of the service, all its threads, per request, microseconds: it hardly feels a noisy machine. */
  readonly serverMicroseconds: number;
  /** Of all instances after it, resident, MB. */
  readonly memoryMb: number;
}

/** What is measured, by a name that stays the same from run to run. */
export interface Measurement {
  readonly id: string;
  readonly title: string;
  readonly work: Work;
  readonly loop?: Loop;
}

export async function measure(
  servers: readonly Server[],
  { work, loop = { kind: "closed" } }: Measurement,
  {
    seconds,
    warmupSeconds,
    connections,
  }: Pick<Options, "seconds" | "warmupSeconds" | "connections">,
): Promise<Window> {
  const { key } = must(servers[0], "a server to load");
  const cpu = (): number => servers.reduce((sum, one) => sum + one.cpuSeconds(), 0);
  const cpuBefore = cpu();
  const result = await generate({
    ports: servers.map(({ port }) => port),
    connections,
    seconds,
    warmupSeconds,
    headers: key === "" ? {} : { "X-API-Key": key },
    work,
    loop,
  });
  return {
    ...result,
    serverMicroseconds: ((cpu() - cpuBefore) * 1e6) / result.requestsInAll,
    memoryMb: servers.reduce((sum, one) => sum + one.memoryMb(), 0),
  };
}

/** The window with the middle rate, and the rates of all. */
export function middleOf(
  { id, title, work, loop = { kind: "closed" } }: Measurement,
  windows: readonly Window[],
): Result {
  const sorted = [...windows].sort((a, b) => a.perSecond - b.perSecond);
  const middle = must(sorted[Math.floor(sorted.length / 2)], "at least one window");
  return {
    id,
    title,
    unit: work.kind === "reserve" || work.kind === "reserve-confirm" ? work.kind : "request",
    loop: loop.kind,
    perSecond: middle.perSecond,
    perSecondOfAll: windows.map(({ perSecond }) => perSecond),
    latency: middle.latency,
    statuses: middle.statuses,
    ...(loop.kind === "open" ? { offeredPerSecond: Math.round(loop.perSecond) } : null),
    ...(middle.givenUp > 0 ? { givenUp: middle.givenUp } : null),
    serverMicroseconds: Math.round(middle.serverMicroseconds),
    generatorMicroseconds: Math.round((middle.cpuSeconds * 1e6) / Math.max(1, requestsOf(middle))),
    memoryMb: Math.max(...windows.map(({ memoryMb }) => memoryMb)),
  };
}

function requestsOf({ statuses }: LoadResult): number {
  return Object.values(statuses).reduce((sum, count) => sum + count, 0);
}
