// Who may do what: every declared route, asked by every role, about its own things and others'. What is
// expected is written out here from the product's rules and from nothing that the service runs on. What a
// caller may not see must look exactly like what is not there.

import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, before, describe, test } from "node:test";
import type { FastifyInstance, RouteOptions } from "fastify";
import { type DeclaredRoute, route } from "../../src/http/route.ts";
import type { Role } from "../../src/store/store.ts";
import type { Answer } from "../support/app.ts";
import { madridFields } from "../support/commands.ts";
import { type Market, openMarket } from "../support/market.ts";
import { type Ask, basketExample, examples, missing, type Things } from "../support/requests.ts";
import { assertProblem, listOf, textOf } from "../support/shop.ts";
import { openSse } from "../support/sse-client.ts";

const roles = ["anonymous", "customer", "channel", "vendor", "manager", "admin"] as const;
type Caller = (typeof roles)[number];
/** Of whom things are: the caller's store, another store, the store but another customer. */
type Place = "own" | "other store" | "another customer";
/** `empty`: a list without what the caller may not see. `hidden`: 404, as if it were not there. */
type Outcome = "yes" | "empty" | "401" | "403" | "hidden";

interface Rule {
  readonly may: string;
  /** What those get who may, but not in that store. Without it the request is of no store. */
  readonly elsewhere?: Outcome;
  /** What a customer gets of another's. */
  readonly others?: Outcome;
  /** Where it is not the route's example. */
  readonly ask?: Ask;
  /** Where the group's second line is not in the store of the first: whether the caller sees it. */
  readonly groupStore?: string;
}

const everyone = "anonymous customer channel vendor manager admin";
const signedIn = "customer channel vendor manager admin";
const staff = "channel vendor manager admin";
const inStore = "vendor manager admin";
const managers = "manager admin";
const admins = "admin";

