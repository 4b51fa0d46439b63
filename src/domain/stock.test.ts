import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  product,
  promise,
  refused,
  row,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import { adjust, batch, changeStock, setStock, transfer } from "../../test/support/commands.ts";
import { quantityMax } from "../limits.ts";

const body = (version: number | "*") => ({ version, source: "body" }) as const;
const header = (version: number | "*") => ({ version, source: "header" }) as const;
const bare = [product("mug"), store("MAD")];
const bcn = store("BCN");

describe("a change of a stock row", () => {
  promise([
    {
      title: "makes a missing row, from nothing at version 1",
      given: bare,
      when: [changeStock({ amount: 7, note: "truck", reference: "PO-9", userId: "eva" })],
      expect: [
        did([
          "stock.created",
          {
            quantity_change: 7,
            reason: "RESTOCK",
            note: "truck",
            reference: "PO-9",
            user_id: "eva",
            stock: {
              before: { quantity: 0, reserved: 0 },
              after: { quantity: 7, reserved: 0 },
              version: 1,
            },
          },
        ]),
        row({ quantity: 7, reserved: 0, version: 1, reorderPoint: null, updatedAt: start }),
      ],
    },
    {
      title: "adds to the row, one version further, with the balances before and after",
      given: [shop(10), held("r", 2)],
      when: [changeStock({ amount: 5 })],
      expect: [
        did([
          "stock.updated",
          {
            stock: {
              before: { quantity: 10, reserved: 2 },
              after: { quantity: 15, reserved: 2 },
              version: 2,
            },
          },
        ]),
        row({ quantity: 15, reserved: 2, version: 2 }),
      ],
    },
    {
      title: "twice by ten is twenty",
      given: [shop(0)],
      when: [adjust({ amount: 10 }), adjust({ amount: 10 })],
      expect: [
        did("stock.updated", "stock.back"),
        did("stock.updated"),
        row({ quantity: 20, version: 3 }),
      ],
    },
    {
      title: "may take all that is available",
      given: [shop(10), held("r", 4)],
      when: [adjust({ amount: -6 })],
      expect: [did("stock.updated", "stock.out"), row({ quantity: 4, reserved: 4 })],
    },
    {
      title: "never takes a held unit",
      given: [shop(10), held("r", 4)],
      when: [adjust({ amount: -7 })],
      expect: [
        refused("insufficient_stock", {
          productId: "mug",
          storeId: "MAD",
          available: 6,
          requested: 7,
        }),
        row({ quantity: 10, reserved: 4, version: 1 }),
      ],
    },
    {
      title: "cannot take from a row that is not there",
      given: bare,
      when: [changeStock({ amount: -1 })],
      expect: [refused("insufficient_stock", { available: 0, requested: 1 }), row(null)],
    },
    {
      title: "makes no row where it must be there already",
      given: bare,
      when: [adjust({ amount: 1 })],
      expect: [refused("stock_not_found", { productId: "mug", storeId: "MAD" }), row(null)],
    },
    {
      title: "with an initial quantity makes the row, zero included",
      given: bare,
      when: [changeStock({ mode: "initial", amount: 0, reason: "INITIAL" })],
      expect: [did("stock.created"), row({ quantity: 0, version: 1 })],
    },
    {
      title: "with an initial quantity is refused where there is a row, and shows it",
      given: [shop(3)],
      when: [changeStock({ mode: "initial", amount: 9 })],
      expect: [refused("stock_exists"), row({ quantity: 3, version: 1 })],
    },
    {
      title: "may fill a row to the largest quantity",
      given: [shop(1)],
      when: [changeStock({ amount: quantityMax - 1 })],
      expect: [did("stock.updated"), row({ quantity: quantityMax })],
    },
    {
      title: "beyond the largest quantity is refused with what still fits",
      given: [shop(1)],
      when: [changeStock({ amount: quantityMax })],
      expect: [
        refused("quantity_out_of_range", { field: "quantity_change", max: quantityMax - 1 }),
        row({ quantity: 1 }),
      ],
    },
    {
      title: "that begins a row is refused beyond what can be counted, by the name of its field",
      given: bare,
      when: [changeStock({ mode: "initial", amount: quantityMax + 1 })],
      expect: [
        refused("quantity_out_of_range", { field: "initial_quantity", max: quantityMax }),
        row(null),
      ],
    },
    {
      title: "that begins a row makes it, whatever is said of missing ones",
      given: bare,
      when: [changeStock({ mode: "initial", amount: 3, createMissing: false })],
      expect: [did("stock.created"), row({ quantity: 3, version: 1 })],
    },
    {
      title: "to an unknown product is refused by its name",
      given: [store("MAD")],
      when: [changeStock({ productId: "cup" })],
      expect: [refused("product_not_found", { productId: "cup" })],
    },
    {
      title: "in an unknown store is refused by its name",
      given: [product("mug")],
      when: [changeStock({ storeId: "XYZ" })],
      expect: [refused("store_not_found", { storeId: "XYZ" })],
    },
    {
      title: "in an inactive store is refused by its name",
      given: [product("mug"), store("MAD", { active: false }), stock(5)],
      when: [changeStock()],
      expect: [refused("store_inactive", { storeId: "MAD" }), row({ quantity: 5, version: 1 })],
    },
    {
      title: "of an archived product finds no product",
      given: [product("mug", { archivedAt: start }), store("MAD")],
      when: [changeStock()],
      expect: [refused("product_not_found")],
    },
    {
      title: "in an archived store finds no store",
      given: [product("mug"), store("MAD", { archivedAt: start, active: false })],
      when: [changeStock()],
      expect: [refused("store_not_found")],
    },
  ]);

  test("is recorded as the act of its caller, about the row", () => {
    const { outcomes } = given(shop(1)).when(changeStock());
    assert.partialDeepStrictEqual(outcomes[0]?.events, [
      {
        id: "id-1",
        aggregateType: "stock",
        aggregateId: "mug@MAD",
        storeId: "MAD",
        productId: "mug",
        actor: "key:test",
        requestId: "request-1",
      },
    ]);
  });

  test("says whether it made the row", () => {
    const { outcomes } = given(...bare).when(changeStock(), changeStock());
    assert.partialDeepStrictEqual(
      outcomes.map(({ result }) => result),
      [{ reply: { kind: "stock", created: true } }, { reply: { kind: "stock", created: false } }],
    );
  });
});

