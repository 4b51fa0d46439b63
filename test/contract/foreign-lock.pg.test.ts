// A lock that is not of the service stands before the sequencer: a hand in the database, or a session that was left
// open. Whoever writes is told in a bounded time that the database is away, and nothing is half done.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commitBatch } from "../../src/commands/batch.ts";
import { newId } from "../../src/lib/ids.ts";
import { OperatingError } from "../../src/lib/operating-error.ts";
import { lockWaitMsMax } from "../../src/limits.ts";
import { openCommit } from "../../src/store/postgres/commit.ts";
import { openConnections } from "../../src/store/postgres/connections.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { connected, databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const options = { pooler: false, notify: null, limits, newId };
/** Time runs so much faster than it does. */
const haste = 20;

test("behind a foreign lock two instances that want the same row are refused in a bounded time, and then go on", {
  skip: noPostgres,
}, async (t) => {
  const url = await (await sharedPostgres()).newDatabase();
  const wait = `?options=-c%20lock_timeout%3D${lockWaitMsMax / haste}`;
  const instances = [1, 2].map(() => openConnections(databaseAt(`${url}${wait}`)));
  const commits = instances.map((one) => openCommit(one, options));
  const [connections] = instances;
  const [commit] = commits;
  assert.ok(connections !== undefined && commit !== undefined);
  await migrate(connections, options, newId);
  await commit([createStore("MAD"), createProduct("mug"), changeStock()]);
  const all = () =>
    Promise.all(
      commits.map(async (one) => {
        const begunAt = performance.now();
        const [settled] = await commitBatch({ commit: one }, [changeStock()], () => undefined);
        assert.ok(settled !== undefined);
        return { settled, ms: performance.now() - begunAt };
      }),
    );

  const real = performance.now.bind(performance);
  t.mock.method(performance, "now", () => real() * haste);
  const refused = await connected(url, async (hand) => {
    await hand.query("BEGIN; SELECT * FROM log_head FOR UPDATE");
    return all();
  });
  for (const { settled, ms } of refused) {
    assert.ok("error" in settled && settled.error instanceof OperatingError);
    assert.match(settled.error.message, /a lock was not to be had in time/);
    // Twice what a try may wait, for the row and for the sequencer, and a busy machine.
    assert.ok(ms < 4 * lockWaitMsMax, `${Math.round(ms)} ms`);
  }
  for (const { settled } of await all()) assert.ok("outcome" in settled);
  assert.deepEqual(await query(url, "SELECT quantity::int FROM stock"), [{ quantity: 3 }]);
  await Promise.all(instances.map((one) => one.close()));
});