/** By route, and after a # which of its requests. */
const rules: Readonly<Record<string, Rule>> = {
  "GET /livez": { may: everyone },
  "GET /readyz": { may: everyone },
  "GET /health": { may: everyone },
  "GET /metrics": { may: everyone },
  "GET /openapi.json": { may: everyone },
  "GET /docs": { may: everyone },
  "GET /docs/scalar.js": { may: everyone },

  "POST /api/v1/auth/session": { may: everyone },
  "GET /api/v1/auth/session": { may: signedIn },
  "DELETE /api/v1/auth/session": { may: everyone },

  "GET /api/v1/api-keys": { may: admins },
  "POST /api/v1/api-keys": { may: admins },
  "DELETE /api/v1/api-keys/:id": { may: admins },

  "GET /api/v1/stores": { may: signedIn },
  "GET /api/v1/stores/:id": { may: signedIn, elsewhere: "yes" },
  "POST /api/v1/stores": { may: admins },
  "PUT /api/v1/stores/:id": { may: admins },
  "PATCH /api/v1/stores/:id": { may: admins },
  "DELETE /api/v1/stores/:id": { may: admins },

  "GET /api/v1/products": { may: everyone },
  "GET /api/v1/products/:id": { may: everyone },
  "GET /api/v1/products/sku/:sku": { may: everyone },
  "POST /api/v1/products": { may: admins },
  "PUT /api/v1/products/:id": { may: admins },
  "PATCH /api/v1/products/:id": { may: admins },
  "DELETE /api/v1/products/:id": { may: admins },

  "GET /api/v1/products/:id/availability": { may: everyone, elsewhere: "yes" },
  "POST /api/v1/availability/query": { may: everyone, elsewhere: "yes" },

  "GET /api/v1/stock/:product_id/:store_id": { may: staff, elsewhere: "hidden" },
  "GET /api/v1/stock/:product_id/:store_id/availability": { may: staff, elsewhere: "hidden" },
  "GET /api/v1/stock/:product_id/:store_id/history": { may: staff, elsewhere: "hidden" },
  "GET /api/v1/stock/product/:product_id": { may: staff, elsewhere: "empty" },
  "GET /api/v1/stock/store/:store_id": { may: staff, elsewhere: "hidden" },
  "GET /api/v1/stock/low-stock": { may: staff, elsewhere: "hidden" },
  "GET /api/v1/stock/summary": { may: staff, elsewhere: "hidden" },
  "POST /api/v1/stock": { may: inStore, elsewhere: "403" },
  "PUT /api/v1/stock/:product_id/:store_id": { may: inStore, elsewhere: "403" },
  "PUT /api/v1/stock/:product_id/:store_id#reorder_point": {
    may: managers,
    elsewhere: "403",
    ask: ({ product, store }) => ({
      url: `/api/v1/stock/${product}/${store}`,
      body: { reorder_point: 3 },
    }),
  },
  "POST /api/v1/stock/:product_id/:store_id/adjust": { may: inStore, elsewhere: "403" },
  "POST /api/v1/stock/transfer": { may: managers, elsewhere: "403" },
  "POST /api/v1/stock/transfer#into": {
    may: managers,
    elsewhere: "403",
    groupStore: "VLC",
    ask: ({ product, store }) => ({
      url: "/api/v1/stock/transfer",
      body: { product_id: product, from_store_id: "VLC", to_store_id: store, quantity: 1 },
    }),
  },
  "POST /api/v1/stock/batch": { may: managers, elsewhere: "403" },
  "POST /api/v1/stock/batch#mixed": {
    may: managers,
    elsewhere: "403",
    ask: ({ product, store }) => ({
      url: "/api/v1/stock/batch",
      body: {
        error_policy: "skip_failed",
        changes: ["VLC", store].map((id) => ({
          product_id: product,
          store_id: id,
          quantity_change: 1,
          reason: "RESTOCK",
        })),
      },
    }),
  },

  "GET /api/v1/reservations": { may: signedIn, elsewhere: "empty", others: "empty" },
  "GET /api/v1/reservations/:id": { may: signedIn, elsewhere: "hidden", others: "hidden" },
  "GET /api/v1/reservations/store/:store_id/pending": {
    may: signedIn,
    elsewhere: "hidden",
    others: "empty",
  },
  "GET /api/v1/reservations/product/:product_id/store/:store_id": {
    may: signedIn,
    elsewhere: "hidden",
    others: "empty",
  },
  "GET /api/v1/reservations/stats": { may: signedIn },
  "POST /api/v1/reservations": { may: signedIn, elsewhere: "403", others: "403" },
  "POST /api/v1/reservations#basket": {
    may: signedIn,
    elsewhere: "403",
    others: "403",
    ask: basketExample,
  },
  "POST /api/v1/reservations/:id/confirm": { may: staff, elsewhere: "hidden" },
  "POST /api/v1/reservations/:id/cancel": { may: signedIn, elsewhere: "hidden", others: "hidden" },
  "POST /api/v1/reservations/:id/extend": { may: signedIn, elsewhere: "hidden", others: "hidden" },

  "GET /api/v1/reservation-groups/:group_id": {
    may: signedIn,
    elsewhere: "hidden",
    others: "hidden",
  },
  "GET /api/v1/reservation-groups/:group_id#mixed": {
    may: signedIn,
    elsewhere: "hidden",
    groupStore: "VLC",
  },
  "POST /api/v1/reservation-groups/:group_id/confirm": { may: staff, elsewhere: "hidden" },
  "POST /api/v1/reservation-groups/:group_id/confirm#mixed": {
    may: staff,
    elsewhere: "hidden",
    groupStore: "VLC",
  },
  "POST /api/v1/reservation-groups/:group_id/cancel": {
    may: signedIn,
    elsewhere: "hidden",
    others: "hidden",
  },
  "POST /api/v1/reservation-groups/:group_id/cancel#mixed": {
    may: signedIn,
    elsewhere: "hidden",
    groupStore: "VLC",
  },
  "POST /api/v1/reservation-groups/:group_id/extend": {
    may: signedIn,
    elsewhere: "hidden",
    others: "hidden",
  },
  "POST /api/v1/reservation-groups/:group_id/extend#mixed": {
    may: signedIn,
    elsewhere: "hidden",
    groupStore: "VLC",
  },

  "GET /api/v1/events": { may: staff, elsewhere: "empty" },
  "GET /api/v1/events/stream": { may: staff, elsewhere: "yes" },
  "POST /api/v1/events/replay": { may: admins },

  "GET /api/v1/webhooks": { may: admins },
  "POST /api/v1/webhooks": { may: admins },
  "GET /api/v1/webhooks/:id": { may: admins },
  "PATCH /api/v1/webhooks/:id": { may: admins },
  "DELETE /api/v1/webhooks/:id": { may: admins },
  "POST /api/v1/webhooks/:id/secret": { may: admins },
  "POST /api/v1/webhooks/:id/test": { may: admins },
  "GET /api/v1/webhooks/:id/deliveries": { may: admins },
  "POST /api/v1/webhooks/:id/deliveries": { may: admins },
  // Of what the caller may not see there are no rows.
  "GET /api/v1/exports/products": { may: signedIn },
  "GET /api/v1/exports/stores": { may: signedIn },
  "GET /api/v1/exports/stock": { may: staff, elsewhere: "yes" },
  "GET /api/v1/exports/reservations": { may: signedIn, elsewhere: "yes", others: "yes" },
  "GET /api/v1/exports/webhooks": { may: admins },
  "GET /api/v1/exports/events": { may: staff, elsewhere: "yes" },
  "POST /api/v1/imports/products": { may: admins },
  "POST /api/v1/imports/stores": { may: admins },
  // Rows in other stores are refused one by one.
  "POST /api/v1/imports/stock": { may: inStore, elsewhere: "yes" },
  "POST /api/v1/imports/:import_id/undo": { may: inStore },
};

