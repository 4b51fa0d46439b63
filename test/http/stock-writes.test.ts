// Writing one stock row over HTTP: receive, count, adjust. Each route by its documented answers, every
// test on a product of its own.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { reasons } from "../../src/http/words.ts";
import { newId } from "../../src/lib/ids.ts";
import { quantityMax } from "../../src/limits.ts";
import type { Call } from "../support/app.ts";
import { assertInvalid, assertProblem, listOf, openShop, type Shop } from "../support/shop.ts";

let shop: Shop;
let mug: string;
before(async () => {
  shop = await openShop();
});
after(async () => {
  await shop.mustBeSound();
  await shop.close();
});
beforeEach(async () => {
  mug = await shop.product({ MAD: 10, BCN: 10 });
});

const body = (over: object = {}) => ({
  product_id: mug,
  store_id: "MAD",
  quantity_change: 5,
  reason: "RESTOCK",
  ...over,
});
const change = (over: object = {}, call: Call = {}) =>
  shop.call("POST", "/stock", { ...call, body: body(over) });
const adjust = (over: object = {}, call: Call = {}, row = `${mug}/MAD`) =>
  shop.call("POST", `/stock/${row}/adjust`, {
    ...call,
    body: { adjustment: 5, reason: "CORRECTION", ...over },
  });
const count = (over: object = {}, call: Call = {}, row = `${mug}/MAD`) =>
  shop.call("PUT", `/stock/${row}`, { ...call, body: { quantity: 7, ...over } });
const initial = (over: object = {}) =>
  body({ quantity_change: undefined, reason: undefined, initial_quantity: 3, ...over });

/** What the last event of the row says. */
async function lastEvent(): Promise<Record<string, unknown>> {
  const { body } = await shop.call("GET", `/stock/${mug}/MAD/history?limit=1`);
  const [event] = listOf(body);
  assert.ok(event);
  return event;
}

/** The row has not moved since the test began. */
async function mustBeUntouched(): Promise<void> {
  const { quantity, version } = await shop.row(mug);
  assert.deepEqual({ quantity, version }, { quantity: 10, version: 1 });
}

/** No number of units: of each, what is wrong must be said by the field's name. */
const noNumbers = [-1, 1.5, "1", 2 ** 53, 1e300, true, null, [1], {}];

