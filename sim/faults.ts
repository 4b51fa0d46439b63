// Planted faults: wrong variants of the service, one small patch each (faults/*.patch), of which each must be caught: by
// the simulator within a number of worlds, and by each kept world that names it (corpus/), or by a named test. A check
// that lets one through proves nothing, and a patch that no longer applies fails the run. The service itself has no
// switch for faults: a patch is applied to a temporary copy.
//
// What finds a fault must be well without it, so each check first runs on a copy that has none. And it must say that
// something is wrong: a check that does not begin, or does not come to its end, has found nothing.
//
//   node sim/faults.ts [name …]      all of them, or those whose names contain one of the words
//
// A patch begins with what is wrong in it, which promise it breaks, and who must find it:
//
//   What: the units of a basket's lines are not summed
//   Breaks: G1
//   Caught by: 300 worlds            or: test/bus/relay.redis.test.ts

import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { keptPaths, readKept } from "./corpus.ts";

/** Longest that one test may take, and a check, ms: far longer than any takes on a busy machine. */
const [testMsMax, checkMsMax] = [120_000, 600_000];
const root = join(import.meta.dirname, "..");
const copied = ["src", "sim", "test", "package.json", "tsconfig.json", "openapi.json"];

export interface Fault {
  readonly name: string;
  readonly path: string;
  readonly what: string;
  readonly breaks: string;
  /** A number of worlds, or the path of a test. */
  readonly caughtBy: string;
}

export function readFaults(): Fault[] {
  const paths = globSync(join(import.meta.dirname, "faults/*.patch")).sort();
  return paths.map((path) => {
    const head = readFileSync(path, "utf8");
    const said = (word: string): string => {
      const value = new RegExp(`^${word}: (.+)$`, "m").exec(head)?.[1];
      if (value === undefined) throw new Error(`${path} does not say "${word}:"`);
      return value;
    };
    return {
      name: basename(path, ".patch"),
      path,
      what: said("What"),
      breaks: said("Breaks"),
      caughtBy: said("Caught by"),
    };
  });
}

/** What a check says of a copy of the sources; "nothing": it did not begin, or did not come to its end. */
interface Result {
  readonly says: "well" | "wrong" | "nothing";
  readonly words: string;
}

type Verdict = "caught" | "MISSED" | "FAILED";

/** Runs `work` in a copy of the sources. */
function inCopy<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "onhand-fault-"));
  try {
    for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function plant(fault: Fault): readonly [Verdict, string] {
  return inCopy((folder) => {
    try {
      execFileSync("git", ["apply", "-p1", fault.path], { cwd: folder, stdio: "pipe" });
    } catch (error) {
      return ["FAILED", `the patch does not apply: ${String(error)}`];
    }
    const first = check(folder, fault.caughtBy);
    if (first.says !== "wrong") return [first.says === "well" ? "MISSED" : "FAILED", first.words];
    for (const path of keptPaths().filter((one) => readKept(one).fault === fault.name)) {
      const { says, words } = ofWorlds(folder, [path]);
      if (says !== "wrong") return ["MISSED", `${path} does not find it: ${words}`];
    }
    return ["caught", first.words];
  });
}

function check(folder: string, caughtBy: string): Result {
  if (!caughtBy.endsWith(" worlds")) return ofTest(folder, caughtBy);
  return ofWorlds(folder, ["--seeds", `${Number.parseInt(caughtBy, 10)}`]);
}

function ofWorlds(folder: string, which: readonly string[]): Result {
  const args = ["sim/run.ts", ...which, "--processes", "1", "--short"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: checkMsMax,
  });
  const found = /^(.+) breaks a promise: (.*)$/m.exec(stdout);
  if (found !== null && status === 1) {
    return { says: "wrong", words: `${found[1]}: ${found[2]?.slice(0, 90)}` };
  }
  if (status === 0) return { says: "well", words: `nothing in ${which.join(" ")}` };
  return { says: "nothing", words: `${stdout.slice(-200)} ${stderr.slice(0, 300)}` };
}

export function ofTest(folder: string, path: string, msMax: number = testMsMax): Result {
  // A test may ask, too: what it runs is no part of it.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const report = join(folder, "report.tap");
  const { status } = spawnSync(
    process.execPath,
    [
      ...["--test", "--test-force-exit", `--test-timeout=${msMax}`, "--test-reporter=tap"],
      ...[`--test-reporter-destination=${report}`, path],
    ],
    // No pipes: servers that a dying test leaves behind for a moment would hold them open.
    { cwd: folder, stdio: "ignore", timeout: checkMsMax, env: { ...env, CI: "true" } },
  );
  return resultOf(path, status, existsSync(report) ? readFileSync(report, "utf8") : "");
}

/** What a run of a test's file says, by the code it ended with and its report. */
function resultOf(path: string, status: number | null, report: string): Result {
  const failures = report.matchAll(
    /^ *not ok \d+ - (.*)\n +---\n(?: +.*\n)*? +failureType: '(\w+)'/gm,
  );
  let words = "the tests do not come to their end";
  for (const [, name = "", why] of failures) {
    // A file that cannot be loaded fails by its path.
    if (why === "testCodeFailure" && !name.endsWith(basename(path))) {
      return { says: "wrong", words: name.slice(0, 90) };
    }
    words = `${name}: ${why}`;
  }
  const passed = Number(/^# pass (\d+)$/m.exec(report)?.[1] ?? 0);
  if (status !== 0) return { says: "nothing", words };
  return passed > 0
    ? { says: "well", words: "its tests pass" }
    : { says: "nothing", words: "no test ran" };
}

function main(words: readonly string[]): boolean {
  const wanted = readFaults().filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (wanted.length === 0) throw new Error("no such fault");
  /** What each check says where there is no fault. */
  const sound = new Map<string, Result>();
  for (const caughtBy of new Set(wanted.map((fault) => fault.caughtBy))) {
    const startedAt = performance.now();
    const result = inCopy((folder) => check(folder, caughtBy));
    sound.set(caughtBy, result);
    console.log(
      `no fault  ${caughtBy}  ${secondsSince(startedAt)}  ${result.says}: ${result.words}`,
    );
  }
  let caught = 0;
  for (const fault of wanted) {
    const startedAt = performance.now();
    const [verdict, told]: readonly [Verdict, string] =
      sound.get(fault.caughtBy)?.says === "well"
        ? plant(fault)
        : ["FAILED", `${fault.caughtBy} is not well without it`];
    if (verdict === "caught") caught += 1;
    console.log(`${verdict}  ${fault.name}  ${secondsSince(startedAt)}  ${told}`);
  }
  console.log(`${caught} of ${wanted.length} planted faults are caught`);
  return caught === wanted.length;
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