const names = Object.keys(rules);
const routeOf = (name: string): string => name.split("#")[0] ?? name;

function placesOf({ elsewhere, others }: Rule): readonly Place[] {
  const places: Place[] = ["own"];
  if (elsewhere !== undefined) places.push("other store");
  if (others !== undefined) places.push("another customer");
  return places;
}

/** Customers and admins are of all stores; the keys of the rest are of MAD and VLC. */
function expectedOf(rule: Rule, caller: Caller, place: Place): Outcome {
  if (!rule.may.split(" ").includes(caller)) return caller === "anonymous" ? "401" : "403";
  if (place === "other store" && ["channel", "vendor", "manager"].includes(caller)) {
    return rule.elsewhere ?? "yes";
  }
  return place === "another customer" && caller === "customer" ? (rule.others ?? "yes") : "yes";
}

interface Cell {
  readonly caller: Caller;
  readonly place: Place;
  readonly things: Things;
}

let market: Market;
let base = "";
const secrets: Partial<Record<Caller, string>> = {};
const cells = new Map<string, Cell[]>();
const registered: RouteOptions[] = [];

before(async () => {
  // Every route of every part of the application, also what is registered past the declarations.
  const watch = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook("onRoute", (options) => {
      registered.push(options);
    });
  };
  subscribe("fastify.initialization", watch);
  market = await openMarket();
  unsubscribe("fastify.initialization", watch);
  base = await market.app.listen({ port: 0 });
  for (const role of roles) {
    if (role === "anonymous") continue;
    const stores = role === "admin" || role === "customer" ? "*" : ["MAD", "VLC"];
    secrets[role] = (await market.addKey({ role, stores })).secret;
  }
  await makeThings();
});
after(() => market.close());

