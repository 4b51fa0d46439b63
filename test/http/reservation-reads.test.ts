// Reading reservations: one, lists and counts, and what each caller sees of them.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  assertInvalid,
  assertProblem,
  idsOf,
  listOf,
  openShop,
  type Shop,
  textOf,
} from "../support/shop.ts";

let shop: Shop;
let mug: string;
before(async () => {
  shop = await openShop({ limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 } });
});
after(() => shop.close());
beforeEach(async () => {
  mug = await shop.product({ MAD: 50, BCN: 50 });
});

/** Reserves units of the test's product and answers the reservation's id. */
async function hold(over: object = {}): Promise<string> {
  const answer = await shop.reserve({ product_id: mug, ...over });
  assert.equal(answer.status, 201, answer.text);
  return textOf(answer.body, "id");
}

const newestFirst = (ids: readonly string[]): string[] => [...ids].reverse();

describe("GET /reservations/{id}: 200", () => {
  test("a reservation as it is now, with the seconds that are left", async () => {
    const id = await hold({ quantity: 3, ttl: 60, metadata: { a: 1 } });
    const { status, body } = await shop.call("GET", `/reservations/${id}`);
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { id, status: "PENDING", quantity: 3, metadata: { a: 1 } });
    const left = Number(body["expires_in_seconds"]);
    assert.ok(left > 50 && left <= 60, `${left} s left`);
  });

  test("one that has ended holds nothing any more", async () => {
    const id = await hold();
    await shop.call("POST", `/reservations/${id}/cancel`);
    const { body } = await shop.call("GET", `/reservations/${id}`);
    assert.partialDeepStrictEqual(body, { status: "CANCELLED", expires_in_seconds: 0 });
  });

  test("a customer sees its own, staff sees those of its store", async () => {
    const id = await hold({ customer_id: "customer" });
    for (const as of ["customer", "channel", "vendor", "manager"]) {
      assert.equal((await shop.call("GET", `/reservations/${id}`, { as })).status, 200, as);
    }
  });
});

describe("GET /reservations/{id}: 404", () => {
  const missing = "reservation_not_found";

  test("of one that does not exist", async () => {
    const answer = await shop.call("GET", "/reservations/none");
    assertProblem(answer, 404, missing, { reservation_id: "none" });
  });

  test("of another customer's, in the same words", async () => {
    const id = await hold({ customer_id: "ann" });
    const hidden = await shop.call("GET", `/reservations/${id}`, { as: "customer" });
    const absent = await shop.call("GET", "/reservations/none", { as: "customer" });
    assertProblem(hidden, 404, missing);
    assert.equal(hidden.body["detail"], `There is no reservation ${id}.`);
    assert.equal(absent.body["detail"], "There is no reservation none.");
  });

  for (const as of ["channel", "vendor", "manager"]) {
    test(`of another store's, for a ${as}`, async () => {
      const id = await hold({ store_id: "BCN" });
      assertProblem(await shop.call("GET", `/reservations/${id}`, { as }), 404, missing);
    });
  }
});

