// Availability over HTTP: the cached document and how it stays true, one store of it, how it was at an
// earlier moment, and many products in one request.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { availabilityQueryMax } from "../../src/limits.ts";
import { madridFields } from "../support/commands.ts";
import { assertInvalid, assertProblem, listOf, openShop, type Shop } from "../support/shop.ts";

let shop: Shop;
let mug: string;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());
beforeEach(async () => {
  mug = await shop.product({ BCN: 15, MAD: 20 });
});

const get = (query = "", headers: Record<string, string> = {}) =>
  shop.call("GET", `/products/${mug}/availability${query}`, { as: null, headers });
const adjust = (adjustment: number, storeId = "MAD") =>
  shop.call("POST", `/stock/${mug}/${storeId}/adjust`, {
    body: { adjustment, reason: "CORRECTION" },
  });
const totalOf = ({ body }: { body: Readonly<Record<string, unknown>> }) => body["total_available"];

describe("GET /products/{id}/availability: 200", () => {
  test("says what there is in all and in each store, in the order of their ids, held units apart", async () => {
    await shop.reserve({ product_id: mug, quantity: 2 });
    const { seq } = await shop.store.head();
    const { status, headers, body } = await get();
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^application\/json/);
    assert.deepEqual(body, {
      product_id: mug,
      product_name: "Mug",
      total_quantity: 35,
      total_reserved: 2,
      total_available: 33,
      as_of_seq: seq,
      stores: [
        {
          store_id: "BCN",
          store_name: "Barcelona",
          quantity: 15,
          reserved: 0,
          available: 15,
          version: 1,
        },
        {
          store_id: "MAD",
          store_name: "Madrid",
          quantity: 20,
          reserved: 2,
          available: 18,
          version: 2,
        },
      ],
    });
  });

  test("a product that is nowhere has none", async () => {
    mug = await shop.product({});
    assert.partialDeepStrictEqual((await get()).body, { total_quantity: 0, stores: [] });
  });

  test("the second answer comes from the cache and is the same to the byte", async () => {
    const [first, second] = [await get(), await get()];
    assert.deepEqual([first.headers["x-cache"], second.headers["x-cache"]], ["miss", "hit"]);
    assert.equal(second.text, first.text);
  });

  test("whoever wrote sees it at once: sale, hold, count, transfer", async () => {
    assert.equal(totalOf(await get()), 35);
    await adjust(-5);
    assert.equal(totalOf(await get()), 30);
    await shop.reserve({ product_id: mug, quantity: 3 });
    assert.equal(totalOf(await get()), 27);
    await shop.call("PUT", `/stock/${mug}/BCN`, { body: { quantity: 1 } });
    assert.equal(totalOf(await get()), 13);
    const transfer = { product_id: mug, from_store_id: "MAD", to_store_id: "BCN", quantity: 4 };
    await shop.call("POST", "/stock/transfer", { body: transfer });
    const { headers, body } = await get();
    assert.equal(headers["x-cache"], "miss");
    assert.deepEqual(
      listOf(body, "stores").map((store) => store["available"]),
      [5, 8],
    );
  });

  test("a new name of the product or of a store is in the next answer", async () => {
    await get();
    await shop.call("PATCH", `/products/${mug}`, { body: { name: "Large mug" } });
    assert.equal((await get()).body["product_name"], "Large mug");
    await shop.call("PATCH", "/stores/BCN", { body: { name: "Barcelona Sants" } });
    assert.equal(listOf((await get()).body, "stores")[0]?.["store_name"], "Barcelona Sants");
    await shop.call("PATCH", "/stores/BCN", { body: { name: "Barcelona" } });
  });

  test("a store that is closed sells nothing, from the next answer on", async () => {
    const place = "TMP";
    await shop.given({ kind: "CreateStore", id: place, fields: madridFields });
    await shop.call("POST", "/stock", {
      body: { product_id: mug, store_id: place, initial_quantity: 7 },
    });
    assert.equal(totalOf(await get()), 42);
    await shop.call("PATCH", `/stores/${place}`, { body: { active: false } });
    assert.equal(totalOf(await get()), 35);
  });

  test("Cache-Control: no-cache reads the database, alone or among others", async () => {
    await get();
    for (const value of ["no-cache", "No-Cache", "max-age=0, no-cache", "no-store"]) {
      const { headers } = await get("", { "cache-control": value });
      assert.equal(headers["x-cache"], "miss", value);
    }
    assert.equal((await get("", { "cache-control": "max-age=60" })).headers["x-cache"], "hit");
  });

  test("store_id leaves that store's row, and the totals are its own", async () => {
    const { body } = await get("?store_id=MAD");
    assert.partialDeepStrictEqual(body, { total_quantity: 20, total_available: 20 });
    assert.deepEqual(
      listOf(body, "stores").map((store) => store["store_id"]),
      ["MAD"],
    );
  });

  test("store_id of a store without the product, or that is closed, is an answer: none", async () => {
    const nowhere = await get("?store_id=OLD");
    assert.equal(nowhere.status, 200);
    assert.partialDeepStrictEqual(nowhere.body, { total_quantity: 0, stores: [] });
  });

  test("hits and misses are counted", async () => {
    const counted = async (result: string): Promise<number> => {
      const { values } = await shop.metrics.cacheRequests.get();
      return values.find(({ labels }) => labels.result === result)?.value ?? 0;
    };
    const [hits, misses] = [await counted("hit"), await counted("miss")];
    await get();
    await get();
    await get("", { "cache-control": "no-cache" });
    assert.deepEqual([await counted("hit"), await counted("miss")], [hits + 1, misses + 2]);
  });

  test("HEAD says the same without the document", async () => {
    const { headers, text } = await get();
    const head = await shop.call("HEAD", `/products/${mug}/availability`, { as: null });
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal(head.headers["etag"], headers["etag"]);
    assert.equal(Number(head.headers["content-length"]), Buffer.byteLength(text));
  });
});

