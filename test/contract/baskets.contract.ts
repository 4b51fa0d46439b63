// What every store keeps of baskets: their lines, on rows of several stores, are held, extended, sold, given up and
// ended together; a part of store.contract.ts.

import assert from "node:assert/strict";
import type { Outcome, Store } from "../../src/store/store.ts";
import { cancel, changeStock, confirm, extend, reserveGroup } from "../support/commands.ts";
import { until } from "../support/until.ts";

interface Tools {
  withMugs(store: Store, units: number): Promise<void>;
}

const lines = (name: string) =>
  [
    ["MAD", 2],
    ["BCN", 1],
  ].map(([storeId, quantity]) => ({
    ...{ id: `${name}-${storeId}`, productId: "mug" },
    ...{ storeId: String(storeId), quantity: Number(quantity) },
  }));

const codeOf = (outcome: Outcome | undefined): string | null =>
  outcome !== undefined && "rejection" in outcome.result ? outcome.result.rejection.code : null;

export function basketSuite(
  on: (title: string, body: (store: Store) => Promise<void>) => void,
  { withMugs }: Tools,
): void {
  async function held(store: Store, name: string, ttlMs = 60_000): Promise<void> {
    await withMugs(store, 5);
    const told = await store.commit([
      changeStock({ storeId: "BCN", amount: 5 }),
      reserveGroup(name, lines(name), { ttlMs }),
    ]);
    assert.deepEqual(told.map(codeOf), [null, null]);
  }
  const numbers = async (store: Store) =>
    Promise.all(
      ["MAD", "BCN"].map(async (storeId) => {
        const row = await store.stock("mug", storeId);
        return [row?.quantity, row?.reserved];
      }),
    );
  const statuses = async (store: Store, name: string) =>
    (await store.group(name)).map(({ status }) => status);

  on("a basket is extended and sold as a whole, each line from its row", async (store) => {
    await held(store, "g-1");
    const [extended] = await store.commit([extend("group:g-1", 3_600_000)]);
    assert.equal(codeOf(extended), null);
    const [one, other] = await store.group("g-1");
    assert.ok((one?.expiresAt ?? 0) > Date.now() + 1_800_000);
    assert.equal(one?.expiresAt, other?.expiresAt);
    const [sold, again] = await store.commit([confirm("group:g-1"), confirm("group:g-1")]);
    assert.deepEqual([codeOf(sold), codeOf(again)], [null, "reservation_not_pending"]);
    assert.deepEqual(await numbers(store), [
      [3, 0],
      [4, 0],
    ]);
    assert.deepEqual(await statuses(store, "g-1"), ["CONFIRMED", "CONFIRMED"]);
  });

  on("a basket is given up as a whole, and not in part where a line was sold", async (store) => {
    await held(store, "g-1");
    const second = reserveGroup("g-2", lines("g-2"));
    await store.commit([second, confirm("g-2-BCN")]);
    const [given, refused] = await store.commit([cancel("group:g-1"), cancel("group:g-2")]);
    assert.deepEqual([codeOf(given), codeOf(refused)], [null, "reservation_not_pending"]);
    assert.deepEqual(await numbers(store), [
      [5, 2],
      [4, 0],
    ]);
    assert.deepEqual(await statuses(store, "g-1"), ["CANCELLED", "CANCELLED"]);
    assert.deepEqual(await statuses(store, "g-2"), ["PENDING", "CONFIRMED"]);
  });

  on("a basket that is due is not sold, and all of it is free", async (store) => {
    await held(store, "g-1", 1);
    const [line] = await store.group("g-1");
    await until(() => Date.now() > (line?.expiresAt ?? 0), "it is due");
    const [late] = await store.commit([confirm("group:g-1")]);
    assert.equal(codeOf(late), "reservation_expired");
    assert.deepEqual(await numbers(store), [
      [5, 0],
      [5, 0],
    ]);
    assert.deepEqual(await statuses(store, "g-1"), ["EXPIRED", "EXPIRED"]);
  });
}
