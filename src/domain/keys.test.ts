import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { given, held, shop } from "../../test/given.ts";
import {
  archiveProduct,
  archiveStore,
  cancel,
  changeProduct,
  changeStore,
  confirm,
  createProduct,
  createStore,
  expireDue,
  reserve,
  reserveGroup,
  transfer,
} from "../../test/support/commands.ts";
import { addReservationKeys, keysOf } from "./keys.ts";
import type { Command } from "./model.ts";
import { rowKey } from "./slice.ts";

describe("what is loaded", () => {
  test("is named by the commands and by the reservations that they name", () => {
    const keys = keysOf([
      transfer(),
      reserve("r", 1, { productId: "pen", storeId: "VAL", customerId: "bob" }),
      reserveGroup("g", [{ id: "unborn", quantity: 1 }]),
      confirm("s"),
      cancel("group:h"),
      expireDue(7),
      expireDue(2),
    ]);
    assert.deepEqual([...keys.products].sort(), ["mug", "pen"]);
    assert.deepEqual([...keys.stores].sort(), ["BCN", "MAD", "VAL"]);
    const row = (productId: string, storeId: string) =>
      [rowKey(productId, storeId), { productId, storeId }] as const;
    assert.deepEqual(keys.rows, new Map([row("mug", "BCN"), row("mug", "MAD"), row("pen", "VAL")]));
    assert.deepEqual([...keys.reservations].sort(), ["r", "s"]);
    assert.deepEqual([...keys.groups], ["h"]);
    assert.deepEqual([...keys.customers].sort(), ["ann", "bob"]);
    assert.equal(keys.due, 9);

    const { database } = given(shop(5), held("s", 1)).world;
    const added = keysOf([]);
    addReservationKeys(added, database.reservations.values());
    assert.deepEqual([...added.rows.keys()], [rowKey("mug", "MAD")]);
    assert.deepEqual([...added.products, ...added.stores], ["mug", "MAD"]);
  });

  test("of the catalogue is no more than its rules look at", () => {
    const filled = (command: Command) =>
      Object.entries(keysOf([command])).flatMap(([name, keys]) =>
        typeof keys === "object" && keys.size > 0 ? [[name, [...keys]]] : [],
      );
    const product = ["products", ["mug"]];
    const store = ["stores", ["MAD"]];
    const sku = ["skus", ["S"]];
    assert.deepEqual(filled(createProduct("mug", { sku: "S" })), [product, sku]);
    assert.deepEqual(filled(changeProduct("mug", { sku: "S" })), [product, sku]);
    assert.deepEqual(filled(changeProduct("mug", { name: "Cup" })), [product]);
    assert.deepEqual(filled(archiveProduct("mug")), [product, ["wholeProducts", ["mug"]]]);
    assert.deepEqual(filled(createStore("MAD")), [store]);
    assert.deepEqual(filled(changeStore("MAD", { name: "Sol" })), [store]);
    assert.deepEqual(filled(archiveStore("MAD")), [store, ["storeUse", ["MAD"]]]);
  });

  test("row keys sort as their parts do", () => {
    const parts = [
      ["a", "z"],
      ["a-b", "a"],
      ["a.b", "a"],
      ["a:b", "a"],
      ["aa", "a"],
    ] as const;
    const keys = parts.map(([productId, storeId]) => rowKey(productId, storeId));
    assert.deepEqual([...keys].sort(), keys);
  });
});
