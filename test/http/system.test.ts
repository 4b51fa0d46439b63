// What operators, their tools and browsers meet besides the API itself: probes in every state, metrics
// after traffic, the documents, HEAD, headers on every kind of answer, other origins, and a service that
// is too busy.

import assert from "node:assert/strict";
import { after, before, describe, mock, test } from "node:test";
import { OverloadedError } from "../../src/commands/execute.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { OperatingError } from "../../src/lib/operating-error.ts";
import { keyOf, openTestApp as openHttpApp } from "../support/http-app.ts";
import { ask, type Market, openMarket, type Request } from "../support/market.ts";
import { examples, type Things } from "../support/requests.ts";
import { assertProblem } from "../support/shop.ts";
import { until } from "../support/until.ts";

let market: Market;
let things: Things;
before(async () => {
  market = await openMarket();
  const [made] = await market.things([{}]);
  assert.ok(made);
  things = made;
});
after(() => market.close());

const get = (url: string, request: Partial<Request> = {}) =>
  market.ask("GET", url, { as: null, ...request });

describe("GET /health", () => {
  const states = [
    { redis: "disabled", publishes: true, lag: 0, status: "healthy" },
    { redis: "connected", publishes: true, lag: 3, status: "healthy" },
    { redis: "connected", publishes: false, lag: 3, status: "degraded" },
    { redis: "disconnected", publishes: true, lag: 7, status: "degraded" },
    { redis: "disconnected", publishes: false, lag: null, status: "degraded" },
  ] as const;
  for (const { redis, publishes, lag, status } of states) {
    const refusing = publishes ? "" : " that takes nothing,";
    test(`is 200 ${status} with Redis ${redis},${refusing} and a lag of ${lag}`, async () => {
      const { app } = await openHttpApp({
        vitals: { redis: () => redis, isPublishing: () => publishes, eventLag: () => lag },
      });
      const { status: code, body } = await ask({ app }, "GET", "/health", { as: null });
      assert.equal(code, 200);
      assert.deepEqual(body, {
        status,
        database: "connected",
        redis,
        timestamp: "2026-01-01T00:00:00.000Z",
        version: "0.0.0-test",
        instance_id: "test",
        event_lag: lag,
      });
      await app.close();
    });
  }

  const away = (): Promise<never> =>
    Promise.reject(new OperatingError("gone", { retryable: true }));
  const hanging = (): Promise<never> => new Promise(() => undefined);
  for (const [title, ping] of [
    ["is gone", away],
    ["fails in a way nobody knows", () => Promise.reject(new Error("x"))],
  ] as const) {
    test(`is 503 when the database ${title}, and so is /readyz, but not /livez`, async () => {
      const { app } = await openHttpApp({ store: { ping } });
      const health = await ask({ app }, "GET", "/health", { as: null });
      assert.equal(health.status, 503);
      assert.partialDeepStrictEqual(health.body, {
        status: "unavailable",
        database: "disconnected",
      });
      const ready = await ask({ app }, "GET", "/readyz", { as: null });
      assert.deepEqual([ready.status, ready.body], [503, { status: "no database" }]);
      const live = await ask({ app }, "GET", "/livez", { as: null });
      assert.deepEqual([live.status, live.body], [200, { status: "live" }]);
      await app.close();
    });
  }

  test("is 503 when the database hangs: the probe does not hang with it", async () => {
    const { app } = await openHttpApp({ store: { ping: hanging } });
    await app.ready();
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      const answers = Promise.all(
        ["/health", "/readyz"].map((url) => ask({ app }, "GET", url, { as: null })),
      );
      let done = false;
      void answers.then(() => {
        done = true;
      });
      // The clock runs by hand, as often as the requests need to come to their timers.
      for (let turn = 0; turn < 100 && !done; turn += 1) {
        mock.timers.tick(500);
        await new Promise(setImmediate);
      }
      assert.ok(done, "both were answered");
      for (const { status } of await answers) assert.equal(status, 503);
    } finally {
      mock.timers.reset();
      await app.close();
    }
  });

  test("tells of the real database, the time and the instance", async () => {
    const from = now();
    const { status, body } = await get("/health");
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { status: "healthy", database: "connected" });
    assert.ok(Date.parse(String(body["timestamp"])) >= from);
  });
});

