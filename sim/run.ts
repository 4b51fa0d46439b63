// Runs simulated worlds: those that are kept because they once broke a promise, then those of so many seeds. One that
// breaks a promise is printed with its seed, and with as few steps as still break it, which are kept in corpus/; and
// the run fails. See README.md.
//
//   node sim/run.ts --seeds 10000 [--from 1]  so many, on as many processes as there are cores
//   node sim/run.ts --seed 42                 one world, with what it met
//   node sim/run.ts --corpus                  only those that are kept
//   node sim/run.ts sim/corpus/clock.json …   only these

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { keep, keptPaths, readKept } from "./corpus.ts";
import { linesOf, noneMet } from "./met.ts";
import { planOf, type Step } from "./plan.ts";
import { type Failure, runWorlds, type World } from "./processes.ts";
import { shrink } from "./shrink.ts";
import type { Told } from "./worlds.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    corpus: { type: "boolean", default: false },
    processes: { type: "string" },
    /** Only the seeds or what is named, and a failing plan is neither made shorter nor kept. */
    short: { type: "boolean", default: false },
  },
});

const startedAt = performance.now();
const paths = positionals.length > 0 ? positionals : keptPaths();
const isKeptOnly = values.corpus || positionals.length > 0;
const isOne = values.seed !== undefined && !isKeptOnly;
const kept = isKeptOnly || !(values.short || isOne) ? paths : [];
const from = wholeNumber(values.seed ?? values.from);
const seeds = isKeptOnly ? 0 : isOne ? 1 : wholeNumber(values.seeds);
const all = kept.length + seeds;

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${text} is no whole number`);
  return Number(text);
}

function* worlds(): Iterable<World> {
  for (const path of kept) yield { name: path, work: { plan: readKept(path).plan } };
  for (let seed = from; seed < from + seeds; seed += 1)
    yield { name: `seed ${seed}`, work: { seed } };
}

/** Before anything else, so that also a run that is cut off says what it was. */
function announce(): void {
  const ofSeeds =
    seeds === 1 ? `the world of seed ${from}` : `worlds ${from} to ${from + seeds - 1}`;
  const ofKept = `${kept.length} kept in sim/corpus`;
  const parts = [...(kept.length > 0 ? [ofKept] : []), ...(seeds > 0 ? [ofSeeds] : [])];
  console.log(parts.join(", then "));
}

async function explain({ world, words, isBroken }: Failure): Promise<void> {
  console.log(`${world.name} ${words}`);
  if (!isBroken || values.short) return;
  const plan = "plan" in world.work ? world.work.plan : planOf(world.work.seed);
  const shorter = await shrink(plan);
  const { steps, ...rest } = shorter;
  console.log(`as few steps as still break it, in ${JSON.stringify(rest)}:`);
  for (const step of steps) console.log(`  ${wordsOf(step)}`);
  const path =
    "plan" in world.work
      ? world.name
      : keep({ found: words.slice(0, 300), fault: null, plan: shorter });
  console.log(`again: node sim/run.ts ${path}`);
}

function wordsOf(step: Step): string {
  const { at, kind, ...rest } = step;
  return `${at.toFixed(1)} ms  ${kind}  ${JSON.stringify(rest)}`;
}

const tally = { worlds: 0, moments: 0, events: 0, decided: new Map<string, number>() };
const met = noneMet();

function add({ moments, events, decided, met: kinds }: Told): void {
  tally.worlds += 1;
  tally.moments += moments;
  tally.events += events;
  for (const [what, times] of decided) {
    tally.decided.set(what, (tally.decided.get(what) ?? 0) + times);
  }
  for (const kind of kinds) met[kind] += 1;
}

function report(): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { worlds: count, events, moments, decided } = tally;
  const words = [...decided].sort(([, a], [, b]) => b - a);
  console.log(`decided: ${words.map(([what, times]) => `${what} ${times}`).join(", ")}`);
  console.log(`met, in so many of ${count} worlds:`);
  for (const line of linesOf(met, count)) console.log(line);
  console.log(
    `${count} worlds, ${events} events, ${moments} moments in ${seconds} s: no promise broken`,
  );
}

if (all === 0) throw new Error("there is no world to run");
announce();
const count = Math.min(wholeNumber(values.processes ?? `${availableParallelism()}`), all);
const failure = await runWorlds(worlds(), { count, told: add });
if (failure === null) report();
else await explain(failure);
process.exitCode = failure === null ? 0 : 1;
