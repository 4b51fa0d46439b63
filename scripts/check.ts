// Everything that can be said about the code without running it: types, format and lint, promises and
// switches, the code base's own rules, generated files. `npm run check` runs all, at the same time;
// `npm run check -- types lint` runs those. One line for each step, and the output of those that
// failed below. `npm run fix` repairs what can be repaired by machine.

import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

// Tools are started through Node by their own file, which is the same on every system.
const steps: Readonly<Record<string, readonly string[]>> = {
  types: ["node_modules/typescript/bin/tsc"],
  client: ["node_modules/typescript/bin/tsc", "-p", "sdk", "--noEmit"],
  console: ["node_modules/typescript/bin/tsc", "-p", "console"],
  browser: ["node_modules/typescript/bin/tsc", "-p", "console/test"],
  lint: ["node_modules/@biomejs/biome/bin/biome", "ci", "--colors=off"],
  promises: ["node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"],
  tidy: ["scripts/test.ts", "test/tidy.test.ts", "test/lockfile.test.ts"],
  generated: ["scripts/gen.ts", "--check"],
  licences: ["scripts/licences.ts"],
};

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) {
  console.error(`check: no step ${unknown.join(", ")}; there are ${Object.keys(steps).join(", ")}`);
  process.exit(2);
}

const chosen = Object.entries(steps).filter(
  ([name]) => wanted.length === 0 || wanted.includes(name),
);
const results = await Promise.all(chosen.map(([name, command]) => runStep(name, command)));
const failed = results.filter(({ passed }) => !passed);
for (const { name, output } of failed)
  console.log(`\n── ${name} ${"─".repeat(60)}\n${output.trim()}`);
console.log(
  failed.length === 0
    ? "\ncheck: all OK"
    : `\ncheck: FAILED: ${failed.map(({ name }) => name).join(", ")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

function runStep(name: string, command: readonly string[]): Promise<Result> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? "OK    " : "FAILED"}  ${name.padEnd(10)} ${seconds} s`);
      resolve({ name, passed: code === 0, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}
