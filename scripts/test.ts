// Runs the tests: all of them, or those of the files and folders that are named.
//
//   npm test                                      every *.test.ts of src, test and sdk
//   npm test -- src/domain test/tidy.test.ts      a folder, a file
//   npm test -- test/http/reservation-storms.test.ts --test-name-pattern="last unit"
//                                                 flags go to node as they are (values after "="); a
//                                                 pattern wants files in which something fits
//
// What it adds to `node --test`: a name that fits no file, a file that holds no test and a run in
// which no test ran are failures. Node counts a file without tests as one test that passed, so a
// mistyped path or pattern would look like success.

import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** Compiled modules: each file is a process of its own, and they load the same ones. */
const compiled = join(process.cwd(), "node_modules/.cache/onhand");

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("-"));
const named = args.filter((arg) => !arg.startsWith("-"));

const problems = named.filter((path) => testsOf(path).length === 0).map(nothingAt);
const files = [...new Set((named.length > 0 ? named : ["src", "test", "sdk"]).flatMap(testsOf))];
if (problems.length === 0 && files.length === 0) problems.push("there is no test file");

process.exitCode = problems.length > 0 ? refuse(problems) : run(files);

function testsOf(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const pattern = `${path.replace(/\/+$/, "")}/**/*.test.ts`;
  return globSync(pattern, { exclude: ["**/node_modules"] })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
}

function nothingAt(path: string): string {
  return existsSync(path) ? `no *.test.ts under ${path}` : `no file or folder ${path}`;
}

function run(paths: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "onhand-test-"));
  const tally = join(folder, "result.tap");
  try {
    const { status, error } = spawnSync(
      process.execPath,
      [
        "--test",
        // More files at once than cores would only make tests of databases wait for each other.
        "--test-concurrency=2",
        // Of one test, ms: one that hangs fails by its name. Far longer than any takes on a busy machine.
        "--test-timeout=120000",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=tap",
        `--test-reporter-destination=${tally}`,
        ...flags,
        ...paths,
      ],
      { stdio: "inherit", env: { NODE_COMPILE_CACHE: compiled, ...process.env } },
    );
    if (error) throw error;
    if (status !== 0) return status ?? 1;
    return refuse(emptiness(paths, readFileSync(tally, "utf8")));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a run that passed has left undone, from its TAP report. */
function emptiness(paths: readonly string[], report: string): string[] {
  const count = (word: string): number =>
    Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
  const names = new Set(Array.from(report.matchAll(/^ok \d+ - (.*)$/gm), (match) => match[1]));
  const withoutTests = paths.filter((path) => names.has(path));

  if (count("tests") - count("skipped") - withoutTests.length === 0) return ["no test ran"];
  // With a pattern, files in which it fits nothing are as expected.
  return flags.length > 0 ? [] : withoutTests.map((path) => `${path} holds no test`);
}

function refuse(reasons: readonly string[]): number {
  for (const reason of reasons) console.error(`npm test: ${reason}`);
  return reasons.length > 0 ? 1 : 0;
}
