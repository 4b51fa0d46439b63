// Reading stock over HTTP: one row, lists with their totals, what runs low, the dashboard and the
// history of a row, and what each caller sees of them.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import { madridFields, mugFields } from "../support/commands.ts";
import {
  assertInvalid,
  assertProblem,
  listOf,
  openShop,
  type Shop,
  textOf,
} from "../support/shop.ts";

type Json = Readonly<Record<string, unknown>>;

let shop: Shop;
let mug: string;
before(async () => {
  shop = await openShop({ limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 } });
});
after(() => shop.close());
beforeEach(async () => {
  mug = await shop.product({ MAD: 10, BCN: 20 });
});

const get = (path: string, as = "admin", headers: Record<string, string> = {}) =>
  shop.call("GET", `/stock/${path}`, { as, headers });
const storesOf = (body: Json, field = "items"): unknown[] =>
  listOf(body, field).map((one) => one["store_id"]);
const productsOf = (body: Json): unknown[] => listOf(body).map((one) => one["product_id"]);

/** A store of the test's own. */
async function newStore(over: object = {}): Promise<string> {
  const id = `S${newId()}`;
  await shop.given({ kind: "CreateStore", id, fields: { ...madridFields, name: id, ...over } });
  return id;
}

/** Every page of a list, by its cursors. */
async function all(path: string, as = "admin", from = ""): Promise<Json[]> {
  const items: Json[] = [];
  let cursor = from;
  do {
    const { status, body, text } = await get(path + cursor, as);
    assert.equal(status, 200, text);
    items.push(...listOf(body));
    cursor = body["next_cursor"] === null ? "" : `&cursor=${textOf(body, "next_cursor")}`;
  } while (cursor !== "");
  return items;
}

/** Sells and archives a product, which leaves its empty rows behind. */
async function archive(productId: string, ...storeIds: readonly string[]): Promise<void> {
  for (const storeId of storeIds) {
    const put = { body: { quantity: 0 } };
    assert.equal((await shop.call("PUT", `/stock/${productId}/${storeId}`, put)).status, 200);
  }
  assert.equal((await shop.call("DELETE", `/products/${productId}`)).status, 204);
}

describe("GET /stock/{product_id}/{store_id}: 200, 304", () => {
  test("the row as it is, with its version as ETag", async () => {
    await shop.reserve({ product_id: mug, quantity: 3 });
    for (const as of ["channel", "vendor", "manager", "admin"]) {
      const { status, headers, body } = await get(`${mug}/MAD`, as);
      assert.equal(status, 200, as);
      assert.equal(headers["etag"], '"v2"');
      const { id, updated_at, ...row } = body;
      assert.deepEqual([typeof id, typeof updated_at], ["string", "string"]);
      assert.deepEqual(row, {
        product_id: mug,
        store_id: "MAD",
        quantity: 10,
        reserved: 3,
        available: 7,
        version: 2,
        reorder_point: null,
      });
    }
  });

  test("an empty row is a row", async () => {
    await shop.call("PUT", `/stock/${mug}/MAD`, { body: { quantity: 0 } });
    assert.equal((await get(`${mug}/MAD`)).body["quantity"], 0);
  });

  test("a row of a closed store can still be read", async () => {
    const store = await newStore();
    await shop.call("POST", "/stock", {
      body: { product_id: mug, store_id: store, initial_quantity: 1 },
    });
    await shop.call("PATCH", `/stores/${store}`, { body: { active: false } });
    assert.equal((await get(`${mug}/${store}`)).status, 200);
  });

  test("whoever has this version gets no body", async () => {
    const same = await get(`${mug}/MAD`, "admin", { "if-none-match": '"v1"' });
    assert.deepEqual([same.status, same.text, same.headers["etag"]], [304, "", '"v1"']);
    await shop.reserve({ product_id: mug });
    assert.equal((await get(`${mug}/MAD`, "admin", { "if-none-match": '"v1"' })).status, 200);
  });
});

