// Planted faults: wrong variants of the service, one small patch each (faults/*.patch), of which each must be caught: by
// the simulator within a number of worlds, or by a named test. A check that lets one through proves nothing, and a
// patch that no longer applies fails the run. The service itself has no switch for faults: a patch is applied to a
// temporary copy.
//
//   node sim/faults.ts [name …]      all of them, or those whose names contain one of the words
//
// A patch begins with what is wrong in it, which promise it breaks, and who must find it:
//
//   What: the units of a basket's lines are not summed
//   Breaks: G1
//   Caught by: 300 worlds            or: test/bus/relay.redis.test.ts

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Longest a test may take to find its fault, ms: with it, some wait for what never comes. */
const testMsMax = 80_000;
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

interface Result {
  readonly isCaught: boolean;
  readonly words: string;
}

function plant(fault: Fault): Result {
  const folder = mkdtempSync(join(tmpdir(), "onhand-fault-"));
  try {
    for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    try {
      execFileSync("git", ["apply", "-p1", fault.path], { cwd: folder, stdio: "pipe" });
    } catch (error) {
      return { isCaught: false, words: `the patch does not apply: ${String(error)}` };
    }
    return fault.caughtBy.endsWith(" worlds") ? ofWorlds(folder, fault) : ofTest(folder, fault);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ofWorlds(folder: string, { caughtBy }: Fault): Result {
  const worlds = String(Number.parseInt(caughtBy, 10));
  const args = ["sim/run.ts", "--seeds", worlds, "--processes", "1", "--short"];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 300_000,
  });
  const found = /^seed (\d+) breaks a promise: (.*)$/m.exec(stdout);
  if (found !== null && status === 1) {
    return { isCaught: true, words: `world ${found[1]}: ${found[2]?.slice(0, 90)}` };
  }
  return { isCaught: false, words: stderr.slice(0, 300) || `not in ${worlds} worlds` };
}

function ofTest(folder: string, { caughtBy }: Fault): Result {
  const report = join(folder, "report.tap");
  const { status, error } = spawnSync(
    process.execPath,
    [
      ...["--test", `--test-timeout=${testMsMax / 2}`, "--test-reporter=tap"],
      ...[`--test-reporter-destination=${report}`, caughtBy],
    ],
    // No pipes: servers that a dying test leaves behind for a moment would hold them open.
    { cwd: folder, stdio: "ignore", timeout: testMsMax, env: { ...process.env, CI: "true" } },
  );
  const stdout = readFileSync(report, "utf8");
  if (error !== undefined) return { isCaught: true, words: "the test does not come to its end" };
  const found = /^\s*not ok \d+ - (.*)$/m.exec(stdout);
  // A file that cannot be loaded fails by its path: that finds nothing out.
  const isCaught = status !== 0 && found !== null && !found[1]?.endsWith(".test.ts");
  return { isCaught, words: isCaught ? `${found[1]?.slice(0, 90)}` : "the test passes" };
}

function main(words: readonly string[]): boolean {
  const all = readFaults();
  const wanted = all.filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  );
  if (wanted.length === 0) throw new Error("no such fault");
  let missed = 0;
  for (const fault of wanted) {
    const startedAt = performance.now();
    const { isCaught, words: told } = plant(fault);
    if (!isCaught) missed += 1;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${isCaught ? "caught" : "MISSED"}  ${fault.name}  ${seconds} s  ${told}`);
  }
  console.log(`${wanted.length - missed} of ${wanted.length} planted faults are caught`);
  return missed === 0;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2)) ? 0 : 1;
