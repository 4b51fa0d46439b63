import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { did, given, product, refused, type Story, stock, store } from "../../test/given.ts";
import {
  archiveProduct,
  cancel,
  changeProduct,
  changeStock,
  confirm,
  createProduct,
  issued,
  reserve,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import { loadSlice } from "../../test/support/memory-database.ts";
import { AssertionFailure } from "../lib/assert.ts";
import { accept, noChanges } from "./changes.ts";
import { decideAll } from "./decide.ts";
import { draftOver } from "./draft.ts";
import { emptySlice } from "./slice.ts";

describe("totals of a store", () => {
  test("move with its rows, its reservations and what is low", () => {
    const { database } = given(product("mug"), store("MAD"), store("BCN")).when(
      changeStock({ amount: 10 }),
      setStock({ reorderPoint: 4 }),
      reserve("a", 3),
      reserve("b", 3),
      transfer({ quantity: 2 }),
      confirm("a", { quantity: 1 }),
      cancel("b"),
      reserve("c", 3),
    ).world;
    assert.deepEqual(Object.fromEntries(database.totals), {
      MAD: {
        quantity: 7,
        reserved: 3,
        rows: 1,
        lowRows: 1,
        byStatus: { PENDING: 1, CONFIRMED: 1, CANCELLED: 1, EXPIRED: 0 },
      },
      BCN: {
        quantity: 2,
        reserved: 0,
        rows: 1,
        lowRows: 0,
        byStatus: { PENDING: 0, CONFIRMED: 0, CANCELLED: 0, EXPIRED: 0 },
      },
    });
  });

  test("a row is low from its reorder point down, and never without one", () => {
    const low = (quantity: number, reorderPoint: number | null) =>
      given(product("mug"), store("MAD"), stock(0))
        .when(setStock({ quantity, reorderPoint }))
        .world.database.totals.get("MAD")?.lowRows;
    assert.deepEqual([low(5, 4), low(4, 4), low(0, 0), low(0, null)], [0, 1, 1, 0]);
  });
});

test("a decision that breaks an invariant is not accepted, and leaves no trace", () => {
  const { world } = given(product("mug"), store("MAD"), stock(1));
  const [row] = world.database.stock;
  assert.ok(row);
  const draft = draftOver(emptySlice(), world, issued);
  draft.stock.set(...row);
  const [changes, events] = [noChanges(), []];
  assert.throws(() => accept(draft, changes, events), AssertionFailure);
  assert.deepEqual([changes, events, draft.slice], [noChanges(), [], emptySlice()]);
});

describe("products", () => {
  const facts = [product("a", { sku: "X" }), product("b", { sku: "Y" })];
  const skus = ({ world }: Story) =>
    Object.fromEntries(Array.from(world.database.products.values(), ({ id, sku }) => [id, sku]));

  test("are written in the order in which they were decided, one write for each decision", () => {
    const { world } = given(...facts);
    const commands = [
      changeProduct("b", { name: "Bowl" }),
      changeProduct("a", { sku: "Z" }),
      createProduct("c", { sku: "W" }),
      changeProduct("b", { sku: "X" }),
      changeProduct("c", { sku: "Y" }),
    ];
    const slice = loadSlice(world.database, commands, world.now, 500);
    const { changes } = decideAll(slice, commands, world);
    assert.deepEqual(
      changes.products.map(({ row, before }) => [
        row.id,
        row.sku,
        row.version,
        before === undefined,
      ]),
      [
        ["b", "Y", 2, false],
        ["a", "Z", 2, false],
        ["c", "W", 1, true],
        ["b", "X", 3, false],
        ["c", "Y", 2, false],
      ],
    );
  });

  test("hand their SKUs round in a circle within one batch", () => {
    const story = given(...facts).whenTogether(
      changeProduct("a", { sku: "Z" }),
      changeProduct("b", { sku: "X" }),
      changeProduct("a", { sku: "Y" }),
    );
    const updated = did("product.updated");
    story.expect(updated, updated, updated);
    assert.deepEqual(skus(story), { a: "Y", b: "X" });
  });

  test("never share a SKU, not even in between", () => {
    const story = given(...facts).whenTogether(
      changeProduct("b", { sku: "X" }),
      archiveProduct("a"),
      changeProduct("b", { sku: "X" }),
    );
    story.expect(refused("sku_taken"), did("product.archived"), did("product.updated"));
  });
});
