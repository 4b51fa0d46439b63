// Every answer that openapi.json promises, given at least once, and none that it does not. Requests of one
// kind go to every route; what only some routes say, because of what is there, follows by name; what no
// client can bring about is brought about by parts that fail. The last test counts what is missing.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { openAvailabilityCache } from "../../src/cache/memory.ts";
import { OverloadedError } from "../../src/commands/execute.ts";
import { buildApp } from "../../src/http/app.ts";
import { renderAvailability } from "../../src/http/availability.ts";
import type { HttpDeps, HttpSettings } from "../../src/http/deps.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { openLogger } from "../../src/lib/logger.ts";
import { openMetrics } from "../../src/lib/metrics.ts";
import { OperatingError } from "../../src/lib/operating-error.ts";
import { batchBodyBytesMax, failedSignInsPerMinuteMax } from "../../src/limits.ts";
import type { Store } from "../../src/store/store.ts";
import type { Answer } from "../support/app.ts";
import { type Documented, readDocumented } from "../support/documented.ts";
import { exampleOf, methodOf } from "../support/hostile.ts";
import { ask as askApp, type Market, openMarket, type Request } from "../support/market.ts";
import { speak } from "../support/raw-http.ts";
import { basketExample, examples, missing, type Things } from "../support/requests.ts";
import { openSettings } from "../support/settings.ts";
import { until } from "../support/until.ts";

const routes = Object.keys(examples);
/** Without megabytes that are the same for everyone. */
/** More than are used up here. */
const webhooksMax = 2_000;
const light = routes.filter((route) => route !== "GET /docs/scalar.js");
const seen = new Set<string>();
let market: Market;
let documented: Documented;
/** Whoever sends what is refused sends it about these; nothing changes them. */
let things: Things;
let admin = "";

before(async () => {
  const limits = { reservationsPerCustomer: 5, reservationLifeMs: 600_000 };
  market = await openMarket({ limits, webhooksMax });
  await market.app.ready();
  documented = readDocumented({ ...market.app.swagger() });
  ({ admin } = market.keys);
  things = await freshThings();
});
after(() => market.close());

async function freshThings(): Promise<Things> {
  const [made] = await market.things([{ customer: newId() }]);
  assert.ok(made);
  return made;
}

interface Sent extends Partial<Request> {
  readonly url?: string;
  readonly about?: Things;
  readonly app?: FastifyInstance;
}

/** Sends a route's example, or what is given in its place, and notes the answer, which must be documented. */
async function send(route: string, over: Sent = {}): Promise<Answer> {
  const { about = things, app = market.app, ...request } = over;
  const example = exampleOf(route, about);
  const headers = { ...example.headers, ...request.headers };
  const whole = { as: admin, body: example.body, ...request, headers };
  const url = request.url ?? example.url;
  const answer = route.endsWith("/stream")
    ? await beginStream(app, url, whole)
    : await askApp({ app }, methodOf(route), url, whole);
  seen.add(documented.mustAllow(route, answer));
  return answer;
}

/** An answer that does not end is left when it has begun. */
async function beginStream(app: FastifyInstance, url: string, request: Request): Promise<Answer> {
  const { as, headers = {} } = request;
  const begun = await app.inject({
    url,
    headers: { ...(as === null ? {} : { "x-api-key": as }), ...headers },
    payloadAsStream: true,
  });
  const { statusCode: status } = begun;
  if (status === 200) {
    begun.stream().destroy();
    return { status, headers: begun.headers, text: "", body: {} };
  }
  let text = "";
  for await (const chunk of begun.stream()) text += String(chunk);
  return { status, headers: begun.headers, text, body: JSON.parse(text) };
}

async function toEveryRoute(over: Sent): Promise<void> {
  for (const route of light) await send(route, over);
}

/** The same, each about things of its own. */
async function toEach(
  some: readonly string[],
  use: (route: string, about: Things) => Promise<unknown>,
): Promise<void> {
  const made = await market.things(some.map(() => ({ customer: newId() })));
  for (const [index, route] of some.entries()) {
    const about = made[index];
    assert.ok(about);
    await use(route, about);
  }
}

