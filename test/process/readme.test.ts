// The first ten minutes of a newcomer: the commands of README.md, pasted one after the other against a
// service that was started as README.md says, in an empty folder. Each answer holds what is shown there.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import type { Fence } from "../support/documents.ts";
import { stepsIn } from "../support/pasted.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const limitMs = 20_000;

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** Everything in a process group of its own, so that what bash started ends with it. */
function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Run {
  const child = spawn(program, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  return { child, output: () => (output === "" ? errors : output) };
}

async function end({ child }: Run): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  process.kill(-must(child.pid, "it was started"), "SIGTERM");
  await exit;
}

describe("README.md, pasted", () => {
  const steps = stepsIn("README.md");
  const [setUp, ...tried] = steps;
  let folder: string;
  let service: Run;
  let url: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "onhand-readme-"));
    const cli = join(repositoryRoot, "src/cli/onhand.js");
    // Every setting as it is by default, but a port that is free.
    const env = { PATH: process.env["PATH"], PORT: "0" };
    service = run(process.execPath, [cli, "serve"], folder, env);
    const address = (): string | null => /"url":"(http:[^"]+)"/.exec(service.output())?.[1] ?? null;
    await until(
      () => {
        assert.equal(service.child.exitCode, null, service.output());
        return address() !== null;
      },
      "the service listens",
      limitMs,
    );
    url = must(address(), "it said where");
  });

  after(async () => {
    await end(service);
    rmSync(folder, { recursive: true, force: true });
  });

  function paste(command: string): Run {
    const text = `${must(setUp, "the first block sets up").command}\n${command}`;
    const here = text.replaceAll("http://127.0.0.1:8080", url);
    const env = { PATH: process.env["PATH"] };
    return run("bash", ["-euo", "pipefail", "-c", here], folder, env);
  }

  test("has a block for every flow", () => {
    assert.equal(tried.length, 6);
    for (const { command, expected } of tried)
      assert.ok(expected !== null, `no answer: ${command}`);
  });

  for (const { command, expected } of tried) {
    const title = command.replace(/\s*\\\n.*/s, " …").trim();
    if (expected?.language === "text") {
      test(`${title} goes on and has told what is shown`, async () => {
        const stream = paste(command);
        try {
          const lines = expected.text.trim().split("\n");
          await until(
            () => lines.every((line) => stream.output().includes(`${line}\n`)),
            `it tells ${lines.join(", ")}`,
            limitMs,
          );
          assert.equal(stream.child.exitCode, null, "it goes on");
        } finally {
          await end(stream);
        }
      });
      continue;
    }
    test(`${title} answers what is shown`, async () => {
      const pasted = paste(command);
      const [code] = await once(pasted.child, "close", { signal: AbortSignal.timeout(limitMs) });
      assert.equal(code, 0, pasted.output());
      if (expected !== null) assertShown(pasted.output(), expected);
    });
  }
});

function assertShown(output: string, { language, text }: Fence): void {
  if (language === "json") {
    assert.partialDeepStrictEqual(JSON.parse(output), JSON.parse(text));
    return;
  }
  assert.equal(language, "http");
  for (const line of text.trim().split("\n")) {
    assert.ok(output.toLowerCase().includes(`${line.toLowerCase()}\r\n`), `${line} in\n${output}`);
  }
}