describe("GET /products/{id}/availability: 304", () => {
  test("the ETag is weak, and what was sent may be kept but must be asked for", async () => {
    const { headers } = await get();
    assert.match(String(headers["etag"]), /^W\/"[\w-]{22}"$/);
    assert.equal(headers["cache-control"], "no-cache");
  });

  test("whoever has what is current gets no body, in each way to say it", async () => {
    const etag = String((await get()).headers["etag"]);
    for (const value of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
      const same = await get("", { "if-none-match": value });
      assert.deepEqual([same.status, same.text, same.headers["etag"]], [304, "", etag], value);
    }
    const fresh = await get("", { "if-none-match": etag, "cache-control": "no-cache" });
    assert.deepEqual([fresh.status, fresh.headers["x-cache"]], [304, "miss"]);
  });

  test("what others do to other products changes no ETag; what is done to this one does", async () => {
    const etag = String((await get()).headers["etag"]);
    await shop.product({ MAD: 1 });
    assert.equal((await get("", { "if-none-match": etag })).status, 304);
    await adjust(1);
    await adjust(-1);
    const changed = await get("", { "if-none-match": etag });
    assert.equal(changed.status, 200, "the numbers are the old ones, the versions are not");
  });

  test("one store of it has an ETag of its own", async () => {
    const etag = String((await get("?store_id=MAD")).headers["etag"]);
    await adjust(1, "BCN");
    assert.equal((await get("?store_id=MAD", { "if-none-match": etag })).status, 304);
    await adjust(1, "MAD");
    assert.equal((await get("?store_id=MAD", { "if-none-match": etag })).status, 200);
  });
});

