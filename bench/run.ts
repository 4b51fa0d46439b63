// npm run bench: measures, prints a table, and writes bench/results. README.md says what is measured and how.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeTables } from "../scripts/tables.ts";
import { batchesScene } from "./batches.ts";
import { machineNow } from "./machine.ts";
import { type Options, optionsFrom, usage } from "./options.ts";
import { picture } from "./picture.ts";
import { profileReserve } from "./profile.ts";
import { headOf, reportText, tableText } from "./report.ts";
import type { Run } from "./result.ts";
import {
  largePostgresScene,
  largeSqliteScene,
  postgresScene,
  type Scene,
  type Seen,
  sqliteScene,
} from "./scenes.ts";

/** With what the ids of its measurements begin. */
const scenes: readonly (readonly [readonly string[], Scene])[] = [
  [["sqlite", "floor"], sqliteScene],
  [["postgres", "postgres-3", "plain"], postgresScene],
  [["engine"], batchesScene],
  [["profile"], profileScene],
  [["large/sqlite"], largeSqliteScene],
  [["large/postgres"], largePostgresScene],
];

const options = optionsFrom(process.argv.slice(2));
if (options === null) process.stdout.write(`${usage}\n`);
else await bench(options);

async function bench(wanted: Options): Promise<void> {
  const startedAt = Date.now();
  const machine = machineNow();
  const seen: Seen[] = [];
  for (const [begins, scene] of scenes) {
    if (isWanted(begins, wanted)) seen.push(await scene(wanted, progress));
  }
  if (seen.length === 0) throw new Error(`nothing begins with ${wanted.only.join(", ")}`);
  const run: Run = {
    at: new Date(startedAt).toISOString(),
    minutes: Number(((Date.now() - startedAt) / 60_000).toFixed(1)),
    options: { ...wanted },
    machine: { ...machine, postgres: seen.find((one) => one.postgres)?.postgres ?? null },
    durability: Object.assign({}, ...seen.map((one) => one.durability)),
    startMs: Object.assign({}, ...seen.map((one) => one.startMs)),
    filled: seen.flatMap((one) => one.filled ?? []),
    profile: seen.flatMap((one) => one.profile ?? []),
    results: seen.flatMap((one) => one.results),
  };
  process.stdout.write(`\n${headOf(run)}\n\n${tableText(run)}\n`);
  if (wanted.name !== null) write(run, wanted.name);
}

async function profileScene({ seconds }: Options): Promise<Seen> {
  return { results: [], profile: await profileReserve(2 * seconds) };
}

function isWanted(begins: readonly string[], { only }: Options): boolean {
  return (
    only.length === 0 ||
    only.some((one) => begins.some((begin) => begin.startsWith(one) || one.startsWith(begin)))
  );
}

/** A window that ended; the table comes at the end. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function write(run: Run, name: string): void {
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const files = {
    json: `${JSON.stringify(run, null, 2)}\n`,
    md: reportText(run, name),
    svg: picture(run),
  };
  for (const [ending, text] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.${ending}`), text);
  }
  process.stdout.write(`\nwritten: bench/results/${name}.json, .md, .svg\n`);
  if (name === "latest" || name === "large") writeTables();
}
