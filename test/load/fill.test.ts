// The large database of the measurements is one that the service could have made: every invariant holds, its events
// say what documented events say, and the service goes on from it.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fillDatabase } from "../../bench/fill.ts";
import { eventsOf } from "../../bench/fill-sql.ts";
import { auditAll } from "../../src/cli/audit.ts";
import { openStore } from "../../src/store/sqlite/store.ts";
import { confirm, reserve } from "../support/commands.ts";
import { newFolder } from "../support/instance.ts";

const size = { rows: 400, reservations: 4_000 };
const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };

test("a filled file holds every invariant, and goes on like any other", async () => {
  const path = join(newFolder(), "inventory.db");
  const filled = await fillDatabase(`sqlite:${path}`, size);
  assert.equal(filled.events, eventsOf(size));
  const store = await openStore(path, { limits });
  try {
    assert.equal((await store.head()).seq, eventsOf(size));
    const { rows, findings } = await auditAll(store);
    assert.deepEqual({ rows, findings }, { rows: size.rows, findings: [] });
    const place = { productId: "p-7", storeId: "BCN-001" };
    const outcomes = await store.commit([
      { ...reserve("new", 1, place), requestId: "hold" },
      { ...confirm("new"), requestId: "sale" },
    ]);
    assert.ok(outcomes.every(({ result }) => "reply" in result));
    assert.deepEqual((await auditAll(store)).findings, []);
  } finally {
    await store.close();
  }
});

test("a size that its rounds do not divide is refused", async () => {
  const url = `sqlite:${join(newFolder(), "inventory.db")}`;
  await assert.rejects(fillDatabase(url, { rows: 400, reservations: 4_001 }), /ten for|10 for/);
});