describe("GET /products/{id}/availability: 400", () => {
  for (const [query, path] of [
    ["?store_id=a/b", "?store_id"],
    ["?store=MAD", "?store"],
    ["?as_of=", "?as_of"],
    ["?as_of=yesterday", "?as_of"],
    ["?as_of=2026-02-30T00:00:00Z", "?as_of"],
    ["?as_of=2026-03-01T00:00:00", "?as_of"],
    ["?as_of=1234", "?as_of"],
    ["?as_of=seq:", "?as_of"],
    ["?as_of=seq:-1", "?as_of"],
    ["?as_of=seq:1.5", "?as_of"],
  ] as const) {
    test(`${query} is refused by name`, async () => assertInvalid(await get(query), path));
  }

  test("a moment that the log does not reach is out of range", async () => {
    const { seq } = await shop.store.head();
    for (const asOf of ["seq:0", `seq:${seq + 1}`, "1970-01-01", "2999-01-01T00:00:00Z"]) {
      assertProblem(await get(`?as_of=${asOf}`), 400, "as_of_out_of_range", { head_seq: seq });
    }
  });
});

describe("GET /products/{id}/availability: 404", () => {
  test("of a product that does not exist, or is archived", async () => {
    const facts = { product_id: mug };
    await get();
    await adjust(-20);
    await adjust(-15, "BCN");
    await shop.call("DELETE", `/products/${mug}`);
    assertProblem(await get(), 404, "product_not_found", facts);
    assertProblem(await get("", { "cache-control": "no-cache" }), 404, "product_not_found", facts);
    mug = "none";
    assertProblem(await get(), 404, "product_not_found", { product_id: "none" });
  });

  test("of a store that does not exist", async () => {
    assertProblem(await get("?store_id=NOPE"), 404, "store_not_found", { store_id: "NOPE" });
  });

  test("of a product that did not exist at that moment", async () => {
    const { seq } = await shop.store.head();
    const old = mug;
    mug = await shop.product({});
    assertProblem(await get(`?as_of=seq:${seq}`), 404, "product_not_found", { product_id: mug });
    mug = old;
    assert.equal((await get(`?as_of=seq:${seq}`)).status, 200);
  });
});

describe("GET /products/{id}/availability?as_of=", () => {
  test("each number of the log gives the answer that was given then", async () => {
    const answers: Readonly<Record<string, unknown>>[] = [];
    for (const change of [1, 2, -3, 10]) {
      await adjust(change);
      answers.push((await get()).body);
    }
    await shop.call("PATCH", `/products/${mug}`, { body: { name: "Other" } });
    for (const then of answers) {
      const { body, headers } = await get(`?as_of=seq:${Number(then["as_of_seq"])}`);
      assert.deepEqual(body, then);
      assert.equal(headers["x-cache"], undefined);
    }
  });

  test("a time gives what was there at that time, in one store too", async () => {
    await adjust(5);
    const { at } = await shop.store.head();
    const then = new Date(at).toISOString();
    while (Date.now() <= at) await shop.store.head();
    await adjust(7);
    assert.equal((await get(`?as_of=${then}`)).body["total_quantity"], 40);
    assert.equal((await get(`?as_of=${then}&store_id=MAD`)).body["total_quantity"], 25);
    assert.equal((await get()).body["total_quantity"], 47);
  });
});

describe("GET /products/{id}/availability: 401", () => {
  test("nobody reads it once public reads are off; a customer does", async () => {
    const closed = await openShop({ settings: { publicReads: false } });
    try {
      const path = `/products/${await closed.product({ MAD: 1 })}/availability`;
      assertProblem(await closed.call("GET", path, { as: null }), 401, "unauthenticated");
      assert.equal((await closed.call("GET", path, { as: "customer" })).status, 200);
    } finally {
      await closed.close();
    }
  });
});

const query = (body: object, headers: Record<string, string> = {}) =>
  shop.call("POST", "/availability/query", { as: null, body, headers });

