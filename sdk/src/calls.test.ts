import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { json, problem, scripted } from "../test/scripted.ts";
import { createClient, InsufficientStock, isOnhandError, OnhandError } from "./client.ts";

const mug = { id: "mug", sku: "MUG", name: "Mug", price: 1 };
const lost = new TypeError("fetch failed");
const wish = { product_id: "mug", store_id: "MAD", quantity: 1, customer_id: "ann" };
const busy = problem(503, "overloaded", {}, { "retry-after": "2" });
const away = problem(503, "database_unavailable", {}, { "retry-after": "2" });

const keyOf = ({ headers }: { readonly headers: Headers }): string | null =>
  headers.get("idempotency-key");

function failed(call: Promise<unknown>): Promise<OnhandError> {
  return call.then(
    () => assert.fail("it was not refused"),
    (error: unknown) => {
      assert.ok(error instanceof OnhandError, String(error));
      return error;
    },
  );
}

describe("a call that has no answer", () => {
  test("is tried again after a pause that doubles", async () => {
    const { client, asked } = scripted([lost, lost, lost, json(mug)]);
    assert.equal((await client.products.get("mug")).id, "mug");
    assert.deepEqual(
      asked.map(({ at }) => at),
      [0, 200, 600, 1_400],
    );
  });

  test("is given up after as many tries as were allowed, and says why", async () => {
    const { client, asked } = scripted([lost], { retries: 2 });
    const error = await failed(client.products.get("mug"));
    assert.deepEqual([error.code, error.status, asked.length], ["no_answer", 0, 3]);
    assert.equal(error.cause, lost);
    assert.equal(error.mayHaveHappened, false);
  });

  test("keeps one idempotency key over all tries of a write, and has another for the next", async () => {
    const { client, asked } = scripted([lost, away, json(wish, 201)]);
    await client.reservations.create(wish);
    await client.reservations.create(wish);
    const [first, second, third, fourth] = asked.map(keyOf);
    assert.match(first ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual([second, third], [first, first]);
    assert.notEqual(fourth, first);
  });

  test("has the key that its caller gave", async () => {
    const { client, asked } = scripted([lost, json(wish, 201)]);
    await client.reservations.create(wish, { idempotencyKey: "order-1" });
    assert.deepEqual(asked.map(keyOf), ["order-1", "order-1"]);
  });

  test("is not tried again where its route takes no key, and says that it may have happened", async () => {
    const { client, asked } = scripted([lost]);
    const error = await failed(client.keys.create({ name: "till", role: "customer" }));
    assert.deepEqual([error.code, error.mayHaveHappened], ["no_answer", true]);
    assert.deepEqual(asked.map(keyOf), [null]);
  });

  test("says what the network said", async () => {
    const cause = new Error("connect ECONNREFUSED 127.0.0.1:1");
    const { client } = scripted([new TypeError("fetch failed", { cause })], { retries: 0 });
    const error = await failed(client.products.get("mug"));
    assert.equal(error.message, `There was no answer: fetch failed, ${cause.message}.`);
  });

  test("is a time-out where the service stays silent, and each try has its own time", async () => {
    const { client, asked } = scripted(["silence"], { attemptTimeoutMs: 1_000, timeoutMs: 3_000 });
    const error = await failed(client.products.get("mug"));
    assert.equal(error.code, "timed_out");
    assert.deepEqual(
      asked.map(({ at }) => at),
      [0, 1_200, 2_600],
    );
  });

  test("ends with the time of the whole call, however many tries are left", async () => {
    const { client, clock } = scripted([lost], { retries: 1_000 });
    await failed(client.products.get("mug", { timeoutMs: 5_000 }));
    assert.ok(clock.now() < 5_000);
  });
});

describe("an answer that asks to wait", () => {
  test("is waited for as long as it says, and never shorter", async () => {
    const { client, asked } = scripted([
      problem(429, "rate_limited", {}, { "retry-after": "7" }),
      busy,
      json(mug),
    ]);
    await client.products.get("mug");
    assert.deepEqual(
      asked.map(({ at }) => at),
      [0, 7_200, 9_600],
    );
  });

  test("is told at once where there is no time for it", async () => {
    const { client, asked } = scripted([problem(429, "rate_limited", {}, { "retry-after": "60" })]);
    const error = await failed(client.products.get("mug"));
    assert.deepEqual([error.code, error.retryAfterMs, asked.length], ["rate_limited", 60_000, 1]);
  });

  test("is tried again without a key, too, where nothing was done", async () => {
    const made = { id: "key", key: "secret" };
    const { client, asked } = scripted([busy, json(made, 201)]);
    await client.keys.create({ name: "till", role: "customer" });
    assert.equal(asked.length, 2);
  });

  test("is not, where something may have been done", async () => {
    const { client, asked } = scripted([away]);
    const error = await failed(client.keys.create({ name: "till", role: "customer" }));
    assert.deepEqual([asked.length, error.mayHaveHappened], [1, true]);
  });
});

describe("an error", () => {
  test("has its code, status, request and facts, and the class of its code", async () => {
    const facts = { product_id: "mug", store_id: "MAD", available: 2, requested: 3 };
    const { client, asked } = scripted([problem(409, "insufficient_stock", facts)]);
    const error = await failed(client.reservations.create(wish));
    assert.ok(error instanceof InsufficientStock);
    assert.deepEqual([error.available, error.requested], [2, 3]);
    assert.deepEqual(error.facts, facts);
    assert.deepEqual([error.status, error.requestId], [409, "request-1"]);
    assert.equal(error.message, "the detail of insufficient_stock");
    assert.equal(asked.length, 1);
  });

  test("is passed on with a code that this client does not know", async () => {
    const { client } = scripted([problem(409, "constructor", { moon: "full" })]);
    const error = await failed(client.products.get("mug"));
    assert.deepEqual(
      [error.code, error.facts, error.name],
      ["constructor", { moon: "full" }, "OnhandError"],
    );
    assert.equal(isOnhandError(error, "insufficient_stock"), false);
  });

  for (const [title, reply, status] of [
    ["a proxy's page", new Response("<h1>Bad gateway</h1>", { status: 404 }), 404],
    ["a page in place of JSON", new Response("<h1>Welcome</h1>"), 200],
    ["a redirect", new Response(null, { status: 302, headers: { location: "http://x" } }), 302],
    [
      "half a problem",
      new Response("{", { status: 409, headers: { "content-type": "application/problem+json" } }),
      409,
    ],
  ] as const) {
    test(`is unexpected_answer for ${title}`, async () => {
      const { client, asked } = scripted([reply]);
      const error = await failed(client.products.get("mug"));
      assert.deepEqual([error.code, error.status, asked.length], ["unexpected_answer", status, 1]);
    });
  }

  test("of a gateway that did not reach the service is tried again", async () => {
    const { client } = scripted([new Response("bad gateway", { status: 502 }), json(mug)]);
    assert.equal((await client.products.get("mug")).id, "mug");
  });
});

describe("the caller's signal", () => {
  test("ends a request with its own reason", async () => {
    const { client } = scripted(["silence"]);
    const controller = new AbortController();
    const call = client.products.get("mug", { signal: controller.signal });
    const reason = new Error("the page was left");
    controller.abort(reason);
    await assert.rejects(call, reason);
  });

  test("ends a pause between tries, and nothing more is asked", async () => {
    const controller = new AbortController();
    const reason = new Error("the page was left");
    const { client, asked } = scripted([
      () => {
        queueMicrotask(() => setImmediate(() => controller.abort(reason)));
        throw lost;
      },
    ]);
    await assert.rejects(client.products.get("mug", { signal: controller.signal }), reason);
    assert.equal(asked.length, 1);
  });

  test("that was aborted before asks nothing", async () => {
    const { client, asked } = scripted([json(mug)]);
    await assert.rejects(client.products.get("mug", { signal: AbortSignal.abort() }), {
      name: "AbortError",
    });
    assert.equal(asked.length, 0);
  });
});

describe("credentials", () => {
  test("travel in headers: a key, or a token that is asked for each try", async () => {
    const byKey = scripted([json(mug)], { apiKey: "ohk_1" });
    await byKey.client.products.get("mug");
    assert.equal(byKey.asked[0]?.headers.get("x-api-key"), "ohk_1");
    assert.equal(byKey.asked[0]?.init.credentials, "omit");

    let count = 0;
    const byToken = scripted([lost, json(mug)], { token: async () => `token-${++count}` });
    await byToken.client.products.get("mug");
    assert.deepEqual(
      byToken.asked.map(({ headers }) => headers.get("authorization")),
      ["Bearer token-1", "Bearer token-2"],
    );
    for (const { url } of [...byKey.asked, ...byToken.asked]) assert.doesNotMatch(url, /ohk|token/);
  });

  test("without any the browser's cookie of the same origin goes along", async () => {
    const { client, asked } = scripted([json(mug)], { baseUrl: "" });
    await client.products.get("mug");
    assert.deepEqual(
      [asked[0]?.url, asked[0]?.init.credentials],
      ["/api/v1/products/mug", "same-origin"],
    );
  });

  test("never follow a redirect", async () => {
    const { client, asked } = scripted([json(mug)], { apiKey: "ohk_1" });
    await client.products.get("mug");
    assert.equal(asked[0]?.init.redirect, "manual");
  });

  test("that cannot be had are the caller's error, as it is", async () => {
    const reason = new Error("the identity provider is away");
    const { client, asked } = scripted([json(mug)], { token: () => Promise.reject(reason) });
    await assert.rejects(client.products.get("mug"), reason);
    assert.equal(asked.length, 0);
  });

  test("in an address are refused, and so are two of them", () => {
    for (const baseUrl of ["http://ann:pw@x", "http://x/?key=1", "http://x#key", "ftp://x"]) {
      assert.throws(() => createClient({ baseUrl }), TypeError);
    }
    assert.throws(() => createClient({ baseUrl: "http://x", apiKey: "a", token: "b" }), TypeError);
  });
});

describe("an address", () => {
  test("has its parts encoded, and leaves out what is not said", async () => {
    const { client, asked } = scripted([json(mug)], { baseUrl: "http://stock.test/onhand/" });
    await client.products.bySku("A/B ?#ñ");
    await client.products.list({ search: "a&b", category: undefined }).page();
    assert.deepEqual(
      asked.map(({ url }) => url),
      [
        "http://stock.test/onhand/api/v1/products/sku/A%2FB%20%3F%23%C3%B1",
        "http://stock.test/onhand/api/v1/products?search=a%26b",
      ],
    );
  });

  test("with a part that would lead elsewhere is not asked", async () => {
    const { client, asked } = scripted([json(mug)]);
    for (const id of ["", ".", ".."]) await assert.rejects(client.products.get(id), TypeError);
    assert.equal(asked.length, 0);
  });
});

test("ifVersion becomes If-Match", async () => {
  const { client, asked } = scripted([json(mug)]);
  await client.products.change("mug", { price: 2 }, { ifVersion: 7 });
  assert.equal(asked[0]?.headers.get("if-match"), '"v7"');
});

describe("a list", () => {
  const pages = [
    json({ items: [1, 2], next_cursor: "a" }),
    json({ items: [], next_cursor: "b" }),
    json({ items: [3], next_cursor: null }),
  ];

  test("is read page by page as far as it is needed", async () => {
    const { client, asked } = scripted(pages);
    for await (const item of client.products.list({ limit: 2 })) if (Number(item) === 2) break;
    assert.equal(asked.length, 1);
  });

  test("goes on over an empty page, with its filters", async () => {
    const { client, asked } = scripted(pages);
    const items = await Array.fromAsync(client.products.list({ category: "x" }));
    assert.deepEqual(items, [1, 2, 3]);
    assert.deepEqual(
      asked.map(({ url }) => new URL(url).search),
      ["?category=x", "?category=x&cursor=a", "?category=x&cursor=b"],
    );
  });
});
