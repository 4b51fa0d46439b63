// Mutation testing: changes the domain, the log and the write path in one small place after the other, and asks the unit
// tests whether they notice. `npm run mutate` goes through all folders, `npm run mutate -- src/domain/stock.ts` through
// that file; what neither changed nor whose tests changed is taken from the last run, unless `--fresh` is said. Prints
// what nobody noticed, then each folder's score, and fails if one is below the least.
//
// Stryker makes the mutants; its report stands in coverage/mutation/mutation.html. A mutant that changes nothing that
// anybody could see is named where it is: `// Stryker disable next-line <mutator>: why`.

import { readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";
import { Stryker } from "@stryker-mutator/core";
import { mutatedFolders } from "../test/mutation/runner.ts";

/** Of a hundred mutants so many must be found, in each folder. */
const scoreMin = 85;
const kept = "coverage/mutation";

const args = process.argv.slice(2);
const paths = args.filter((arg) => !arg.startsWith("--"));

const all = await new Stryker({
  mutate: [...(paths.length > 0 ? paths : mutatedFolders).map(filesOf), "!**/*.test.ts"],
  testRunner: "in-process",
  plugins: [import.meta.resolve("../test/mutation/runner.ts")],
  coverageAnalysis: "perTest",
  incremental: true,
  incrementalFile: `${kept}/last.json`,
  force: args.includes("--fresh"),
  concurrency: 2,
  // Far longer than a busy machine needs: what hangs is found out before by the runner, what loops by its count.
  timeoutMS: 20_000,
  timeoutFactor: 5,
  // Only what the tests read is copied. Types are checked by `npm run check`; here they are erased.
  ignorePatterns: ["*", "!src/**", "!test/**", "!package.json"],
  disableTypeChecks: false,
  tempDirName: `${kept}/running`,
  allowEmpty: false,
  checkers: [],
  reporters: ["html", process.stdout.isTTY ? "progress" : "progress-append-only"],
  htmlReporter: { fileName: `${kept}/mutation.html` },
  thresholds: { high: 100, low: scoreMin, break: null },
}).runMutationTest();

// The report has what earlier runs found in other files, too.
const wanted = paths.length > 0 ? paths : mutatedFolders;
const mutants = all.filter((mutant) => wanted.some((path) => pathOf(mutant).startsWith(path)));
for (const mutant of mutants.filter(isMissed)) console.log(wordsOf(mutant));
const rows = mutatedFolders
  .map((folder) => rowOf(folder))
  .filter(({ mutants: count }) => count > 0);
console.table(Object.fromEntries(rows.map(({ folder, ...row }) => [folder, row])));
const low = rows.filter(({ score }) => score < scoreMin);
for (const { folder, score } of low) {
  console.error(`mutate: ${folder} has ${score} %, less than ${scoreMin} %`);
}
process.exitCode = rows.length > 0 && low.length === 0 ? 0 : 1;

function filesOf(path: string): string {
  return statSync(path).isDirectory() ? `${path}/**/*.ts` : path;
}

function pathOf({ fileName }: MutantResult): string {
  return relative(".", fileName).replaceAll("\\", "/");
}

function isMissed({ status }: MutantResult): boolean {
  return status === "Survived" || status === "NoCoverage";
}

/** Where nobody noticed what, and what stood there. */
function wordsOf(mutant: MutantResult): string {
  const path = pathOf(mutant);
  const { start, end } = mutant.location;
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const was = [...lines.slice(0, -1), lines.at(-1)?.slice(0, end.column - 1)].join("\n");
  const words = `${was.slice(start.column - 1)}  →  ${mutant.replacement}`.replaceAll(
    /\s*\n\s*/g,
    " ",
  );
  return `${path}:${start.line}:${start.column}  ${mutant.mutatorName}  ${words}`;
}

function rowOf(folder: string) {
  const here = mutants.filter((mutant) => pathOf(mutant).startsWith(`${folder}/`));
  const count = (...statuses: readonly MutantResult["status"][]): number =>
    here.filter(({ status }) => statuses.includes(status)).length;
  const killed = count("Killed");
  const timeout = count("Timeout");
  const survived = here.filter(isMissed).length;
  const score = Math.floor((1000 * (killed + timeout)) / (killed + timeout + survived)) / 10;
  const listed = count("Ignored");
  return { folder, mutants: here.length, killed, timeout, survived, listed, score };
}
