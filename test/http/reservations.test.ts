// POST /reservations, the single form, through the application and the real database: what it answers,
// what it refuses and what it leaves behind. Baskets are in reservation-groups.test.ts, contention and
// retries in reservation-storms.test.ts.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bodyBytesMax } from "../../src/limits.ts";
import { assertInvalid, assertProblem, openShop, type Shop, textOf } from "../support/shop.ts";

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop.close());

describe("POST /reservations: 201", () => {
  test("units are held for ten minutes, and the answer says so", async () => {
    const mug = await shop.product({ MAD: 5 });
    const answer = await shop.reserve({ product_id: mug, quantity: 2 });
    assert.equal(answer.status, 201, answer.text);
    const id = textOf(answer.body, "id");
    assert.equal(answer.headers["location"], `/api/v1/reservations/${id}`);
    assert.match(String(answer.headers["content-type"]), /^application\/json/);
    const createdAt = textOf(answer.body, "created_at");
    assert.deepEqual(answer.body, {
      reservation_id: id,
      id,
      status: "PENDING",
      product_id: mug,
      store_id: "MAD",
      customer_id: "ann",
      quantity: 2,
      expires_at: new Date(Date.parse(createdAt) + 600_000).toISOString(),
      expires_in_seconds: 600,
      group_id: null,
      created_at: createdAt,
      updated_at: null,
      confirmed_quantity: null,
      cancel_reason: null,
      retaken_from: null,
      retaken_by: null,
      metadata: null,
    });
    assert.partialDeepStrictEqual(await shop.row(mug), { quantity: 5, reserved: 2 });
  });

  test("the last unit can be held", async () => {
    const mug = await shop.product({ MAD: 1 });
    assert.equal((await shop.reserve({ product_id: mug })).status, 201);
  });

  for (const [ttl, seconds] of [
    [{ ttl: 1 }, 1],
    [{ ttl: 86_400 }, 86_400],
    [{ ttl_minutes: 15 }, 900],
    [{ ttl_minutes: 1_440 }, 86_400],
  ] as const) {
    test(`${JSON.stringify(ttl)} holds for ${seconds} s`, async () => {
      const mug = await shop.product({ MAD: 1 });
      const { body } = await shop.reserve({ product_id: mug, ...ttl });
      assert.equal(body["expires_in_seconds"], seconds);
    });
  }

  test("an id may be brought", async () => {
    const mug = await shop.product({ MAD: 1 });
    const { body } = await shop.reserve({ product_id: mug, id: `order:${mug}` });
    assert.equal(body["reservation_id"], `order:${mug}`);
  });

  test("metadata comes back as it was given", async () => {
    const mug = await shop.product({ MAD: 1 });
    const metadata = { order: "A-1", lines: [1, { gift: true }], note: 'ñ "☂" \u2028', none: null };
    const { body } = await shop.reserve({ product_id: mug, metadata });
    assert.deepEqual(body["metadata"], metadata);
    const read = await shop.call("GET", `/reservations/${textOf(body, "id")}`);
    assert.deepEqual(read.body["metadata"], metadata);
  });

  test("numbers in metadata come back as they were given, if a double can keep them", async () => {
    const mug = await shop.product({ MAD: 1 });
    const numbers = "[0.1,-2.5e-7,9007199254740992,1e23,0.30000000000000004]";
    const body = `{"product_id":"${mug}","store_id":"MAD","quantity":1,"customer_id":"ann","metadata":{"x":${numbers}}}`;
    const answer = await shop.call("POST", "/reservations", { body });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(answer.body["metadata"], { x: JSON.parse(numbers) });
  });

  test("metadata in a body that begins with a byte order mark comes back as it was given", async () => {
    const mug = await shop.product({ MAD: 5 });
    const text = `\ufeff{"product_id":"${mug}","store_id":"MAD","quantity":1,"customer_id":"ann","metadata":{"x":1}}`;
    const answer = await shop.call("POST", "/api/v1/reservations", { body: text });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(answer.body["metadata"], { x: 1 });
  });

  test("metadata with names that objects have by birth comes back as it was given", async () => {
    const mug = await shop.product({ MAD: 1 });
    const metadata = { toString: "a", hasOwnProperty: 1, toJSON: { valueOf: 2 }, constructor: "b" };
    const answer = await shop.reserve({ product_id: mug, metadata });
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(answer.body["metadata"], metadata);
  });

  test("a customer reserves for itself, in any store", async () => {
    const mug = await shop.product({ BCN: 1 });
    const mine = { product_id: mug, store_id: "BCN", customer_id: "customer" };
    assert.equal((await shop.reserve(mine, { as: "customer" })).status, 201);
  });

  for (const role of ["channel", "vendor", "manager"]) {
    test(`a ${role} reserves for any customer in its store`, async () => {
      const mug = await shop.product({ MAD: 1 });
      assert.equal((await shop.reserve({ product_id: mug }, { as: role })).status, 201);
    });
  }

  test("it is counted as a write of its store", async () => {
    const mug = await shop.product({ MAD: 1 });
    await shop.reserve({ product_id: mug });
    const counted = await shop.metrics.text();
    assert.match(
      counted,
      /stock_operations_total\{operation="reserve",store_id="MAD",status="ok"\}/,
    );
  });
});

