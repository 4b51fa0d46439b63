// Errors as the API promises them: each code its status, each refusal its facts, each fault of a
// request a problem document that names it, and nothing of ours in an answer.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { keyOf, openTestApp, start, type TestApp } from "../../test/support/http-app.ts";
import { OverloadedError } from "../commands/execute.ts";
import type { Rejection } from "../domain/rejection.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { problemKinds, statusesOf } from "./problem.ts";

/** The table of the API, written out a second time on purpose. */
const promised: Readonly<Record<number, string>> = {
  400: "validation_failed malformed_json invalid_cursor invalid_idempotency_key import_unreadable as_of_out_of_range",
  401: "unauthenticated",
  403: "forbidden",
  404:
    "route_not_found product_not_found store_not_found stock_not_found reservation_not_found " +
    "group_not_found key_not_found webhook_not_found",
  405: "method_not_allowed",
  409:
    "insufficient_stock quantity_below_reserved version_mismatch reservation_not_pending " +
    "reservation_expired store_inactive customer_limit_reached product_in_use store_in_use sku_taken " +
    "webhook_limit_reached id_taken stock_exists batch_failed lifetime_exceeded same_store stream_in_use",
  412: "version_mismatch",
  413: "body_too_large",
  415: "unsupported_media_type",
  422: "idempotency_key_reused",
  429: "rate_limited",
  431: "headers_too_large",
  500: "internal",
  503: "overloaded database_unavailable redis_unavailable",
};

