// The simulator (sim/): a number of worlds in each run, and that it is what it claims to be: the same seed is the same
// world, what is wrong is found and made short, and every planted fault still fits the code. All planted faults and
// ten thousand worlds are for a longer run (`npm run sim:faults`, `npm run sim -- --seeds 10000`).

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readFaults } from "../sim/faults.ts";

const root = join(import.meta.dirname, "..");

function run(
  program: string,
  ...args: string[]
): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join("sim", program), ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

describe("the simulator", () => {
  test("finds no promise broken in 200 worlds", (t) => {
    const { status, said } = run("run.ts", "--seeds", "200");
    assert.equal(status, 0, said);
    t.diagnostic(said.trim());
  });

  test("finds none in the worlds that once broke one", () => {
    const { status, said } = run("run.ts", "--corpus");
    assert.equal(status, 0, said);
  });

  test("makes the same world of the same seed", () => {
    const worldOf = (seed: string): string =>
      run("run.ts", "--seed", seed).said.replace(/ in [\d.]+ s/, "");
    assert.equal(worldOf("7"), worldOf("7"));
    assert.notEqual(worldOf("7"), worldOf("8"));
  });

  test("finds a planted fault", () => {
    const { status, said } = run("faults.ts", "sells-one-too-many");
    assert.equal(status, 0, said);
    assert.match(said, /1 of 1 planted faults are caught/);
  });
});

describe("a planted fault", () => {
  for (const { name, path } of readFaults()) {
    test(`fits the code: ${name}`, () => {
      execFileSync("git", ["apply", "--check", path], { cwd: root, stdio: "pipe" });
    });
  }
});
