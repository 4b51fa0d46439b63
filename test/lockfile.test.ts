// The lockfile has to work on machines that nobody here has at hand: other systems, other registries.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { repositoryRoot } from "./support/source-tree.ts";

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Record<string, string>;
}

describe("the lockfile serves every platform", () => {
  const text = readFileSync(join(repositoryRoot, "package-lock.json"), "utf8");
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };

  test("there is one version of Node for the five of them", () => {
    const locked = Object.entries(packages).filter(([path]) =>
      /^node_modules\/node-(?:bin-)?(?:linux|darwin|win)-/.test(path),
    );
    assert.equal(locked.length, 5);
    assert.equal(new Set(locked.map(([, { version }]) => version)).size, 1);
  });
  // npm leaves out what the registry did not have at that moment, and `npm ci` then refuses the file.
  test("no optional package is left out", () => {
    const optional = Object.values(packages).flatMap((found) =>
      Object.keys(found.optionalDependencies ?? {}),
    );
    const paths = Object.keys(packages);
    assert.deepEqual(
      optional.filter((name) => !paths.some((path) => path.endsWith(`_modules/${name}`))),
      [],
    );
  });
  test("no address of a registry is in it", () => {
    assert.doesNotMatch(text, /"resolved": "https?:/);
  });
});
