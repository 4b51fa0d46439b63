// Commands of a document as a reader pastes them: the marked part in blocks, run by bash one after the other in one
// folder, with what stands below each as what it must answer.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { must } from "../../src/lib/assert.ts";
import { document, type Fence, fencesIn } from "./documents.ts";
import { program } from "./instance.ts";

export interface Step {
  readonly command: string;
  readonly expected: Fence | null;
}

/** The commands between `<!-- tried:begin` and `<!-- tried:end -->`. */
export function stepsIn(path: string): Step[] {
  return triedIn(path, "bash");
}

/** The programs there. */
export function programsIn(path: string): Step[] {
  return triedIn(path, "ts");
}

function triedIn(path: string, wanted: string): Step[] {
  const parts = document(path).text.matchAll(/<!-- tried:begin.*?-->(.*?)<!-- tried:end -->/gs);
  const blocks = fencesIn(Array.from(parts, ([, part = ""]) => part).join("\n"));
  assert.ok(blocks.length > 0, `${path} marks what is tried`);
  return blocks.flatMap(({ language, text }, index) => {
    if (language !== wanted) return [];
    const next = blocks[index + 1];
    return [{ command: text, expected: next?.language === wanted ? null : (next ?? null) }];
  });
}

/** A block that stands outside of the marks, by how it begins: for the test that runs it in a way of its own. */
export function blockAt(path: string, start: string): string {
  const found = fencesIn(document(path).text).filter(({ text }) => text.startsWith(start));
  assert.equal(found.length, 1, `${path} has one block that begins with ${start}`);
  return must(found[0], "a block").text;
}

/**
 * One step as a reader takes it in the shell in which the steps before were taken: what was exported stays, and so do
 * functions of one line. The service is where `instance` is, and the program that of these tests.
 */
export async function take(
  steps: readonly Step[],
  index: number,
  { url, folder }: { url: string; folder: string },
): Promise<void> {
  const { command, expected } = must(steps[index], "a step");
  const stays = /^(?:export .*|\w+\(\) \{.*\})$/gm;
  const before = steps.slice(0, index).flatMap((step) => step.command.match(stays) ?? []);
  const text = [...before, command]
    .join("\n")
    .replaceAll("node_modules/.bin/node src/cli/onhand.js", `"${process.execPath}" "${program}"`)
    .replaceAll("http://127.0.0.1:8080", url);
  const env = { PATH: process.env["PATH"] };
  const { code, signal, stdout, stderr } = await paste(text, { folder, env, limitMs: 60_000 });
  assert.equal(code, 0, `it ended with ${signal ?? code}: ${stderr}${stdout}`);
  if (expected !== null) assertShown(stdout, expected);
}

export interface Pasted {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function paste(
  command: string,
  { folder, env, limitMs }: { folder: string; env: NodeJS.ProcessEnv; limitMs: number },
): Promise<Pasted> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", command], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code, signal] = await once(child, "close", { signal: AbortSignal.timeout(limitMs) });
  return { code, signal, stdout, stderr };
}

/** JSON holds at least what is shown; of text, each line stands somewhere in the answer, in this order. */
export function assertShown(output: string, { language, text }: Fence): void {
  if (language === "json") {
    assert.partialDeepStrictEqual(JSON.parse(output), JSON.parse(text));
    return;
  }
  assert.equal(language, "text");
  let rest = output;
  for (const line of text.trim().split("\n")) {
    const at = rest.indexOf(line);
    assert.ok(at >= 0, `${line} in\n${output}`);
    rest = rest.slice(at + line.length);
  }
}