describe("POST /stock: 201", () => {
  test("a change makes the row that was not there, and says where it is", async () => {
    mug = await shop.product({});
    const { status, headers, body } = await change();
    assert.equal(status, 201);
    assert.equal(headers["location"], `/api/v1/stock/${mug}/MAD`);
    assert.equal(headers["etag"], '"v1"');
    const { id, updated_at, ...row } = body;
    assert.equal(typeof id, "string");
    assert.match(String(updated_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(row, {
      product_id: mug,
      store_id: "MAD",
      quantity: 5,
      reserved: 0,
      available: 5,
      version: 1,
      reorder_point: null,
    });
  });

  test("initial_quantity makes the row, also an empty one, for the reason INITIAL", async () => {
    for (const initial_quantity of [0, 3, quantityMax]) {
      mug = await shop.product({});
      const answer = await shop.call("POST", "/stock", { body: initial({ initial_quantity }) });
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.body["quantity"], initial_quantity);
      assert.partialDeepStrictEqual(await lastEvent(), {
        type: "stock.created",
        payload: { reason: "INITIAL" },
      });
    }
  });

  test("version 0 is what a row has that is not there yet", async () => {
    mug = await shop.product({});
    assert.equal((await change({ expected_version: 0 })).status, 201);
    assertProblem(await change({ expected_version: 0 }), 409, "version_mismatch", {
      current_version: 1,
    });
  });
});

describe("POST /stock: 200", () => {
  test("adds to the row, takes from it, and says the new version", async () => {
    for (const [quantity_change, quantity, version] of [
      [5, 15, 2],
      [-15, 0, 3],
    ] as const) {
      const { status, headers, body } = await change({ quantity_change });
      assert.deepEqual([status, headers["etag"]], [200, `"v${version}"`]);
      assert.equal(headers["location"], undefined);
      assert.partialDeepStrictEqual(body, { quantity, available: quantity, version });
    }
  });

  test("reason, note, reference and user are in the history, beside who called", async () => {
    const words = { note: "two\nlines", reference: "DN-7", user_id: "ana@example.com" };
    await change({ reason: "OTHER", ...words }, { as: "vendor" });
    assert.partialDeepStrictEqual(await lastEvent(), {
      type: "stock.updated",
      actor: "key:vendor",
      payload: {
        quantity_change: 5,
        reason: "OTHER",
        ...words,
        stock: {
          before: { quantity: 10, reserved: 0 },
          after: { quantity: 15, reserved: 0 },
          version: 2,
        },
      },
    });
  });

  for (const reason of reasons) {
    test(`the reason ${reason} is known`, async () => {
      assert.equal((await change({ reason, note: "why" })).status, 200);
    });
  }

  test("the version that was seen lets the change through, in body or header or both", async () => {
    assert.equal((await change({ expected_version: 1 })).status, 200);
    assert.equal((await change({}, { headers: { "if-match": '"v2"' } })).status, 200);
    const both = await change({ expected_version: 3 }, { headers: { "if-match": '"v3"' } });
    assert.equal(both.status, 200);
  });

  test("the same request under the same key is one change and one answer", async () => {
    const headers = { "idempotency-key": newId() };
    const [first, again] = [await change({}, { headers }), await change({}, { headers })];
    assert.deepEqual([again.status, again.text], [first.status, first.text]);
    assert.equal(again.headers["idempotent-replayed"], "true");
    assert.equal(again.headers["etag"], first.headers["etag"]);
    assert.equal((await shop.row(mug)).quantity, 15);
  });
});

describe("POST /stock: 400", () => {
  for (const [title, over, path] of [
    [
      "neither a change nor an initial quantity",
      { quantity_change: undefined },
      "/quantity_change",
    ],
    ["both at once", { initial_quantity: 1 }, "/initial_quantity"],
    ["a change of 0", { quantity_change: 0 }, "/quantity_change"],
    ["a change without a reason", { reason: undefined }, "/reason"],
    ["a reason that is not known", { reason: "GIFT" }, "/reason"],
    ["OTHER without a note", { reason: "OTHER" }, "/note"],
    ["OTHER with a blank note", { reason: "OTHER", note: " \n" }, "/note"],
    ["a note that is too long", { note: "n".repeat(501) }, "/note"],
    ["no product", { product_id: undefined }, "/product_id"],
    ["no store", { store_id: undefined }, "/store_id"],
    ["a store id with a slash", { store_id: "a/b" }, "/store_id"],
    ["a negative version", { expected_version: -1 }, "/expected_version"],
    ["a field that is not known", { quantity: 5 }, "/quantity"],
    [
      "a change beyond the largest number",
      { quantity_change: quantityMax + 1 },
      "/quantity_change",
    ],
    ["more than a row can count", { quantity_change: quantityMax }, "/quantity_change"],
  ] as const) {
    test(`${title} is refused by name`, async () => {
      assertInvalid(await change(over), path);
      await mustBeUntouched();
    });
  }

  for (const value of noNumbers) {
    test(`${JSON.stringify(value)} is no number of units`, async () => {
      if (value !== -1) assertInvalid(await change({ quantity_change: value }), "/quantity_change");
      const made = await shop.call("POST", "/stock", {
        body: initial({ initial_quantity: value }),
      });
      assertInvalid(made, "/initial_quantity");
      await mustBeUntouched();
    });
  }

  test("a version in the body that says something else than If-Match is refused", async () => {
    const answer = await change({ expected_version: 1 }, { headers: { "if-match": '"v2"' } });
    assertInvalid(answer, "/expected_version");
  });

  test("what is no object is refused", async () => {
    for (const text of ["[]", "5", '"a"']) {
      assertInvalid(await shop.call("POST", "/stock", { body: text }), "");
    }
  });
});

const writes = [
  ["POST /stock", (storeId: string, as: string) => change({ store_id: storeId }, { as })],
  [
    "POST /stock/{product_id}/{store_id}/adjust",
    (storeId: string, as: string) => adjust({}, { as }, `${mug}/${storeId}`),
  ],
  [
    "PUT /stock/{product_id}/{store_id}",
    (storeId: string, as: string) => count({}, { as }, `${mug}/${storeId}`),
  ],
] as const;

for (const [name, write] of writes) {
  describe(`${name}: 403`, () => {
    for (const as of ["vendor", "manager"]) {
      test(`a ${as} may write in its own store, in another it may not`, async () => {
        assert.equal((await write("MAD", as)).status, 200);
        assertProblem(await write("BCN", as), 403, "forbidden", { store_id: "BCN" });
        assert.equal((await shop.row(mug, "BCN")).version, 1);
      });

      test(`a ${as} is not told whether another store exists`, async () => {
        assertProblem(await write("NOPE", as), 403, "forbidden");
      });
    }

    for (const as of ["customer", "channel"]) {
      test(`a ${as} writes no stock`, async () => {
        assertProblem(await write("MAD", as), 403, "forbidden");
        await mustBeUntouched();
      });
    }
  });

  describe(`${name}: 404, 409 of its place`, () => {
    test("an unknown product, an unknown store and a closed store are refused by name", async () => {
      assertProblem(await write("NOPE", "admin"), 404, "store_not_found", { store_id: "NOPE" });
      assertProblem(await write("OLD", "admin"), 409, "store_inactive", { store_id: "OLD" });
      mug = "none";
      assertProblem(await write("MAD", "admin"), 404, "product_not_found", { product_id: "none" });
    });
  });
}

describe("POST /stock: 409, 412", () => {
  test("initial_quantity is refused where the row exists, and shows it", async () => {
    const answer = await shop.call("POST", "/stock", { body: initial() });
    assertProblem(answer, 409, "stock_exists", { product_id: mug, store_id: "MAD" });
    assert.partialDeepStrictEqual(answer.body, { stock: { quantity: 10, version: 1 } });
    await mustBeUntouched();
  });

  test("nobody takes more than is available: held units stay", async () => {
    await shop.reserve({ product_id: mug, quantity: 4 });
    const facts = { product_id: mug, store_id: "MAD", available: 6, requested: 7 };
    assertProblem(await change({ quantity_change: -7 }), 409, "insufficient_stock", facts);
    assert.equal((await change({ quantity_change: -6 })).status, 200);
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 4, reserved: 4 });
  });

  test("units whose hold has ended may be taken", async () => {
    await shop.expired(mug, { quantity: 10 });
    assert.equal((await change({ quantity_change: -10 })).status, 200);
  });

  test("an older version changes nothing: 409 where the body said it, 412 where If-Match did", async () => {
    const facts = { current_version: 1, expected_version: 9 };
    assertProblem(await change({ expected_version: 9 }), 409, "version_mismatch", facts);
    const headers = { "if-match": '"v9"' };
    assertProblem(await change({}, { headers }), 412, "version_mismatch", facts);
    await mustBeUntouched();
  });

  test("a refusal under a key is told again, though the stock has come meanwhile", async () => {
    const call = { headers: { "idempotency-key": newId() } };
    const first = await change({ quantity_change: -11 }, call);
    await change({ quantity_change: 100 });
    const again = await change({ quantity_change: -11 }, call);
    assert.deepEqual([again.status, again.text], [409, first.text]);
  });

  test("a key that was used for another change is refused", async () => {
    const call = { headers: { "idempotency-key": newId() } };
    await change({ quantity_change: 1 }, call);
    assertProblem(await change({ quantity_change: 2 }, call), 422, "idempotency_key_reused");
  });
});

