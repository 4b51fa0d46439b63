// One window of load on a running service, and what the service had to do for it: work and processor time are read before
// and after, from the service's own metrics and from /proc.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { generate } from "../../bench/generator.ts";
import type { LoadPlan, LoadResult } from "../../bench/plan.ts";
import type { Instance } from "./instance.ts";

export interface Window extends LoadResult {
  /** That were done, from its beginning until the last answer had come; `perSecond` is of these. */
  readonly writes: number;
  /** Of these, for each second of processor time of the service. */
  readonly perProcessorSecond: number;
  /** Of holds that were made; 0: none was. */
  readonly p99Ms: number;
}

export async function openWindow(
  instance: Instance,
  plan: Omit<LoadPlan, "ports" | "headers">,
): Promise<Window> {
  const [ports, headers] = [[Number(new URL(instance.url).port)], { "X-API-Key": instance.key }];
  const [used, done] = [processorSeconds(instance), await writesDone(instance)];
  const startedAt = performance.now();
  const result = await generate({ ...plan, ports, headers });
  const seconds = (performance.now() - startedAt) / 1000;
  const writes = (await writesDone(instance)) - done;
  return {
    ...result,
    writes,
    perSecond: writes / seconds,
    perProcessorSecond: writes / (processorSeconds(instance) - used),
    p99Ms: result.latency["reserve"]?.p99Ms ?? 0,
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

async function writesDone({ url }: Instance): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counted = text.matchAll(/^stock_operations_total\{[^}]*status="ok"[^}]*\} (\d+)$/gm);
  return counted.reduce((total, [, count]) => total + Number(count), 0);
}
