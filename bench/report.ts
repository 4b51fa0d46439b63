// A run as text: the table that is printed, and bench/results/*.md.

import { must } from "../src/lib/assert.ts";
import type { Latency } from "./plan.ts";
import type { Result, Run } from "./result.ts";
import { isBusy, targetsTable } from "./targets.ts";

export const count = (value: number): string => Math.round(value).toLocaleString("en");

function ms(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

/** Of all its requests, the slowest kind. */
export function slowest({ latency }: Result): Latency | null {
  const kinds = Object.values(latency).sort((a, b) => b.p99Ms - a.p99Ms);
  return kinds[0] ?? null;
}

export function rateText({ perSecond, unit }: Result): string {
  return `${count(perSecond)}${unit === "reserve-confirm" ? " pairs" : ""}/s`;
}

/** The lowest and the highest of its windows. */
function rangeText({ perSecondOfAll }: Result): string {
  if (perSecondOfAll.length === 1) return "–";
  return `${count(Math.min(...perSecondOfAll))}–${count(Math.max(...perSecondOfAll))}`;
}

function othersText({ statuses, givenUp = 0 }: Result): string {
  const others = Object.entries(statuses).filter(([status]) => !/^(?:2..|304)$/.test(status));
  return [
    ...others.map(([status, times]) => `${status} × ${count(times)}`),
    ...(givenUp > 0 ? [`given up × ${count(givenUp)}`] : []),
  ].join(", ");
}

const heads = [
  "what",
  "rate",
  "windows",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "µs service",
  "MB",
  "other answers",
] as const;

export function cellsOf(result: Result): readonly string[] {
  const latency = slowest(result);
  return [
    result.title,
    rateText(result),
    rangeText(result),
    ...(latency === null
      ? ["–", "–", "–"]
      : [latency.p50Ms, latency.p99Ms, latency.p999Ms].map(ms)),
    String(result.serverMicroseconds),
    result.memoryMb === undefined ? "–" : String(result.memoryMb),
    othersText(result),
  ];
}

export function headOf({ at, minutes, machine, options }: Run): string {
  const { cores, processor, memoryGb, flushMs, loadAverage } = machine;
  return (
    `${at}, commit ${machine.commit}: ${cores} × ${processor}, ${memoryGb} GB, ${machine.system}, ` +
    `a flush of 4 kB takes ${flushMs} ms, load average before ${loadAverage}; Node ${machine.node}, ` +
    `SQLite ${machine.sqlite}, PostgreSQL ${machine.postgres ?? "–"}; ${options.connections} connections, ` +
    `the middle one of ${options.repeat} windows of ${options.seconds} s; ${minutes} minutes in all`
  );
}

/** What must stand beside figures of a run that was not alone on its machine; "" where it was. */
export function warningOf(run: Run): string {
  if (!isBusy(run)) return "";
  return (
    `**Not valid as figures of Onhand:** the machine was busy with other work (load average ` +
    `${run.machine.loadAverage} on ${run.machine.cores} cores before the run). Run \`npm run bench\` on a quiet one.\n\n`
  );
}

/** For a terminal. */
export function tableText({ results }: Run): string {
  const lines = [heads, ...results.map(cellsOf)];
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => {
          const width = must(widths[column], "a width for each column");
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

export function resultsTable(results: readonly Result[]): string {
  return markdownTable(heads, results.map(cellsOf));
}

export function filledTable({ filled }: Run): string {
  return markdownTable(
    ["database", "stock rows", "reservations", "events", "size", "filled in"],
    filled.map((one) => [
      one.database,
      count(one.rows),
      count(one.reservations),
      count(one.events),
      `${count(one.megabytes)} MB`,
      `${one.seconds} s`,
    ]),
  );
}

export function profileTable({ profile }: Run): string {
  return markdownTable(
    ["thread", "share of its busy time", "in"],
    profile.map(({ thread, part, percent }) => [thread, `${percent.toFixed(1)} %`, part]),
  );
}

export function reportText(run: Run, name: string): string {
  const durability = Object.entries(run.durability).map(([who, said]) => `- ${who}: ${said}`);
  const started = Object.entries(run.startMs).map(([who, took]) => `${who} ${took} ms`);
  return `# Measured

${warningOf(run)}${headOf(run)}.

![rates and latencies](${name}.svg)

${targetsTable(run)}

${resultsTable(run.results)}

${filledTable(run)}

${profileTable(run)}

From the start to the first answer: ${started.join(", ")}.

Durability:

${durability.join("\n")}
`;
}