describe("GET /stock/{product_id}/{store_id}/availability: 200", () => {
  test("says whether so many are there, of what nobody holds", async () => {
    await shop.reserve({ product_id: mug, quantity: 4 });
    for (const [quantity, sufficient] of [
      [6, true],
      [7, false],
    ] as const) {
      const { body } = await get(`${mug}/MAD/availability?quantity=${quantity}`);
      assert.deepEqual(body, { sufficient, available: 6, requested: quantity });
    }
  });

  test("without a quantity it is asked for one", async () => {
    const { body } = await get(`${mug}/MAD/availability`);
    assert.deepEqual(body, { sufficient: true, available: 10, requested: 1 });
  });
});

for (const tail of ["", "/availability?quantity=1", "/history"]) {
  describe(`GET /stock/{product_id}/{store_id}${tail.split("?")[0]}: 403, 404`, () => {
    test("of a row that does not exist, by its name", async () => {
      for (const row of ["none/MAD", `${mug}/NOPE`]) {
        const [product_id, store_id] = row.split("/");
        assertProblem(await get(row + tail), 404, "stock_not_found", { product_id, store_id });
      }
    });

    test("of a row in a store that the caller does not see, as if it were not there", async () => {
      for (const as of ["channel", "vendor", "manager"]) {
        const hidden = await get(`${mug}/BCN${tail}`, as);
        const absent = await get(`none/BCN${tail}`, as);
        assertProblem(hidden, 404, "stock_not_found");
        assert.equal(
          textOf(hidden.body, "detail").replace(mug, "none"),
          textOf(absent.body, "detail"),
        );
      }
    });

    test("a customer reads no stock", async () => {
      assertProblem(await get(`${mug}/MAD${tail}`, "customer"), 403, "forbidden");
    });

    test("an archived product's rows are gone, its history stays", async () => {
      await archive(mug, "MAD", "BCN");
      const { status } = await get(`${mug}/MAD${tail}`);
      assert.equal(status, tail === "/history" ? 200 : 404);
    });
  });
}

describe("GET /stock/{product_id}/{store_id}/availability: 400", () => {
  for (const quantity of ["0", "-1", "1.5", "a", "9007199254740992", "1000000001"]) {
    test(`${quantity} is no number of units`, async () => {
      assertInvalid(await get(`${mug}/MAD/availability?quantity=${quantity}`), "?quantity");
    });
  }
});

describe("GET /stock/product/{product_id}: 200", () => {
  test("its rows by store, and totals over all of them, whatever the page", async () => {
    await shop.reserve({ product_id: mug, quantity: 3 });
    const totals = { total_quantity: 30, total_reserved: 3, total_available: 27 };
    const whole = await get(`product/${mug}`);
    assert.equal(whole.status, 200);
    assert.partialDeepStrictEqual(whole.body, { ...totals, next_cursor: null });
    assert.deepEqual(storesOf(whole.body), ["BCN", "MAD"]);
    const first = await get(`product/${mug}?limit=1`);
    assert.partialDeepStrictEqual(first.body, totals);
    assert.deepEqual(storesOf(first.body), ["BCN"]);
    const second = await get(`product/${mug}?limit=1&cursor=${textOf(first.body, "next_cursor")}`);
    assert.partialDeepStrictEqual(second.body, { ...totals, next_cursor: null });
    assert.deepEqual(storesOf(second.body), ["MAD"]);
  });

  test("a caller sees its stores, and totals of those", async () => {
    for (const as of ["channel", "vendor", "manager"]) {
      const { body } = await get(`product/${mug}`, as);
      assert.deepEqual(storesOf(body), ["MAD"]);
      assert.partialDeepStrictEqual(body, { total_quantity: 10, total_available: 10 });
    }
  });

  test("a product that is nowhere has no rows", async () => {
    const { body } = await get(`product/${await shop.product({})}`);
    assert.partialDeepStrictEqual(body, { items: [], total_quantity: 0, total_available: 0 });
  });
});

describe("GET /stock/product/{product_id}: 400, 404", () => {
  test("of a product that does not exist, or is archived", async () => {
    await archive(mug, "MAD", "BCN");
    for (const product_id of ["none", mug]) {
      assertProblem(await get(`product/${product_id}`), 404, "product_not_found", { product_id });
    }
  });

  test("a cursor of another list is refused", async () => {
    const { body } = await get("store/MAD?limit=1");
    const cursor = textOf(body, "next_cursor");
    assertProblem(await get(`product/${mug}?cursor=${cursor}`), 400, "invalid_cursor");
  });
});