describe("POST /availability/query: 200", () => {
  test("gives each document as it is alone, in the order asked, and names what is missing", async () => {
    const cup = await shop.product({ MAD: 1 });
    const { status, body } = await query({ product_ids: [cup, "none", mug] });
    assert.equal(status, 200);
    const cupAlone = await shop.call("GET", `/products/${cup}/availability`);
    assert.deepEqual(body, { items: [cupAlone.body, (await get()).body], missing: ["none"] });
  });

  test("store_ids leave those rows, and the totals are theirs", async () => {
    const { body } = await query({ product_ids: [mug], store_ids: ["BCN", "OLD"] });
    const [document] = listOf(body);
    assert.partialDeepStrictEqual(document, { total_quantity: 15, total_available: 15 });
  });

  test("what was just written is in it, cached or not", async () => {
    await query({ product_ids: [mug] });
    await adjust(-1);
    for (const headers of [{}, {}, { "cache-control": "no-cache" }]) {
      const [document] = listOf((await query({ product_ids: [mug] }, headers)).body);
      assert.equal(document?.["total_available"], 34);
    }
  });

  test("what is not kept is read in one go, what is kept is not read, and all is kept then", async (t) => {
    const cup = await shop.product({ MAD: 1 });
    const jar = await shop.product({ MAD: 2 });
    await get();
    const one = t.mock.method(shop.store, "availability");
    const many = t.mock.method(shop.store, "availabilities");
    const asked = { product_ids: [cup, mug, "none", jar] };
    const { text } = await query(asked);
    assert.deepEqual(
      many.mock.calls.map((call) => call.arguments),
      [[[cup, "none", jar]]],
    );
    const again = await query({ product_ids: [cup, mug, jar] });
    assert.deepEqual(again.body["items"], JSON.parse(text).items);
    assert.deepEqual([many.mock.callCount(), one.mock.callCount()], [1, 0]);
    await query(asked, { "cache-control": "no-cache" });
    assert.deepEqual(many.mock.calls[1]?.arguments, [asked.product_ids]);
    assert.equal(one.mock.callCount(), 0);
  });

  test("hits and misses are counted, one for each product", async () => {
    const counted = async (): Promise<number[]> => {
      const { values } = await shop.metrics.cacheRequests.get();
      return ["hit", "miss"].map(
        (result) => values.find(({ labels }) => labels.result === result)?.value ?? 0,
      );
    };
    const cup = await shop.product({ MAD: 1 });
    await get();
    const [hits = 0, misses = 0] = await counted();
    await query({ product_ids: [cup, mug, "none"] });
    assert.deepEqual(await counted(), [hits + 1, misses + 2]);
  });

  test("takes as many products as it says", async () => {
    const ids = Array.from({ length: availabilityQueryMax }, (_, index) =>
      `${index}`.padEnd(64, "x"),
    );
    const { status, body } = await query({ product_ids: ids });
    assert.equal(status, 200);
    assert.deepEqual(body, { items: [], missing: ids });
  });
});

describe("POST /availability/query: 400", () => {
  const tooMany = Array.from({ length: availabilityQueryMax + 1 }, (_, index) => `p${index}`);
  for (const [title, body, path] of [
    ["no list", {}, "/product_ids"],
    ["an empty list", { product_ids: [] }, "/product_ids"],
    ["a longer list than allowed", { product_ids: tooMany }, "/product_ids"],
    ["a product twice", { product_ids: ["a", "a"] }, "/product_ids"],
    ["a number for an id", { product_ids: [1] }, "/product_ids/0"],
    ["an id with a space", { product_ids: ["a", "b c"] }, "/product_ids/1"],
    ["an unknown field", { product_ids: ["a"], as_of: "seq:1" }, "/as_of"],
  ] as const) {
    test(`${title} is refused by name`, async () => assertInvalid(await query(body), path));
  }

  test("an Idempotency-Key is refused: there is no effect to repeat", async () => {
    const answer = await query({ product_ids: [mug] }, { "idempotency-key": "k" });
    assertProblem(answer, 400, "invalid_idempotency_key");
  });
});

describe("POST /availability/query: 404, 413", () => {
  test("a store that does not exist is named", async () => {
    const answer = await query({ product_ids: [mug], store_ids: ["MAD", "NOPE"] });
    assertProblem(answer, 404, "store_not_found", { store_id: "NOPE" });
  });

  test("a body of more than 1 MB is too large", async () => {
    const answer = await query({ product_ids: ["x".repeat(1024 * 1024)] });
    assertProblem(answer, 413, "body_too_large");
  });
});
