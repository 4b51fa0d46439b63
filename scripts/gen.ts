// npm run gen: writes what is generated and committed: openapi.json from the routes, the client's types from that, the
// table of planted faults in GUARANTEES.md and their number from sim/faults, and the measured figures in documents from
// bench/results. With --check it writes nothing and fails when a file is not what it should be.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { typesOf } from "../sdk/generate.ts";
import { readFaults } from "../sim/faults.ts";
import { openTestApp } from "../test/support/app.ts";
import { measuredDocuments, withTables } from "./tables.ts";

const root = join(import.meta.dirname, "..");

async function openapiText(): Promise<string> {
  const { app, close } = await openTestApp();
  try {
    const { payload, statusCode } = await app.inject({ url: "/openapi.json" });
    if (statusCode !== 200) throw new Error(`/openapi.json answers ${statusCode}`);
    const document = JSON.parse(payload);
    // The version is the package's and would make every release stale.
    document.info.version = "1";
    return `${JSON.stringify(document, null, 2)}\n`;
  } finally {
    await close();
  }
}

const [begin, end] = ["<!-- faults:begin -->\n", "<!-- faults:end -->"];

function guaranteesText(text: string): string {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error("GUARANTEES.md has no table of faults");
  const faults = readFaults();
  const rows = faults.map(
    ({ what, breaks, caughtBy }) =>
      `| ${what} | ${breaks} | ${caughtBy.endsWith(".ts") ? `\`${caughtBy}\`` : caughtBy} |`,
  );
  const table = ["| what is wrong | breaks | found by |", "|---|---|---|", ...rows].join("\n");
  const said = /\d+ planted faults found/;
  if (!said.test(before)) throw new Error("GUARANTEES.md does not say how many faults are found");
  const counted = before.replace(said, `${faults.length} planted faults found`);
  return `${counted}${begin}${table}\n${end}${after}`;
}

const openapi = await openapiText();
const measured = measuredDocuments.map(
  (name) => [name, async () => withTables(readFileSync(join(root, name), "utf8"))] as const,
);
const files = {
  ...Object.fromEntries(measured),
  "openapi.json": async () => openapi,
  "sdk/src/generated.ts": () => typesOf(openapi),
  "GUARANTEES.md": async () => guaranteesText(readFileSync(join(root, "GUARANTEES.md"), "utf8")),
};
for (const [name, text] of Object.entries(files)) {
  const path = join(root, name);
  const wanted = await text();
  if (!process.argv.includes("--check")) {
    writeFileSync(path, wanted);
    process.stdout.write(`written: ${path}\n`);
  } else if (readFileSync(path, "utf8") !== wanted) {
    process.stderr.write(`${name} is not what it is made from: run \`npm run gen\`\n`);
    process.exitCode = 1;
  }
}
