// What the application does around every route: headers, request ids, CORS, probes, the log line, the
// metrics, and the last minute before it stops.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { keyOf, openTestApp, secretOf, type TestApp } from "../../test/support/http-app.ts";
import { OperatingError } from "../lib/operating-error.ts";

const stores = "/api/v1/stores";

describe("every answer", () => {
  let it: TestApp;
  before(async () => {
    it = await openTestApp();
  });
  after(() => it.app.close());

  test("carries the security headers, whatever its status", async () => {
    const requests = [
      { url: "/livez" },
      { url: stores, headers: keyOf("admin") },
      { url: stores },
      { url: "/nowhere" },
      { url: "/api/v1/stores/%zz" },
      { url: stores, method: "PUT" as const },
      { url: "/api/v1/auth/session", method: "POST" as const, payload: "{" },
    ];
    for (const request of requests) {
      const { headers, statusCode } = await it.app.inject(request);
      const shown = `${request.url} ${statusCode}`;
      assert.equal(headers["cache-control"], "no-store", shown);
      assert.equal(headers["x-content-type-options"], "nosniff", shown);
      assert.equal(headers["x-frame-options"], "DENY", shown);
      assert.equal(headers["referrer-policy"], "no-referrer", shown);
      assert.equal(headers["cross-origin-resource-policy"], "same-origin", shown);
      assert.match(String(headers["content-security-policy"]), /^default-src 'none'/, shown);
      assert.equal(headers["server"], undefined, shown);
      assert.equal(headers["x-powered-by"], undefined, shown);
      assert.match(String(headers["x-request-id"]), /^[A-Za-z0-9._:-]{1,128}$/, shown);
    }
  });

  test("repeats a well-formed request id, and never one that is not", async () => {
    const idFor = async (given: string) =>
      (await it.app.inject({ url: "/livez", headers: { "x-request-id": given } })).headers[
        "x-request-id"
      ];
    assert.equal(await idFor("order-17:a.b_c"), "order-17:a.b_c");
    for (const given of ["", "a b", "x".repeat(129), "<script>", 'a"b', "é"]) {
      assert.notEqual(await idFor(given), given);
    }
  });

  test("has a request id of its own otherwise, different each time and in each process", async () => {
    const other = await openTestApp();
    const ids = new Set<unknown>();
    for (const app of [it.app, it.app, other.app, other.app]) {
      ids.add((await app.inject({ url: "/livez" })).headers["x-request-id"]);
    }
    assert.equal(ids.size, 4);
    await other.app.close();
  });
});

describe("other origins", () => {
  const preflight = { origin: "https://shop.example", "access-control-request-method": "POST" };

  test("are told nothing unless they are configured", async () => {
    const { app } = await openTestApp();
    const answer = await app.inject({ method: "OPTIONS", url: stores, headers: preflight });
    assert.equal(answer.statusCode, 405);
    const read = await app.inject({ url: "/livez", headers: preflight });
    const named = [...Object.keys(answer.headers), ...Object.keys(read.headers)];
    assert.ok(!named.some((name) => name.startsWith("access-control")));
    await app.close();
  });

  test("that are configured may call with a key, never with a cookie", async () => {
    const { app } = await openTestApp({ settings: { corsOrigins: ["https://shop.example"] } });
    const answer = await app.inject({ method: "OPTIONS", url: stores, headers: preflight });
    assert.equal(answer.statusCode, 204);
    assert.equal(answer.headers["access-control-allow-origin"], "https://shop.example");
    assert.equal(answer.headers["access-control-allow-credentials"], undefined);
    assert.match(String(answer.headers["access-control-allow-headers"]), /idempotency-key/);
    const evil = { ...preflight, origin: "https://evil.test" };
    const other = await app.inject({ method: "OPTIONS", url: stores, headers: evil });
    assert.notEqual(other.headers["access-control-allow-origin"], "https://evil.test");
    assert.notEqual(other.headers["access-control-allow-origin"], "*");
    await app.close();
  });
});

describe("probes", () => {
  test("say healthy, live and ready while the database answers", async () => {
    const { app } = await openTestApp();
    const health = (await app.inject({ url: "/health" })).json();
    assert.deepEqual(health, {
      status: "healthy",
      database: "connected",
      redis: "disabled",
      timestamp: "2026-01-01T00:00:00.000Z",
      version: "0.0.0-test",
      instance_id: "test",
      event_lag: 0,
    });
    assert.equal((await app.inject({ url: "/livez" })).statusCode, 200);
    assert.equal((await app.inject({ url: "/readyz" })).statusCode, 200);
    await app.close();
  });

  test("a database that is gone is 503 for health and readiness, not for liveness", async () => {
    const ping = () => Promise.reject(new OperatingError("gone", { retryable: true }));
    const { app } = await openTestApp({ store: { ping } });
    const health = await app.inject({ url: "/health" });
    assert.equal(health.statusCode, 503);
    assert.equal(health.json().database, "disconnected");
    assert.equal((await app.inject({ url: "/readyz" })).statusCode, 503);
    assert.equal((await app.inject({ url: "/livez" })).statusCode, 200);
    await app.close();
  });

  test("a service that is about to stop is not ready, and asks clients to reconnect", async () => {
    const { app } = await openTestApp();
    app.draining = true;
    const { port } = new URL(await app.listen({ port: 0 }));
    const socket = connect(Number(port), "127.0.0.1");
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
    });
    socket.write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "close");
    assert.match(answer, /^HTTP\/1\.1 503 .*connection: close/is);
    await app.close();
  });
});