describe("an expected version", () => {
  const expectations = [
    { expected: body(1), there: true, current: null },
    { expected: header(1), there: true, current: null },
    { expected: body("*"), there: true, current: null },
    { expected: header("*"), there: true, current: null },
    { expected: body(2), there: true, current: 1 },
    { expected: header(0), there: true, current: 1 },
    { expected: body(0), there: false, current: null },
    { expected: body(1), there: false, current: 0 },
    { expected: header("*"), there: false, current: 0 },
  ];
  for (const { expected, there, current } of expectations) {
    const what = `${expected.version} from the ${expected.source}`;
    const where = there ? "a row at version 1" : "a missing row";
    test(`${what} and ${where}: ${current === null ? "accepted" : "refused"}`, () => {
      const mismatch = {
        source: expected.source,
        expected: expected.version,
        current: current ?? 0,
      };
      given(...bare, ...(there ? [stock(5)] : []))
        .when(changeStock({ amount: 1, expected }))
        .expect(
          current === null
            ? did(there ? "stock.updated" : "stock.created")
            : refused("version_mismatch", mismatch),
        );
    });
  }

  promise([
    {
      title: "holds for counts too, and a mismatch changes nothing",
      given: [shop(5)],
      when: [setStock({ quantity: 1, expected: header(7) })],
      expect: [
        refused("version_mismatch", { source: "header", expected: 7, current: 1 }),
        row({ quantity: 5, version: 1 }),
      ],
    },
    {
      title: "of a transfer is that of the row that gives",
      given: [shop(5), bcn, stock(1, { storeId: "BCN", version: 9 })],
      when: [transfer({ expected: body(9) }), transfer({ expected: body(1) })],
      expect: [
        refused("version_mismatch", { expected: 9, current: 1 }),
        did("stock.transferred", "stock.transferred"),
      ],
    },
    {
      title: "is overtaken by a hold that has expired since",
      given: [shop(5), held("r", 1, { expiresAt: start })],
      when: [changeStock({ expected: body(1) })],
      expect: [refused("version_mismatch", { current: 2 }, "reservation.expired")],
    },
  ]);
});