describe("GET /stock/store/{store_id}: 200", () => {
  test("pages give every product of the store once, with its SKU and name", async () => {
    const store = await newStore();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await shop.product({ [store]: n }));
    const items = await all(`store/${store}?limit=2`);
    assert.deepEqual(
      items.map((one) => one["product_id"]),
      ids.toSorted(),
    );
    assert.partialDeepStrictEqual(items[0], { sku: ids.toSorted()[0], product_name: "Mug" });
  });

  test("search looks in SKU and name", async () => {
    const store = await newStore();
    const [one] = [await shop.product({ [store]: 1 }), await shop.product({ [store]: 1 })];
    assert.deepEqual(productsOf((await get(`store/${store}?search=${one}`)).body), [one]);
    assert.equal(listOf((await get(`store/${store}?search=mUg`)).body).length, 2);
  });

  test("low leaves what is at its reorder point or below", async () => {
    const store = await newStore();
    const [low, high] = [await shop.product({ [store]: 3 }), await shop.product({ [store]: 4 })];
    for (const id of [low, high]) {
      await shop.call("PUT", `/stock/${id}/${store}`, { body: { reorder_point: 3 } });
    }
    await shop.product({ [store]: 0 });
    assert.deepEqual(productsOf((await get(`store/${store}?low=true`)).body), [low]);
    assert.equal(listOf((await get(`store/${store}?low=false`)).body).length, 3);
  });

  test("archived products are gone", async () => {
    const store = await newStore();
    const id = await shop.product({ [store]: 1 });
    await archive(id, store);
    assert.deepEqual(listOf((await get(`store/${store}`)).body), []);
  });
});

describe("GET /stock/store/{store_id}: 400, 404", () => {
  for (const [query, path] of [
    ["low=maybe", "?low"],
    ["search=", "?search"],
    ["limit=1000", "?limit"],
    ["product_id=a", "?product_id"],
  ] as const) {
    test(`${query} is refused by name`, async () => {
      assertInvalid(await get(`store/MAD?${query}`), path);
    });
  }

  test("of a store that does not exist, was deleted, or is another's", async () => {
    const gone = await newStore();
    await shop.call("DELETE", `/stores/${gone}`);
    for (const [store_id, as] of [
      ["NOPE", "admin"],
      [gone, "admin"],
      ["BCN", "vendor"],
    ] as const) {
      assertProblem(await get(`store/${store_id}`, as), 404, "store_not_found", { store_id });
    }
  });
});

describe("GET /stock/low-stock: 200", () => {
  test("without a threshold: rows at or below their own reorder point, held units counted out", async () => {
    const put = { body: { reorder_point: 8 } };
    for (const store of ["MAD", "BCN"]) await shop.call("PUT", `/stock/${mug}/${store}`, put);
    const isLow = async (): Promise<boolean> =>
      (await all("low-stock?store_id=MAD&limit=500")).some((one) => one["product_id"] === mug);
    assert.equal(await isLow(), false);
    await shop.reserve({ product_id: mug, quantity: 2 });
    assert.equal(await isLow(), true);
  });

  test("with a threshold: every row at or below it, 0 too", async () => {
    const store = await newStore();
    const [none, two] = [await shop.product({ [store]: 0 }), await shop.product({ [store]: 2 })];
    await shop.product({ [store]: 3 });
    const low = async (threshold: number) =>
      productsOf((await get(`low-stock?store_id=${store}&threshold=${threshold}`)).body);
    assert.deepEqual(await low(2), [none, two].toSorted());
    assert.deepEqual(await low(0), [none]);
  });

  test("pages over all stores give every row once, and only the caller's", async () => {
    const own = async (as: string) =>
      (await all("low-stock?threshold=20&limit=3", as)).filter((one) => one["product_id"] === mug);
    assert.deepEqual(
      (await own("admin")).map((one) => one["store_id"]),
      ["BCN", "MAD"],
    );
    const seen = await all("low-stock?threshold=20&limit=3", "vendor");
    assert.deepEqual(new Set(seen.map((one) => one["store_id"])), new Set(["MAD"]));
    assert.equal((await own("vendor")).length, 1);
  });
});

