// What every store keeps of crossed thresholds; a part of store.contract.ts.

import assert from "node:assert/strict";
import type { Store } from "../../src/store/store.ts";
import { cancel, changeStock, reserve, setStock } from "../support/commands.ts";

interface Tools {
  withMugs(store: Store, units: number): Promise<void>;
}

export function thresholdSuite(
  on: (title: string, body: (store: Store) => Promise<void>) => void,
  { withMugs }: Tools,
): void {
  on(
    "crossed thresholds are in the log and change no row; the past passes over them",
    async (store) => {
      await withMugs(store, 4);
      const [pointed] = await store.commit([setStock({ reorderPoint: 2 })]);
      const outcomes = await store.commit([reserve("r-1", 4), cancel("r-1"), reserve("r-2", 4)]);
      assert.deepEqual(
        [pointed, ...outcomes].map((outcome) => outcome?.events.map(({ type }) => type)),
        [
          ["stock.updated"],
          ["reservation.created", "stock.low", "stock.out"],
          ["reservation.cancelled", "stock.back"],
          ["reservation.created", "stock.low", "stock.out"],
        ],
      );
      const told = outcomes[2]?.events.map(({ payload }) => JSON.parse(payload)).at(-1);
      assert.deepEqual(told, {
        available: 0,
        quantity: 4,
        reserved: 4,
        reorder_point: 2,
        row_version: 5,
      });
      assert.equal((await store.stock("mug", "MAD"))?.version, 5);
      const { seq } = await store.head();
      const then = await store.availabilityAt("mug", { seq });
      assert.equal(then?.asOfSeq, seq);
      const row = then?.rows.find(({ storeId }) => storeId === "MAD");
      assert.deepEqual([row?.quantity, row?.reserved, row?.version], [4, 4, 5]);
    },
  );

  on("that a row is low is told once, until it has been clear of its point", async (store) => {
    await withMugs(store, 4);
    await store.commit([setStock({ reorderPoint: 3 })]);
    const told: (readonly string[])[] = [];
    const arrive = (amount: number) => changeStock({ amount });
    const changes = [reserve("r-1", 1), cancel("r-1"), arrive(-1), arrive(2), arrive(-2)];
    for (const change of changes) {
      const [outcome] = await store.commit([change]);
      told.push(outcome?.events.slice(1).map(({ type }) => type) ?? []);
    }
    assert.deepEqual(told, [["stock.low"], [], [], [], ["stock.low"]]);
  });
}