describe("a count", () => {
  promise([
    {
      title: "sets the quantity",
      given: [shop(10), held("r", 3)],
      when: [setStock({ quantity: 4, note: "shelf 2" })],
      expect: [
        did([
          "stock.updated",
          {
            quantity_change: -6,
            reason: "COUNT",
            note: "shelf 2",
            stock: {
              before: { quantity: 10, reserved: 3 },
              after: { quantity: 4, reserved: 3 },
              version: 2,
            },
          },
        ]),
        row({ quantity: 4, reserved: 3, version: 2 }),
      ],
    },
    {
      title: "of zero is a count",
      given: [shop(10)],
      when: [setStock({ quantity: 0 })],
      expect: [did("stock.updated", "stock.out"), row({ quantity: 0 })],
    },
    {
      title: "may be exactly what is held",
      given: [shop(10), held("r", 3)],
      when: [setStock({ quantity: 3 })],
      expect: [did("stock.updated", "stock.out"), row({ quantity: 3, reserved: 3 })],
    },
    {
      title: "below what is held is refused with both numbers",
      given: [shop(10), held("r", 3)],
      when: [setStock({ quantity: 2 })],
      expect: [
        refused("quantity_below_reserved", {
          productId: "mug",
          storeId: "MAD",
          quantity: 2,
          reserved: 3,
        }),
        row({ quantity: 10, version: 1 }),
      ],
    },
    {
      title: "below what was held is accepted as soon as the hold has expired",
      given: [shop(10), held("r", 3, { expiresAt: start })],
      when: [setStock({ quantity: 2 })],
      expect: [did("reservation.expired", "stock.updated"), row({ quantity: 2, reserved: 0 })],
    },
    {
      title: "needs a row",
      given: bare,
      when: [setStock({ quantity: 2, expected: header("*") })],
      expect: [refused("stock_not_found"), row(null)],
    },
    {
      title: "may leave the quantity and set the reorder point, zero included",
      given: [shop(10)],
      when: [setStock({ reorderPoint: 0 })],
      expect: [
        did(["stock.updated", { quantity_change: 0, reorder_point: 0 }]),
        row({ quantity: 10, reorderPoint: 0, version: 2 }),
      ],
    },
    {
      title: "takes the reorder point away with null",
      given: [product("mug"), store("MAD"), stock(10, { reorderPoint: 4 })],
      when: [setStock({ reorderPoint: null })],
      expect: [did(["stock.updated", { reorder_point: null }]), row({ reorderPoint: null })],
    },
    {
      title: "leaves the reorder point where it names none",
      given: [product("mug"), store("MAD"), stock(10, { reorderPoint: 4 })],
      when: [setStock({ quantity: 1 })],
      expect: [did("stock.updated", "stock.low"), row({ quantity: 1, reorderPoint: 4 })],
    },
    {
      title: "in an inactive store is refused",
      given: [product("mug"), store("MAD", { active: false }), stock(5)],
      when: [setStock({ quantity: 1 })],
      expect: [refused("store_inactive")],
    },
  ]);
});

describe("a transfer", () => {
  promise([
    {
      title: "moves units between two rows, in two events of one name",
      given: [shop(10), bcn, stock(1, { storeId: "BCN", version: 4 })],
      when: [transfer({ quantity: 3, note: "van" })],
      expect: [
        did(
          [
            "stock.transferred",
            {
              transfer_id: "transfer-1",
              direction: "out",
              quantity: 3,
              quantity_change: -3,
              other_store_id: "BCN",
              reason: "TRANSFER",
              note: "van",
              stock: {
                before: { quantity: 10, reserved: 0 },
                after: { quantity: 7, reserved: 0 },
                version: 2,
              },
            },
          ],
          [
            "stock.transferred",
            {
              transfer_id: "transfer-1",
              direction: "in",
              quantity_change: 3,
              other_store_id: "MAD",
              stock: {
                before: { quantity: 1, reserved: 0 },
                after: { quantity: 4, reserved: 0 },
                version: 5,
              },
            },
          ],
        ),
        row({ quantity: 7, version: 2 }),
        row({ quantity: 4, version: 5 }, "BCN"),
      ],
    },
    {
      title: "makes the destination row, from nothing at version 1",
      given: [shop(10), bcn],
      when: [transfer({ quantity: 10 })],
      expect: [
        did(
          "stock.transferred",
          [
            "stock.transferred",
            {
              stock: {
                before: { quantity: 0, reserved: 0 },
                after: { quantity: 10, reserved: 0 },
                version: 1,
              },
            },
          ],
          "stock.out",
        ),
        row({ quantity: 0 }),
        row({ quantity: 10, version: 1 }, "BCN"),
      ],
    },
    {
      title: "of more than is available moves nothing and makes no row",
      given: [shop(10), bcn, held("r", 4)],
      when: [transfer({ quantity: 7 })],
      expect: [
        refused("insufficient_stock", { storeId: "MAD", available: 6, requested: 7 }),
        row({ quantity: 10, version: 1 }),
        row(null, "BCN"),
      ],
    },
    {
      title: "gives the units of holds that have expired",
      given: [shop(10), bcn, held("r", 4, { expiresAt: start })],
      when: [transfer({ quantity: 10 })],
      expect: [
        did("reservation.expired", "stock.transferred", "stock.transferred", "stock.out"),
        row({ quantity: 0, reserved: 0, version: 3 }),
      ],
    },
    {
      title: "into the same store is refused",
      given: [shop(10)],
      when: [transfer({ toStoreId: "MAD" })],
      expect: [refused("same_store", { storeId: "MAD" }), row({ version: 1 })],
    },
    {
      title: "out of a row that is not there is refused",
      given: [...bare, bcn],
      when: [transfer()],
      expect: [refused("stock_not_found", { productId: "mug", storeId: "MAD" })],
    },
    {
      title: "to an unknown store is refused",
      given: [shop(10)],
      when: [transfer()],
      expect: [refused("store_not_found", { storeId: "BCN" })],
    },
    {
      title: "to an inactive store is refused",
      given: [shop(10), store("BCN", { active: false })],
      when: [transfer()],
      expect: [refused("store_inactive", { storeId: "BCN" }), row({ version: 1 })],
    },
    {
      title: "out of an inactive store is refused",
      given: [product("mug"), store("MAD", { active: false }), stock(5), bcn],
      when: [transfer()],
      expect: [refused("store_inactive", { storeId: "MAD" })],
    },
    {
      title: "beyond what the destination can count is refused with what still fits",
      given: [shop(10), bcn, stock(quantityMax - 2, { storeId: "BCN" })],
      when: [transfer({ quantity: 3 })],
      expect: [
        refused("quantity_out_of_range", { field: "quantity", max: 2 }),
        row({ quantity: 10, version: 1 }),
      ],
    },
  ]);
});

