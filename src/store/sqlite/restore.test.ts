// What a restore of a file promises by itself: a copy that is not its source, or that is not accepted, is not kept, and
// what is kept has another epoch than its lives before had. What it replaces and refuses is tried on the whole
// program (test/process/restore.test.ts).

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { changeStock, createProduct, createStore } from "../../../test/support/commands.ts";
import { nextEpoch } from "../restoring.ts";
import { type Backup, openBackup } from "./backup.ts";
import { restore } from "./restore.ts";
import { openStore } from "./store.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const now = Date.UTC(2026, 10, 24);

describe("a restore", () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-restore-"));
  let backup: Backup;
  before(async () => {
    const path = join(folder, "source.db");
    const store = await openStore(path, { limits });
    await store.commit([createStore("MAD"), createProduct("mug"), changeStock({ amount: 5 })]);
    await store.close();
    backup = openBackup(path);
  });
  after(() => {
    backup.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const restoring = { now, seen: () => undefined, accept: async () => undefined };
  const there = (name: string): string[] =>
    readdirSync(folder).filter((one) => one.startsWith(name));

  test("keeps a copy that is like its source, with an epoch of its own", async () => {
    const { head } = await restore(join(folder, "well.db"), backup, restoring);
    assert.deepEqual([head.seq, head.epoch], [backup.head.seq, nextEpoch(1, now)]);
    const store = await openStore(join(folder, "well.db"), { limits });
    assert.equal((await store.head()).epoch, head.epoch);
    await store.close();
  });

  for (const [what, sql] of [
    ["a number", "UPDATE stock SET quantity = 6"],
    ["a row less", "DELETE FROM events WHERE seq = 3"],
  ] as const) {
    test(`keeps nothing of a copy that is not like its source: ${what}`, async () => {
      const lying: Backup = {
        ...backup,
        async copyTo(path) {
          await backup.copyTo(path);
          const db = new DatabaseSync(path);
          db.exec(sql);
          db.close();
        },
      };
      const words = /the copy is not like its source .*; nothing was kept/;
      await assert.rejects(restore(join(folder, "other.db"), lying, restoring), words);
      assert.deepEqual(
        there("other.db").filter((name) => !name.endsWith("lock")),
        [],
      );
    });
  }

  test("keeps nothing that is not accepted", async () => {
    const accept = async (): Promise<void> => {
      throw new Error("an invariant is broken");
    };
    const restored = restore(join(folder, "broken.db"), backup, { ...restoring, accept });
    await assert.rejects(restored, /an invariant is broken/);
    assert.deepEqual(
      there("broken.db").filter((name) => !name.endsWith("lock")),
      [],
    );
  });
});

test("the next epoch is another than any before, also where the clock is behind", () => {
  assert.ok(nextEpoch(1, now) > 1);
  assert.ok(nextEpoch(1, now + 1) !== nextEpoch(1, now));
  assert.equal(nextEpoch(nextEpoch(1, now), now - 5_000), nextEpoch(1, now) + 1);
  assert.equal(nextEpoch(7, Date.UTC(2001, 0, 1)), 8);
});