describe("problems", () => {
  test("every code of the API has its status, and there are no others", () => {
    const expected = Object.entries(promised).flatMap(([status, codes]) =>
      codes.split(" ").map((code) => `${code} ${status}`),
    );
    const actual = Object.keys(problemKinds).flatMap((code) =>
      statusesOf(code as keyof typeof problemKinds).map((status) => `${code} ${status}`),
    );
    assert.deepEqual(actual.sort(), expected.sort());
  });

  describe("a refusal of the domain", () => {
    const stock = {
      id: "row",
      productId: "p",
      storeId: "s",
      quantity: 5,
      reserved: 2,
      version: 3,
      reorderPoint: null,
      lowTold: false,
      updatedAt: start,
    };
    const row = { product_id: "p", store_id: "s" };
    const refusals: readonly [Rejection, number, Record<string, unknown>][] = [
      [{ code: "product_not_found", productId: "p" }, 404, { product_id: "p" }],
      [{ code: "store_not_found", storeId: "s" }, 404, { store_id: "s" }],
      [{ code: "store_inactive", storeId: "s" }, 409, { store_id: "s" }],
      [{ code: "same_store", storeId: "s" }, 409, { store_id: "s" }],
      [{ code: "id_taken", id: "x" }, 409, { id: "x" }],
      [{ code: "sku_taken", sku: "k", productId: "p" }, 409, { sku: "k", product_id: "p" }],
      [{ code: "stock_not_found", productId: "p", storeId: "s" }, 404, row],
      [{ code: "reservation_not_found", reservationId: "r" }, 404, { reservation_id: "r" }],
      [{ code: "group_not_found", groupId: "g" }, 404, { group_id: "g" }],
      [{ code: "stock_exists", stock }, 409, row],
      [
        { code: "version_mismatch", source: "body", expected: 7, current: 8 },
        409,
        { expected_version: 7, current_version: 8 },
      ],
      [
        { code: "version_mismatch", source: "header", expected: "*", current: 0 },
        412,
        { expected_version: "*", current_version: 0 },
      ],
      [
        {
          code: "reservation_not_pending",
          reservationId: "r",
          status: "CONFIRMED",
          retakenBy: null,
        },
        409,
        { reservation_id: "r", reservation_status: "CONFIRMED", retaken_by: null },
      ],
      [
        { code: "reservation_expired", reservationId: "r", expiredAt: start },
        409,
        { reservation_id: "r", expired_at: "2026-01-01T00:00:00.000Z" },
      ],
      [{ code: "lifetime_exceeded", maxSeconds: 86_400 }, 409, { max_seconds: 86_400 }],
      [
        { code: "product_in_use", productId: "p", quantity: 4 },
        409,
        { product_id: "p", quantity: 4 },
      ],
      [{ code: "store_in_use", storeId: "s", quantity: 4 }, 409, { store_id: "s", quantity: 4 }],
      [
        {
          code: "customer_limit_reached",
          customerId: "c",
          limit: "units",
          max: 100,
          current: 99,
        },
        409,
        { customer_id: "c", limit: "units", max: 100, current: 99 },
      ],
      [
        {
          code: "insufficient_stock",
          ...{ productId: "p", storeId: "s" },
          available: 0,
          requested: 1,
        },
        409,
        { ...row, available: 0, requested: 1 },
      ],
      [
        {
          code: "quantity_below_reserved",
          ...{ productId: "p", storeId: "s" },
          quantity: 1,
          reserved: 2,
        },
        409,
        { ...row, quantity: 1, reserved: 2 },
      ],
      [
        { code: "quantity_out_of_range", field: "quantity", max: 10 },
        400,
        {
          code: "validation_failed",
          errors: [{ path: "/quantity", message: "must be at most 10" }],
        },
      ],
      [
        {
          code: "batch_failed",
          results: [
            { index: 0, stock, rejection: null },
            { index: 1, stock: null, rejection: { code: "store_not_found", storeId: "s" } },
          ],
        },
        409,
        {
          results: [
            { index: 0, status: "ok" },
            {
              index: 1,
              status: "failed",
              error: {
                code: "store_not_found",
                detail: "There is no store s.",
                store_id: "s",
              },
            },
          ],
        },
      ],
      [{ code: "idempotency_key_reused" }, 422, {}],
    ];
    for (const [rejection, status, facts] of refusals) {
      const title =
        "source" in rejection ? `${rejection.code} by ${rejection.source}` : rejection.code;
      test(`${title} is ${status} with its facts`, async () => {
        const { app } = await openTestApp({
          execute: async () => ({
            at: start,
            requestId: "first-request",
            result: { rejection },
            replayed: true,
            events: [],
          }),
        });
        const answer = await app.inject({
          method: "POST",
          url: "/api/v1/stores",
          headers: keyOf("admin"),
          payload: { name: "x" },
        });
        assert.equal(answer.statusCode, status);
        assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
        const body: Record<string, unknown> = answer.json();
        assert.equal(body["type"], `urn:onhand:problem:${String(body["code"])}`);
        assert.equal(body["status"], status);
        assert.equal(body["instance"], "/api/v1/stores");
        assert.equal(body["request_id"], "first-request", "a replay tells the first request's id");
        assert.equal(answer.headers["idempotent-replayed"], "true");
        for (const [name, value] of Object.entries({ code: rejection.code, ...facts })) {
          assert.deepEqual(body[name], value, name);
        }
        await app.close();
      });
    }
  });

  describe("a faulty request", () => {
    let it: TestApp;
    before(async () => {
      it = await openTestApp();
    });
    after(() => it.app.close());
    const admin = keyOf("admin");
    const json = { ...admin, "content-type": "application/json" };
    const create = { method: "POST", url: "/api/v1/stores", headers: json } as const;

    const faults: readonly [
      title: string,
      request: { method?: "POST" | "DELETE"; url: string; headers: object; payload?: string },
      status: number,
      code: string,
      path?: string,
    ][] = [
      ["JSON that does not parse", { ...create, payload: '{"name":' }, 400, "malformed_json"],
      ["an empty body", { ...create, payload: "" }, 400, "malformed_json"],
      ["no body at all", { ...create, headers: admin }, 400, "malformed_json"],
      ["__proto__ in the body", { ...create, payload: '{"__proto__":{}}' }, 400, "malformed_json"],
      [
        "constructor.prototype in the body",
        { ...create, payload: '{"constructor":{"prototype":{}}}' },
        400,
        "malformed_json",
      ],
      ["a list for an object", { ...create, payload: "[]" }, 400, "validation_failed", ""],
      ["null for an object", { ...create, payload: "null" }, 400, "validation_failed", ""],
      ["a missing field", { ...create, payload: "{}" }, 400, "validation_failed", "/name"],
      [
        "an unknown field",
        { ...create, payload: '{"name":"x","a/b":1}' },
        400,
        "validation_failed",
        "/a~1b",
      ],
      [
        "text for a number",
        { ...create, payload: '{"name":5}' },
        400,
        "validation_failed",
        "/name",
      ],
      ["a blank name", { ...create, payload: '{"name":"  "}' }, 400, "validation_failed", "/name"],
      [
        "half a character",
        { ...create, payload: '{"name":"\\ud800"}' },
        400,
        "validation_failed",
        "/name",
      ],
      [
        "a NUL in a text",
        { ...create, payload: '{"name":"a\\u0000b"}' },
        400,
        "validation_failed",
        "/name",
      ],
      [
        "an id that is a word of a route",
        { ...create, payload: '{"id":"low-stock","name":"x"}' },
        400,
        "validation_failed",
        "/id",
      ],
      [
        "a body that is not JSON by its type",
        { ...create, headers: { ...admin, "content-type": "text/plain" }, payload: "{}" },
        415,
        "unsupported_media_type",
      ],
      [
        "a form",
        {
          ...create,
          headers: { ...admin, "content-type": "application/x-www-form-urlencoded" },
          payload: "name=x",
        },
        415,
        "unsupported_media_type",
      ],
      [
        "a body above the limit",
        { ...create, payload: JSON.stringify({ name: "x".repeat(70_000) }) },
        413,
        "body_too_large",
      ],
      [
        "a limit above the bound",
        { url: "/api/v1/stores?limit=501", headers: admin },
        400,
        "validation_failed",
        "?limit",
      ],
      [
        "a limit that is no number",
        { url: "/api/v1/stores?limit=ten", headers: admin },
        400,
        "validation_failed",
        "?limit",
      ],
      [
        "the same query parameter twice",
        { url: "/api/v1/stores?limit=1&limit=2", headers: admin },
        400,
        "validation_failed",
        "?limit",
      ],
      [
        "an unknown query parameter",
        { url: "/api/v1/stores?size=1", headers: admin },
        400,
        "validation_failed",
        "?size",
      ],
      [
        "a cursor of another list",
        { url: "/api/v1/stores?cursor=WyJrZXlzIiwxXQ", headers: admin },
        400,
        "invalid_cursor",
      ],
      [
        "an id with characters that ids do not have",
        { url: "/api/v1/stores/a%20b", headers: admin },
        400,
        "validation_failed",
        "{id}",
      ],
      [
        "an id that is too long",
        { url: `/api/v1/stores/${"a".repeat(65)}`, headers: admin },
        400,
        "validation_failed",
        "{id}",
      ],
      [
        "an escape that cannot be decoded",
        { url: "/api/v1/stores/%zz", headers: admin },
        400,
        "validation_failed",
      ],
      [
        "a body where none is taken",
        { method: "DELETE", url: "/api/v1/stores/x", headers: json, payload: "{}" },
        400,
        "validation_failed",
        "",
      ],
      ["an address that is not there", { url: "/api/v2", headers: {} }, 404, "route_not_found"],
      [
        "an object that is not there",
        { url: "/api/v1/stores/x", headers: admin },
        404,
        "store_not_found",
      ],
    ];
    for (const [title, request, status, code, path] of faults) {
      test(`${title} is ${status} ${code}${path === undefined ? "" : ` and names "${path}"`}`, async () => {
        const answer = await it.app.inject({ ...request, headers: { ...request.headers } });
        const body = answer.json();
        assert.equal(answer.statusCode, status, answer.body);
        assert.equal(body.code, code);
        assert.match(String(answer.headers["content-type"]), /^application\/problem\+json/);
        assert.equal(body.request_id, answer.headers["x-request-id"]);
        assert.equal(answer.headers["x-content-type-options"], "nosniff");
        if (path !== undefined) assert.equal(body.errors[0].path, path);
      });
    }

    test("a method that an address does not know is 405, and Allow says which it does", async () => {
      for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] as const) {
        const answer = await it.app.inject({ method, url: "/api/v1/stores" });
        assert.equal(answer.statusCode, 405, method);
        assert.equal(answer.headers["allow"], "GET, HEAD, POST");
        assert.equal(answer.json().code, "method_not_allowed");
      }
    });

    test("an address or a method that is not there is told whatever stands in the body", async () => {
      const bodies = [
        { headers: { "content-type": "text/xml" }, payload: "<a/>" },
        { headers: { "content-type": "application/json" }, payload: "{" },
        { headers: { "content-type": "application/json" }, payload: `"${"x".repeat(100_000)}"` },
      ];
      for (const body of bodies) {
        const nowhere = await it.app.inject({ ...body, method: "POST", url: "/api/v1/nothing" });
        assert.equal(nowhere.statusCode, 404);
        assert.equal(nowhere.json().code, "route_not_found");
        const unknown = await it.app.inject({ ...body, method: "PUT", url: "/api/v1/stores" });
        assert.equal(unknown.statusCode, 405);
        assert.equal(unknown.headers["allow"], "GET, HEAD, POST");
      }
    });

    test("HEAD is answered wherever GET is", async () => {
      const answer = await it.app.inject({ method: "HEAD", url: "/api/v1/stores", headers: admin });
      assert.equal(answer.statusCode, 200);
      assert.equal(answer.body, "");
    });

    test("a DELETE with a JSON content type and no body is no fault", async () => {
      const answer = await it.app.inject({ ...create, method: "DELETE", url: "/api/v1/stores/x" });
      assert.equal(answer.json().code, "store_not_found");
    });
  });

  describe("a failure of ours", () => {
    const failing = async (error: unknown) => {
      const it = await openTestApp({ execute: () => Promise.reject(error) });
      const answer = await it.app.inject({
        method: "POST",
        url: "/api/v1/stores",
        headers: { ...keyOf("admin"), "x-request-id": "abc.1" },
        payload: { name: "x" },
      });
      await it.app.close();
      return { ...it, answer };
    };

    test("a full queue is 503 overloaded with Retry-After", async () => {
      const { answer } = await failing(new OverloadedError("full", 3));
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.json().code, "overloaded");
      assert.equal(answer.headers["retry-after"], "3");
    });

    test("a database that is away is 503 database_unavailable with Retry-After", async () => {
      const { answer } = await failing(new OperatingError("SQLITE_BUSY", { retryable: true }));
      assert.equal(answer.statusCode, 503);
      assert.equal(answer.json().code, "database_unavailable");
      assert.match(String(answer.headers["retry-after"]), /^\d+$/);
      assert.doesNotMatch(answer.body, /SQLITE/);
    });

    test("a bug is 500 internal: its stack is in the log, its request id in the answer", async () => {
      const { answer, logText } = await failing(new Error("secret detail of a bug"));
      assert.equal(answer.statusCode, 500);
      assert.equal(answer.json().code, "internal");
      assert.equal(answer.json().request_id, "abc.1");
      assert.doesNotMatch(answer.body, /secret detail/);
      assert.match(logText(), /secret detail of a bug.*problem\.test\.ts/s);
    });

    test("whatever is thrown is 500, also what is no error", async () => {
      for (const thrown of ["text", 7, null, { statusCode: 404 }]) {
        const { answer } = await failing(thrown);
        assert.equal(answer.statusCode, 500, JSON.stringify(thrown));
        assert.equal(answer.json().code, "internal");
      }
    });
  });

  describe("bytes that are no request", () => {
    const speak = async (bytes: string): Promise<string> => {
      const it = await openTestApp();
      const { port } = new URL(await it.app.listen({ port: 0 }));
      const socket = connect(Number(port), "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8").on("data", (chunk) => {
        answer += chunk;
      });
      socket.write(bytes);
      await once(socket, "close");
      await it.app.close();
      return answer;
    };

    test("a broken request line is a 400 problem", async () => {
      const answer = await speak("NONSENSE\r\n\r\n");
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /application\/problem\+json[\s\S]*"code":"validation_failed"/);
    });

    test("headers above the limit are a 431 problem", async () => {
      const answer = await speak(
        `GET /livez HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 431 /);
      assert.match(answer, /"code":"headers_too_large"/);
    });

    test("two lengths of one body are a 400 problem", async () => {
      const answer = await speak(
        "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      );
      assert.match(answer, /^HTTP\/1\.1 400 /);
    });
  });
});
