// The pruner's pace: small steps while there is much to delete, long pauses when there is not; and what is
// old enough for it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openShop } from "../../test/support/shop.ts";
import { until } from "../../test/support/until.ts";
import { newId } from "../lib/ids.ts";
import { idempotencyKeptMs, pruneRecordsMax } from "../limits.ts";
import { pruneTick } from "./prune.ts";

const at = 1_000_000_000_000;

/** A store that deletes these numbers of records, one call after the other. */
function openTable(deleted: readonly number[]) {
  const left = [...deleted];
  const calls: (readonly [ageMs: number, limit: number])[] = [];
  const prune = async (ageMs: number, limit: number): Promise<number> => {
    calls.push([ageMs, limit]);
    return left.shift() ?? 0;
  };
  return { calls, tick: () => pruneTick({ prune }, () => at) };
}

describe("a tick", () => {
  test("asks for one small step of what is past its kept time", async () => {
    const { calls, tick } = openTable([0]);
    await tick();
    assert.deepEqual(calls, [[idempotencyKeptMs, pruneRecordsMax]]);
  });

  test("answers are kept for the promised 24 hours at least", () => {
    assert.ok(idempotencyKeptMs >= 86_400_000);
  });

  test("that filled its step goes on a fifth of a second later", async () => {
    const { tick } = openTable([pruneRecordsMax, pruneRecordsMax + 1]);
    assert.equal(await tick(), at + 200);
    assert.equal(await tick(), at + 200);
  });

  test("that left nothing comes back after ten minutes", async () => {
    const { tick } = openTable([pruneRecordsMax - 1, 0]);
    assert.equal(await tick(), at + 600_000);
    assert.equal(await tick(), at + 600_000);
  });

  test("that fails is the loop's to try again", async () => {
    const gone = new Error("the database is away");
    await assert.rejects(
      pruneTick({ prune: () => Promise.reject(gone) }, () => at),
      gone,
    );
  });
});

test("a key is forgotten when its time is over, and not sooner where an instance's clock is ahead", async () => {
  const shop = await openShop();
  try {
    const mug = await shop.product({ MAD: 10 });
    const call = { headers: { "idempotency-key": newId() } };
    const first = await shop.reserve({ product_id: mug }, call);
    const again = async () => (await shop.reserve({ product_id: mug }, call)).text === first.text;
    await pruneTick(shop.store, () => Date.now() + 2 * idempotencyKeptMs);
    assert.ok(await again(), "the answer is still kept");
    const { at } = await shop.store.head();
    await until(async () => (await shop.store.time()) > at, "the answer is older than 0 ms");
    await shop.store.prune(0, pruneRecordsMax);
    assert.ok(!(await again()), "the answer is forgotten");
    assert.equal((await shop.row(mug)).reserved, 2);
  } finally {
    await shop.close();
  }
});
