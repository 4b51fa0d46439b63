// A file that is written whole or not at all.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { OperatingError } from "../../lib/operating-error.ts";
import { writeWhole } from "./backup.ts";

const folder = mkdtempSync(join(tmpdir(), "onhand-whole-"));
after(() => rmSync(folder, { recursive: true }));

test("a file for which there is no room is named, and nothing of it is left", async () => {
  const path = join(folder, "backup.db");
  const filling = writeWhole(path, ".part", async (part) => {
    const db = new DatabaseSync(part);
    try {
      // As SQLite says it of a disk that has no room for a third page.
      db.exec("PRAGMA max_page_count = 2; CREATE TABLE filled (bytes)");
      db.exec("INSERT INTO filled VALUES (zeroblob(100000))");
    } finally {
      db.close();
    }
  });
  await assert.rejects(filling, (error) => {
    assert.ok(error instanceof OperatingError);
    assert.equal(error.message, `${path}: the disk is full; free space, or name a file on another`);
    return true;
  });
  assert.deepEqual(readdirSync(folder), []);
});
