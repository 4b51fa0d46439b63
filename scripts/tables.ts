// The figures in documents that come from bench/results, between markers: `<!-- bench:NAME begin -->` and
// `<!-- bench:NAME end -->`. gen.ts checks that they are what the results say; npm run bench writes them.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  filledTable,
  headOf,
  markdownTable,
  profileTable,
  rateText,
  resultsTable,
  slowest,
  warningOf,
} from "../bench/report.ts";
import type { Result, Run } from "../bench/result.ts";
import { targetsTable } from "../bench/targets.ts";

const root = join(import.meta.dirname, "..");

/** Documents with figures. */
export const measuredDocuments = ["docs/performance.md", "docs/scaling.md", "README.md"] as const;

const of = (run: Run, wanted: (result: Result) => boolean): string =>
  resultsTable(run.results.filter(wanted));

/** The shortest answer to how fast it is. */
function summary(run: Run): string {
  const named = [
    "sqlite/reserve/spread",
    "sqlite/reserve/one-row",
    "sqlite/reserve-confirm/spread",
    "sqlite/availability",
    "floor/empty-route",
    "postgres/reserve/spread",
    "plain/reserve/spread",
  ];
  const rows = named.flatMap((id) => {
    const result = run.results.find((one) => one.id === id);
    if (result === undefined) return [];
    return [[result.title, rateText(result), `${(slowest(result)?.p99Ms ?? 0).toFixed(1)} ms`]];
  });
  return warningOf(run) + markdownTable(["`npm run bench`", "measured", "p99"], rows);
}

const tables: Readonly<Record<string, (run: Run) => string>> = {
  head: (run) => `${warningOf(run)}${headOf(run)}.`,
  targets: targetsTable,
  sqlite: (run) => of(run, ({ id, loop }) => /^(?:sqlite|floor)/.test(id) && loop === "closed"),
  paced: (run) => of(run, ({ loop }) => loop === "open"),
  postgres: (run) => of(run, ({ id, loop }) => /^(?:postgres|plain)/.test(id) && loop === "closed"),
  engine: (run) => of(run, ({ loop }) => loop === "engine"),
  summary,
  instances: (run) =>
    warningOf(run) +
    of(
      run,
      ({ id, loop }) =>
        /^(?:sqlite|postgres|postgres-3|plain)\/reserve\//.test(id) && loop === "closed",
    ),
  profile: profileTable,
};

/** Of bench/results/large.json: the databases at the size that is aimed for. */
function largeTables(run: Run): string {
  const growth = of(run, ({ id }) => id.startsWith("large/"));
  return `${warningOf(run)}${headOf(run)}.\n\n${targetsTable(run)}\n\n${growth}\n\n${filledTable(run)}`;
}

export function withTables(text: string): string {
  const run = runOf("latest");

  return text.replace(
    /(<!-- bench:(\w+) begin -->\n)[\s\S]*?(<!-- bench:\2 end -->)/g,
    (_whole, begin: string, name: string, end: string) => {
      if (name === "large") return `${begin}${largeTables(runOf(name))}\n${end}`;
      const table = tables[name];
      if (table === undefined) throw new Error(`there is no table ${name}`);
      return `${begin}${table(run)}\n${end}`;
    },
  );
}

function runOf(name: "latest" | "large"): Run {
  return JSON.parse(readFileSync(join(root, `bench/results/${name}.json`), "utf8"));
}

export function writeTables(): void {
  for (const name of measuredDocuments) {
    const path = join(root, name);
    writeFileSync(path, withTables(readFileSync(path, "utf8")));
  }
}