describe("a batch of changes", () => {
  test("applies its lines in order, each on what those before it left", () => {
    const { outcomes } = given(shop(1))
      .when(batch("all_or_nothing", { amount: 4 }, { amount: -5 }, { amount: 2 }))
      .expect(did("stock.updated", "stock.updated", "stock.updated"), row({ quantity: 2 }));
    assert.partialDeepStrictEqual(outcomes[0]?.result, {
      reply: {
        kind: "batch",
        results: [
          { index: 0, stock: { quantity: 5, version: 2 }, rejection: null },
          { index: 1, stock: { quantity: 0, version: 3 }, rejection: null },
          { index: 2, stock: { quantity: 2, version: 4 }, rejection: null },
        ],
      },
    });
  });

  test("all or nothing: one failed line keeps all back, and each line says how it fared", () => {
    const { outcomes } = given(shop(1))
      .when(batch("all_or_nothing", { amount: 4 }, { amount: -6 }, { productId: "cup" }))
      .expect(refused("batch_failed"), row({ quantity: 1, version: 1 }));
    assert.partialDeepStrictEqual(outcomes[0]?.result, {
      rejection: {
        results: [
          { index: 0, rejection: null },
          { index: 1, stock: null, rejection: { code: "insufficient_stock", available: 5 } },
          { index: 2, stock: null, rejection: { code: "product_not_found" } },
        ],
      },
    });
  });

  test("skip failed: the lines that can be are applied, a failed one leaves no trace", () => {
    const { outcomes } = given(shop(1))
      .when(
        batch(
          "skip_failed",
          { amount: -2 },
          { mode: "initial", amount: 9 },
          { amount: 4 },
          { storeId: "XYZ" },
        ),
      )
      .expect(did(["stock.updated", { quantity_change: 4 }]), row({ quantity: 5, version: 2 }));
    assert.partialDeepStrictEqual(outcomes[0]?.result, {
      reply: {
        results: [
          { index: 0, stock: null, rejection: { code: "insufficient_stock" } },
          { index: 1, stock: null, rejection: { code: "stock_exists" } },
          { index: 2, stock: { quantity: 5 }, rejection: null },
          { index: 3, stock: null, rejection: { code: "store_not_found" } },
        ],
      },
    });
  });

  promise([
    {
      title: "skip failed: is accepted even if every line failed",
      given: [shop(1)],
      when: [batch("skip_failed", { amount: -2 })],
      expect: [did(), row({ quantity: 1, version: 1 })],
    },
    {
      title: "makes a row once, however often its lines want it made",
      given: bare,
      when: [
        batch(
          "skip_failed",
          { mode: "initial", amount: 2 },
          { mode: "initial", amount: 3 },
          { amount: 1 },
        ),
      ],
      expect: [did("stock.created", "stock.updated"), row({ quantity: 3, version: 2 })],
    },
    {
      title: "holds each line to its expected version, counted through the batch",
      given: [shop(1)],
      when: [batch("all_or_nothing", { expected: body(1) }, { expected: body(2) })],
      expect: [did("stock.updated", "stock.updated"), row({ quantity: 3, version: 3 })],
    },
    {
      title: "expires the due holds of its rows first, once",
      given: [shop(5), bcn, stock(5, { storeId: "BCN" }), held("r", 5, { expiresAt: start })],
      when: [batch("all_or_nothing", { amount: -2 }, { storeId: "BCN" }, { amount: -3 })],
      expect: [
        did("reservation.expired", "stock.updated", "stock.updated", "stock.updated"),
        row({ quantity: 0, reserved: 0, version: 4 }),
      ],
    },
  ]);
});
