// One window of load on a running service, and what the service did and had to do while it was offered: work and processor
// time are read as it begins and as it ends, from the service's own metrics and from /proc. What was still waiting then
// is done afterwards, and counts for `writes` alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { generate } from "../../bench/generator.ts";
import type { LoadPlan, LoadResult } from "../../bench/plan.ts";
import type { Instance } from "./instance.ts";

export interface Window extends LoadResult {
  /** That were done, from the beginning of the warm-up until the last answer had come. */
  readonly writes: number;
  /** Of those that were done while the window was open, for each second of processor time of the service. */
  readonly perProcessorSecond: number;
  /** Of holds that were made; 0: none was. */
  readonly p99Ms: number;
}

export async function openWindow(
  instance: Instance,
  plan: Omit<LoadPlan, "ports" | "headers">,
): Promise<Window> {
  const [ports, headers] = [[Number(new URL(instance.url).port)], { "X-API-Key": instance.key }];
  const before = await reading(instance);
  const load = generate({ ...plan, ports, headers });
  const measured = (async () => {
    await setTimeout(plan.warmupSeconds * 1000);
    const opened = await reading(instance);
    await setTimeout(plan.seconds * 1000);
    const closed = await reading(instance);
    const done = closed.writes - opened.writes;
    return {
      perSecond: (1000 * done) / (closed.at - opened.at),
      perProcessorSecond: done / (closed.processorSeconds - opened.processorSeconds),
    };
  })();
  const [result, rates] = await Promise.all([load, measured]);
  const writes = (await reading(instance)).writes - before.writes;
  return { ...result, ...rates, writes, p99Ms: result.latency["reserve"]?.p99Ms ?? 0 };
}

async function reading(instance: Instance) {
  const text = await (await fetch(`${instance.url}/metrics`)).text();
  return {
    at: performance.now(),
    writes: writesIn(text),
    processorSeconds: processorSeconds(instance),
  };
}

/** Of all its threads: utime and stime of /proc/<pid>/stat, in ticks of 10 ms (proc(5)). */
function processorSeconds({ pid }: Instance): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory, the most it ever had. */
export function mostMemoryMb(instance: Instance): number {
  return memoryMb(instance, "VmHWM");
}

export function memoryMb({ pid }: Instance, which: "VmHWM" | "VmRSS"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = new RegExp(`${which}:\\s+(\\d+)`).exec(status)?.[1];
  assert.ok(kilobytes !== undefined, `${which} is there`);
  return Number(kilobytes) / 1024;
}

function writesIn(metrics: string): number {
  const counted = metrics.matchAll(/^stock_operations_total\{[^}]*status="ok"[^}]*\} (\d+)$/gm);
  return counted.reduce((total, [, count]) => total + Number(count), 0);
}
