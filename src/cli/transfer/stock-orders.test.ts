// What a row of stock becomes: a guarded change from what is there, a new row, nothing, or a refusal that says why.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Client } from "../../../sdk/src/client.ts";
import { mappingOf } from "../../transfer/mapping.ts";
import { type Importer, isRefused } from "./importer.ts";
import { openStockImport, type StockOrder, type StockWish, wholeNumber } from "./stock-orders.ts";

interface Place {
  readonly store_id: string;
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
}

/** A service with a mug in Madrid, and what it was sent. */
function serviceWith(places: readonly Place[], answers: object[][] = []) {
  const sent: object[] = [];
  const list = (items: object[]) => ({
    async *[Symbol.asyncIterator]() {
      yield* items;
    },
  });
  const client = {
    stores: {
      list: () =>
        list([
          { id: "MAD", name: "Madrid Centro", active: true },
          { id: "OLD", name: "Old", active: false },
        ]),
    },
    products: {
      list: () => list([{ id: "mug", sku: "MUG-1" }]),
      availabilities: async () => ({ items: [{ product_id: "mug", stores: places }], missing: [] }),
    },
    stock: {
      async batch(body: object) {
        sent.push(body);
        return { results: answers.shift() ?? [] };
      },
    },
  };
  return { client: client as unknown as Client, sent };
}

async function importerOf(
  head: readonly string[],
  client: Client,
): Promise<Importer<StockWish, StockOrder>> {
  const mapping = mappingOf("stock", head, { named: {}, hasStore: false });
  const options = { client, mapping, store: undefined, reason: undefined, reference: "import-1" };
  return openStockImport(options);
}

const head = ["sku", "store_id", "quantity"];
const cells = (quantity: string, store = "MAD", sku = "MUG-1") => ({
  sku,
  store_id: store,
  quantity,
});
const madrid: Place = { store_id: "MAD", quantity: 10, reserved: 4, version: 7 };

async function planOf(importer: Importer<StockWish, StockOrder>, wish: object) {
  const wishes = importer.check(2, wish as never);
  assert.ok(!isRefused(wishes), JSON.stringify(wishes));
  return importer.plan(wishes);
}

describe("a count", () => {
  test("is the change from what is there, if nobody changes it meanwhile", async () => {
    const { client } = serviceWith([madrid]);
    const { orders } = await planOf(await importerOf(head, client), cells("12", "madrid centro"));
    assert.partialDeepStrictEqual(orders[0], { kind: "change", difference: "10 → 12", delta: 2 });
    assert.partialDeepStrictEqual(orders[0]?.line, {
      store_id: "MAD",
      quantity_change: 2,
      reason: "COUNT",
      reference: "import-1",
      expected_version: 7,
    });
  });

  test("that is right already changes nothing; one below what is held is refused; of a new row it makes it", async () => {
    const { client } = serviceWith([madrid]);
    const importer = await importerOf(head, client);
    assert.equal((await planOf(importer, cells("10"))).same, 1);
    const { refused } = await planOf(await importerOf(head, client), cells("3"));
    assert.match(refused[0]?.reason ?? "", /^4 units are held for customers there, more than 3$/);
    const empty = await planOf(await importerOf(head, serviceWith([]).client), cells("0"));
    assert.equal(empty.orders[0]?.line.initial_quantity, 0);
  });

  test("is looked at again where the row has moved on, and not given up", async () => {
    const moved = { index: 0, status: "failed", error: { code: "version_mismatch" } };
    const done = { index: 0, status: "ok", stock: { version: 9 } };
    const { client, sent } = serviceWith([madrid], [[moved], [done]]);
    const importer = await importerOf(head, client);
    const { orders } = await planOf(importer, cells("12"));
    const results = await importer.apply(orders, "key");
    assert.equal(sent.length, 2);
    assert.partialDeepStrictEqual(results, [{ row: 2, version: 9 }]);
  });

  test("that moves on for ever is told as refused", async () => {
    const moved = { index: 0, status: "failed", error: { code: "version_mismatch" } };
    const { client } = serviceWith([madrid], [[moved], [moved], [moved], [moved]]);
    const importer = await importerOf(head, client);
    const { orders } = await planOf(importer, cells("12"));
    const results = await importer.apply(orders, "key");
    assert.partialDeepStrictEqual(results, [{ row: 2, code: "version_mismatch" }]);
  });
});

test("a delivery is added as it is, each row of it", async () => {
  const { client } = serviceWith([madrid]);
  const importer = await importerOf(["sku", "store_id", "quantity_change"], client);
  const row = { sku: "MUG-1", store_id: "MAD", quantity_change: "-2" };
  for (const at of [2, 3]) assert.ok(!isRefused(importer.check(at, row)));
  const { orders } = await planOf(importer, row);
  assert.partialDeepStrictEqual(orders[0]?.line, { quantity_change: -2, reason: "RESTOCK" });
  assert.equal(orders[0]?.line.expected_version, undefined);
});

test("what cannot be meant is refused with its reason", async () => {
  const importer = await importerOf(head, serviceWith([madrid]).client);
  const reasons: [object, RegExp][] = [
    [cells("1", "MAD", "NOPE"), /there is no product with the SKU "NOPE"/],
    [cells("1", "MAD", ""), /it names no product/],
    [cells("1", "Nowhere"), /there is no store "Nowhere"; there are MAD, OLD/],
    [cells("1", ""), /it names no store/],
    [cells("1", "OLD"), /the store OLD is not active/],
    [cells("-1"), /quantity is a whole number from 0, not "-1"/],
    [cells("1.5"), /not "1.5"/],
    [cells("2000000000"), /not "2000000000"/],
  ];
  for (const [row, words] of reasons) {
    const checked = importer.check(2, row as never);
    assert.ok(isRefused(checked), JSON.stringify(row));
    assert.match(checked.reason, words);
  }
  importer.check(5, cells("1"));
  const twice = importer.check(9, cells("2"));
  assert.ok(isRefused(twice));
  assert.equal(twice.reason, "row 5 counts the same product in the same store");
});

test("a spreadsheet's whole numbers are whole numbers", () => {
  assert.equal(wholeNumber("12.0"), 12);
  assert.equal(wholeNumber("12,00"), 12);
  assert.equal(wholeNumber("+3"), 3);
  for (const text of ["", "1.5", "1e3", "0x10", "1,234", "twelve"]) {
    assert.equal(wholeNumber(text), null, text);
  }
});
