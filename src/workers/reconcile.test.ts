// The reconcile worker: it goes round the table in samples, passes over rows that would take too long, says
// what it finds, and neither mends nor stops.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openShop } from "../../test/support/shop.ts";
import { reconcileEventsMax, reconcileRowsMax } from "../limits.ts";
import type { After, Finding, Store } from "../store/store.ts";
import { openReconcile } from "./reconcile.ts";

const at = 1_000_000_000_000;
type Audit = Awaited<ReturnType<Store["auditRows"]>>;

/** A table that is audited like this, one sample after the other. */
function openTable(audits: readonly (Partial<Audit> | Error)[]) {
  const left = [...audits];
  const asked: Parameters<Store["auditRows"]>[0][] = [];
  const found: Finding[][] = [];
  const tick = openReconcile({
    store: {
      auditRows: async (query) => {
        asked.push(query);
        const audit = left.shift() ?? {};
        if (audit instanceof Error) throw audit;
        return { checked: 1, findings: [], next: null, ...audit };
      },
    },
    now: () => at,
    found: (findings) => found.push([...findings]),
  });
  return { asked, found, tick, places: (): After[] => asked.map(({ after }) => after) };
}

describe("a tick", () => {
  test("checks one bounded sample and comes back a minute later", async () => {
    const { asked, tick } = openTable([{}]);
    assert.equal(await tick(), at + 60_000);
    assert.deepEqual(asked, [
      { after: null, limit: reconcileRowsMax, eventsMax: reconcileEventsMax },
    ]);
  });

  test("goes on where the last one ended, and begins again at the end of the table", async () => {
    const { places, tick } = openTable([
      { next: ["a", "1"] },
      { next: ["b", "2"] },
      { next: null },
      {},
    ]);
    for (let count = 0; count < 4; count += 1) await tick();
    assert.deepEqual(places(), [null, ["a", "1"], ["b", "2"], null]);
  });

  test("says nothing where all is well", async () => {
    const { found, tick } = openTable([{ findings: [] }]);
    await tick();
    assert.deepEqual(found, []);
  });

  test("reports what it finds, and goes on to the next sample", async () => {
    const broken = [{ invariant: "I2", detail: "mug in MAD" }];
    const { found, places, tick } = openTable([{ findings: broken, next: ["a", "1"] }, {}]);
    await tick();
    await tick();
    assert.deepEqual(found, [broken]);
    assert.deepEqual(places(), [null, ["a", "1"]]);
  });

  test("that fails checks the same sample again", async () => {
    const gone = new Error("the database is away");
    const { places, tick } = openTable([{ next: ["a", "1"] }, gone, { next: null }]);
    await tick();
    await assert.rejects(tick(), gone);
    await tick();
    assert.deepEqual(places(), [null, ["a", "1"], ["a", "1"]]);
  });
});

test("a round over the real table finds nothing, and looks at every row once", async () => {
  const shop = await openShop();
  try {
    const mug = await shop.product({ MAD: 10, BCN: 10 });
    await shop.reserve({ product_id: mug, quantity: 3 });
    let checked = 0;
    const found: (readonly Finding[])[] = [];
    const tick = openReconcile({
      store: {
        async auditRows(query) {
          const audit = await shop.store.auditRows({ ...query, limit: 1 });
          checked += audit.checked;
          return audit;
        },
      },
      now: Date.now,
      found: (findings) => found.push(findings),
    });
    // With one row in a sample, the third ends the round.
    for (let count = 0; count < 3; count += 1) await tick();
    assert.deepEqual([checked, found], [2, []]);
  } finally {
    await shop.close();
  }
});