describe("POST /reservations: 400", () => {
  const ok = { product_id: "mug", store_id: "MAD", quantity: 1, customer_id: "ann" };
  const deep = JSON.parse(`${'{"a":'.repeat(20)}1${"}".repeat(20)}`);
  const cases: readonly [string, object, string][] = [
    ["no product", { ...ok, product_id: undefined }, "/product_id"],
    ["no store", { ...ok, store_id: undefined }, "/store_id"],
    ["no quantity", { ...ok, quantity: undefined }, "/quantity"],
    ["no customer", { ...ok, customer_id: undefined }, "/customer_id"],
    ["no unit", { ...ok, quantity: 0 }, "/quantity"],
    ["a negative quantity", { ...ok, quantity: -1 }, "/quantity"],
    ["more than 100 units", { ...ok, quantity: 101 }, "/quantity"],
    ["a part of a unit", { ...ok, quantity: 1.5 }, "/quantity"],
    ["a quantity as text", { ...ok, quantity: "1" }, "/quantity"],
    ["an id with a blank", { ...ok, id: "a b" }, "/id"],
    ["an id that is a word of a route", { ...ok, id: "stats" }, "/id"],
    ["an id of 65 characters", { ...ok, id: "a".repeat(65) }, "/id"],
    ["a blank customer", { ...ok, customer_id: " " }, "/customer_id"],
    ["a customer of 129 characters", { ...ok, customer_id: "a".repeat(129) }, "/customer_id"],
    ["a hold of no time", { ...ok, ttl: 0 }, "/ttl"],
    ["a hold of more than a day", { ...ok, ttl: 86_401 }, "/ttl"],
    ["a hold of more than a day in minutes", { ...ok, ttl_minutes: 1_441 }, "/ttl_minutes"],
    ["ttl and ttl_minutes", { ...ok, ttl: 60, ttl_minutes: 1 }, "/ttl_minutes"],
    ["metadata that is no object", { ...ok, metadata: [1] }, "/metadata"],
    ["metadata above 4 kB", { ...ok, metadata: { a: "x".repeat(4_096) } }, "/metadata"],
    ["metadata nested too deeply", { ...ok, metadata: deep }, "/metadata"],
    ["a field that is not known", { ...ok, note: "?" }, "/note"],
  ];
  for (const [title, body, path] of cases) {
    test(`${title} is refused by its path`, async () => {
      assertInvalid(await shop.call("POST", "/reservations", { body }), path);
    });
  }

  for (const number of ["1e309", "9007199254740993", "0.10000000000000000001"]) {
    test(`the number ${number} in metadata is refused by its path: it would become another`, async () => {
      const body = JSON.stringify({ ...ok, metadata: { a: [{ x: 0 }] } }).replace(
        '"x":0',
        `"x":${number}`,
      );
      assertInvalid(await shop.call("POST", "/reservations", { body }), "/metadata/a/0/x");
    });
  }

  test("metadata nested too deeply is named under an Idempotency-Key too", async () => {
    for (const levels of [17, 100, 10_000]) {
      const metadata = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
      const body = JSON.stringify({ ...ok, metadata: 0 }).replace(":0}", `:${metadata}}`);
      const headers = { "idempotency-key": "deep" };
      assertInvalid(await shop.call("POST", "/reservations", { body, headers }), "/metadata");
    }
  });

  test("a body that is no JSON is refused", async () => {
    assertProblem(await shop.call("POST", "/reservations", { body: "{" }), 400, "malformed_json");
  });

  test("a body that would change what objects are is refused", async () => {
    const text = JSON.stringify({ ...ok, metadata: { a: 1 } });
    for (const key of ['"__proto__":{"a":1}', '"constructor":{"prototype":{"a":1}}']) {
      const body = text.replace('"a":1', key);
      assertProblem(await shop.call("POST", "/reservations", { body }), 400, "malformed_json");
    }
    assert.equal(Reflect.get({}, "a"), undefined);
  });

  test("no body is refused", async () => {
    assertProblem(await shop.call("POST", "/reservations"), 400, "malformed_json");
  });
});