describe("GET /readyz", () => {
  test("is 200 while there may be traffic, and 503 from the moment the service is to stop", async () => {
    const { app } = await openHttpApp();
    const ready = () => ask({ app }, "GET", "/readyz", { as: null });
    assert.deepEqual((await ready()).body, { status: "ready" });
    app.draining = true;
    const stopping = await ready();
    assert.deepEqual([stopping.status, stopping.body], [503, { status: "stopping" }]);
    assert.equal(stopping.headers["connection"], "close");
    const live = await ask({ app }, "GET", "/livez", { as: null });
    assert.equal(live.status, 200, "what is about to stop still lives");
    await app.close();
  });
});

describe("GET /metrics", () => {
  /** Series of a metric, as they are written. */
  const seriesOf = (text: string, name: string): string[] =>
    text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

  test("has every metric of the product after traffic, with its labels", async () => {
    const { product, store } = things;
    const as = market.keys.admin;
    const row = { product_id: product, store_id: store };
    await get(`/api/v1/products/${product}/availability`);
    await get(`/api/v1/products/${product}/availability`);
    await market.ask("POST", "/api/v1/stock", {
      as,
      body: { ...row, quantity_change: 1, reason: "RESTOCK" },
    });
    await market.ask("POST", "/api/v1/reservations", {
      as,
      body: { ...row, quantity: 100, customer_id: "ann" },
    });
    const { status, text, headers } = await get("/metrics");
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    for (const name of [
      "http_request_duration_seconds_count",
      "stock_operations_total",
      "cache_requests_total",
      "onhand_commit_batch_commands_count",
      "onhand_commit_duration_seconds_count",
      "onhand_queued_commands",
      "onhand_log_head_seq",
      "onhand_event_lag_events",
      "onhand_event_age_seconds",
      "onhand_expiry_lag_seconds",
      "onhand_pending_reservations",
      "onhand_sse_clients",
      "onhand_event_loop_delay_seconds",
      "onhand_build_info",
    ]) {
      assert.notDeepEqual(seriesOf(text, name), [], name);
    }
    const has = (line: string): void => assert.ok(text.includes(line), line);
    has(
      'http_request_duration_seconds_count{method="GET",endpoint="/api/v1/products/:id/availability",status="200"}',
    );
    has('http_request_duration_seconds_count{method="POST",endpoint="/api/v1/reservations"');
    has('stock_operations_total{operation="change_stock",store_id="MAD",status="ok"} 1');
    has('stock_operations_total{operation="reserve",store_id="MAD",status="insufficient_stock"} 1');
    has('cache_requests_total{result="hit"} 1');
    has('cache_requests_total{result="miss"} 1');
    has('onhand_build_info{version="test"');
    assert.doesNotMatch(text, new RegExp(product));
  });

  test("the durations have the promised buckets", async () => {
    const { text } = await get("/metrics");
    const buckets = [...text.matchAll(/http_request_duration_seconds_bucket\{[^}]*le="([^"]+)"/g)];
    const ends = new Set(buckets.map(([, end]) => end));
    const promised = ["0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "+Inf"];
    assert.deepEqual([...ends], promised);
  });

  test("want their token where there is one, and nothing else", async () => {
    const { app } = await openHttpApp({ settings: { metricsToken: "sixteen letters!" } });
    const metrics = (headers: Record<string, string>) =>
      ask({ app }, "GET", "/metrics", { as: null, headers });
    assert.equal((await metrics({ authorization: "Bearer sixteen letters!" })).status, 200);
    for (const headers of [
      {},
      keyOf("admin"),
      { authorization: "sixteen letters!" },
      { authorization: "Bearer sixteen letters" },
      { authorization: "bearer sixteen letters!" },
      { authorization: "Bearer sixteen letters!!" },
      { authorization: "Basic sixteen letters!" },
    ]) {
      assertProblem(await metrics(headers), 401, "unauthenticated");
    }
    await app.close();
  });

  test("answer while what they ask is away", async () => {
    market.metrics.onScrape(() => Promise.reject(new OperatingError("gone", { retryable: true })));
    const { status, text } = await get("/metrics");
    assert.equal(status, 200);
    assert.match(text, /onhand_build_info/);
  });
});

describe("GET /openapi.json", () => {
  type Json = Readonly<Record<string, unknown>>;
  let document: Json;
  let text: string;
  before(async () => {
    const answer = await get("/openapi.json");
    assert.match(String(answer.headers["content-type"]), /^application\/json/);
    ({ body: document, text } = answer);
  });
  const operations = (): [string, string, Json][] =>
    Object.entries(document["paths"] as Record<string, Record<string, Json>>).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, one]): [string, string, Json] => [path, method, one]),
    );

  test("is OpenAPI 3.1 with a title, a version and a place", () => {
    assert.equal(document["openapi"], "3.1.0");
    assert.partialDeepStrictEqual(document["info"], { title: "Onhand", version: "test" });
    assert.deepEqual(document["servers"], [{ url: "/" }]);
  });

  test("declares every part of every path, and nothing that is no part of it", () => {
    for (const [path, , { parameters = [] }] of operations()) {
      const declared = (parameters as Json[])
        .filter((one) => one["in"] === "path")
        .map((one) => [one["name"], one["required"]]);
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]);
      assert.deepEqual(declared, parts, path);
    }
  });

  test("has a body on no read, and answers with a description everywhere", () => {
    for (const [path, method, { requestBody, responses }] of operations()) {
      if (method === "get") assert.equal(requestBody, undefined, path);
      for (const [status, one] of Object.entries(responses as Record<string, Json>)) {
        assert.match(status, /^[1-5]\d\d$/);
        assert.ok("$ref" in one || typeof one["description"] === "string", `${path} ${status}`);
      }
    }
  });

  test("points to nothing that is not in it", () => {
    for (const [, name = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      let part: unknown = document;
      for (const step of name.split("/")) part = Reflect.get(Object(part), step);
      assert.equal(typeof part, "object", name);
    }
    const schemes = Object.keys(
      (document["components"] as Record<string, object>)["securitySchemes"] ?? {},
    );
    for (const [path, , { security }] of operations()) {
      for (const one of (security ?? []) as object[]) {
        for (const name of Object.keys(one)) assert.ok(schemes.includes(name), `${path} ${name}`);
      }
    }
  });

  test("uses only types that JSON has", () => {
    const types = new Set([...text.matchAll(/"type":"(\w+)"/g)].map(([, type]) => type));
    for (const type of types) {
      assert.match(
        String(type),
        /^(?:object|array|string|integer|number|boolean|null|apiKey|http)$/,
      );
    }
    assert.doesNotMatch(text, /"nullable"/);
  });
});