describe("a stop that begins while a request is under way", () => {
  test("its answer, too, asks the client to close the connection", async () => {
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const ping = (): Promise<void> => {
      asked.resolve();
      return answered.promise;
    };
    const { app } = await openTestApp({ store: { ping } });
    const answer = app.inject({ url: "/health" }).then(({ headers }) => headers);
    await asked.promise;
    app.draining = true;
    answered.resolve();
    assert.equal((await answer).connection, "close");
    await app.close();
  });
});

describe("metrics", () => {
  test("are open without a token, and with one to its holder only", async () => {
    const open = await openTestApp();
    assert.equal((await open.app.inject({ url: "/metrics" })).statusCode, 200);
    const closed = await openTestApp({ settings: { metricsToken: "sixteen letters!" } });
    const ask = async (headers: Record<string, string>) =>
      (await closed.app.inject({ url: "/metrics", headers })).statusCode;
    assert.equal(await ask({}), 401);
    assert.equal(await ask({ authorization: "Bearer sixteen letters?" }), 401);
    assert.equal(await ask(keyOf("admin")), 401);
    assert.equal(await ask({ authorization: "Bearer sixteen letters!" }), 200);
    await Promise.all([open.app.close(), closed.app.close()]);
  });

  test("count by route template: paths, ids and methods of a client make no series", async () => {
    const { app } = await openTestApp();
    const admin = keyOf("admin");
    for (let index = 0; index < 50; index += 1) {
      await app.inject({ url: `/api/v1/stores/S-${index}`, headers: admin });
      await app.inject({ url: `/scan/${index}.php` });
      await app.inject({ url: `/api/v1/stores/%zz${index}` });
    }
    const { body } = await app.inject({ url: "/metrics" });
    const counts = body.match(/^http_request_duration_seconds_count.*$/gm);
    assert.deepEqual(counts?.sort(), [
      'http_request_duration_seconds_count{method="GET",endpoint="/api/v1/stores/:id",status="404"} 50',
      'http_request_duration_seconds_count{method="any",endpoint="unmatched",status="400"} 50',
      'http_request_duration_seconds_count{method="any",endpoint="unmatched",status="404"} 50',
    ]);
    await app.close();
  });

  test("count writes, and name a store only where it exists", async () => {
    const { app } = await openTestApp();
    const write = { url: `${stores}/GHOST-1`, headers: keyOf("admin"), payload: { name: "x" } };
    await app.inject({ ...write, method: "POST", url: stores });
    await app.inject({ ...write, method: "PATCH" });
    const { body } = await app.inject({ url: "/metrics" });
    assert.match(
      body,
      /stock_operations_total\{operation="create_store",store_id="",status="ok"\} 1/,
    );
    assert.match(
      body,
      /stock_operations_total\{operation="change_store",store_id="",status="store_not_found"\} 1/,
    );
    assert.doesNotMatch(body, /GHOST/);
    await app.close();
  });
});

describe("the log", () => {
  test("has one line per write, in the words of the business", async () => {
    const it = await openTestApp();
    const headers = { ...keyOf("admin"), "x-request-id": "r-1" };
    await it.app.inject({ method: "POST", url: stores, headers, payload: { id: "B", name: "x" } });
    const [line, ...more] = it.logged();
    assert.deepEqual(more, []);
    const { time, duration_ms, ...rest } = line ?? {};
    assert.match(String(time), /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(typeof duration_ms, "number");
    assert.deepEqual(rest, {
      level: "info",
      method: "POST",
      route: stores,
      status: 201,
      request_id: "r-1",
      caller: "key:admin",
      operation: "create_store",
      msg: "request",
    });
    await it.app.close();
  });

  test("has none for a read that went well, unless debugging", async () => {
    for (const logLevel of ["info", "debug"] as const) {
      const it = await openTestApp({ logLevel });
      await it.app.inject({ url: stores, headers: keyOf("admin") });
      assert.equal(it.logged().length, logLevel === "debug" ? 1 : 0);
      await it.app.close();
    }
  });

  test("warns of people at the door, with their address and the code", async () => {
    const it = await openTestApp();
    await it.app.inject({ url: stores, headers: { "x-api-key": "wrong" } });
    const [line] = it.logged();
    assert.equal(line?.["level"], "warn");
    assert.equal(line?.["code"], "unauthenticated");
    assert.equal(line?.["address"], "127.0.0.1");
    await it.app.close();
  });

  test("never has bodies, queries, headers or secrets, and no line that a client wrote", async () => {
    const it = await openTestApp({ logLevel: "debug" });
    const canary = "canary-7f3a";
    const url = `${stores}/${encodeURIComponent("a\r\n{}")}?token=${canary}`;
    const headers = {
      ...keyOf("admin"),
      cookie: `x=${canary}`,
      "user-agent": canary,
      "idempotency-key": canary,
    };
    await it.app.inject({ url, headers });
    await it.app.inject({ method: "POST", url: stores, headers, payload: { name: canary } });
    await it.app.inject({ method: "POST", url: stores, headers, payload: `{"name": ${canary}` });
    assert.ok(it.logged().length >= 3, "each line is JSON");
    assert.ok(!it.logText().includes(canary));
    assert.ok(!it.logText().includes(secretOf("admin").slice(4)));
    await it.app.close();
  });
});
