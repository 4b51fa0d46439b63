// Folders that are made, and those that cannot be.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { ensureFolder } from "./folders.ts";

describe("a folder", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "onhand-folders-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("is made with those above it, once", () => {
    const path = join(root, "a/b/c");
    for (let time = 0; time < 2; time += 1) {
      ensureFolder(path);
      assert.ok(statSync(path).isDirectory());
    }
  });

  test("is not made where a file is in the way", () => {
    writeFileSync(join(root, "file"), "");
    for (const path of ["file", "file/a", "file/a/b"]) {
      assert.throws(() => ensureFolder(join(root, path)), /EEXIST|ENOTDIR/, path);
    }
  });
});