describe("POST /stock/{product_id}/{store_id}/adjust: 200", () => {
  test("adds a signed amount and says why", async () => {
    const { status, headers, body } = await adjust({ adjustment: -3, reason: "DAMAGE" });
    assert.deepEqual([status, headers["etag"]], [200, '"v2"']);
    assert.partialDeepStrictEqual(body, { quantity: 7, available: 7, version: 2 });
    assert.partialDeepStrictEqual(await lastEvent(), {
      payload: { quantity_change: -3, reason: "DAMAGE" },
    });
  });

  test("fifty at once lose no unit", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => adjust({ adjustment: 1 })));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ body }) => body["version"])).size, 50);
    assert.equal((await shop.row(mug)).quantity, 60);
  });
});

describe("POST /stock/{product_id}/{store_id}/adjust: 400", () => {
  for (const value of [0, ...noNumbers.filter((one) => one !== -1), quantityMax]) {
    test(`an adjustment of ${JSON.stringify(value)} is refused by name`, async () => {
      assertInvalid(await adjust({ adjustment: value }), "/adjustment");
      await mustBeUntouched();
    });
  }

  test("no reason, and OTHER without a note, are refused by name", async () => {
    assertInvalid(await adjust({ reason: undefined }), "/reason");
    assertInvalid(await adjust({ reason: "OTHER" }), "/note");
  });

  test("an id in the address that is none is refused by name", async () => {
    assertInvalid(await adjust({}, {}, `${mug}/-`), "{store_id}");
  });
});

describe("POST /stock/{product_id}/{store_id}/adjust: 404, 409, 412", () => {
  test("makes no row", async () => {
    mug = await shop.product({});
    const facts = { product_id: mug, store_id: "MAD" };
    assertProblem(await adjust(), 404, "stock_not_found", facts);
    assert.equal(await shop.store.stock(mug, "MAD"), null);
  });

  test("takes no more than is available", async () => {
    const facts = { available: 10, requested: 11 };
    assertProblem(await adjust({ adjustment: -11 }), 409, "insufficient_stock", facts);
  });

  test("an older version changes nothing", async () => {
    assertProblem(await adjust({ expected_version: 2 }), 409, "version_mismatch");
    assertProblem(await adjust({}, { headers: { "if-match": '"v2"' } }), 412, "version_mismatch");
    await mustBeUntouched();
  });
});

