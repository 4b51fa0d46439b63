import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { openCheckpointing } from "./checkpoints.ts";
import { openFile } from "./open.ts";

describe("checkpoints beside the writer", () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-checkpoints-"));
  const path = join(folder, "inventory.db");
  let writer: DatabaseSync;
  let onlooker: DatabaseSync;
  let checkpointing: ReturnType<typeof openCheckpointing>;
  before(() => {
    writer = openFile(path);
    writer.exec("CREATE TABLE pages (n INTEGER PRIMARY KEY, page BLOB)");
    checkpointing = openCheckpointing(path);
    onlooker = new DatabaseSync(path);
  });
  after(() => {
    checkpointing.close();
    onlooker.close();
    writer.close();
    rmSync(folder, { recursive: true });
  });

  const write = (pages: number): void => {
    writer.exec(`WITH RECURSIVE some (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some LIMIT ${pages})
      INSERT INTO pages (page) SELECT zeroblob(4000) FROM some`);
  };
  const waiting = (): number => {
    const { log, checkpointed } = { ...onlooker.prepare("PRAGMA wal_checkpoint(NOOP)").get() };
    return Number(log) - Number(checkpointed);
  };
  /** Of the file alone, without its log. */
  const inFile = (): number => {
    const copy = join(folder, "copy.db");
    copyFileSync(path, copy);
    const db = new DatabaseSync(copy);
    try {
      return Number({ ...db.prepare("SELECT count(*) AS pages FROM pages").get() }["pages"]);
    } finally {
      db.close();
    }
  };

  test("leave a short log as it is", () => {
    write(1_000);
    checkpointing.look();
    assert.ok(waiting() >= 1_000);
  });

  test("copy a long one into the file, where a reader has it without the log", () => {
    write(4_000);
    checkpointing.look();
    assert.equal(waiting(), 0);
    assert.equal(inFile(), 5_000);
  });

  test("leave what a transaction that is under way has not committed, and do not wait for it", () => {
    write(5_000);
    writer.exec("BEGIN IMMEDIATE");
    write(10);
    checkpointing.look();
    assert.equal(waiting(), 0);
    writer.exec("ROLLBACK");
    assert.equal(inFile(), 10_000);
  });

  test("copy no further than a reader that looks at an earlier state, and go on when it is done", () => {
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec("BEGIN");
    const { pages } = { ...reader.prepare("SELECT count(*) AS pages FROM pages").get() };
    write(5_000);
    checkpointing.look();
    assert.ok(waiting() >= 5_000);
    assert.deepEqual({ ...reader.prepare("SELECT count(*) AS pages FROM pages").get() }, { pages });
    reader.close();
    checkpointing.look();
    assert.equal(waiting(), 0);
  });
});
