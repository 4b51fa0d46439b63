// npm run gen: writes what is generated and committed: openapi.json from the routes. With --check it
// writes nothing and fails when the file is not what the routes say.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTestApp } from "../test/support/app.ts";

const path = join(import.meta.dirname, "..", "openapi.json");

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

const wanted = await openapiText();
if (process.argv.includes("--check")) {
  const found = readFileSync(path, "utf8");
  if (found !== wanted) {
    process.stderr.write("openapi.json is not what the routes say: run `npm run gen`\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, wanted);
  process.stdout.write(`written: ${path}\n`);
}
