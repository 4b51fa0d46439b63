// What was aimed for on two cores with the load generator on them, beside what a run measured. A run on a machine that
// was busy with other work judges nothing. Why a target is missed is said in docs/performance.md, by measurements.

import type { Result, Run } from "./result.ts";

interface Target {
  readonly what: string;
  readonly wanted: string;
  /** null: not measured in this run. */
  readonly measured: (run: Run) => Measured | null;
}

interface Measured {
  readonly text: string;
  /** null: not of the size that was aimed for. */
  readonly isMet: boolean | null;
}

export const targets: readonly Target[] = [
  {
    what: "reserve over HTTP, SQLite, 4,000 rows",
    wanted: "≥ 12,000/s, aim 20,000/s",
    measured: (run) => rate(run, "sqlite/reserve/spread", 12_000),
  },
  {
    what: "its latency at half of that rate (open loop)",
    wanted: "p99 ≤ 25 ms",
    measured: (run) => latency(run, "sqlite/reserve/spread@50", 25),
  },
  {
    what: "the same, all on one row",
    wanted: "≥ 4,000 rows",
    measured: (run) => share(run, "sqlite/reserve/one-row", "sqlite/reserve/spread", 1),
  },
  {
    what: "reserve over HTTP, PostgreSQL",
    wanted: "≥ 8,000/s, aim 12,000/s",
    measured: (run) => rate(run, "postgres/reserve/spread", 8_000),
  },
  {
    what: "against a transaction for each request, same server",
    wanted: "≥ 5 ×",
    measured: (run) => share(run, "postgres/reserve/spread", "plain/reserve/spread", 5),
  },
  {
    what: "the same, all on one row",
    wanted: "≥ 5 ×",
    measured: (run) => share(run, "postgres/reserve/one-row", "plain/reserve/one-row", 5),
  },
  {
    what: "availability, warm, against an empty Fastify route",
    wanted: "≥ 80 %",
    measured: (run) => share(run, "sqlite/availability", "floor/empty-route", 0.8),
  },
  {
    what: "engine, SQLite, batches of 256",
    wanted: "≥ 30,000/s, aim 50,000/s",
    measured: (run) => rate(run, "engine/sqlite/256", 30_000),
  },
  {
    what: "engine, PostgreSQL, batches of 256",
    wanted: "≥ 18,000/s, aim 30,000/s",
    measured: (run) => rate(run, "engine/postgres/256", 18_000),
  },
  {
    what: "growth, SQLite: filled against new",
    wanted: "≥ 80 % with 1,000,000 rows",
    measured: (run) => growth(run, "sqlite"),
  },
  {
    what: "growth, PostgreSQL: filled against new",
    wanted: "≥ 80 % with 1,000,000 rows",
    measured: (run) => growth(run, "postgres"),
  },
  {
    what: "memory of one instance, under all of it",
    wanted: "≤ 300 MB",
    measured: memory,
  },
  {
    what: "start to the first answer",
    wanted: "≤ 1 s",
    measured: ({ startMs }) => {
      const ms = Object.values(startMs);
      if (ms.length === 0) return null;
      return { text: ms.map((one) => `${one} ms`).join(", "), isMet: Math.max(...ms) <= 1000 };
    },
  },
];

/** Other work beside the run: more than half a processor's queue at its start. */
export function isBusy({ machine }: Run): boolean {
  return machine.loadAverage > machine.cores / 4;
}

function found({ results }: Run, id: string): Result | undefined {
  return results.find((one) => one.id === id);
}

function rate(run: Run, id: string, perSecond: number): Measured | null {
  const result = found(run, id);
  if (result === undefined) return null;
  return {
    text: `${result.perSecond.toLocaleString("en")}/s`,
    isMet: result.perSecond >= perSecond,
  };
}

function latency(run: Run, id: string, p99Ms: number): Measured | null {
  const result = found(run, id);
  const p99 = result?.latency["reserve"]?.p99Ms;
  if (result === undefined || p99 === undefined) return null;
  const rateText = `${result.perSecond.toLocaleString("en")}/s`;
  return { text: `p99 ${p99.toFixed(1)} ms at ${rateText}`, isMet: p99 <= p99Ms };
}

/** Of a smaller database than was aimed for it is shown, and judges nothing. */
function growth(run: Run, database: "sqlite" | "postgres"): Measured | null {
  const ids = ["large", "small"].map((size) => `large/${database}/reserve/${size}`);
  const part = share(run, ids[0] ?? "", ids[1] ?? "", 0.8);
  if (part === null) return null;
  const { rows } = run.options;
  return {
    text: `${rows.toLocaleString("en")} rows: ${part.text}`,
    isMet: rows >= 1_000_000 ? part.isMet : null,
  };
}

/** Of windows that were measured in turn: a machine whose speed drifts drifts for both. The middle one of the parts. */
function share(run: Run, id: string, ofId: string, least: number): Measured | null {
  const [result, other] = [found(run, id), found(run, ofId)];
  if (result === undefined || other === undefined) return null;
  if (other.perSecondOfAll.includes(0)) return null;
  const parts = result.perSecondOfAll.map((one, round) => one / (other.perSecondOfAll[round] ?? 0));
  const said = (part: number): string =>
    least > 1 ? `${part.toFixed(1)} ×` : `${Math.round(part * 100)} %`;
  const part = [...parts].sort((a, b) => a - b)[Math.floor(parts.length / 2)] ?? 0;
  const rates = [result, other].map(({ perSecond }) => `${perSecond.toLocaleString("en")}/s`);
  const all = parts.length > 1 ? `of ${parts.map(said).join(", ")}; ` : "";
  return { text: `${said(part)} (${all}${rates.join(" to ")})`, isMet: part >= least };
}

function memory({ results }: Run): Measured | null {
  const ofOne = results.filter(({ id }) => /^(?:sqlite|postgres|large)\//.test(id));
  const most = Math.max(0, ...ofOne.map(({ memoryMb = 0 }) => memoryMb));
  return most === 0 ? null : { text: `${most} MB at most`, isMet: most <= 300 };
}

function verdictOf(run: Run, { isMet }: Measured): string {
  if (isMet === null) return "smaller than aimed for";
  return isBusy(run) ? "not judged" : isMet ? "met" : "missed";
}

export function targetsTable(run: Run): string {
  const rows = targets.flatMap(({ what, wanted, measured }) => {
    const said = measured(run);
    if (said === null) return [];
    return [`| ${what} | ${wanted} | ${said.text} | ${verdictOf(run, said)} |`];
  });
  return ["| what | wanted | measured | |", "|---|---|---|---|", ...rows].join("\n");
}