/** Things for each cell, all at once. */
async function makeThings(): Promise<void> {
  const wanted = names.flatMap((name) =>
    placesOf(rules[name] ?? { may: "" }).flatMap((place) =>
      roles.map((caller) => ({ name, place, caller })),
    ),
  );
  const things = await market.things(
    wanted.map(({ name, place }) => {
      const groupStore = rules[name]?.groupStore;
      return {
        store: place === "other store" ? "BCN" : "MAD",
        customer: place === "another customer" ? "ann" : "customer",
        ...(groupStore === undefined ? {} : { groupStore }),
      };
    }),
  );
  for (const [index, { name, ...cell }] of wanted.entries()) {
    const own = things[index];
    assert.ok(own);
    cells.set(name, [...(cells.get(name) ?? []), { ...cell, things: own }]);
  }
}

function askOf(name: string): Ask {
  const ask = rules[name]?.ask ?? examples[routeOf(name)];
  assert.ok(ask, `there is no example of ${name}`);
  return ask;
}

function send(name: string, caller: Caller, things: Things): Promise<Answer> {
  const { url, ...example } = askOf(name)(things);
  return market.ask(methodOf(name), url, { as: secrets[caller] ?? null, ...example });
}

const methodOf = (name: string): string => name.slice(0, name.indexOf(" "));

/** A stream does not end; only how it begins is asked for. */
async function beginsStream(caller: Caller, things: Things): Promise<Outcome> {
  const secret = secrets[caller];
  const headers = secret === undefined ? {} : { "x-api-key": secret };
  const { url } = askOf("GET /api/v1/events/stream")(things);
  const stream = await openSse(base + url, { headers });
  stream.close();
  return stream.status === 200 ? "yes" : (String(stream.status) as Outcome);
}

async function outcomeOf(name: string, { caller, things }: Cell): Promise<string> {
  if (routeOf(name) === "GET /api/v1/events/stream") return beginsStream(caller, things);
  const answer = await send(name, caller, things);
  const { status, body, text } = answer;
  if (status === 401) assertProblem(answer, 401, "unauthenticated");
  else if (status === 403) assertProblem(answer, 403, "forbidden");
  else if (status === 404) return isAsIfMissing(name, caller, things, answer);
  else if (status >= 200 && status < 300) {
    return showsNothingOf(things, caller, body) ? "empty" : "yes";
  } else return `${status} ${text}`;
  return String(status);
}

/** An empty list, or one of the caller's own where things are another customer's. */
function showsNothingOf({ customer }: Things, caller: Caller, body: Answer["body"]): boolean {
  if (!Array.isArray(body["items"])) return false;
  const items = listOf(body);
  if (caller !== "customer" || customer === "customer") return items.length === 0;
  return items.every((one) => "customer_id" in one && one["customer_id"] !== customer);
}

/** Whether the answer is, apart from ids, the one to the same request about what is not there. */
async function isAsIfMissing(
  name: string,
  caller: Caller,
  things: Things,
  hidden: Answer,
): Promise<string> {
  const nothing = missing(things);
  const absent = await send(name, caller, nothing);
  const shown = (answer: Answer, { store, reservation, group }: Things): string => {
    const { "x-request-id": id, date, "content-length": length, ...headers } = answer.headers;
    let text = JSON.stringify([answer.status, headers, answer.text]);
    for (const value of [String(id), reservation, group, store]) {
      text = text.replaceAll(value, "?");
    }
    return text;
  };
  assert.equal(shown(hidden, things), shown(absent, nothing), `${name} by ${caller}`);
  return "hidden";
}

