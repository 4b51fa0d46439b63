// Rows that are not there yet cannot be locked: two batches that make the same ones meet at their keys. They are
// made in one order whatever the order of the batch is, so the later one waits, and then finds what is there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { commitBatch } from "../../src/commands/batch.ts";
import type { Command } from "../../src/domain/model.ts";
import { newId } from "../../src/lib/ids.ts";
import { openCommit } from "../../src/store/postgres/commit.ts";
import { openConnections } from "../../src/store/postgres/connections.ts";
import { openReads } from "../../src/store/postgres/reads.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { openStatements } from "../../src/store/postgres/statements.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { connected, databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { until } from "../support/until.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const options = { pooler: false, notify: null, limits, newId };

test("two batches that make the same rows in opposite order do not wait for each other in a circle", {
  skip: noPostgres,
}, async () => {
  const url = await (await sharedPostgres()).newDatabase();
  const connections = openConnections(databaseAt(url));
  await migrate(connections, options, newId);
  const commit = openCommit(connections, options);
  const ids = ["a", "b", "c", "d"];
  await commit([createStore("MAD"), ...ids.map((id) => createProduct(id, { sku: id }))]);
  const errors: string[] = [];
  const noting = {
    commit: (commands: readonly Command[]) =>
      commit(commands).catch((error: unknown) => {
        errors.push(String(error));
        throw error;
      }),
  };
  const making = (...rows: readonly string[]) =>
    commitBatch(
      noting,
      rows.map((productId) => changeStock({ productId })),
      () => undefined,
    );
  const blocked = async (): Promise<number> => {
    const [row] = await query(
      url,
      "SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return Number(row?.["count"]);
  };

  // A third holds up each of them between its first row and its last.
  const settled = await connected(url, async (hand) => {
    await hand.query(`BEGIN; INSERT INTO stock (product_id, store_id, quantity, reserved, version, reorder_point, id, updated_at)
      SELECT id, 'MAD', 0, 0, 1, 0, id, 0 FROM products WHERE id IN ('c', 'd')`);
    const batches = [making("a", "c", "b"), making("b", "d", "a")];
    await until(async () => (await blocked()) === 2, "both have begun to make rows");
    await hand.query("ROLLBACK");
    return (await Promise.all(batches)).flat();
  });

  assert.ok(settled.every((one) => "outcome" in one));
  assert.deepEqual(
    errors.filter((words) => !words.includes("a row was made meanwhile")),
    [],
  );
  const reads = openReads(openStatements(connections, options));
  const units = ids.map(async (id) => (await reads.stock(id, "MAD"))?.quantity);
  assert.deepEqual(await Promise.all(units), [2, 2, 1, 1]);
  await connections.close();
});