const writes = routes.filter((route) => !route.startsWith("GET"));
const withParts = routes.filter((route) => route.includes(":"));

describe("the same request to every route is answered as documented", () => {
  test("an example, by an admin, is a success", async () => {
    await toEach(routes, async (route, about) => {
      const answer = await send(route, { about });
      assert.ok(answer.status < 300, `${route}: ${answer.text}`);
    });
    const { product, bareProduct, store } = await freshThings();
    for (const id of [product, bareProduct]) {
      const body = { product_id: id, store_id: store, quantity_change: 1, reason: "RESTOCK" };
      await send("POST /api/v1/stock", { body });
    }
    await send("POST /api/v1/reservations", basketExample(await freshThings()));
  });

  test("an ETag that the caller has is 304, wherever there is one", async () => {
    let tagged = 0;
    for (const route of light.filter((one) => one.startsWith("GET"))) {
      const { headers } = await send(route);
      const { etag } = headers;
      if (typeof etag !== "string") continue;
      tagged += 1;
      const again = await send(route, { headers: { "if-none-match": etag } });
      assert.deepEqual([again.status, again.text], [304, ""]);
    }
    assert.equal(tagged, 5);
  });

  test("by nobody", () => toEveryRoute({ as: null }));
  test("by a key that is not known", () => toEveryRoute({ as: "ohk_x", from: "192.0.2.1" }));
  test("by a customer", () =>
    toEach(light, (route, about) => send(route, { as: market.keys.customer, about })));

  test("by a session, from another site", async () => {
    const session = await send("POST /api/v1/auth/session", { body: { key: admin } });
    const cookie = String(session.headers["set-cookie"]).split(";")[0] ?? "";
    await toEveryRoute({ as: null, headers: { cookie, "sec-fetch-site": "cross-site" } });
  });

  test("with a wrong key at sign-in", async () => {
    await send("POST /api/v1/auth/session", { body: { key: "x" }, from: "192.0.2.2" });
  });

  test("with a field that nobody knows", () => toEveryRoute({ body: { unknown: 1 } }));
  test("with half a body", () => toEveryRoute({ body: "{" }));
  test("with a body that is too large", () =>
    toEveryRoute({ body: " ".repeat(batchBodyBytesMax + 1) }));
  test("with a body that is not JSON by its type", () =>
    toEveryRoute({ body: "x", headers: { "content-type": "text/plain" } }));
  test("with an Idempotency-Key of two words", () =>
    toEveryRoute({ headers: { "idempotency-key": "a b" } }));

  test("with an Idempotency-Key that was used elsewhere", async () => {
    const headers = { "idempotency-key": newId() };
    await send("POST /api/v1/stores", { headers, body: { name: "x" } });
    for (const route of writes) await send(route, { headers });
  });

  test("with a cursor that is none, and with a parameter that is none", async () => {
    for (const query of ["cursor=A", "unknown[]=1"]) {
      for (const route of light.filter((one) => one.startsWith("GET"))) {
        const { url } = exampleOf(route, things);
        await send(route, { url: `${url}${url.includes("?") ? "&" : "?"}${query}` });
      }
    }
  });

  test("with a part of the address that is no id", async () => {
    for (const route of withParts) {
      const url = route.slice(route.indexOf(" ") + 1).replaceAll(/:\w+/g, "%20");
      await send(route, { url });
    }
  });

  test("about what is not there", async () => {
    const nothing = { ...missing(things), product: newId(), sku: newId(), key: newId() };
    for (const about of [
      missing(things),
      { ...nothing, store: "MAD" },
      { ...things, bareProduct: newId(), bareStore: newId(), product: newId() },
    ]) {
      await toEveryRoute({ about });
    }
    const body = { product_ids: [things.product], store_ids: ["NOWHERE"] };
    await send("POST /api/v1/availability/query", { body });
  });

  test("with a version that nothing has", async () => {
    await toEach(writes, async (route, about) => {
      const headers = { "if-match": '"v99"' };
      const { body = {} } = exampleOf(route, about);
      if (typeof body === "string" || !("expected_version" in body)) {
        return send(route, { about, headers });
      }
      const { expected_version: _right, ...rest } = body;
      await send(route, { about, headers, body: rest });
      return send(route, { about, body: { ...rest, expected_version: 99 } });
    });
  });

  test("in a store that is closed", () => toEveryRoute({ about: { ...things, store: "OLD" } }));
  test("in a store that is closed, as a destination", () =>
    toEveryRoute({ about: { ...things, otherStore: "OLD" } }));

  test("with headers that are too large", async () => {
    const base = await market.app.listen({ port: 0 });
    for (const route of routes) {
      const { url } = exampleOf(route, things);
      const heard = await speak(
        base,
        `${methodOf(route)} ${url} HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`,
      );
      const [head = "", text = ""] = heard.split("\r\n\r\n");
      const headers = { "content-type": /content-type: (\S+)/i.exec(head)?.[1] };
      const answer = { status: Number(head.split(" ")[1]), headers, text, body: JSON.parse(text) };
      seen.add(documented.mustAllow(route, answer));
    }
  });
});