describe("the reference page", () => {
  test("runs its own script and nothing else", async () => {
    const { status, headers, text } = await get("/docs");
    assert.equal(status, 200);
    assert.match(String(headers["content-type"]), /^text\/html; charset=utf-8/);
    const policy = String(headers["content-security-policy"]);
    for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
      assert.ok(policy.split("; ").includes(part), policy);
    }
    for (const [, source] of text.matchAll(/(?:src|href)="([^"]*)"/g)) {
      assert.match(String(source), /^(?:\/docs\/scalar\.js|data:,)$/);
    }
    assert.doesNotMatch(text, /<script[^>]*>[^<]/, "no script in the page itself");
  });

  test("the script may be kept for a day, the page not at all", async () => {
    const script = await get("/docs/scalar.js");
    assert.equal(script.headers["cache-control"], "public, max-age=86400");
    assert.match(String(script.headers["content-type"]), /^text\/javascript/);
    assert.equal((await get("/docs")).headers["cache-control"], "no-store");
  });
});

describe("HEAD", () => {
  for (const route of Object.keys(examples)) {
    if (!route.startsWith("GET") || /\/stream$|\/exports\//.test(route)) continue;
    test(`of ${route.slice(4)} is GET without the body`, async () => {
      const { url } = (examples[route] ?? (() => ({ url: "" })))(things);
      const as = market.keys.admin;
      const [head, whole] = [
        await market.ask("HEAD", url, { as }),
        await market.ask("GET", url, { as }),
      ];
      assert.deepEqual([head.status, head.text], [whole.status, ""]);
      const kept = ({ headers }: typeof head) => {
        const {
          date,
          "x-request-id": id,
          "content-length": length,
          "x-cache": cache,
          ...rest
        } = headers;
        return rest;
      };
      assert.deepEqual(kept(head), kept(whole));
    });
  }

  test("is refused like GET where one may not read", async () => {
    const { status, text } = await market.ask("HEAD", "/api/v1/api-keys", { as: null });
    assert.deepEqual([status, text], [401, ""]);
  });
});

describe("the headers that protect browsers", () => {
  test("are on every kind of answer", async () => {
    const as = market.keys.admin;
    const { product, bareStore } = things;
    const stores = "/api/v1/stores";
    const requests: readonly (readonly [status: number, method: string, url: string, Request])[] = [
      [200, "GET", stores, { as }],
      [200, "HEAD", stores, { as }],
      [200, "GET", "/docs", { as: null }],
      [200, "GET", "/metrics", { as: null }],
      [201, "POST", stores, { as, body: { name: "x" } }],
      [204, "DELETE", `${stores}/${bareStore}`, { as }],
      [304, "GET", `${stores}/MAD`, { as, headers: { "if-none-match": '"v1"' } }],
      [400, "POST", stores, { as, body: "{" }],
      [400, "POST", stores, { as, body: {} }],
      [400, "GET", `${stores}/%zz`, { as }],
      [401, "GET", stores, { as: null }],
      [403, "POST", stores, { as: market.keys.vendor, body: { name: "x" } }],
      [404, "GET", `${stores}/NOWHERE`, { as }],
      [404, "GET", "/nowhere", { as: null }],
      [405, "PUT", stores, { as }],
      [409, "POST", stores, { as, body: { id: "MAD", name: "x" } }],
      [412, "PATCH", `${stores}/MAD`, { as, body: { city: "x" }, headers: { "if-match": '"v9"' } }],
      [413, "POST", stores, { as, body: " ".repeat(70_000) }],
      [415, "POST", stores, { as, body: "x", headers: { "content-type": "text/plain" } }],
      [200, "GET", `/api/v1/products/${product}/availability`, { as: null }],
    ];
    for (const [expected, method, url, request] of requests) {
      const { status, headers } = await market.ask(method, url, request);
      const shown = `${method} ${url} ${status}`;
      assert.equal(status, expected, shown);
      assert.equal(headers["x-content-type-options"], "nosniff", shown);
      assert.equal(headers["x-frame-options"], "DENY", shown);
      assert.equal(headers["referrer-policy"], "no-referrer", shown);
      assert.equal(headers["cross-origin-resource-policy"], "same-origin", shown);
      assert.match(String(headers["content-security-policy"]), /^default-src 'none'/, shown);
      assert.match(String(headers["cache-control"]), /^no-(?:store|cache)$/, shown);
      assert.match(String(headers["x-request-id"]), /^[A-Za-z0-9._:-]{1,128}$/, shown);
      for (const name of ["server", "x-powered-by", "access-control-allow-origin"]) {
        assert.equal(headers[name], undefined, shown);
      }
    }
  });

  test("are on 422, 429, 500 and 503 too", async () => {
    const failing = await openHttpApp({
      settings: { rateLimitCaller: 3 },
      execute: (command) =>
        Promise.reject(
          command.kind === "CreateStore" ? new OverloadedError("full") : new Error("a bug"),
        ),
    });
    const { app } = failing;
    const headers = keyOf("admin");
    const body = { name: "x" };
    const statuses: number[] = [];
    for (const [method, url] of [
      ["POST", "/api/v1/stores"],
      ["PUT", "/api/v1/stores/MAD"],
      ["PUT", "/api/v1/stores/MAD"],
      ["PUT", "/api/v1/stores/MAD"],
    ] as const) {
      const answer = await ask({ app }, method, url, { as: null, headers, body });
      statuses.push(answer.status);
      assert.equal(answer.headers["x-content-type-options"], "nosniff");
      assert.match(String(answer.headers["content-security-policy"]), /^default-src 'none'/);
    }
    assert.deepEqual(statuses, [503, 500, 500, 429]);
    await app.close();

    const [as, key] = [market.keys.admin, { "idempotency-key": newId() }];
    await market.ask("POST", "/api/v1/stores", { as, body, headers: key });
    const reused = await market.ask("POST", "/api/v1/stores", {
      as,
      body: { name: "y" },
      headers: key,
    });
    assertProblem(reused, 422, "idempotency_key_reused");
    assert.equal(reused.headers["x-content-type-options"], "nosniff");
  });
});

describe("other origins", () => {
  const shop = "https://shop.example";
  const preflight = {
    origin: shop,
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-api-key,idempotency-key",
  };
  const corsOf = (headers: Readonly<Record<string, unknown>>): string[] =>
    Object.keys(headers).filter((name) => name.startsWith("access-control"));

  test("are told nothing at all, unless one is configured", async () => {
    for (const [method, headers] of [
      ["OPTIONS", preflight],
      ["GET", { origin: shop }],
    ] as const) {
      const answer = await market.ask(method, "/api/v1/products", { as: null, headers });
      assert.equal(answer.status, method === "GET" ? 200 : 405);
      assert.deepEqual(corsOf(answer.headers), []);
    }
  });

  test("that are configured may call with a key, never with a cookie; others may not", async () => {
    const { app } = await openHttpApp({
      settings: { corsOrigins: [shop, "http://localhost:5173"] },
    });
    const url = "/api/v1/stores";
    const allowed = await ask({ app }, "OPTIONS", url, { as: null, headers: preflight });
    assert.equal(allowed.status, 204);
    assert.partialDeepStrictEqual(allowed.headers, {
      "access-control-allow-origin": shop,
      "access-control-max-age": "600",
      "x-content-type-options": "nosniff",
    });
    const named = String(allowed.headers["access-control-allow-headers"]);
    for (const name of [
      "x-api-key",
      "authorization",
      "idempotency-key",
      "if-match",
      "traceparent",
    ]) {
      assert.ok(named.split(", ").includes(name), name);
    }
    assert.doesNotMatch(named, /cookie/);

    const read = await ask({ app }, "GET", url, {
      as: null,
      headers: { ...keyOf("admin"), origin: shop },
    });
    assert.equal(read.headers["access-control-allow-origin"], shop);
    assert.match(String(read.headers["vary"]), /origin/i);
    assert.match(String(read.headers["access-control-expose-headers"]), /etag/);
    for (const origin of [
      "https://evil.example",
      "null",
      `${shop}.evil.test`,
      "http://shop.example",
    ]) {
      for (const method of ["GET", "OPTIONS"]) {
        const headers = { ...preflight, ...keyOf("admin"), origin };
        const answer = await ask({ app }, method, url, { as: null, headers });
        assert.equal(answer.headers["access-control-allow-origin"], undefined, origin);
      }
    }
    for (const answer of [allowed, read]) {
      assert.equal(answer.headers["access-control-allow-credentials"], undefined);
    }
    await app.close();
  });

  test("are let in to problems as well: a browser may read why it was refused", async () => {
    const { app } = await openHttpApp({ settings: { corsOrigins: [shop] } });
    for (const url of ["/api/v1/stores", "/nowhere"]) {
      const answer = await ask({ app }, "GET", url, { as: null, headers: { origin: shop } });
      assert.ok(answer.status >= 400);
      assert.equal(answer.headers["access-control-allow-origin"], shop, url);
    }
    await app.close();
  });

  test("are let in to refusals at the door", async () => {
    const { app } = await openHttpApp({
      settings: { corsOrigins: [shop] },
      door: { enter: (answered) => answered(false) },
    });
    const headers = { ...keyOf("admin"), origin: shop };
    const refused = await ask({ app }, "POST", "/api/v1/stores", { as: null, headers });
    assertProblem(refused, 503, "overloaded");
    assert.equal(refused.headers["access-control-allow-origin"], shop);
    await app.close();
  });
});

test("a service that is too busy refuses reads with 503; it still answers its probes, and commands have the door", async () => {
  const { app } = await openHttpApp({ loopDelayMsMax: 0.001 });
  const headers = keyOf("admin");
  const read = () => ask({ app }, "GET", "/api/v1/stores", { as: null, headers });
  assert.equal((await read()).status, 200, "the first moments of a process say nothing");
  await until(async () => (await read()).status !== 200, "the event loop is found to be late");
  const answer = await read();
  assertProblem(answer, 503, "overloaded");
  assert.match(String(answer.headers["retry-after"]), /^\d+$/);
  const write = await ask({ app }, "POST", "/api/v1/stores", {
    as: null,
    headers,
    body: { id: 5 },
  });
  assertProblem(write, 400, "validation_failed");
  for (const url of ["/livez", "/readyz", "/health", "/metrics", "/openapi.json"]) {
    assert.equal((await ask({ app }, "GET", url, { as: null })).status, 200, url);
  }
  await app.close();
});

test("commands wait at the door before they are read, and are refused there; everything else is answered", async () => {
  const waiting: ((isLetIn: boolean) => void)[] = [];
  const { app, logged } = await openHttpApp({
    door: { enter: (answered) => waiting.push(answered) },
  });
  const headers = { ...keyOf("admin"), "idempotency-key": "1" };
  const write = async (isLetIn: boolean) => {
    const answer = ask({ app }, "POST", "/api/v1/stores", { as: null, headers, body: { id: 5 } });
    await until(() => waiting.length > 0, "the command is at the door");
    const read = await ask({ app }, "GET", "/api/v1/stores", { as: null, headers: keyOf("admin") });
    assert.equal(read.status, 200);
    waiting.pop()?.(isLetIn);
    return answer;
  };
  const refused = await write(false);
  assertProblem(refused, 503, "overloaded");
  assert.equal(refused.headers["retry-after"], "1");
  assert.equal(logged().at(-1)?.["route"], "/api/v1/stores");
  assertProblem(await write(true), 400, "validation_failed");
  await app.close();
});