describe("GET /reservations: 200", () => {
  test("newest first, narrowed by product, store, customer and status", async () => {
    const first = await hold({ customer_id: "bob" });
    const second = await hold({ store_id: "BCN" });
    const third = await hold({ customer_id: "bob" });
    await shop.call("POST", `/reservations/${first}/cancel`);
    const list = async (query: string): Promise<string[]> =>
      idsOf((await shop.call("GET", `/reservations?product_id=${mug}${query}`)).body);
    assert.deepEqual(await list(""), [third, second, first]);
    assert.deepEqual(await list("&store_id=BCN"), [second]);
    assert.deepEqual(await list("&customer_id=bob"), [third, first]);
    assert.deepEqual(await list("&status=PENDING"), [third, second]);
    assert.deepEqual(await list("&status=CANCELLED&customer_id=bob"), [first]);
    assert.deepEqual(await list("&store_id=BCN&status=CONFIRMED"), []);
  });

  test("page by page, each reservation once", async () => {
    const made: string[] = [];
    for (let n = 0; n < 7; n += 1) made.push(await hold());
    const seen: string[] = [];
    let cursor = "";
    do {
      const url = `/reservations?product_id=${mug}&limit=3${cursor}`;
      const { body } = await shop.call("GET", url);
      seen.push(...idsOf(body));
      cursor = body["next_cursor"] === null ? "" : `&cursor=${textOf(body, "next_cursor")}`;
    } while (cursor !== "");
    assert.deepEqual(seen, newestFirst(made));
  });

  test("page by page of one row, and a cursor of it is refused where another filter sets another order", async () => {
    const made: string[] = [];
    for (let n = 0; n < 3; n += 1) made.push(await hold());
    for (const url of [
      `/reservations?product_id=${mug}&store_id=MAD&limit=2`,
      `/reservations/product/${mug}/store/MAD?limit=2`,
    ]) {
      const { body } = await shop.call("GET", url);
      const cursor = textOf(body, "next_cursor");
      const rest = await shop.call("GET", `${url}&cursor=${cursor}`);
      assert.deepEqual([...idsOf(body), ...idsOf(rest.body)], newestFirst(made));
      const pending = await shop.call("GET", `${url}&status=PENDING&cursor=${cursor}`);
      assertProblem(pending, 400, "invalid_cursor");
    }
  });

  test("a customer sees its own, whatever it asks for", async () => {
    const own = await hold({ customer_id: "customer" });
    await hold({ customer_id: "ann" });
    const list = async (query: string): Promise<string[]> => {
      const url = `/reservations?product_id=${mug}${query}`;
      return idsOf((await shop.call("GET", url, { as: "customer" })).body);
    };
    assert.deepEqual(await list(""), [own]);
    assert.deepEqual(await list("&customer_id=customer"), [own]);
    assert.deepEqual(await list("&customer_id=ann"), []);
  });

  test("staff sees those of its store", async () => {
    const here = await hold();
    await hold({ store_id: "BCN" });
    for (const as of ["channel", "vendor", "manager"]) {
      const all = await shop.call("GET", `/reservations?product_id=${mug}`, { as });
      assert.deepEqual(idsOf(all.body), [here], as);
      const other = await shop.call("GET", "/reservations?store_id=BCN", { as });
      assert.deepEqual(idsOf(other.body), [], as);
    }
  });
});

describe("GET /reservations: 400", () => {
  for (const [query, path] of [
    ["status=OPEN", "?status"],
    ["limit=0", "?limit"],
    ["limit=501", "?limit"],
    ["store_id=a%20b", "?store_id"],
    ["state=PENDING", "?state"],
  ] as const) {
    test(`${query} is refused by its name`, async () => {
      assertInvalid(await shop.call("GET", `/reservations?${query}`), path);
    });
  }

  test("a cursor of another list is refused", async () => {
    await hold();
    await hold();
    const { body } = await shop.call("GET", "/reservations/store/MAD/pending?limit=1");
    const cursor = textOf(body, "next_cursor");
    for (const wrong of [cursor, "abc", "W10"]) {
      const answer = await shop.call("GET", `/reservations?cursor=${wrong}`);
      assertProblem(answer, 400, "invalid_cursor");
    }
  });
});

describe("GET /reservations/store/{store_id}/pending: 200", () => {
  test("who is coming to collect, newest first, and how many they are", async () => {
    const first = await hold();
    const second = await hold();
    const gone = await hold();
    await shop.call("POST", `/reservations/${gone}/cancel`);
    const { body } = await shop.call("GET", "/reservations/store/MAD/pending?limit=2");
    assert.deepEqual(idsOf(body), [second, first]);
    const counted = await shop.store.totals();
    const pending = counted.find(({ storeId }) => storeId === "MAD")?.byStatus.PENDING;
    assert.equal(body["count"], pending);
    assert.ok(listOf(body).every((one) => one["status"] === "PENDING"));
  });

  test("a customer sees and counts its own", async () => {
    const before = await shop.call("GET", "/reservations/store/MAD/pending", { as: "customer" });
    const own = await hold({ customer_id: "customer" });
    await hold({ customer_id: "ann" });
    const { body } = await shop.call("GET", "/reservations/store/MAD/pending", { as: "customer" });
    assert.equal(idsOf(body)[0], own);
    assert.equal(body["count"], Number(before.body["count"]) + 1);
  });
});