describe("each route has one rule, and each rule a route", () => {
  test("every declared route is in the table of this file", () => {
    const declared = market.app.routeTable.map(({ method, url }) => `${method} ${url}`);
    assert.deepEqual([...new Set(names.map(routeOf))].sort(), declared.sort());
  });

  test("nothing answers but what is declared", () => {
    const urls = new Set(market.app.routeTable.map(({ url }) => url));
    assert.ok(registered.length > urls.size);
    for (const { method, url, config } of registered) {
      assert.ok(urls.has(url), `${String(method)} ${url}`);
      const declared = (config as { declared?: DeclaredRoute } | undefined)?.declared;
      // Without a declaration there is only the answer 405.
      if (declared === undefined) continue;
      assert.ok(market.app.routeTable.includes(declared), `${String(method)} ${url}`);
    }
  });

  test("a method that is not declared is 405 at every address, whoever asks", async () => {
    const known = new Map<string, Set<string>>();
    for (const { method, url } of market.app.routeTable) {
      const methods = known.get(url) ?? new Set();
      known.set(url, methods.add(method).add(method === "GET" ? "HEAD" : method));
    }
    // Where the length of an answer is known at its end only.
    for (const [url, methods] of known) {
      if (/\/stream$|\/exports\//.test(url)) methods.delete("HEAD");
    }
    for (const [url, methods] of known) {
      for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
        if (methods.has(method)) continue;
        const answer = await market.ask(method, url, { as: secrets.admin ?? null });
        assert.equal(answer.status, 405, `${method} ${url}`);
        assert.equal(answer.headers["allow"], [...methods].sort().join(", "), url);
      }
    }
  });

  test("a route without a scope, or with one that does not exist, cannot be registered", () => {
    for (const scope of [undefined, "", "public"]) {
      const declaration = {
        method: "GET",
        url: "/api/v1/secret",
        scope,
        id: "getSecret",
        tag: "system",
        summary: "x",
        schema: { response: {} },
        handler: () => ({}),
      };
      assert.throws(() => route(market.app, declaration as never), /declares no scope/);
    }
  });
});

describe("every route × every role × whose things", () => {
  for (const name of names) {
    const { may } = rules[name] ?? { may: "" };
    test(`${name} is for ${may}`, async () => {
      const actual: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const cell of cells.get(name) ?? []) {
        const key = `${cell.caller}, ${cell.place}`;
        expected[key] = expectedOf(rules[name] ?? { may: "" }, cell.caller, cell.place);
        actual[key] = await outcomeOf(name, cell);
      }
      assert.deepEqual(actual, expected);
    });
  }

  test("what was refused changed nothing", async (t) => {
    const tried = [...cells.values()].flat().length;
    t.diagnostic(`${tried} cells of ${names.length} routes were tried`);
    assert.deepEqual(await market.store.auditLog(), []);
    const { items } = await market.store.events({
      after: 0,
      limit: 100_000,
      type: null,
      storeId: "BCN",
      productId: null,
      stores: "*",
    });
    const strangers = items.filter(({ actor }) => /^key:(channel|vendor|manager)$/.test(actor));
    assert.deepEqual(strangers, []);
  });
});

describe("lists without a filter", () => {
  const lists = [
    "/reservations?limit=500",
    "/reservations/stats",
    "/events?limit=500",
    "/events?limit=500&type=stock.updated",
    "/stock/low-stock?limit=500&threshold=1000",
    "/stock/summary",
  ];
  for (const url of lists) {
    test(`${url} holds nothing of other stores`, async () => {
      for (const role of ["channel", "vendor", "manager"] as const) {
        const { status, text } = await market.call("GET", url, { as: secrets[role] ?? null });
        assert.equal(status, 200, text);
        assert.doesNotMatch(text, /"(?:BCN|OLD)"/, role);
      }
    });
  }

  test("the reservations of a customer are its own only", async () => {
    const as = secrets.customer ?? null;
    const { body } = await market.call("GET", "/reservations?limit=500", { as });
    const owners = new Set(listOf(body).map((one) => one["customer_id"]));
    assert.deepEqual([...owners], ["customer"]);
    const { body: counts } = await market.call("GET", "/reservations/stats", { as });
    const { body: all } = await market.call("GET", "/reservations/stats", {
      as: secrets.admin ?? null,
    });
    assert.ok(Number(counts["total"]) < Number(all["total"]));
  });
});