describe("what is there decides", () => {
  const refused = async (route: string, code: string, over: Sent): Promise<void> => {
    const { status, body, text } = await send(route, over);
    assert.equal(body["code"], code, `${route} ${status} ${text}`);
  };

  test("ids, SKUs and rows that are taken", async () => {
    const taken = await freshThings();
    const product = { name: "x", price: 1 };
    await refused("POST /api/v1/stores", "id_taken", { body: { id: "MAD", name: "x" } });
    await refused("POST /api/v1/products", "id_taken", {
      body: { ...product, id: taken.product, sku: newId() },
    });
    await refused("POST /api/v1/products", "sku_taken", { body: { ...product, sku: taken.sku } });
    for (const method of ["PUT", "PATCH"]) {
      await refused(`${method} /api/v1/products/:id`, "sku_taken", {
        about: taken,
        body: { ...product, sku: taken.sku },
      });
    }
    await refused("POST /api/v1/reservations", "id_taken", {
      body: { ...one(taken), id: taken.reservation },
    });
    await refused("POST /api/v1/stock", "stock_exists", {
      body: { product_id: taken.product, store_id: taken.store, initial_quantity: 1 },
    });
  });

  test("what is in use", async () => {
    const used = await freshThings();
    const about = { ...used, bareProduct: used.product, bareStore: used.store };
    await refused("DELETE /api/v1/products/:id", "product_in_use", { about });
    await refused("DELETE /api/v1/stores/:id", "store_in_use", { about });
  });

  const one = ({ product, store, customer }: Things, quantity = 1) => ({
    product_id: product,
    store_id: store,
    quantity,
    customer_id: customer,
  });

  test("units that are not there", async () => {
    const { product, store, otherStore, customer } = await freshThings();
    const about = await freshThings();
    const place = { product_id: product, store_id: store };
    await refused("POST /api/v1/stock", "insufficient_stock", {
      body: { ...place, quantity_change: -95, reason: "SALE" },
    });
    await refused("POST /api/v1/stock/:product_id/:store_id/adjust", "insufficient_stock", {
      about,
      body: { adjustment: -95, reason: "SALE" },
    });
    for (const route of [
      "PUT /api/v1/stock/:product_id/:store_id",
      "POST /api/v1/stock/:product_id/:store_id/adjust",
    ]) {
      await refused(route, "stock_not_found", { about: { ...about, store: otherStore } });
    }
    await refused("PUT /api/v1/stock/:product_id/:store_id", "quantity_below_reserved", {
      about,
      body: { quantity: 5 },
    });
    const move = { product_id: product, from_store_id: store, to_store_id: otherStore };
    await refused("POST /api/v1/stock/transfer", "insufficient_stock", {
      body: { ...move, quantity: 95 },
    });
    await refused("POST /api/v1/stock/transfer", "stock_not_found", {
      body: { ...move, from_store_id: otherStore, to_store_id: store, quantity: 1 },
    });
    await refused("POST /api/v1/stock/transfer", "same_store", {
      body: { ...move, to_store_id: store, quantity: 1 },
    });
    await refused("POST /api/v1/stock/batch", "batch_failed", {
      body: { changes: [{ ...place, quantity_change: -95, reason: "SALE" }] },
    });
    await refused("POST /api/v1/reservations", "insufficient_stock", {
      body: { ...place, quantity: 95, customer_id: customer },
    });
  });

  test("holds that are too many or too long", async () => {
    const about = await freshThings();
    const line = { product_id: about.product, store_id: about.store, quantity: 1 };
    await refused("POST /api/v1/reservations", "customer_limit_reached", {
      body: { customer_id: about.customer, lines: [line, line, line] },
    });
    await refused("POST /api/v1/reservations", "lifetime_exceeded", {
      body: { ...line, customer_id: about.customer, ttl: 601 },
    });
    const made = Date.now();
    await until(() => Date.now() > made, "a moment of the longest life is gone");
    for (const route of extending) {
      await refused(route, "lifetime_exceeded", { about, body: { ttl: 86_400 } });
    }
  });

  test("one webhook more than there may be", async () => {
    const { webhooks } = market.store;
    const made = await webhooks.one((await freshThings()).webhook);
    assert.ok(made);
    const ids: string[] = [];
    for (let id = newId(); await webhooks.add({ ...made, id }, webhooksMax); id = newId()) {
      ids.push(id);
    }
    await refused("POST /api/v1/webhooks", "webhook_limit_reached", {});
    for (const id of ids) await webhooks.remove(id);
  });

  const confirming = [
    "POST /api/v1/reservations/:id/confirm",
    "POST /api/v1/reservation-groups/:group_id/confirm",
  ];
  const cancelling = confirming.map((route) => route.replace("confirm", "cancel"));
  const extending = confirming.map((route) => route.replace("confirm", "extend"));
  const body = { ttl: 1 };

  async function refusedHolds(code: string, about: Things, isCancelledToo: boolean): Promise<void> {
    for (const route of confirming) await refused(route, code, { about, body: {} });
    for (const route of extending) await refused(route, code, { about, body });
    if (!isCancelledToo) return;
    for (const route of cancelling) await refused(route, code, { about, body: {} });
  }

  test("holds that have ended, and what they held is gone", async () => {
    // A store and a product of which nothing is left once both holds are sold.
    const about = await freshThings();
    const { product, store } = about;
    const spare = { product_id: product, store_id: store, quantity_change: -94, reason: "SALE" };
    await send("POST /api/v1/stock", { body: spare });
    for (const route of confirming) await send(route, { about, body: {} });
    await refusedHolds("reservation_not_pending", about, true);
    await send("DELETE /api/v1/products/:id", { about: { ...about, bareProduct: product } });
    await refusedHolds("product_not_found", about, false);
  });

  test("holds in a store that was closed, and in one that is gone", async () => {
    const id = newId();
    const fields = { name: "x" };
    await send("POST /api/v1/stores", { body: { ...fields, id } });
    const [about] = await market.things([{ store: id, customer: newId() }]);
    assert.ok(about);
    const shut = { about: { ...about, bareStore: id }, body: { ...fields, active: false } };
    await send("PUT /api/v1/stores/:id", shut);
    await refusedHolds("store_inactive", about, false);
    for (const route of cancelling) await send(route, { about, body: {} });
    await send("PUT /api/v1/stores/:id", { ...shut, body: fields });
    const rest = { product_id: about.product, store_id: id, quantity_change: -100, reason: "SALE" };
    await send("POST /api/v1/stock", { body: rest });
    await send("DELETE /api/v1/stores/:id", { about: { ...about, bareStore: id } });
    await refusedHolds("store_not_found", about, false);
  });

  test("holds that have expired, and what they held is taken", async () => {
    const about = await freshThings();
    const { product, store } = about;
    const expired = { ...about, reservation: newId(), group: newId() };
    for (const [groupId, reservationId] of [
      [null, expired.reservation],
      [expired.group, newId()],
    ] as const) {
      const line = { reservationId, idBrought: false, productId: product, storeId: store };
      await market.given({
        kind: "Reserve",
        groupId,
        customerId: newId(),
        ttlMs: 1,
        metadata: null,
        lines: [{ ...line, quantity: 1 }],
      });
    }
    const made = Date.now();
    await until(() => Date.now() > made + 1, "the holds are over");
    await refusedHolds("reservation_expired", expired, true);
    const take = { product_id: product, store_id: store, quantity_change: -94, reason: "SALE" };
    await send("POST /api/v1/stock", { body: take });
    await refused("POST /api/v1/reservations/:id/confirm", "insufficient_stock", {
      about: expired,
      body: { if_expired: "retake" },
    });
  });

  test("a stream that holds what comes later", async () => {
    const stream = newId();
    await send("POST /api/v1/events/replay", { body: { stream, from_seq: 2, to_seq: 2 } });
    const body = { stream, from_seq: 1, to_seq: 2 };
    await refused("POST /api/v1/events/replay", "stream_in_use", { body });
  });

  test("a file that is none, is too long, or is asked for in vain", async () => {
    for (const route of routes.filter((one) => one.includes("/imports/"))) {
      const { url } = exampleOf(route, things);
      await refused(route, "validation_failed", {
        url: `${url}${url.includes("?") ? "&" : "?"}x=1`,
      });
      if (route.includes("undo")) continue;
      await refused(route, "import_unreadable", { body: "a,b\n1,2" });
      await refused(route, "unsupported_media_type", {
        body: undefined,
        headers: { "content-type": "" },
      });
      await refused(route, "body_too_large", { headers: { "content-length": "300000000" } });
    }
  });

  test("times that the log does not reach", async () => {
    const url = `/api/v1/products/${things.product}/availability?as_of=2000-01-01`;
    await refused("GET /api/v1/products/:id/availability", "as_of_out_of_range", { url });
  });
});

