// Idempotency keys at the door: which texts are keys, what "the same request" means, and which routes
// take none. That one key is one effect is the domain's to promise; here it is seen through HTTP.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { keyOf, openTestApp } from "../../test/support/http-app.ts";
import { canonicalJson, fingerprintOf, parseIdempotencyKey } from "./idempotency.ts";
import { ProblemError } from "./problem.ts";

describe("an Idempotency-Key", () => {
  for (const [header, key] of [
    ["k", "k"],
    ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ['"8e03978e"', "8e03978e"],
    ["order:17/line#2", "order:17/line#2"],
    ["x".repeat(255), "x".repeat(255)],
  ] as const) {
    test(`${header.slice(0, 40)} is one`, () => {
      assert.equal(parseIdempotencyKey(header), key);
    });
  }
  for (const header of ["", '""', "two words", "a, b", "ключ", "a\tb", "x".repeat(256)]) {
    test(`${JSON.stringify(header).slice(0, 40)} is none`, () => {
      assert.throws(
        () => parseIdempotencyKey(header),
        (error) => error instanceof ProblemError && error.code === "invalid_idempotency_key",
      );
    });
  }
});

describe("the fingerprint of a request", () => {
  const request = {
    method: "POST",
    url: "/api/v1/stock",
    headers: {},
    body: { product_id: "p", quantity_change: 5, deep: { b: [1, { y: 1, x: 2 }], a: null } },
  };

  test("does not depend on the order of fields", () => {
    const body = { deep: { a: null, b: [1, { x: 2, y: 1 }] }, quantity_change: 5, product_id: "p" };
    assert.equal(fingerprintOf({ ...request, body }), fingerprintOf(request));
  });

  test("differs with method, path, If-Match and anything in the body", () => {
    const others = [
      { ...request, method: "PUT" },
      { ...request, url: "/api/v1/stock/batch" },
      { ...request, headers: { "if-match": '"v1"' } },
      { ...request, headers: { "if-match": '"v2"' } },
      { ...request, body: { ...request.body, quantity_change: 6 } },
      { ...request, body: { ...request.body, quantity_change: "5" } },
      { ...request, body: { ...request.body, deep: { b: [{ y: 1, x: 2 }, 1], a: null } } },
      { ...request, body: null },
      { ...request, body: {} },
    ];
    const prints = [request, ...others].map((one) => fingerprintOf(one));
    assert.equal(new Set(prints).size, prints.length);
  });

  test("is the same for every writing of the same JSON, and only for those", () => {
    const shuffled = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(shuffled);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .map(([name, part]) => [name, shuffled(part)])
          .reverse(),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (one, other) => {
        assert.equal(canonicalJson(shuffled(one)), canonicalJson(one));
        const isSame =
          JSON.stringify(JSON.parse(canonicalJson(one))) ===
          JSON.stringify(JSON.parse(canonicalJson(other)));
        assert.equal(canonicalJson(one) === canonicalJson(other), isSame);
      }),
    );
  });

  test("of JSON that is nested without end is refused, not a full stack", () => {
    const text = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
    assert.throws(() => canonicalJson(JSON.parse(text)), ProblemError);
  });
});

describe("a retry over HTTP", () => {
  const headers = { ...keyOf("admin"), "idempotency-key": "k-1" };
  const create = { method: "POST", url: "/api/v1/stores", headers } as const;

  test("gets the first answer to the byte, marked as replayed", async () => {
    const { app, clock, database } = await openTestApp();
    const first = await app.inject({ ...create, payload: { id: "BIO-1", name: "Bilbao" } });
    clock.now += 5_000;
    const second = await app.inject({
      ...create,
      headers: { ...headers, "idempotency-key": '"k-1"' },
      payload: { name: "Bilbao", id: "BIO-1" },
    });
    assert.deepEqual([first.statusCode, second.statusCode], [201, 201]);
    assert.equal(second.body, first.body);
    assert.equal(second.headers["location"], first.headers["location"]);
    assert.equal(first.headers["idempotent-replayed"], undefined);
    assert.equal(second.headers["idempotent-replayed"], "true");
    assert.equal(database.log.length, 1);
    await app.close();
  });

  test("gets the first refusal to the byte, request id included", async () => {
    const { app } = await openTestApp();
    const payload = { id: "BIO-1", name: "Bilbao" };
    await app.inject({ ...create, headers: keyOf("admin"), payload });
    const first = await app.inject({ ...create, payload });
    const second = await app.inject({ ...create, payload });
    assert.equal(first.statusCode, 409);
    assert.equal(second.body, first.body);
    assert.notEqual(second.headers["x-request-id"], first.headers["x-request-id"]);
    await app.close();
  });

  test("with a different request is 422 and changes nothing", async () => {
    const { app, database } = await openTestApp();
    await app.inject({ ...create, payload: { id: "BIO-1", name: "Bilbao" } });
    const other = await app.inject({ ...create, payload: { id: "BIO-2", name: "Bilbao" } });
    assert.equal(other.statusCode, 422);
    assert.equal(other.json().code, "idempotency_key_reused");
    assert.equal(database.log.length, 1);
    await app.close();
  });

  test("a key belongs to its caller", async () => {
    const { app } = await openTestApp();
    const made = await app.inject({
      method: "POST",
      url: "/api/v1/api-keys",
      headers: keyOf("admin"),
      payload: { name: "second", role: "admin" },
    });
    await app.inject({ ...create, payload: { id: "BIO-1", name: "Bilbao" } });
    const other = { ...headers, "x-api-key": made.json().key };
    const answer = await app.inject({ ...create, headers: other, payload: { name: "Other" } });
    assert.equal(answer.statusCode, 201);
    await app.close();
  });

  test("a write with a text that is no key is refused before anything is done", async () => {
    const { app, database } = await openTestApp();
    const bad = { ...headers, "idempotency-key": "two words" };
    const answer = await app.inject({ ...create, headers: bad, payload: { name: "x" } });
    assert.equal(answer.json().code, "invalid_idempotency_key");
    assert.equal(database.log.length, 0);
    await app.close();
  });

  test("routes whose answers must not be kept take no key", async () => {
    const { app, access } = await openTestApp();
    const refused = app.routeTable.filter(({ idempotency }) => idempotency === "refused");
    const addresses = refused.map(({ method, url }) => `${method} ${url}`);
    for (const one of [
      "POST /api/v1/api-keys",
      "DELETE /api/v1/api-keys/:id",
      "POST /api/v1/auth/session",
      "DELETE /api/v1/auth/session",
    ]) {
      assert.ok(addresses.includes(one), one);
    }
    for (const { method, url, takesBody, codes } of refused) {
      const isFile = takesBody && !codes.includes("malformed_json");
      const file = { headers: { ...headers, "content-type": "text/csv" }, payload: "id\n" };
      const answer = await app.inject({
        method: method as "POST",
        url: url.replace(/:\w+/g, "x"),
        headers,
        ...(takesBody ? { payload: {} } : {}),
        ...(isFile ? file : {}),
      });
      assert.equal(answer.json().code, "invalid_idempotency_key", `${method} ${url}`);
    }
    assert.equal(access.keys.size, 5);
    await app.close();
  });
});
