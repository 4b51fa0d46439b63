// Two or three commits at once on real connections, their parts in every order: whatever the order is, the
// outcome is that of one after the other, nobody waits for ever, and every invariant holds.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  archiveProduct,
  cancel,
  changeStock,
  changeStore,
  confirm,
  expireDue,
  reserve,
  setStock,
  transfer,
} from "../support/commands.ts";
import { parts } from "../support/gated-connections.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { openStage, ordersOf, type Scenario, type Stage } from "./stage.ts";

const scenarios: readonly Scenario[] = [
  {
    title: "the last unit is reserved by one of two",
    units: 1,
    sessions: ({ id, inA }) => [[reserve(id("x"), 1, inA)], [reserve(id("y"), 1, inA)]],
    check: (codes) => assert.deepEqual(codes.toSorted(), ["insufficient_stock", "reservation"]),
  },
  {
    title: "confirm and cancel of one reservation: one of them",
    units: 2,
    given: ({ id, inA }) => [reserve(id("x"), 1, inA)],
    sessions: ({ id }) => [[confirm(id("x"))], [cancel(id("x"))]],
    check: (codes) =>
      assert.deepEqual(codes.toSorted(), ["reservation", "reservation_not_pending"]),
  },
  {
    title:
      "confirm, and expiry of a hold that ends in the middle of it: a sale only before its end",
    units: 2,
    given: ({ id, inA }) => [reserve(id("x"), 1, inA)],
    begin: ({ id, hand }) =>
      hand.query(
        `UPDATE reservations SET expires_at = 5 + extract(epoch FROM clock_timestamp()) * 1000
         WHERE id = $1`,
        [id("x")],
      ),
    sessions: ({ id }) => [[confirm(id("x"))], [expireDue()]],
    async check(codes, { id, reads }) {
      const status = (await reads.reservation(id("x")))?.status;
      assert.ok(codes[0] === "reservation" ? status === "CONFIRMED" : status !== "CONFIRMED");
    },
  },
  {
    title: "transfers both ways between two rows",
    units: 5,
    given: ({ product, B }) => [changeStock({ productId: product, storeId: B, amount: 5 })],
    sessions: ({ product, A, B, id }) => [
      [
        transfer({
          transferId: id("t"),
          productId: product,
          fromStoreId: A,
          toStoreId: B,
          quantity: 2,
        }),
      ],
      [
        transfer({
          transferId: id("u"),
          productId: product,
          fromStoreId: B,
          toStoreId: A,
          quantity: 1,
        }),
      ],
    ],
    async check(codes, { product, A, B, reads }) {
      assert.deepEqual(codes, ["transfer", "transfer"]);
      assert.equal((await reads.stock(product, A))?.quantity, 4);
      assert.equal((await reads.stock(product, B))?.quantity, 6);
    },
  },
  {
    title: "one idempotency key twice: one effect, one answer",
    units: 5,
    sessions: ({ inA, id }) => {
      const once = { caller: "key:test", key: id("k"), fingerprint: "f" };
      const add = { ...changeStock({ ...inA, amount: 1 }), once };
      return [[add], [{ ...add, requestId: "again" }]];
    },
    async check(codes, { product, A, reads }) {
      assert.deepEqual(codes, ["stock", "stock"]);
      assert.equal((await reads.stock(product, A))?.quantity, 6);
    },
  },
  {
    title: "one idempotency key on two rows: the later one is refused",
    units: 5,
    given: ({ product, B }) => [changeStock({ productId: product, storeId: B, amount: 5 })],
    sessions: ({ product, A, B, id }) => {
      const add = (storeId: string) => ({
        ...changeStock({ productId: product, storeId, amount: 1 }),
        once: { caller: "key:test", key: id("k"), fingerprint: storeId },
      });
      return [[add(A)], [add(B)]];
    },
    async check(codes, { product, A, B, reads }) {
      assert.deepEqual(codes.toSorted(), ["idempotency_key_reused", "stock"]);
      const rows = await Promise.all([reads.stock(product, A), reads.stock(product, B)]);
      assert.equal((rows[0]?.quantity ?? 0) + (rows[1]?.quantity ?? 0), 11);
    },
  },
  {
    title: "one row is made by two: both changes count",
    units: 0,
    sessions: ({ inA }) => [
      [changeStock({ ...inA, amount: 3 })],
      [changeStock({ ...inA, amount: 4 })],
    ],
    async check(codes, { product, A, reads }) {
      assert.deepEqual(codes, ["stock", "stock"]);
      const row = await reads.stock(product, A);
      assert.deepEqual([row?.quantity, row?.version], [7, 2]);
    },
  },
  {
    title: "a product is archived while its first row is made: one of them",
    units: 0,
    sessions: ({ product, inA }) => [
      [archiveProduct(product)],
      [changeStock({ ...inA, amount: 3 })],
    ],
    check: (codes) =>
      assert.ok(
        ["product,product_not_found", "product_in_use,stock"].includes(codes.join(",")),
        codes.join(),
      ),
  },
  {
    title: "a store is closed while it sells: no sale is later in the log than the closing",
    units: 5,
    given: ({ inA }) => [setStock({ ...inA, reorderPoint: 1 })],
    sessions: ({ A, inA, id }) => [[changeStore(A, { active: false })], [reserve(id("x"), 1, inA)]],
    async check(codes, { A, reads }) {
      assert.ok(["reservation", "store_inactive"].includes(codes[1] ?? ""), codes.join());
      const filter = {
        after: 0,
        limit: 500,
        type: null,
        storeId: A,
        productId: null,
        stores: "*",
      } as const;
      const types = (await reads.events(filter)).items.map(({ type }) => type);
      const [sold, closed] = [types.indexOf("reservation.created"), types.indexOf("store.updated")];
      assert.ok(sold < closed, types.join());
    },
  },
];

describe("commits on PostgreSQL", { skip: noPostgres }, () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
  });
  after(() => stage.close());

  describe("the parts of two commits in every order", () => {
    for (const scenario of scenarios) {
      test(scenario.title, async () => {
        const orders = ordersOf([parts.length, parts.length]);
        assert.equal(orders.length, 20);
        for (const order of orders) await stage.holds(scenario, order);
      });
    }
  });

  describe("the parts of three commits in every order", () => {
    test("confirm, cancel and a second holder of the last units: each unit is sold or held once", async () => {
      const scenario: Scenario = {
        title: "",
        units: 1,
        given: ({ id, inA }) => [reserve(id("x"), 1, inA)],
        sessions: ({ id, inA }) => [
          [confirm(id("x"))],
          [cancel(id("x"))],
          [reserve(id("y"), 1, inA)],
        ],
        async check([sale, release, second], { product, A, reads }) {
          const row = await reads.stock(product, A);
          assert.ok((sale === "reservation") !== (release === "reservation"));
          if (sale === "reservation")
            assert.deepEqual([second, row?.quantity], ["insufficient_stock", 0]);
          else assert.equal(row?.quantity, 1);
        },
      };
      // The last two parts of each together: 90 orders instead of 1,680.
      for (const order of ordersOf([2, 2, 2])) await stage.holds(scenario, order);
    });
  });

  test("afterwards every invariant holds", async () => {
    assert.deepEqual(await stage.findings(), []);
  });
});
