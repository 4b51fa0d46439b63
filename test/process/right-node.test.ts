// The entry's hand-over to the Node that comes with the packages, as an older Node does it: everything goes through.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { newFolder } from "../support/instance.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const entry = pathToFileURL(join(repositoryRoot, "src/cli/right-node.js")).href;

/** Runs `program` by way of the hand-over to a Node of this major version or newer. */
function handOver(major: number, program: string, args: readonly string[] = []) {
  const folder = newFolder();
  const file = join(folder, "program.mjs");
  writeFileSync(file, program);
  const call = `import { runByNode } from ${JSON.stringify(entry)};
    runByNode(${major}, ${JSON.stringify(file)}, ${JSON.stringify(args)});`;
  return spawn(process.execPath, ["--input-type=module", "--eval", call], { stdio: "pipe" });
}

describe("the hand-over to the right Node", () => {
  test("passes on arguments, input and output, and ends with the same code", async () => {
    const program = `for await (const chunk of process.stdin) process.stdout.write(chunk);
      console.log(process.version, ...process.argv.slice(2));
      process.exitCode = 7;`;
    const child = handOver(26, program, ["a b", "--flag"]);
    child.stdin.end("told\n");
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
    assert.match(said, /^told\nv26\.\d+\.\d+ a b --flag\n$/);
    assert.equal(code, 7);
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    test(`passes ${signal} on, and waits for what is finished then`, async () => {
      const program = `process.on("${signal}", () => { console.log("heard"); process.exit(0); });
        setInterval(() => undefined, 60_000);
        console.log("up");`;
      const child = handOver(26, program);
      child.stdin.end();
      await once(child.stdout, "data");
      child.kill(signal);
      const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
      assert.equal(said, "heard\n");
      assert.equal(code, 0);
    });
  }

  test("ends by the signal that ended the program", async () => {
    const child = handOver(26, 'process.kill(process.pid, "SIGKILL");');
    const [code, signal] = await once(child, "exit");
    assert.deepEqual([code, signal], [null, "SIGKILL"]);
  });

  test("says what to do where no package has one that is new enough", async () => {
    const child = handOver(99, "");
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    assert.equal(code, 1);
    assert.match(
      said,
      /^onhand: this is Node \S+, and Onhand runs on Node 99 or newer: no package/,
    );
    assert.match(said, /npm install --include=optional onhand/);
  });
});
