import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { given, held, shop } from "../../test/given.ts";
import {
  cancel,
  confirm,
  expireDue,
  reserve,
  reserveGroup,
  transfer,
} from "../../test/support/commands.ts";
import { addReservationKeys, keysOf } from "./keys.ts";
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
    assert.deepEqual(
      [...keys.rows.keys()].sort(),
      [rowKey("mug", "BCN"), rowKey("mug", "MAD"), rowKey("pen", "VAL")].sort(),
    );
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
