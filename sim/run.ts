// Runs simulated worlds. A world that breaks a promise is printed with its seed and with as few steps as still break
// it, and the run fails. See README.md.
//
//   node sim/run.ts --seed 42                 one world, with what it met
//   node sim/run.ts --seeds 10000 [--from 1]  so many, on as many processes as there are cores
//   node sim/run.ts --corpus                  the seeds that once broke something (corpus.txt)

import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { planOf, type Step } from "./plan.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./world.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    corpus: { type: "boolean", default: false },
    processes: { type: "string" },
    /** Of many processes: takes each so manieth seed. */
    every: { type: "string", default: "1" },
    /** A failing plan is not made shorter. */
    short: { type: "boolean", default: false },
  },
});

interface Tally {
  seeds: number;
  moments: number;
  events: number;
  readonly met: Record<string, number>;
}

/** False: some seed broke a promise. */
async function runSeeds(seeds: Iterable<number>, tally: Tally): Promise<boolean> {
  for (const seed of seeds) {
    const plan = planOf(seed);
    const report = await simulate(plan);
    tally.seeds += 1;
    tally.moments += report.moments;
    tally.events += report.events;
    for (const [what, times] of report.met) tally.met[what] = (tally.met[what] ?? 0) + times;
    if (report.violation === null) continue;
    console.log(`seed ${seed} breaks a promise: ${report.violation.message}`);
    if (values.short) return false;
    const { steps, ...world } = await shrink(plan);
    console.log(`as few steps as still break it, in ${JSON.stringify(world)}:`);
    for (const step of steps) console.log(`  ${wordsOf(step)}`);
    console.log(`again: node sim/run.ts --seed ${seed}`);
    return false;
  }
  return true;
}

function wordsOf(step: Step): string {
  const { at, kind, ...rest } = step;
  return `${at.toFixed(1)} ms  ${kind}  ${JSON.stringify(rest)}`;
}

function* range(from: number, count: number, every: number): Iterable<number> {
  for (let seed = from; seed < from + count; seed += every) yield seed;
}

function corpus(): number[] {
  const lines = readFileSync(join(import.meta.dirname, "corpus.txt"), "utf8").split("\n");
  return lines.flatMap((line) => (/^\d+/.test(line) ? Number.parseInt(line, 10) : []));
}

/** Each takes its share of the seeds; the first that finds something ends the others. */
async function runProcesses(count: number, from: number, seeds: number): Promise<Tally | null> {
  const tally = emptyTally();
  const children = Array.from({ length: count }, (_, index) => {
    const share = ["--from", `${from + index}`, "--seeds", `${seeds - index}`];
    return fork(import.meta.filename, [...share, "--every", `${count}`, "--processes", "1"]);
  });
  const ends = children.map(
    (child) =>
      new Promise<boolean>((resolve) => {
        child.on("message", (message) => add(tally, message as Tally));
        child.once("exit", (code) => {
          if (code !== 0) for (const other of children) other.kill();
          resolve(code === 0);
        });
      }),
  );
  return (await Promise.all(ends)).every(Boolean) ? tally : null;
}

function emptyTally(): Tally {
  return { seeds: 0, moments: 0, events: 0, met: {} };
}

function add(to: Tally, { seeds, moments, events, met }: Tally): void {
  to.seeds += seeds;
  to.moments += moments;
  to.events += events;
  for (const [what, times] of Object.entries(met)) to.met[what] = (to.met[what] ?? 0) + times;
}

function report({ seeds, moments, events, met }: Tally, startedAt: number): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${seeds} worlds, ${events} events, ${moments} moments in ${seconds} s: no promise broken`,
  );
  const words = Object.entries(met).sort(([, a], [, b]) => b - a);
  console.log(`met: ${words.map(([what, times]) => `${what} ${times}`).join(", ")}`);
}

async function main(): Promise<boolean> {
  const startedAt = performance.now();
  const from = Number(values.seed ?? values.from);
  const seeds = values.seed === undefined ? Number(values.seeds) : 1;
  const processes = Number(values.processes ?? (seeds < 100 ? 1 : availableParallelism()));
  if (!values.corpus && processes > 1) {
    console.log(`worlds ${from} to ${from + seeds - 1}`);
    const tally = await runProcesses(processes, from, seeds);
    if (tally !== null) report(tally, startedAt);
    return tally !== null;
  }
  const tally = emptyTally();
  const wanted = values.corpus ? corpus() : range(from, seeds, Number(values.every));
  const isWell = await runSeeds(wanted, tally);
  if (process.send !== undefined) process.send(tally);
  else if (isWell) report(tally, startedAt);
  return isWell;
}

process.exitCode = (await main()) ? 0 : 1;
