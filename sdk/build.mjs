// Builds the package: JavaScript and types of src into dist, by the repository's TypeScript. Where that is not
// installed (`npm ci --omit=dev`) there is nothing to build for, and nothing is done.
//
// Plain JavaScript on purpose: `npm ci` runs it (by the console's `prepare`) before it is certain that the Node in use runs TypeScript.

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const compiler = compilerPath();
if (compiler === null) {
  console.log("@onhand/client: TypeScript is not installed; not built.");
} else {
  rmSync(join(here, "dist"), { recursive: true, force: true });
  const { status, error } = spawnSync(process.execPath, [compiler, "-p", here], {
    stdio: "inherit",
  });
  if (error) throw error;
  process.exitCode = status ?? 1;
}

/** The one beside the repository's package.json; the older one in this folder only makes types from openapi.json. */
function compilerPath() {
  try {
    const manifest = createRequire(join(here, "..", "package.json")).resolve(
      "typescript/package.json",
    );
    return join(dirname(manifest), "bin", "tsc");
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
