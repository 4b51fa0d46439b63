// Runs the tests: all of them, or those of the files and folders that are named.
//
//   npm test                                      every *.test.ts of src, test and sdk, but for the long ones
//   npm test -- long                              those: whole chains that break, power cuts, overload, backups, what
//                                                 is deployed, what npm packs, the documents' commands; .ci/run has
//                                                 them too
//   npm test -- src/domain test/tidy.test.ts      a folder, a file
//   npm test -- test/http/reservation-storms.test.ts --test-name-pattern="last unit"
//                                                 flags go to node as they are (values after "="); a
//                                                 pattern wants files in which something fits
//
// Tests of the whole service over HTTP (test/http) run on SQLite; with ONHAND_TEST_DATABASE=postgres what is named runs
// on PostgreSQL: `.ci/run` does both.
//
// What it adds to `node --test`: a name that fits no file, a file that holds no test and a run in
// which no test ran are failures. Node counts a file without tests as one test that passed, so a
// mistyped path or pattern would look like success.

import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { noPostgres } from "../test/support/postgres-programs.ts";

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** Compiled modules: each file is a process of its own, and they load the same ones. */
const compiled = join(process.cwd(), "node_modules/.cache/onhand");

/** What takes long: `npm test` is to be over within five minutes on two cores. */
const long = [
  "test/chain",
  "test/power",
  "test/load",
  "test/deploy",
  "test/package",
  "test/release.test.ts",
  "sdk/test/package.test.ts",
  "test/bus/exactly-once.redis.test.ts",
  "test/contract/audit.pg.test.ts",
  "test/contract/differential.pg.test.ts",
  "test/contract/repair.pg.test.ts",
  "test/contract/restore.pg.test.ts",
  "test/contract/rights.pg.test.ts",
  // The service and its command line, started again and again.
  "test/process/away.redis.test.ts",
  "test/process/cli.test.ts",
  "test/process/cli-client.test.ts",
  "test/process/cli-files.test.ts",
  "test/process/cli-webhooks.test.ts",
  "test/process/consumer.redis.test.ts",
  "test/process/copy.pg.test.ts",
  "test/process/crash.pg.test.ts",
  "test/process/demoted.redis.test.ts",
  "test/process/doctor.pg.redis.test.ts",
  "test/process/documents.test.ts",
  "test/process/file-taken.test.ts",
  "test/process/import-lines.test.ts",
  "test/process/import.test.ts",
  "test/process/readme.test.ts",
  "test/process/recipes.test.ts",
  "test/process/restore.test.ts",
  "test/process/restore.pg.redis.test.ts",
  "test/process/rights.pg.redis.test.ts",
  "test/process/set-back.pg.test.ts",
  "test/process/start.pg.test.ts",
  "test/process/starts.pg.redis.test.ts",
  "test/process/traces.pg.redis.test.ts",
  "test/process/stop.test.ts",
  "test/process/trading-day.test.ts",
  "test/process/webhooks.test.ts",
];

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("-"));
const named = args
  .filter((arg) => !arg.startsWith("-"))
  .flatMap((name) => (name === "long" ? long : name));

const problems = named.filter((path) => testsOf(path).length === 0).map(nothingAt);
const everything = ["src", "test", "sdk"].flatMap(testsOf).filter((path) => !isLong(path));
const files = [...new Set(named.length > 0 ? named.flatMap(testsOf) : everything)];
if (problems.length === 0 && files.length === 0) problems.push("there is no test file");

// Services that tests start would refuse it as a setting that they do not know.
const { ONHAND_TEST_DATABASE: chosen = "sqlite", ...environment } = process.env;
if (chosen !== "sqlite" && chosen !== "postgres") {
  problems.push("ONHAND_TEST_DATABASE is sqlite or postgres");
}
process.exitCode = problems.length > 0 ? refuse(problems) : await runOn(chosen, files);

function testsOf(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const pattern = `${path.replace(/\/+$/, "")}/**/*.test.ts`;
  return globSync(pattern, { exclude: ["**/node_modules"] })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
}

/** `.ci/run` has them, and who changes what they try. */
function isLong(path: string): boolean {
  return long.some((one) => path === one || path.startsWith(`${one}/`));
}

function nothingAt(path: string): string {
  return existsSync(path) ? `no *.test.ts under ${path}` : `no file or folder ${path}`;
}

async function runOn(database: string, paths: readonly string[]): Promise<number> {
  const { status, summary } =
    database === "sqlite"
      ? run(paths)
      : noPostgres === false
        ? await runOnPostgres(paths)
        : { status: 0, summary: `${paths.length} files of tests LEFT OUT: ${noPostgres}` };
  console.log(`\nnpm test: ${summary}`);
  return status;
}

/** On one server: each file has databases of its own there. */
async function runOnPostgres(paths: readonly string[]): Promise<Result> {
  const { startPostgres } = await import("../test/support/postgres.ts");
  const server = await startPostgres();
  try {
    const where = {
      ONHAND_TEST_DATABASE: "postgres",
      ONHAND_TEST_POSTGRES_PORT: String(server.port),
    };
    return run(paths, where, " on PostgreSQL");
  } finally {
    await server.close();
  }
}

interface Result {
  readonly status: number;
  readonly summary: string;
}

function run(
  paths: readonly string[],
  where: Readonly<Record<string, string>> = {},
  what = "",
): Result {
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
      {
        stdio: "inherit",
        env: { NODE_COMPILE_CACHE: compiled, ...environment, ...where },
      },
    );
    if (error) throw error;
    const report = readFileSync(tally, "utf8");
    const [passed, count, skipped] = ["pass", "tests", "skipped"].map((word) =>
      countOf(report, word),
    );
    const left = skipped === 0 ? "" : `, ${skipped} LEFT OUT`;
    const summary = `${passed} of ${count} tests passed${what}${left}`;
    if (status !== 0) return { status: status ?? 1, summary };
    return { status: refuse(emptiness(paths, report)), summary };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countOf(report: string, word: string): number {
  return Number(new RegExp(`^# ${word} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
}

/** What a run that passed has left undone, from its TAP report. */
function emptiness(paths: readonly string[], report: string): string[] {
  const names = new Set(Array.from(report.matchAll(/^ok \d+ - (.*)$/gm), (match) => match[1]));
  const withoutTests = paths.filter((path) => names.has(path));

  const ran = countOf(report, "tests") - countOf(report, "skipped");
  if (ran === withoutTests.length) return ["no test ran"];
  // With a pattern, files in which it fits nothing are as expected.
  return flags.some((flag) => flag.includes("pattern"))
    ? []
    : withoutTests.map((path) => `${path} holds no test`);
}

function refuse(reasons: readonly string[]): number {
  for (const reason of reasons) console.error(`npm test: ${reason}`);
  return reasons.length > 0 ? 1 : 0;
}