describe("POST /reservations: 401 and 403", () => {
  test("nobody cannot reserve", async () => {
    assertProblem(await shop.reserve({ product_id: "mug" }, { as: null }), 401, "unauthenticated");
  });

  test("a customer cannot reserve for another", async () => {
    const mug = await shop.product({ MAD: 1 });
    const answer = await shop.reserve({ product_id: mug }, { as: "customer" });
    assertProblem(answer, 403, "forbidden", { customer_id: "ann" });
    assert.equal((await shop.row(mug)).reserved, 0);
  });

  for (const role of ["channel", "vendor", "manager"]) {
    test(`a ${role} cannot reserve in a store that is not its own`, async () => {
      const mug = await shop.product({ BCN: 1 });
      const answer = await shop.reserve({ product_id: mug, store_id: "BCN" }, { as: role });
      assertProblem(answer, 403, "forbidden", { store_id: "BCN" });
      assert.equal((await shop.row(mug, "BCN")).reserved, 0);
    });
  }
});

describe("POST /reservations: 404", () => {
  test("of a product that does not exist", async () => {
    const answer = await shop.reserve({ product_id: "nothing" });
    assertProblem(answer, 404, "product_not_found", { product_id: "nothing" });
  });

  test("in a store that does not exist", async () => {
    const mug = await shop.product({});
    const answer = await shop.reserve({ product_id: mug, store_id: "NOWHERE" });
    assertProblem(answer, 404, "store_not_found", { store_id: "NOWHERE" });
  });

  test("a store that does not exist is no label of a metric", async () => {
    const mug = await shop.product({});
    await shop.reserve({ product_id: mug, store_id: "NO-LABEL" });
    assert.doesNotMatch(await shop.metrics.text(), /NO-LABEL/);
  });
});