describe("credentials that have ended", () => {
  /** Every request of the table that needs somebody. */
  const closed = names.filter((name) => !(rules[name]?.may ?? "").includes("anonymous"));

  async function mustBeRefused(secret: string, from: string): Promise<void> {
    const [things] = await market.things([{}]);
    assert.ok(things);
    // Reads that anybody may make are among them: a wrong credential is never taken for nobody.
    for (const name of [...closed, "GET /api/v1/products", "POST /api/v1/availability/query"]) {
      const { url, ...example } = askOf(name)(things);
      const answer = await market.ask(methodOf(name), url, { as: secret, ...example, from });
      assert.equal(answer.status, 401, `${name}: ${answer.text}`);
      assertProblem(answer, 401, "unauthenticated");
    }
  }

  test("a key that was taken away is refused everywhere", async () => {
    const { id, secret } = await market.addKey({ role: "admin" });
    assert.equal((await market.call("GET", "/stores", { as: secret })).status, 200);
    assert.equal((await market.call("DELETE", `/api-keys/${id}`)).status, 204);
    await mustBeRefused(secret, "192.0.2.1");
  });

  test("a key that has expired is refused everywhere", async () => {
    const { secret } = await market.addKey({ role: "admin", expiresAt: Date.now() - 1 });
    await mustBeRefused(secret, "192.0.2.2");
  });

  test("a key that never was is refused everywhere", async () => {
    await mustBeRefused(`ohk_${"A".repeat(43)}`, "192.0.2.3");
  });
});

describe("stores that are closed or gone", () => {
  test("the key of a closed store reads, and is told why it may not write", async () => {
    const { secret: as } = await market.addKey({ role: "manager", stores: ["OLD"] });
    assert.equal((await market.call("GET", "/stock/store/OLD", { as })).status, 200);
    const [things] = await market.things([{}]);
    assert.ok(things);
    const body = {
      product_id: things.product,
      store_id: "OLD",
      quantity_change: 1,
      reason: "RESTOCK",
    };
    const facts = { store_id: "OLD" };
    assertProblem(await market.call("POST", "/stock", { as, body }), 409, "store_inactive", facts);
  });

  test("the key of a deleted store finds nothing there and writes nothing", async () => {
    await market.given({ kind: "CreateStore", id: "GONE", fields: madridFields });
    const { secret: as } = await market.addKey({ role: "manager", stores: ["GONE"] });
    assert.equal((await market.call("GET", "/stock/store/GONE", { as })).status, 200);
    assert.equal((await market.call("DELETE", "/stores/GONE")).status, 204);
    const [things] = await market.things([{}]);
    assert.ok(things);
    const { product } = things;
    for (const url of [
      "/stores/GONE",
      "/stock/store/GONE",
      "/stock/summary?store_id=GONE",
      "/stock/low-stock?store_id=GONE",
      "/reservations/store/GONE/pending",
    ]) {
      assertProblem(await market.call("GET", url, { as }), 404, "store_not_found");
    }
    const line = { product_id: product, store_id: "GONE" };
    const writes: [string, object][] = [
      ["/stock", { ...line, quantity_change: 1, reason: "RESTOCK" }],
      ["/reservations", { ...line, quantity: 1, customer_id: "ann" }],
    ];
    for (const [url, body] of writes) {
      const facts = { store_id: "GONE" };
      assertProblem(await market.call("POST", url, { as, body }), 404, "store_not_found", facts);
    }
  });
});

