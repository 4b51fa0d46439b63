// The first ten minutes of a newcomer: the commands of README.md, pasted one after the other against a
// service that was started as README.md says, in an empty folder. Each answer holds what is shown there.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import type { Fence } from "../support/documents.ts";
import { stepsIn } from "../support/pasted.ts";
import { addressOf, type Group, startGroup } from "../support/process-group.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const limitMs = 20_000;

describe("README.md, pasted", () => {
  const steps = stepsIn("README.md");
  const [setUp, ...tried] = steps;
  let folder: string;
  let service: Group;
  let url: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "onhand-readme-"));
    const cli = join(repositoryRoot, "src/cli/onhand.js");
    // Every setting as it is by default, but a port that is free.
    const env = { PATH: process.env["PATH"], PORT: "0" };
    service = startGroup(process.execPath, [cli, "serve"], { cwd: folder, env });
    url = await addressOf(service, limitMs);
  });

  after(async () => {
    await service.end();
    rmSync(folder, { recursive: true, force: true });
  });

  function paste(command: string): Group {
    const text = `${must(setUp, "the first block sets up").command}\n${command}`;
    const here = text.replaceAll("http://127.0.0.1:8080", url);
    const env = { PATH: process.env["PATH"] };
    return startGroup("bash", ["-euo", "pipefail", "-c", here], { cwd: folder, env });
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
          await stream.end();
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