describe("POST /reservations: 409", () => {
  test("more than is available is refused with what there is", async () => {
    const mug = await shop.product({ MAD: 5 });
    await shop.reserve({ product_id: mug, quantity: 3 });
    const answer = await shop.reserve({ product_id: mug, quantity: 3 });
    const facts = { product_id: mug, store_id: "MAD", available: 2, requested: 3 };
    assertProblem(answer, 409, "insufficient_stock", facts);
    assert.equal((await shop.row(mug)).reserved, 3);
  });

  test("a product without a row in that store has nothing available", async () => {
    const mug = await shop.product({ MAD: 5 });
    const answer = await shop.reserve({ product_id: mug, store_id: "BCN" });
    assertProblem(answer, 409, "insufficient_stock", { available: 0 });
  });

  test("units of a hold that is over are available at once", async () => {
    const mug = await shop.product({ MAD: 1 });
    const over = await shop.expired(mug);
    assert.equal((await shop.reserve({ product_id: mug })).status, 201);
    assert.equal((await shop.store.reservation(over))?.status, "EXPIRED");
  });

  test("a store that is closed takes no reservation", async () => {
    const mug = await shop.product({});
    const answer = await shop.reserve({ product_id: mug, store_id: "OLD" });
    assertProblem(answer, 409, "store_inactive", { store_id: "OLD" });
  });

  test("an id can be brought once", async () => {
    const mug = await shop.product({ MAD: 2 });
    const order = { product_id: mug, id: `order-${mug}` };
    await shop.reserve(order);
    assertProblem(await shop.reserve(order), 409, "id_taken", { id: order.id });
    assert.equal((await shop.row(mug)).reserved, 1);
  });
});

describe("POST /reservations: 413 and 415", () => {
  test("a body above 64 kB is refused", async () => {
    const body = " ".repeat(bodyBytesMax + 1);
    assertProblem(await shop.call("POST", "/reservations", { body }), 413, "body_too_large");
  });

  test("a body that is not called JSON is refused", async () => {
    const headers = { "content-type": "text/plain" };
    const answer = await shop.call("POST", "/reservations", { body: "{}", headers });
    assertProblem(answer, 415, "unsupported_media_type");
  });
});

describe("limits per customer", () => {
  let strict: Shop;
  before(async () => {
    strict = await openShop({ limits: { reservationsPerCustomer: 3, unitsPerCustomer: 10 } });
  });
  after(() => strict.close());

  test("a customer who holds as many reservations as may be gets no more", async () => {
    const mug = await strict.product({ MAD: 100 });
    const bob = { product_id: mug, customer_id: "bob" };
    for (let n = 0; n < 3; n += 1) assert.equal((await strict.reserve(bob)).status, 201);
    const facts = { customer_id: "bob", limit: "reservations", max: 3, current: 3 };
    assertProblem(await strict.reserve(bob), 409, "customer_limit_reached", facts);
    assert.equal((await strict.reserve({ ...bob, customer_id: "eve" })).status, 201);
  });

  test("a customer who holds as many units as may be gets no more until some are free", async () => {
    const mug = await strict.product({ MAD: 100 });
    const kim = { product_id: mug, customer_id: "kim" };
    const { body } = await strict.reserve({ ...kim, quantity: 8 });
    const facts = { customer_id: "kim", limit: "units", max: 10, current: 8 };
    const refused = await strict.reserve({ ...kim, quantity: 3 });
    assertProblem(refused, 409, "customer_limit_reached", facts);
    await strict.call("POST", `/reservations/${textOf(body, "id")}/cancel`);
    assert.equal((await strict.reserve({ ...kim, quantity: 3 })).status, 201);
  });

  test("50 reserves of one customer at once hold no more than may be", async () => {
    const mug = await strict.product({ MAD: 100 });
    const zoe = { product_id: mug, customer_id: "zoe" };
    const answers = await Promise.all(Array.from({ length: 50 }, () => strict.reserve(zoe)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 3);
    assert.equal((await strict.row(mug)).reserved, 3);
  });
});

test("what is refused because the service stops is 503 with a time to come again", async () => {
  const stopping = await openShop();
  try {
    await stopping.executor.drain();
    const answer = await stopping.reserve({ product_id: "mug" });
    assertProblem(answer, 503, "overloaded");
    assert.match(String(answer.headers["retry-after"]), /^\d+$/);
  } finally {
    await stopping.close();
  }
});
