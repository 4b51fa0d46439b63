// The compilers, as tests use them: the repository's, and the older one that many users still have.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { repositoryRoot } from "../../test/support/source-tree.ts";

export const sdkFolder = join(repositoryRoot, "sdk");

export function compile(args: readonly string[], from: string = repositoryRoot): void {
  const manifest = createRequire(join(from, "package.json")).resolve("typescript/package.json");
  const compiler = join(dirname(manifest), "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...args], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
}
