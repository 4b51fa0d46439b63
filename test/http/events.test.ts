// GET /events: the log by pages, as the callers of each store see it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { eventsScannedMax } from "../../src/limits.ts";
import { change } from "../support/commands.ts";
import {
  assertInvalid,
  assertProblem,
  listOf,
  openShop,
  type Shop,
  textOf,
} from "../support/shop.ts";

let shop: Shop;
let mug: string;
let cup: string;
before(async () => {
  shop = await openShop();
  mug = await shop.product({ MAD: 5, BCN: 5 });
  cup = await shop.product({ BCN: 5 });
  await shop.reserve({ product_id: mug });
  await shop.reserve({ product_id: mug, store_id: "BCN" });
});
after(() => shop.close());

const get = (query: string, as = "admin") => shop.call("GET", `/events?${query}`, { as });
const seqsOf = (body: Readonly<Record<string, unknown>>): number[] =>
  listOf(body).map((one) => Number(one["seq"]));

/** Every page of a query, by its cursors. */
async function all(query: string, as = "admin"): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor = "";
  do {
    const { body } = await get(query + cursor, as);
    items.push(...listOf(body));
    cursor = body["next_cursor"] === null ? "" : `&cursor=${textOf(body, "next_cursor")}`;
  } while (cursor !== "");
  return items;
}

describe("GET /events: 200", () => {
  test("the whole log, oldest first, without a gap, and where it stands", async () => {
    const { seq, epoch } = await shop.store.head();
    const { status, headers, body } = await get("limit=500");
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^application\/json/);
    const upTo = Array.from({ length: seq }, (_, index) => index + 1);
    assert.deepEqual(seqsOf(body), upTo);
    const { head_seq, next_cursor } = body;
    assert.deepEqual(
      { head_seq, next_cursor, epoch: body["epoch"] },
      {
        head_seq: seq,
        next_cursor: null,
        epoch,
      },
    );
  });

  test("an event says what was before and after, who did it and by which request", async () => {
    const pen = await shop.product({ MAD: 3 });
    const made = await shop.reserve(
      { product_id: pen, quantity: 2 },
      { as: "vendor", headers: { "x-request-id": "order-7" } },
    );
    const { body } = await get(`product_id=${pen}&type=reservation.created`);
    const [event] = listOf(body);
    const id = textOf(made.body, "id");
    assert.partialDeepStrictEqual(event, {
      type: "reservation.created",
      aggregate_type: "reservation",
      aggregate_id: id,
      store_id: "MAD",
      product_id: pen,
      actor: "key:vendor",
      request_id: "order-7",
      payload: {
        reservation_id: id,
        quantity: 2,
        stock: {
          before: { quantity: 3, reserved: 0 },
          after: { quantity: 3, reserved: 2 },
          version: 2,
        },
      },
    });
  });

  test("after a seq, and on by cursors: each event once", async () => {
    const { seq } = await shop.store.head();
    const items = await all("after=3&limit=4");
    assert.deepEqual(
      items.map((one) => one["seq"]),
      Array.from({ length: seq - 3 }, (_, index) => index + 4),
    );
  });

  test("at the head there is nothing, and after=head_seq gives what came since", async () => {
    const { seq } = await shop.store.head();
    const nothing = await get(`after=${seq}`);
    assert.deepEqual([nothing.body["items"], nothing.body["next_cursor"]], [[], null]);
    await shop.reserve({ product_id: mug });
    const since = await get(`after=${textOf({ a: String(nothing.body["head_seq"]) }, "a")}`);
    assert.deepEqual(seqsOf(since.body), [seq + 1]);
  });

  test("beyond the head there is nothing, and the head is told", async () => {
    const { seq } = await shop.store.head();
    const { body } = await get(`after=${seq + 1_000}`);
    assert.partialDeepStrictEqual(body, { items: [], next_cursor: null, head_seq: seq });
  });

  test("narrowed by type, store and product", async () => {
    const types = async (query: string): Promise<unknown[]> =>
      (await all(query)).map((one) => one["type"]);
    assert.deepEqual(await types(`product_id=${cup}`), ["product.created", "stock.created"]);
    assert.deepEqual(await types(`product_id=${mug}&store_id=BCN`), [
      "stock.created",
      "reservation.created",
    ]);
    assert.deepEqual(await types(`product_id=${mug}&store_id=BCN&type=stock.created`), [
      "stock.created",
    ]);
  });

  test("a rare event far away is found by going on until there is no cursor", async () => {
    const changes = Array.from({ length: 1_000 }, () => change({ productId: mug }));
    const batches = Math.ceil(eventsScannedMax / changes.length);
    for (let n = 0; n < batches; n += 1) {
      await shop.given({ kind: "BatchStock", errorPolicy: "all_or_nothing", changes });
    }
    const pen = await shop.product({});
    const first = await get(`product_id=${pen}`);
    assert.deepEqual(first.body["items"], []);
    assert.notEqual(first.body["next_cursor"], null);
    const items = await all(`product_id=${pen}`);
    assert.deepEqual(
      items.map((one) => one["type"]),
      ["product.created"],
    );
  });

  for (const as of ["channel", "vendor", "manager"]) {
    test(`a ${as} sees its store's events and the chain's`, async () => {
      const items = await all(`product_id=${mug}&limit=500`, as);
      const stores = new Set(items.map((one) => one["store_id"]));
      assert.deepEqual([...stores].sort(), ["*", "MAD"]);
      assert.deepEqual(await all("store_id=BCN", as), []);
    });
  }
});

describe("GET /events: 400", () => {
  for (const [query, path] of [
    ["after=-1", "?after"],
    ["after=1.5", "?after"],
    ["after=x", "?after"],
    ["limit=501", "?limit"],
    ["type=stock.sold", "?type"],
    ["store_id=*", "?store_id"],
    ["from=1", "?from"],
  ] as const) {
    test(`${query} is refused by its name`, async () => {
      assertInvalid(await get(query), path);
    });
  }

  test("a cursor that is not of this list is refused", async () => {
    assertProblem(await get("cursor=abc"), 400, "invalid_cursor");
  });
});

describe("GET /events and /events/stream: 401 and 403", () => {
  for (const url of ["/events", "/events/stream"]) {
    test(`nobody and customers do not read ${url}`, async () => {
      assertProblem(await shop.call("GET", url, { as: null }), 401, "unauthenticated");
      const answer = await shop.call("GET", url, { as: "customer" });
      assertProblem(answer, 403, "forbidden", { scope: "events:read" });
    });
  }
});