// ── parts that fail ─────────────────────────────────────────────────────────────────────────────

interface Failing {
  readonly settings?: Partial<HttpSettings>;
  /** What every read and every command ends with. */
  readonly error?: Error;
  /** Whether keys cannot be looked up either. */
  readonly knowsNobody?: boolean;
}

/** The application over the same database, with parts that fail. */
async function openFailing({ settings, error, knowsNobody = false }: Failing) {
  const fail = () => Promise.reject(error);
  const broken = Object.fromEntries(Object.keys(market.store).map((name) => [name, fail]));
  const { keyByHash, touchKeys } = market.store;
  const store: Store =
    error === undefined
      ? market.store
      : {
          ...(broken as unknown as Store),
          webhooks: { ...market.store.webhooks, one: fail, list: fail, add: fail, remove: fail },
          ...(knowsNobody ? {} : { keyByHash }),
          touchKeys,
        };
  const metrics = openMetrics({ version: "test", instanceId: "test", runtime: false });
  metrics.onScrape(() => (error === undefined ? Promise.resolve() : fail()));
  const deps: HttpDeps = {
    settings: { ...openSettings, ...settings },
    version: "test",
    store,
    cache: openAvailabilityCache({
      read: (id) => store.availability(id),
      render: renderAvailability,
      ttlMs: 0,
      now,
    }),
    execute: error === undefined ? market.execute : fail,
    feed:
      error === undefined
        ? market.feed
        : { connect: failNow, clients: failNow, recheck: failNow, close: failNow },
    logger: openLogger({ level: "silent" }),
    metrics,
    now,
    newId,
    loopDelayMsMax: 0,
  };
  function failNow(): never {
    throw error ?? new Error("it does not fail");
  }
  return buildApp(deps);
}