describe("GET /stock/low-stock: 400, 404", () => {
  for (const threshold of ["-1", "1.5", "a", "9007199254740992"]) {
    test(`${threshold} is no threshold`, async () => {
      assertInvalid(await get(`low-stock?threshold=${threshold}`), "?threshold");
    });
  }

  test("of a store that does not exist, or is another's", async () => {
    assertProblem(await get("low-stock?store_id=NOPE"), 404, "store_not_found");
    assertProblem(await get("low-stock?store_id=BCN", "vendor"), 404, "store_not_found");
  });
});

describe("GET /stock/summary: 200", () => {
  test("a store's totals are those of its rows and reservations", async () => {
    const store = await newStore();
    const [one] = [await shop.product({ [store]: 5 }), await shop.product({ [store]: 7 })];
    await shop.call("PUT", `/stock/${one}/${store}`, { body: { reorder_point: 5 } });
    await shop.reserve({ product_id: one, store_id: store, quantity: 2 });
    const totals = {
      quantity: 12,
      reserved: 2,
      available: 10,
      rows: 2,
      low_rows: 1,
      pending_reservations: 1,
    };
    const { status, body } = await get(`summary?store_id=${store}`);
    assert.equal(status, 200);
    const named = { store_id: store, store_name: store, active: true };
    assert.deepEqual(body, { ...totals, stores: [{ ...named, ...totals }] });
  });

  test("the chain is the sum of its stores, in the order of their ids", async () => {
    const { body } = await get("summary");
    const stores = listOf(body, "stores");
    assert.deepEqual(storesOf(body, "stores"), storesOf(body, "stores").toSorted());
    for (const field of ["quantity", "reserved", "available", "rows", "pending_reservations"]) {
      const sum = stores.reduce((total, one) => total + Number(one[field]), 0);
      assert.equal(body[field], sum, field);
    }
  });

  test("a caller sees its stores and the sum of those", async () => {
    for (const as of ["channel", "vendor", "manager"]) {
      const { body } = await get("summary", as);
      assert.deepEqual(storesOf(body, "stores"), ["MAD"]);
      assert.equal(body["quantity"], listOf(body, "stores")[0]?.["quantity"]);
    }
  });

  test("a store without stock is there with nothing, a closed one is marked, a deleted one is gone", async () => {
    const [empty, closed, gone] = [
      await newStore(),
      await newStore({ active: false }),
      await newStore(),
    ];
    await shop.call("DELETE", `/stores/${gone}`);
    const { body } = await get("summary");
    const found = new Map(listOf(body, "stores").map((one) => [one["store_id"], one]));
    assert.partialDeepStrictEqual(found.get(empty), { rows: 0, quantity: 0, active: true });
    assert.partialDeepStrictEqual(found.get(closed), { active: false });
    assert.equal(found.has(gone), false);
  });

  test("rows of archived products are in no total", async () => {
    const store = await newStore();
    const id = await shop.product({ [store]: 3 });
    await shop.call("PUT", `/stock/${id}/${store}`, { body: { reorder_point: 1 } });
    await archive(id, store);
    const { body } = await get(`summary?store_id=${store}`);
    assert.partialDeepStrictEqual(body, { quantity: 0, low_rows: 0 });
  });
});

describe("GET /stock/summary: 403, 404", () => {
  test("a customer and nobody see no totals", async () => {
    assertProblem(await get("summary", "customer"), 403, "forbidden");
    assertProblem(await shop.call("GET", "/stock/summary", { as: null }), 401, "unauthenticated");
  });

  test("of a store that does not exist, or is another's", async () => {
    assertProblem(await get("summary?store_id=NOPE"), 404, "store_not_found");
    assertProblem(await get("summary?store_id=BCN", "manager"), 404, "store_not_found");
  });
});