describe("GET /reservations/store/{store_id}/pending: 404", () => {
  test("of a store that does not exist, or is not the caller's", async () => {
    const absent = await shop.call("GET", "/reservations/store/NOWHERE/pending");
    assertProblem(absent, 404, "store_not_found", { store_id: "NOWHERE" });
    const hidden = await shop.call("GET", "/reservations/store/BCN/pending", { as: "vendor" });
    assertProblem(hidden, 404, "store_not_found", { store_id: "BCN" });
  });
});

describe("GET /reservations/product/{product_id}/store/{store_id}: 200", () => {
  test("all of one product in one store, or those of a status, with their number", async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push(await hold());
    const [first = ""] = made;
    await shop.call("POST", `/reservations/${first}/confirm`);
    await hold({ store_id: "BCN" });
    const url = `/reservations/product/${mug}/store/MAD`;
    const all = await shop.call("GET", url);
    assert.deepEqual(idsOf(all.body), newestFirst(made));
    assert.equal(all.body["count"], 5);
    const sold = await shop.call("GET", `${url}?status=CONFIRMED`);
    assert.deepEqual([idsOf(sold.body), sold.body["count"]], [[first], 1]);
    const page = await shop.call("GET", `${url}?limit=2`);
    assert.deepEqual([idsOf(page.body).length, page.body["count"]], [2, 5]);
    const cursor = textOf(page.body, "next_cursor");
    const next = await shop.call("GET", `${url}?limit=2&cursor=${cursor}`);
    assert.deepEqual(idsOf(next.body), newestFirst(made).slice(2, 4));
    assert.equal(next.body["count"], 5);
  });

  test("a customer sees and counts its own", async () => {
    const own = await hold({ customer_id: "customer" });
    await hold({ customer_id: "ann" });
    const url = `/reservations/product/${mug}/store/MAD`;
    for (const query of ["", "?status=PENDING"]) {
      const { body } = await shop.call("GET", url + query, { as: "customer" });
      assert.deepEqual([idsOf(body), body["count"]], [[own], 1]);
    }
  });
});

describe("GET /reservations/product/{product_id}/store/{store_id}: 404", () => {
  test("of a product or a store that does not exist, or a store that is not the caller's", async () => {
    const noProduct = await shop.call("GET", "/reservations/product/none/store/MAD");
    assertProblem(noProduct, 404, "product_not_found", { product_id: "none" });
    const noStore = await shop.call("GET", `/reservations/product/${mug}/store/NOWHERE`);
    assertProblem(noStore, 404, "store_not_found", { store_id: "NOWHERE" });
    const url = `/reservations/product/${mug}/store/BCN`;
    assertProblem(await shop.call("GET", url, { as: "manager" }), 404, "store_not_found");
  });
});

describe("GET /reservations/stats: 200", () => {
  test("counts by status and in all; of the stores, or of the customer, who asks", async () => {
    const alone = await openShop();
    try {
      const cup = await alone.product({ MAD: 10, BCN: 10 });
      const make = async (over: object): Promise<string> =>
        textOf((await alone.reserve({ product_id: cup, ...over })).body, "id");
      await make({});
      await make({ customer_id: "customer" });
      await make({ store_id: "BCN" });
      const sold = await make({ customer_id: "customer", store_id: "BCN" });
      await alone.call("POST", `/reservations/${sold}/confirm`);
      await alone.call("POST", `/reservations/${await make({})}/cancel`);
      const stats = async (as: string): Promise<unknown> =>
        (await alone.call("GET", "/reservations/stats", { as })).body;
      const of = (PENDING: number, CONFIRMED: number, CANCELLED: number): unknown => ({
        total: PENDING + CONFIRMED + CANCELLED,
        by_status: { PENDING, CONFIRMED, CANCELLED, EXPIRED: 0 },
      });
      assert.deepEqual(await stats("admin"), of(3, 1, 1));
      assert.deepEqual(await stats("vendor"), of(2, 0, 1));
      assert.deepEqual(await stats("customer"), of(1, 1, 0));
    } finally {
      await alone.close();
    }
  });
});

describe("reads: 401", () => {
  for (const url of [
    "/reservations",
    "/reservations/x",
    "/reservations/stats",
    "/reservations/store/MAD/pending",
    "/reservations/product/mug/store/MAD",
  ]) {
    test(`nobody does not see ${url}`, async () => {
      assertProblem(await shop.call("GET", url, { as: null }), 401, "unauthenticated");
    });
  }
});