async function withFailing(
  failing: Failing,
  use: (app: FastifyInstance) => Promise<void>,
): Promise<void> {
  const app = await openFailing(failing);
  try {
    await use(app);
  } finally {
    await app.close();
  }
}

describe("parts that fail are told apart, at every route", () => {
  const away = new OperatingError("the disk does not read or write", { retryable: false });

  for (const knowsNobody of [false, true]) {
    const rest = knowsNobody ? "and nobody can be identified" : "but keys are still known";
    test(`the database is away, ${rest}`, () =>
      withFailing({ error: away, knowsNobody }, async (app) => {
        for (const route of light) {
          const cookie = `onhand_session=${"A".repeat(43)}`;
          for (const request of [{ as: admin }, { as: null, headers: { cookie } }]) {
            const headers = { "sec-fetch-site": "same-origin", ...request.headers };
            const answer = await send(route, { app, ...request, headers });
            assert.doesNotMatch(answer.text, /disk/);
            if (answer.status === 503 && "code" in answer.body) {
              assert.match(String(answer.headers["retry-after"]), /^\d+$/, route);
            }
          }
        }
      }));
  }

  test("a fault of the program is 500, and says nothing of itself", () =>
    withFailing({ error: new Error("canary-9d2f") }, async (app) => {
      for (const route of light) {
        const answer = await send(route, { app });
        assert.doesNotMatch(answer.text, /canary-9d2f/);
      }
    }));

  test("a fault in a route that relies on nothing is 500 too", () =>
    withFailing({}, async (app) => {
      app.addHook("preHandler", (_request, _reply, done) => {
        done(new Error("canary-9d2f"));
      });
      for (const route of routes) {
        const answer = await send(route, { app });
        assert.equal(answer.status, 500, route);
        assert.doesNotMatch(answer.text, /canary-9d2f/);
      }
    }));

  test("there is no Redis", () =>
    withFailing({}, async (app) => {
      const { body } = await send("POST /api/v1/events/replay", { app });
      assert.equal(body["code"], "redis_unavailable");
    }));

  test("too much is waiting", () =>
    withFailing({ error: new OverloadedError("full", 3) }, async (app) => {
      await toEveryRoute({ app });
    }));

  test("whoever issues tokens does not answer", () => {
    const tokens = {
      secret: null,
      jwksUrl: "http://127.0.0.1:1/keys",
      issuer: null,
      audience: null,
      algorithms: ["ES256"],
    };
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "ES256", typ: "JWT" })}.${part({ sub: "a", exp: 4e9 })}.AA`;
    return withFailing({ settings: { tokens } }, async (app) => {
      await toEveryRoute({ app, as: null, headers: { authorization: `Bearer ${token}` } });
      await send("POST /api/v1/auth/session", { app, body: { token } });
    });
  });

  test("a caller, an address or a guesser of keys that comes too often", () =>
    withFailing({ settings: { rateLimitCaller: 1, rateLimitAnonymous: 1 } }, async (app) => {
      await toEveryRoute({ app });
      await send("GET /api/v1/api-keys", { app });
      await toEveryRoute({ app, as: null });
      const session = "GET /api/v1/auth/session";
      for (let count = 0; count <= failedSignInsPerMinuteMax; count += 1) {
        await send(session, { app, as: "ohk_x" });
      }
      await send("POST /api/v1/auth/session", { app, body: { key: "x" } });
    }));

  test("the metrics want their token", () =>
    withFailing({ settings: { metricsToken: "sixteen letters!" } }, async (app) => {
      await send("GET /metrics", { app });
    }));
});

test("every documented answer of every route was given", () => {
  const promised = documented.all();
  assert.ok(promised.length > 650, `${promised.length}`);
  assert.deepEqual(
    promised.filter((one) => !seen.has(one)),
    [],
  );
});
