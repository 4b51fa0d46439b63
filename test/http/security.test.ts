// What is not the client's to say: fields that only the service sets, and headers that would make another request
// of one, or another caller of whoever sends it (OWASP API1, API3, API5 and API8). Who may do what is in
// authorisation.test.ts, tokens and keys in src/http/auth.test.ts, what belongs to browsers in system.test.ts.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newId } from "../../src/lib/ids.ts";
import {
  bodyOf,
  exampleOf,
  type Hostile,
  openHostile,
  reads,
  routeOf,
  writes,
} from "../support/hostile.ts";
import type { Schema } from "../support/json-schema.ts";
import { assertInvalid, assertProblem } from "../support/shop.ts";

let it: Hostile;
before(async () => {
  it = await openHostile();
});
after(() => it.close());

const fieldsOf = (schema: unknown): string[] =>
  Object.keys(Object(Reflect.get(Object(schema), "properties")));

const kept = ["Product", "Store", "Stock", "Reservation", "ApiKey", "Event"];

/** All fields of what the service keeps. */
function keptFields(): ReadonlySet<string> {
  const schemas = kept.map((name) => it.documented.at(`#/components/schemas/${name}`));
  return new Set(schemas.flatMap(fieldsOf));
}

describe("a field that only the service sets", () => {
  test("is refused by its path in every body, and nothing is done", async () => {
    const own = [...keptFields()];
    for (const name of [
      "version",
      "reserved",
      "available",
      "created_at",
      "status",
      "seq",
      "actor",
    ]) {
      assert.ok(own.includes(name), `${name} is a field of what is kept`);
    }
    let tried = 0;
    await it.changesNothing(async () => {
      for (const name of writes) {
        const body = bodyOf(name, it.things);
        const schema: Schema | null = it.documented.body(routeOf(name));
        if (body === undefined || schema === null) continue;
        const { $ref: reference } = schema;
        const whole = typeof reference === "string" ? it.documented.at(reference) : schema;
        const known = new Set(fieldsOf(whole));
        for (const field of own.filter((one) => !known.has(one))) {
          tried += 1;
          assertInvalid(await it.send(name, { body: { ...body, [field]: 1 } }), `/${field}`);
        }
      }
    });
    assert.ok(tried > 500, `${tried} fields were tried`);
  });

  test("is refused in each line of a basket and of a batch", async () => {
    const lists = {
      "POST /api/v1/reservations#basket": "lines",
      "POST /api/v1/stock/batch": "changes",
    };
    await it.changesNothing(async () => {
      for (const [name, list] of Object.entries(lists)) {
        const body = bodyOf(name, it.things);
        const lines: readonly object[] = Reflect.get(Object(body), list);
        for (const field of ["version", "reserved", "available", "status", "actor", "created_at"]) {
          const changed = { ...body, [list]: lines.map((line) => ({ ...line, [field]: 1 })) };
          assertInvalid(await it.send(name, { body: changed }), `/${list}/0/${field}`);
        }
      }
    });
  });
});

describe("words that would give a request another meaning on the way", () => {
  const claims: readonly Readonly<Record<string, string>>[] = [
    { "x-http-method-override": "DELETE" },
    { "x-http-method": "DELETE" },
    { "x-method-override": "DELETE" },
    { "x-original-url": "/api/v1/api-keys" },
    { "x-rewrite-url": "/api/v1/api-keys" },
    { "x-forwarded-prefix": "//evil.test" },
    { "x-forwarded-host": "evil.test" },
    { forwarded: "host=evil.test;proto=javascript" },
    { "x-user": "admin", "x-role": "admin", "x-remote-user": "admin" },
    { cookie: "role=admin; admin=true" },
  ];

  test("are let be: the request is what its line says, by whom its key says", async () => {
    const { store } = it.things;
    for (const headers of claims) {
      const shown = JSON.stringify(headers);
      const url = `/api/v1/stores/${store}`;
      const read = await it.market.ask("GET", url, { as: it.admin, headers });
      assert.deepEqual([read.status, read.body["id"]], [200, store], shown);
      const secret = it.market.keys.customer;
      const refused = await it.market.ask("GET", "/api/v1/api-keys", { as: secret, headers });
      assertProblem(refused, 403, "forbidden");
      const nobody = await it.market.ask("GET", "/api/v1/api-keys", { as: null, headers });
      assertProblem(nobody, 401, "unauthenticated");
    }
    assert.notEqual(await it.market.store.place(store), null);
  });

  test("do not come back: an address in an answer is a path of ours, whatever the host is called", async () => {
    const made = writes.filter((name) =>
      /^POST \/api\/v1\/(?:stores|products|reservations)(?:#|$)/.test(name),
    );
    assert.equal(made.length, 4);
    for (const name of made) {
      const headers = { host: "evil.test", "x-forwarded-host": "evil.test" };
      const body = bodyOf(name, it.things);
      const own = "id" in Object(body) ? { ...body, id: newId() } : body;
      const answer = await it.send(name, { headers, body: own ?? {} });
      assert.equal(answer.status, 201, answer.text);
      assert.match(String(answer.headers["location"]), /^\/api\/v1\/[a-z-]+\/[\w-]+$/);
      assert.doesNotMatch(JSON.stringify([answer.headers, answer.body]), /evil\.test/);
    }
  });

  test("a query does not sign in: keys and tokens in addresses are refused by name", async () => {
    for (const name of ["api_key", "access_token", "token", "key", "x-api-key", "authorization"]) {
      const url = `/api/v1/stores?${name}=${it.admin}`;
      assertProblem(await it.market.ask("GET", url, { as: null }), 401, "unauthenticated");
      assertInvalid(await it.send("GET /api/v1/stores", { url }), `?${name}`);
    }
  });
});

test("HEAD needs what GET needs, and tells no more than its status", async () => {
  for (const name of reads.filter((one) => !one.includes("/exports/"))) {
    const { url } = exampleOf(name, it.things);
    for (const as of [null, it.market.keys.customer, it.admin]) {
      const [head, get] = await Promise.all([
        it.market.ask("HEAD", url, { as }),
        it.market.ask("GET", url, { as }),
      ]);
      assert.deepEqual([head.status, head.text], [get.status, ""], url);
    }
  }
});