describe("fields that are the service's", () => {
  const owned = [
    "id",
    "version",
    "reserved",
    "available",
    "status",
    "created_at",
    "updated_at",
    "archived_at",
    "expires_at",
    "actor",
    "role",
    "stores",
    "group_id",
    "reservation_id",
    "confirmed_quantity",
    "retaken_from",
    "transfer_id",
    "request_id",
    "seq",
    "tenant",
    "hash",
    "key_id",
    "last_used_at",
  ];
  /** What a caller does say, of these. */
  const said: Readonly<Record<string, readonly string[]>> = {
    "POST /api/v1/api-keys": ["role", "stores", "expires_at"],
    "POST /api/v1/webhooks/:id/deliveries": ["seq"],
    "POST /api/v1/products": ["id"],
    "POST /api/v1/stores": ["id"],
    "POST /api/v1/reservations": ["id"],
  };
  const values = [7, "ADMIN", "2026-01-01T00:00:00Z"];

  /** The objects of a body that have fields of their own, by their pointer. */
  function objectsIn(body: object, pointer = ""): [string, Record<string, unknown>][] {
    const found: [string, Record<string, unknown>][] = Array.isArray(body)
      ? []
      : [[pointer, body as Record<string, unknown>]];
    for (const [name, value] of Object.entries(body)) {
      if (name === "metadata" || typeof value !== "object" || value === null) continue;
      found.push(...objectsIn(value, `${pointer}/${name}`));
    }
    return found;
  }

  const nothing: Partial<Things> = {};
  for (const name of names) {
    if (typeof askOf(name)(nothing as Things).body !== "object") continue;
    test(`${name} takes none of them, and says which it was sent`, async () => {
      const [things] = await market.things([{}]);
      assert.ok(things);
      const { url, body = {} } = askOf(name)(things);
      const as = secrets.admin ?? null;
      const head = await market.store.head();
      assert.ok(typeof body === "object");
      for (const [pointer, target] of objectsIn(body)) {
        for (const [index, field] of owned.entries()) {
          if (pointer === "" && said[routeOf(name)]?.includes(field) === true) continue;
          target[field] = values[index % values.length];
          const answer = await market.ask(methodOf(name), url, { as, body });
          assertProblem(answer, 400, "validation_failed");
          const [error] = listOf(answer.body, "errors");
          assert.equal(textOf(error ?? {}, "path"), `${pointer}/${field}`);
          Reflect.deleteProperty(target, field);
        }
      }
      assert.deepEqual(await market.store.head(), head);
    });
  }
});

describe("the three ways of saying who one is", () => {
  test("a session has the rights of the key that it was opened with, and no others", async () => {
    for (const role of ["customer", "channel", "vendor", "manager", "admin"] satisfies Role[]) {
      const { headers } = await market.call("POST", "/auth/session", {
        as: null,
        body: { key: secrets[role] ?? "" },
      });
      const cookie = String(headers["set-cookie"]).split(";")[0] ?? "";
      for (const url of ["/api-keys", "/stock/store/MAD", "/stock/store/BCN", "/events"]) {
        const bySession = await market.call("GET", url, { as: null, headers: { cookie } });
        const byKey = await market.call("GET", url, { as: secrets[role] ?? null });
        assert.equal(bySession.status, byKey.status, `${role} ${url}`);
      }
    }
  });

  test("a customer that is given stores reserves in these only", async () => {
    const { secret: as } = await market.addKey({ role: "customer", stores: ["MAD"] });
    const [own, other] = await market.things([{}, { store: "BCN" }]);
    assert.ok(own && other);
    const reserve = ({ product, store }: Things) =>
      market.call("POST", "/reservations", {
        as,
        body: { product_id: product, store_id: store, quantity: 1, customer_id: "customer" },
      });
    assert.equal((await reserve(own)).status, 201);
    assertProblem(await reserve(other), 403, "forbidden", { store_id: "BCN" });
  });

  test("where anonymous reads are switched off, nobody reads products", async () => {
    const shut = await openMarket({ settings: { publicReads: false } });
    try {
      const [things] = await shut.things([{}]);
      assert.ok(things);
      for (const name of names.filter((one) => /products|availability\/query/.test(one))) {
        const { url, body } = askOf(name)(things);
        const answer = await shut.ask(methodOf(name), url, { as: null, body });
        assertProblem(answer, 401, "unauthenticated");
      }
    } finally {
      await shut.close();
    }
  });
});
