// The simulator (sim/): a number of worlds in each run, and that it is what it claims to be: the same seed is the same
// world, every kind of trouble is met, what is wrong is found, named and made short, and every planted fault still
// fits the code. All planted faults and ten thousand worlds are for a longer run (`npm run sim:faults`,
// `npm run sim -- --seeds 10000`).

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { keep, keptPaths, readKept } from "../sim/corpus.ts";
import { ofTest, readFaults } from "../sim/faults.ts";
import { kinds } from "../sim/met.ts";
import { planOf } from "../sim/plan.ts";
import { runWorlds } from "../sim/processes.ts";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "onhand-simulator-"));
after(() => rmSync(folder, { recursive: true, force: true }));

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

/** What a run says of its worlds, apart from how long it took and how it came by them. */
function worldOf(...args: string[]): string {
  const { said } = run("run.ts", ...args);
  return said.slice(said.indexOf("\n")).replace(/ in [\d.]+ s/, "");
}

describe("the simulator", () => {
  test("finds no promise broken in 400 worlds, and meets every kind of trouble in them", (t) => {
    const { status, said } = run("run.ts", "--seeds", "400");
    assert.equal(status, 0, said);
    const missing = kinds.filter((kind) => !new RegExp(`^ +[1-9]\\d* {2}${kind}$`, "m").test(said));
    assert.deepEqual(missing, []);
    t.diagnostic(said.trim());
  });

  test("says first which worlds they are", () => {
    assert.match(run("run.ts", "--seed", "7").said, /^the world of seed 7\n/);
    assert.match(run("run.ts", "--corpus").said, /^\d+ kept in sim\/corpus\n/);
    const some = run("run.ts", "--seeds", "2", "--from", "7").said;
    assert.match(some, /^\d+ kept in sim\/corpus, then worlds 7 to 8\n/);
  });

  test("does not call it well if there was nothing to run", () => {
    const { status, said } = run("run.ts", "--seeds", "0", "--short");
    assert.equal(status, 1);
    assert.match(said, /there is no world to run/);
  });

  test("makes the same world of the same seed, and of a plan that was kept", () => {
    const seven = worldOf("--seed", "7");
    assert.equal(worldOf("--seed", "7"), seven);
    assert.notEqual(worldOf("--seed", "8"), seven);
    const path = keep({ found: "nothing", fault: null, plan: planOf(7) }, folder);
    assert.equal(worldOf(path), seven);
  });

  test("finds a planted fault", () => {
    const { status, said } = run("faults.ts", "sells-one-too-many");
    assert.equal(status, 0, said);
    assert.match(said, /1 of 1 planted faults are caught/);
  });
});

describe("a world that fails is named,", () => {
  const worlds = [1, 2, 3].map((seed) => ({ name: `seed ${seed}`, work: { seed } }));
  const well = { broken: null, decided: [], met: [], moments: 1, events: 1 };

  /** Worlds of which the second does this. */
  async function failing(second: string, msMax: number) {
    const program = join(folder, "program.mjs");
    writeFileSync(
      program,
      `process.on("message", ({ seed }) => {
        if (seed === 2) { ${second} }
        process.send(${JSON.stringify(well)});
      });`,
    );
    let count = 0;
    const told = (): void => {
      count += 1;
    };
    const failure = await runWorlds(worlds, { count: 1, told, program, msMax });
    return { name: failure?.world.name, words: failure?.words, isBroken: failure?.isBroken, count };
  }

  const named = { name: "seed 2", isBroken: false, count: 1 };

  test("if it never comes to its end", async () => {
    const words = "does not come to its end in 3 s of real time";
    assert.deepEqual(await failing("for (;;);", 3_000), { ...named, words });
  });

  test("if it ends its process", async () => {
    const words = "ends its process (exit code 7)";
    assert.deepEqual(await failing("process.exit(7);", 60_000), { ...named, words });
  });

  test("if its process is killed", async () => {
    const words = "ends its process (SIGKILL)";
    const kill = 'process.kill(process.pid, "SIGKILL"); for (;;);';
    assert.deepEqual(await failing(kill, 60_000), { ...named, words });
  });

  test("if it breaks a promise", async () => {
    const words = "breaks a promise: G1";
    const broken = `process.send(${JSON.stringify({ ...well, broken: "G1" })}); return;`;
    assert.deepEqual(await failing(broken, 60_000), { ...named, words, isBroken: true });
  });
});

describe("a world that is kept", () => {
  for (const path of keptPaths()) {
    test(`says what it found, and names no fault that there is not: ${path}`, () => {
      const { found, fault } = readKept(path);
      assert.ok(found.length > 0);
      assert.ok(fault === null || readFaults().some(({ name }) => name === fault), fault ?? "");
    });
  }
});

describe("a test finds a fault", () => {
  function said(body: string): string {
    writeFileSync(
      join(folder, "some.test.mjs"),
      `import assert from "node:assert"; import { before, describe, test } from "node:test"; ${body}`,
    );
    return ofTest(folder, "some.test.mjs", 1_000).says;
  }

  test("if it fails", () => {
    assert.equal(said('test("one", () => {}); test("two", () => assert.equal(1, 2));'), "wrong");
    const within = 'describe("some", () => { test("one", () => { throw new Error("no"); }); });';
    assert.equal(said(within), "wrong");
  });

  test("and none if it passes", () => {
    assert.equal(said('test("one", () => {});'), "well");
  });

  test("and says nothing if it does not begin or does not come to its end", () => {
    assert.equal(said('import "./there-is-no-such-file.mjs";'), "nothing");
    assert.equal(
      said('before(() => { throw new Error("no"); }); test("one", () => {});'),
      "nothing",
    );
    assert.equal(
      said('test("one", () => new Promise(() => { setInterval(() => {}, 9); }));'),
      "nothing",
    );
    assert.equal(said('test("one", { skip: true }, () => {});'), "nothing");
  });
});

describe("a planted fault", () => {
  for (const { name, path } of readFaults()) {
    test(`fits the code: ${name}`, () => {
      execFileSync("git", ["apply", "--check", path], { cwd: root, stdio: "pipe" });
    });
  }
});