describe("GET /stock/{product_id}/{store_id}/history: 200", () => {
  test("every event of the row, newest first, as every other channel tells it", async () => {
    const hold = await shop.reserve({ product_id: mug, quantity: 2 });
    await shop.call("POST", `/reservations/${textOf(hold.body, "id")}/confirm`);
    const counted = { quantity: 5, note: "shelf" };
    await shop.call("PUT", `/stock/${mug}/MAD`, { body: counted, as: "vendor" });
    const { status, headers, body } = await get(`${mug}/MAD/history`, "channel");
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^application\/json/);
    const items = listOf(body);
    assert.deepEqual(
      items.map((one) => one["type"]),
      ["stock.updated", "reservation.confirmed", "reservation.created", "stock.created"],
    );
    assert.partialDeepStrictEqual(items[0], {
      actor: "key:vendor",
      store_id: "MAD",
      product_id: mug,
      payload: {
        reason: "COUNT",
        note: "shelf",
        quantity_change: -3,
        stock: {
          before: { quantity: 8, reserved: 0 },
          after: { quantity: 5, reserved: 0 },
          version: 4,
        },
      },
    });
    const events = await shop.call("GET", `/events?product_id=${mug}&store_id=MAD`);
    assert.deepEqual(items, listOf(events.body).toReversed());
  });

  test("pages give every event once, also while more come", async () => {
    const write = () =>
      shop.call("POST", `/stock/${mug}/MAD/adjust`, { body: { adjustment: 1, reason: "RETURN" } });
    for (let n = 0; n < 4; n += 1) await write();
    const first = await get(`${mug}/MAD/history?limit=2`);
    await write();
    const cursor = `&cursor=${textOf(first.body, "next_cursor")}`;
    const rest = await all(`${mug}/MAD/history?limit=2`, "admin", cursor);
    const seqs = [...listOf(first.body), ...rest].map((one) => Number(one["seq"]));
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => b - a),
    );
    assert.equal(new Set(seqs).size, 5);
  });

  test("from and to are both included", async () => {
    const times: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const { body } = await shop.call("PUT", `/stock/${mug}/MAD`, { body: { quantity: 5 + n } });
      const at = textOf(body, "updated_at");
      times.push(at);
      while (Date.now() <= Date.parse(at)) await shop.store.head();
    }
    const [, second = "", third = ""] = times;
    const seen = async (query: string) =>
      listOf((await get(`${mug}/MAD/history?${query}`)).body).map((one) => one["occurred_at"]);
    assert.deepEqual(await seen(`from=${second}&to=${second}`), [second]);
    assert.deepEqual(await seen(`from=${second}`), [third, second]);
    assert.deepEqual((await seen(`to=${second}`)).length, 3);
    assert.deepEqual(await seen(`from=${third}&to=${second}`), []);
  });
});

describe("GET /stock/{product_id}/{store_id}/history: 400", () => {
  for (const [query, path] of [
    ["from=yesterday-at-noon", "?from"],
    ["to=2026-13-01", "?to"],
    ["from=2026-01-01T00:00:00", "?from"],
    ["limit=0", "?limit"],
  ] as const) {
    test(`${query} is refused by name`, async () => {
      assertInvalid(await get(`${mug}/MAD/history?${query}`), path);
    });
  }

  test("a cursor of another list is refused", async () => {
    const { body } = await shop.call("GET", "/stores?limit=1");
    const cursor = textOf(body, "next_cursor");
    assertProblem(await get(`${mug}/MAD/history?cursor=${cursor}`), 400, "invalid_cursor");
  });
});

describe("ids in addresses", () => {
  test("the words of routes are no ids, so no product or store hides behind them", async () => {
    for (const word of ["product", "store", "summary", "low-stock", "batch", "transfer"]) {
      const body = { id: word, ...mugFields, sku: newId() };
      const { id, sku, name } = body;
      assertInvalid(
        await shop.call("POST", "/products", { body: { id, sku, name, price: 1 } }),
        "/id",
      );
    }
  });

  test("an id may have dots, colons and underscores", async () => {
    const id = `A.b_c:d-${newId()}`;
    await shop.given({ kind: "CreateProduct", id, fields: { ...mugFields, sku: id } });
    await shop.call("POST", "/stock", {
      body: { product_id: id, store_id: "MAD", initial_quantity: 1 },
    });
    for (const path of [`${id}/MAD`, `${encodeURIComponent(id)}/MAD`, `product/${id}`]) {
      assert.equal((await get(path)).status, 200, path);
    }
  });
});
