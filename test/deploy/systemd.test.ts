// The unit of systemd: by systemd's own checks, and against how the service starts, stops and is configured.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { stopMsMax } from "../../src/limits.ts";
import { assertSettings, textOf, withoutProgram } from "../support/deployment.ts";
import { newFolder } from "../support/instance.ts";
import { repositoryRoot } from "../support/source-tree.ts";

const noSystemd = withoutProgram("systemd-analyze", ["--version"], "systemd");
const unit = textOf("deploy/systemd/onhand.service");

function valuesOf(key: string): string[] {
  return Array.from(unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm")), ([, value = ""]) => value);
}

/** As it would stand in /etc/systemd/system, with this repository for the one in /opt. */
function analyze(args: readonly string[], text: string = unit): { said: string; isRight: boolean } {
  const path = join(newFolder(), "onhand.service");
  writeFileSync(path, text.replaceAll("/opt/onhand", repositoryRoot));
  const { status, stdout, stderr } = spawnSync("systemd-analyze", [...args, path], {
    encoding: "utf8",
  });
  const said = stdout + stderr;
  // Units of the machine itself are loaded too, and not ours to judge.
  const ours = said.split("\n").filter((line) => line.includes("onhand.service"));
  return { said: ours.join("\n"), isRight: status === 0 };
}

describe("deploy/systemd/onhand.service", () => {
  test("is taken by systemd, and mistakes are not", { skip: noSystemd }, () => {
    assert.equal(analyze(["verify"]).said, "");
    for (const [from, to] of [
      ["TimeoutStopSec=30", "TimeoutStopSeconds=30"],
      ["ProtectSystem=strict", "ProtectSystem=very"],
      ["node_modules/.bin/node", "node_modules/.bin/no-node"],
    ] as const) {
      assert.ok(unit.includes(from));
      assert.notEqual(analyze(["verify"], unit.replace(from, to)).said, "", to);
    }
  });

  test("is exposed to little: below 1.5 of 10", { skip: noSystemd }, () => {
    const at = ["security", "--offline=true", "--no-pager", "--threshold=15"];
    assert.ok(analyze(at).isRight, analyze(at).said);
    assert.ok(!analyze(at, unit.replace(/^CapabilityBoundingSet=$/m, "")).isRight);
  });

  test("starts the program that npm start does, by Node itself", () => {
    const [command = ""] = valuesOf("ExecStart");
    const [node = "", ...args] = command.split(" ");
    assert.deepEqual(valuesOf("WorkingDirectory"), ["/opt/onhand"]);
    assert.ok(existsSync(node.replace("/opt/onhand", repositoryRoot)));
    assert.equal(`node ${args.join(" ")}`, JSON.parse(textOf("package.json")).scripts.start);
  });

  test("sets what the service knows, and data lie where it may write", () => {
    const pairs = valuesOf("Environment").flatMap((line) => line.split(" "));
    const environment = Object.fromEntries(pairs.map((pair) => pair.split("=")));
    assertSettings(environment, "the unit");
    assert.equal(environment["ONHAND_DATA_DIR"], `/var/lib/${valuesOf("StateDirectory")[0]}`);
  });

  test("a stop has time for what was accepted, and a failure is followed by a start", () => {
    assert.ok(Number(valuesOf("TimeoutStopSec")[0]) * 1000 > stopMsMax);
    assert.deepEqual(valuesOf("Restart"), ["on-failure"]);
    assert.deepEqual(valuesOf("KillSignal"), [], "SIGTERM, as by itself");
  });
});
