// What an empty log is filled with, and that a start which is cut off leaves nothing half done. The
// numbers of the demo are held by test/process/start.test.ts, on the real thing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commit, emptyDatabase } from "../test/support/memory-database.ts";
import { openExecutor } from "./commands/execute.ts";
import { fillEmptyLog } from "./first-start.ts";
import { newId } from "./lib/ids.ts";
import type { Store } from "./store/store.ts";

function open() {
  const database = emptyDatabase();
  const commits: number[] = [];
  const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
  const context = { now: 0, newId, isoTime: String, limits };
  const store: Pick<Store, "commit" | "head"> = {
    head: async () => ({ logId: "log", epoch: 1, seq: database.log.length, at: 0 }),
    commit: async (commands) => {
      commits.push(commands.length);
      return commit(database, commands, context).map((outcome) => ({ ...outcome, events: [] }));
    },
  };
  const { execute } = openExecutor({
    store,
    lanes: 2,
    committed: () => undefined,
    measure: () => undefined,
    nowMs: () => 0,
  });
  return { database, commits, fill: (demo: boolean) => fillEmptyLog(store, execute, demo) };
}

test("stores, catalogue and holds are one commit: cut off anywhere, all of it is there or nothing", async () => {
  const { database, commits, fill } = open();
  await fill(true);
  assert.equal(commits.length, 1);
  assert.deepEqual(
    [database.stores.size, database.products.size, database.stock.size, database.reservations.size],
    [4, 5, 20, 3],
  );
});

test("a log that has begun is left alone", async () => {
  const { database, commits, fill } = open();
  await fill(false);
  await fill(true);
  assert.equal(commits.length, 1);
  assert.equal(database.products.size, 0);
});
