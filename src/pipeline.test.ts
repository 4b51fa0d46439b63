// What lies between requests and database, where several instances commit to one: what a caller was told at
// one of them it also reads there. Their tails hear of each other only when a test says so.

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { changeStock, createProduct, createStore, reserve } from "../test/support/commands.ts";
import { openTestStore, type TestStore } from "../test/support/test-store.ts";
import { renderAvailability } from "./http/availability.ts";
import { openPipeline, type Pipeline } from "./pipeline.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };

function fail(error: unknown): never {
  throw error;
}

describe("two instances on one database", () => {
  let it: TestStore;
  let first: Pipeline;
  let second: Pipeline;

  async function open(): Promise<Pipeline> {
    const { store } = it;
    return openPipeline({
      store,
      head: await store.head(),
      render: renderAvailability,
      cacheTtlMs: 30_000,
      shared: null,
      hasOthers: true,
      committed: () => undefined,
      held: () => undefined,
      measure: () => undefined,
      failed: () => fail,
    });
  }

  beforeEach(async () => {
    it = await openTestStore({ limits });
    first = await open();
    const made = [createProduct("mug"), createStore("MAD"), changeStock({ amount: 5 })];
    for (const command of made) await first.executor.execute(command);
    second = await open();
  });
  afterEach(async () => {
    for (const { feed, executor } of [first, second]) {
      feed.close();
      await executor.drain();
    }
    await it.close();
  });

  const reservedAt = async ({ cache }: Pipeline): Promise<unknown> =>
    (await cache.get("mug")).document?.availability.rows[0]?.reserved;

  test("who is answered again at another instance reads there what was done", async () => {
    assert.equal(await reservedAt(second), 0);
    const once = { caller: "key:test", key: "basket-7", fingerprint: "3 mugs" };
    const command = reserve("r-1", 3, { once });
    assert.equal((await first.executor.execute(command)).replayed, false);
    assert.equal(await reservedAt(second), 0, "it has not heard of it");
    assert.equal((await second.executor.execute(command)).replayed, true);
    assert.equal(await reservedAt(second), 3);
  });
});