describe("PUT /stock/{product_id}/{store_id}: 200", () => {
  test("a count sets the quantity, 0 too, and the history has the difference", async () => {
    const { status, headers, body } = await count({ quantity: 0 }, { as: "vendor" });
    assert.deepEqual([status, headers["etag"]], [200, '"v2"']);
    assert.partialDeepStrictEqual(body, { quantity: 0, version: 2 });
    const history = await shop.call("GET", `/stock/${mug}/MAD/history`);
    assert.partialDeepStrictEqual(listOf(history.body), [
      { type: "stock.out", actor: "key:vendor", payload: { available: 0, row_version: 2 } },
      {
        type: "stock.updated",
        actor: "key:vendor",
        payload: { quantity_change: -10, reason: "COUNT" },
      },
    ]);
  });

  test("a reorder point alone leaves the quantity; null takes it away again", async () => {
    for (const reorder_point of [12, 0, null]) {
      const { body } = await count({ quantity: undefined, reorder_point }, { as: "manager" });
      assert.partialDeepStrictEqual(body, { quantity: 10, reorder_point });
    }
  });

  test("a count leaves the reorder point", async () => {
    await count({ reorder_point: 3 });
    const { body } = await count({ quantity: 1 });
    assert.equal(body["reorder_point"], 3);
  });

  test("If-Match with the version that was seen lets the count through", async () => {
    assert.equal((await count({}, { headers: { "if-match": '"v1"' } })).status, 200);
    assert.equal((await count({}, { headers: { "if-match": "*" } })).status, 200);
  });
});

describe("PUT /stock/{product_id}/{store_id}: 400", () => {
  test("neither a quantity nor a reorder point is refused", async () => {
    assertInvalid(await shop.call("PUT", `/stock/${mug}/MAD`, { body: {} }), "/quantity");
    assertInvalid(await count({ quantity: undefined, note: "n" }), "/quantity");
  });

  for (const value of noNumbers) {
    test(`${JSON.stringify(value)} is no count`, async () => {
      assertInvalid(await count({ quantity: value }), "/quantity");
      if (value !== null) assertInvalid(await count({ reorder_point: value }), "/reorder_point");
      await mustBeUntouched();
    });
  }

  test("OTHER without a note is refused by name", async () => {
    assertInvalid(await count({ reason: "OTHER" }), "/note");
  });
});

describe("PUT /stock/{product_id}/{store_id}: 403, 404, 409, 412", () => {
  test("a vendor counts, but sets no reorder point", async () => {
    assertProblem(await count({ reorder_point: 3 }, { as: "vendor" }), 403, "forbidden");
    await mustBeUntouched();
    assert.equal((await count({ reorder_point: 3 }, { as: "manager" })).status, 200);
  });

  test("makes no row", async () => {
    mug = await shop.product({});
    assertProblem(await count(), 404, "stock_not_found", { product_id: mug, store_id: "MAD" });
  });

  test("a count below what is held is refused", async () => {
    await shop.reserve({ product_id: mug, quantity: 4 });
    const facts = { product_id: mug, store_id: "MAD", quantity: 3, reserved: 4 };
    assertProblem(await count({ quantity: 3 }), 409, "quantity_below_reserved", facts);
    assert.equal((await count({ quantity: 4 })).status, 200);
  });

  test("an older version changes nothing: 409 where the body said it, 412 where If-Match did", async () => {
    const facts = { current_version: 1, expected_version: 3 };
    assertProblem(await count({ expected_version: 3 }), 409, "version_mismatch", facts);
    const headers = { "if-match": '"v3"' };
    assertProblem(await count({}, { headers }), 412, "version_mismatch", facts);
    await mustBeUntouched();
  });
});

describe("stock_operations_total", () => {
  /** What was counted of an operation, by store and status. */
  async function counted(operation: string): Promise<Record<string, number>> {
    const { values } = await shop.metrics.stockOperations.get();
    const own = values.filter(({ labels }) => labels.operation === operation);
    return Object.fromEntries(
      own.map(({ labels, value }) => [`${labels.store_id} ${labels.status}`, value]),
    );
  }

  test("counts what was done and what was refused, by store", async () => {
    const first = await counted("adjust_stock");
    await adjust();
    await adjust({ adjustment: -1_000 });
    const then = await counted("adjust_stock");
    for (const series of ["MAD ok", "MAD insufficient_stock"]) {
      assert.equal(then[series], (first[series] ?? 0) + 1, series);
    }
  });

  test("a store that does not exist, or is not the caller's, makes no series", async () => {
    const store_id = `S-${newId()}`;
    await change({ store_id });
    await change({ store_id }, { as: "vendor" });
    await count({}, {}, `${mug}/${store_id}`);
    const text = await shop.metrics.text();
    assert.doesNotMatch(text, new RegExp(store_id));
    assert.ok(Number((await counted("change_stock"))[" store_not_found"]) >= 1);
  });
});
