// What a hostile client sends: every field of every body, query and path made wrong in every way we know.
// The answer is never a failure of ours, always a documented problem that names the field, and nothing of
// it is done. What is wrong is worked out from openapi.json, not from the answer.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { newId } from "../../src/lib/ids.ts";
import { batchBodyBytesMax, bodyBytesMax } from "../../src/limits.ts";
import type { Answer } from "../support/app.ts";
import {
  bodyOf,
  exampleOf,
  faultIn,
  type Hostile,
  jsonWrites,
  mustName,
  openHostile,
  reads,
  routeOf,
  writes,
} from "../support/hostile.ts";
import { faultsOf, type Schema } from "../support/json-schema.ts";
import { assertInvalid, assertProblem, textOf } from "../support/shop.ts";

/** Where nothing may ever change, and where it may. */
let strict: Hostile;
let lively: Hostile;
before(async () => {
  [strict, lively] = await Promise.all([openHostile(), openHostile()]);
});
after(() => Promise.all([strict.close(), lively.close()]));

const withBodies = jsonWrites.filter((name) => !name.startsWith("DELETE"));

// ── bodies ──────────────────────────────────────────────────────────────────────────────────────

type Path = readonly (string | number)[];
const removed = Symbol("removed");

interface Mutation {
  readonly path: Path;
  readonly value: unknown;
}

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
const values: readonly unknown[] = [
  removed,
  null,
  true,
  0,
  -0,
  -1,
  1.5,
  1e-7,
  0.1,
  2 ** 53,
  2 ** 53 - 1,
  1e21,
  Number.POSITIVE_INFINITY,
  "",
  "1",
  " ",
  "x".repeat(65),
  "x".repeat(10_000),
  "a\u0000b",
  "a\nb",
  "a\u007fb",
  "a\u0085b",
  "\ud800",
  "a\udfffb",
  "😀".repeat(3),
  "é̂",
  "\u202eabc",
  "__proto__",
  "constructor",
  "../../etc/passwd",
  "'; DROP TABLE stock; --",
  "%00",
  "product",
  "*",
  "2026-02-30T00:00:00Z",
  [],
  [null],
  ["*"],
  [[[]]],
  {},
  { length: 1 },
];

/** Places in a body that may be made wrong: every field that it has or might have, and it itself. */
function placesIn(schema: Schema, value: unknown, path: Path = []): Path[] {
  const found: Path[] = [path];
  const { properties, items, $ref: reference } = schema;
  if (typeof reference === "string") return placesIn(strict.documented.at(reference), value, path);
  if (typeof properties === "object" && properties !== null) {
    for (const [name, inner] of Object.entries(properties)) {
      const own =
        typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
      found.push(...placesIn(inner as Schema, own, [...path, name]));
    }
  }
  if (typeof items === "object" && items !== null && Array.isArray(value)) {
    found.push(...placesIn(items as Schema, value[0], [...path, 0]));
  }
  return found;
}

function mutationsOf(name: string): Mutation[] {
  const schema = schemaOf(name);
  const body = bodyOf(name, strict.things);
  const places = placesIn(schema, body);
  const objects = places.filter((path) => isObject(at(body, path)));
  return [
    ...places.flatMap((path) => values.map((value) => ({ path, value }))),
    ...objects.flatMap((path) =>
      ["unknown", "a/b~c", "toString", "x".repeat(200), "\ud83d", "constructor"].map((field) => ({
        path: [...path, field],
        value: 1,
      })),
    ),
  ];
}

function faultsIn(name: string, body: unknown): string[] {
  return faultsOf(schemaOf(name), body, strict.documented.at);
}

function schemaOf(name: string): Schema {
  const schema = strict.documented.body(routeOf(name));
  assert.ok(schema, `${name} takes a body`);
  return schema;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, name) => Reflect.get(Object(part), name), value);
}

/** A copy of the body with one thing in it changed; undefined: there is nothing to remove. */
function mutated(body: unknown, { path, value }: Mutation): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value === removed ? undefined : value;
  const copy: unknown = Array.isArray(body) ? [...body] : { ...(body as object) };
  if (rest.length === 0 && value === removed) {
    if (!Reflect.has(Object(copy), first)) return undefined;
    if (Array.isArray(copy)) copy.splice(Number(first), 1);
    else Reflect.deleteProperty(Object(copy), first);
    return copy;
  }
  const inner = mutated(Reflect.get(Object(copy), first), { path: rest, value });
  if (inner === undefined) return undefined;
  Reflect.set(Object(copy), first, inner);
  return copy;
}

/** JSON with what JSON.stringify does not write: numbers beyond a double, and -0. */
function asText(value: unknown): string {
  const marked = JSON.stringify(value, (_name, part: unknown) => {
    if (part === Number.POSITIVE_INFINITY) return "@1e309@";
    return Object.is(part, -0) ? "@-0@" : part;
  });
  return marked.replaceAll(/"@([^@]+)@"/g, "$1");
}

/** What a schema does not say: how fields go together, and what a text or a number means. */
const beyondSchemas = new Set(
  (
    "/token /stores /expires_at /quantity_change /initial_quantity /reason /note /quantity /price /ttl " +
    "/ttl_minutes /metadata /product_id /store_id /id /changes/0/initial_quantity /changes/0/reason " +
    "/changes/0/quantity_change /changes/0/note /stores/0 /to_seq /url /types /after_seq /seq"
  ).split(" "),
);

describe("a body with one thing wrong", () => {
  for (const name of withBodies) {
    test(`${name}: is refused by the path of that thing, and nothing is done`, async () => {
      const body = bodyOf(name, strict.things);
      assert.deepEqual(faultsIn(name, body), [], "the example is right");
      const bodies = mutationsOf(name)
        .map((mutation) => mutated(body, mutation))
        .filter((one) => one !== undefined)
        .map((one) => ({ text: asText(one), faults: faultsIn(name, one) }))
        .filter(({ faults }) => faults.length > 0);
      assert.ok(bodies.length > 20);
      await strict.changesNothing(async () => {
        for (const { text, faults } of bodies) {
          mustName(
            await strict.send(name, { body: text }),
            faults,
            `${name} ${text.slice(0, 300)}`,
          );
        }
      });
    });

    test(`${name}: is taken where the documents allow it, or refused for a reason of its own`, async () => {
      const template = bodyOf(name, strict.things);
      const mutations = mutationsOf(name).filter((mutation) => {
        const body = mutated(template, mutation);
        return body !== undefined && faultsIn(name, body).length === 0;
      });
      const fresh = await lively.market.things(mutations.map(() => ({})));
      for (const [index, mutation] of mutations.entries()) {
        const own = fresh[index];
        assert.ok(own);
        const body = asText(mutated(bodyOf(name, own), mutation));
        const answer = await lively.send(name, { body }, own);
        if (answer.body["code"] !== "validation_failed") continue;
        const path = faultIn(answer);
        assert.ok(beyondSchemas.has(path), `${name} ${body.slice(0, 300)} → ${answer.text}`);
      }
    });
  }

  test("what was taken left rows, holds and log as they must be", async () => {
    const { store } = lively.market;
    const rows = await store.auditRows({ after: null, limit: 100_000, eventsMax: null });
    assert.deepEqual([rows.next, rows.findings], [null, []]);
    assert.deepEqual(await store.auditLog(), []);
  });
});

describe("a body that is no body of the route", () => {
  const proto = ['{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}'];
  const broken: readonly (readonly [title: string, text: string])[] = [
    ["nothing", ""],
    ["white space", "  \r\n "],
    ["half an object", '{"name":'],
    ["two objects", "{}{}"],
    ["a comment", '{/**/"name":"x"}'],
    ["single quotes", "{'name':'x'}"],
    ["a trailing comma", '{"name":"x",}'],
    ["NaN", '{"name":NaN}'],
    ["a bare word", "name"],
    ["a byte order mark and nothing", "\ufeff"],
    ["a control character in a text", '{"name":"a\u0001b"}'],
    ["a broken escape", '{"name":"\\x41"}'],
    ["a number with a leading zero", '{"name":01}'],
    ["10,000 open brackets", "[".repeat(10_000)],
    ["10,000 open objects", '{"a":'.repeat(10_000)],
    ["a form", "name=x&price=1"],
    [
      "XML",
      "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    ],
    ["__proto__", proto[0] ?? ""],
    ["constructor.prototype", proto[1] ?? ""],
    ["__proto__ with an escape", '{"__pro\\u0074o__":{"a":1}}'],
    ["__proto__ deep inside", `{"metadata":{"a":[${proto[0]}]}}`],
  ];
  for (const [title, text] of broken) {
    test(`${title} is malformed_json wherever a body is read`, async () => {
      await strict.changesNothing(async () => {
        for (const name of jsonWrites) {
          // There, nothing is what the route takes.
          if (text === "" && /DELETE|confirm|cancel|\/secret$|\/test$/.test(name)) continue;
          assertProblem(await strict.send(name, { body: text }), 400, "malformed_json");
        }
      });
      assert.equal(Reflect.get({}, "a"), undefined);
    });
  }

  test("10,000 levels of nesting are refused as a field, not by the end of the stack", async () => {
    const reserve = "POST /api/v1/reservations";
    const body = bodyOf(reserve, strict.things);
    const deep = asText({ ...body, metadata: "?" }).replace('"?"', nested(10_000));
    const headers = { "idempotency-key": newId() };
    await strict.changesNothing(async () => {
      for (const name of jsonWrites) {
        for (const text of [nested(10_000), `{"metadata":${nested(10_000)}}`]) {
          assertProblem(await strict.send(name, { body: text }), 400, "validation_failed");
        }
      }
      assertInvalid(await strict.send(reserve, { body: deep }), "/metadata");
      const kept = await strict.send(reserve, { body: deep, headers });
      assertProblem(kept, 400, "validation_failed");
    });
  });

  test("of a field that is said twice the last one counts, once", async () => {
    const [own] = await lively.market.things([{}]);
    assert.ok(own);
    const body = `{"adjustment":7,"reason":"DAMAGE","adjustment":-1}`;
    const answer = await lively.send(
      "POST /api/v1/stock/:product_id/:store_id/adjust",
      { body },
      own,
    );
    assert.equal(answer.body["quantity"], 99, answer.text);
  });

  test("a route that takes no body refuses one", async () => {
    await strict.changesNothing(async () => {
      for (const name of writes.filter((one) => one.startsWith("DELETE"))) {
        for (const body of ["{}", "[]", "0", '""', "false", "null"]) {
          assertInvalid(await strict.send(name, { body }), "");
        }
      }
    });
  });

  test("null is no empty body", async () => {
    await strict.changesNothing(async () => {
      for (const name of writes.filter((one) => /confirm|cancel/.test(one))) {
        assertInvalid(await strict.send(name, { body: "null" }), "");
      }
    });
  });

  test("a content type that is not JSON is 415, however it is written", async () => {
    const types = [
      "text/plain",
      "text/json",
      "application/xml",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/jsonp",
      "application/json-patch+json",
      "application/octet-stream",
      "json",
      "*/*",
      "",
      ";",
      "application/",
      "a/b; charset=\u00e9",
    ];
    await strict.changesNothing(async () => {
      for (const name of jsonWrites) {
        for (const type of types) {
          const answer = await strict.send(name, { body: "{}", headers: { "content-type": type } });
          assertProblem(answer, 415, "unsupported_media_type");
        }
      }
    });
  });

  test("JSON is JSON whatever its charset is said to be", async () => {
    for (const type of [
      "application/json",
      "application/json; charset=utf-8",
      "application/json;charset=UTF-8",
      "APPLICATION/JSON",
      'application/json; charset="utf-8"; x=y',
    ]) {
      const headers = { "content-type": type };
      const answer = await lively.send("POST /api/v1/stores", { headers });
      assert.equal(answer.status, 201, `${type}: ${answer.text}`);
    }
  });

  test("bytes that are no UTF-8 text are malformed_json, not a text with question marks", async () => {
    const json = JSON.stringify({ name: "\u00e9t\u00e9" });
    const bodies: readonly (readonly [Buffer, Record<string, string>])[] = [
      [Buffer.from(json, "latin1"), {}],
      [Buffer.from(json, "latin1"), { "content-type": "application/json; charset=iso-8859-1" }],
      [Buffer.from(json, "utf16le"), { "content-type": "application/json; charset=utf-16le" }],
      [Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]), {}],
      [Buffer.from([0xff, 0xfe, 0x00]), {}],
      [gzipSync(json), {}],
    ];
    await strict.changesNothing(async () => {
      for (const [body, headers] of bodies) {
        const answer = await strict.send("POST /api/v1/stores", { body, headers });
        assertProblem(answer, 400, "malformed_json");
      }
    });
  });

  test("a body above the limit of its route is 413", async () => {
    await strict.changesNothing(async () => {
      for (const name of jsonWrites) {
        const isLarge = /batch|availability\/query/.test(name);
        const lengths = isLarge ? [batchBodyBytesMax + 1] : [bodyBytesMax + 1, batchBodyBytesMax];
        for (const length of lengths) {
          const answer = await strict.send(name, { body: " ".repeat(length) });
          assertProblem(answer, 413, "body_too_large");
        }
      }
    });
  });

  test("a body of just the limit is read", async () => {
    const text = JSON.stringify({ name: "x" });
    const answer = await lively.send("POST /api/v1/stores", { body: text.padEnd(bodyBytesMax) });
    assert.equal(answer.status, 201);
  });
});

// ── addresses and queries ───────────────────────────────────────────────────────────────────────

const queryTexts =
  "0 -1 1 501 1000000000 1000000001 9007199254740992 1.5 1e9 1e309 -1e309 0x10 NaN abc true yes null " +
  "%00 %0d%0aSet-Cookie:%20a=b %ff %zz % %F0%9F%98%80 %ED%A0%80 a%2Fb ..%2f.. [] {} '%20OR%201=1-- " +
  "PENDING stock.updated MAD 2026-02-30 2026-01-01T00:00:00 9999-12-31T23:59:59Z 0000-01-01 seq:1 " +
  "seq:-1 seq:999999999999999 seq:9999999999999999 1.1 99.99";

/** What the query's parser makes of it: an escape that means nothing stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/** null: a number in an unusual form may be taken or refused. */
function fitsQuery(schema: Schema, text: string): boolean | null {
  const { type } = schema;
  const fits = (value: unknown): boolean =>
    faultsOf(schema, value, strict.documented.at).length === 0;
  if (type === "boolean") return text === "true" || text === "false";
  if (type !== "integer" && type !== "number") return fits(text);
  if (/^-?\d+$/.test(text)) return fits(Number(text));
  return text.trim() !== "" && Number.isFinite(Number(text)) ? null : false;
}

describe("a query with one thing wrong is refused by its name", () => {
  interface Parameter {
    readonly name: string;
    readonly path: string;
    readonly parameter: string;
    readonly schema: Schema;
  }
  const parameters = (): Parameter[] =>
    reads.flatMap((name) =>
      Object.entries(strict.documented.query(name)).map(([parameter, schema]) => {
        const path = exampleOf(name, strict.things).url.replace(/\?.*/, "");
        return { name, path, parameter, schema };
      }),
    );

  test("a value of the wrong kind, too long or out of bounds", async () => {
    const texts = ["", "x".repeat(10_000), ...queryTexts.split(" ")];
    assert.ok(parameters().length > 40);
    for (const { name, path, parameter, schema } of parameters()) {
      for (const text of texts) {
        const answer = await strict.send(name, { url: `${path}?${parameter}=${text}` });
        const fits = fitsQuery(schema, decoded(text));
        const shown = `${name} ?${parameter}=${text.slice(0, 40)}`;
        if (fits === false) mustName(answer, [`?${parameter}`], shown);
        else if (answer.body["code"] === "validation_failed") {
          // A time or a place in the log means something that a schema does not say.
          assert.equal(faultIn(answer), `?${parameter}`, shown);
          assert.ok(fits === null || /^(?:from|to|as_of)$/.test(parameter), shown);
        }
      }
    }
  });

  test("a parameter that is sent twice", async () => {
    for (const { name, path, parameter } of parameters()) {
      const answer = await strict.send(name, { url: `${path}?${parameter}=1&${parameter}=1` });
      mustName(answer, [`?${parameter}`], `${name} ?${parameter} twice`);
    }
  });

  test("a parameter that the list does not know", async () => {
    const paths = new Map(parameters().map(({ name, path }) => [name, path]));
    const fields = "unknown Limit limit[] limit[a] limit.a __proto__ constructor toString";
    for (const [name, path] of paths) {
      for (const field of fields.split(" ")) {
        const answer = await strict.send(name, { url: `${path}?${field}=1` });
        mustName(answer, [`?${field}`], `${name} ?${field}`);
      }
    }
  });
});

const badIds = [
  ..."%20 a%20b %00 a%00 %0a %2F a%2Fb ..%2f..%2fetc %5c %ff %zz % %E0%80%AF %F0%9F%98%80".split(
    " ",
  ),
  ..."%EF%BC%8F __defineGetter__ hasOwnProperty valueOf -a .a *,* a,b a;b a'b a\"b {id} :id".split(
    " ",
  ),
  ..."null 0".split(" "),
  ...[64, 65, 200, 201, 5_000].map((length) => "a".repeat(length)),
];

describe("an address with a part that is no id", () => {
  for (const name of [...reads, ...writes]) {
    const parts = [...name.matchAll(/:(\w+)/g)].map(([, part]) => part ?? "");
    if (parts.length === 0) continue;
    test(`${name}: is refused by the name of that part, or not found`, async () => {
      await strict.changesNothing(async () => {
        for (const part of parts) {
          for (const id of badIds) {
            const body = bodyOf(name, strict.things);
            const [, path = ""] = name.split(" ");
            const url = path.replace(/:(\w+)/g, (_all, one) =>
              one === part ? id : strict.things.product,
            );
            mustBeNoId(name, part, id, await strict.send(name, { url, body }));
          }
        }
      });
    });
  }

  function mustBeNoId(name: string, part: string, id: string, answer: Answer): void {
    const shown = `${name} ${part}=${id.slice(0, 80)} → ${answer.text.slice(0, 300)}`;
    if (id.length > 200 || isBroken(id)) {
      // It cannot be routed, so no part has a name.
      assertProblem(answer, 400, "validation_failed");
      return;
    }
    const schema = strict.documented.params(routeOf(name))[part];
    assert.ok(schema, shown);
    const isId = faultsOf(schema, decodeURIComponent(id), strict.documented.at).length === 0;
    if (isId) assert.equal(answer.status, 404, shown);
    else mustName(answer, [`{${part}}`], shown);
  }

  function isBroken(text: string): boolean {
    try {
      decodeURIComponent(text);
      return false;
    } catch {
      return true;
    }
  }

  test("addresses beside the routes are not found, and nothing is done there", async () => {
    const urls = [
      "//api/v1/products",
      "/API/V1/PRODUCTS",
      "/api/v1/stores/x/",
      "/api/v1/%70roducts/x/y/z",
      "/api/v1/products;a=b",
      "/api/v2/products",
      "/api/v1/stock/a/b/c",
      "/.env",
      "/.git/config",
      "/api/v1/stores//stock",
      "/%2e%2e/%2e%2e/etc/passwd",
      `/${"a/".repeat(2_000)}`,
    ];
    await strict.changesNothing(async () => {
      for (const url of urls) {
        for (const method of ["GET", "POST", "DELETE"]) {
          const answer = await strict.market.ask(method, url, { as: strict.admin });
          assertProblem(answer, 404, "route_not_found");
        }
      }
    });
  });
});

// ── cursors ─────────────────────────────────────────────────────────────────────────────────────

describe("a cursor that this list did not give", () => {
  const packed = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const withQuery = (url: string, query: string): string =>
    `${url}${url.includes("?") ? "&" : "?"}${query}`;

  test("is invalid_cursor, whether cut, changed, forged or another list's", async () => {
    const given = new Map<string, string>();
    for (const name of reads.filter((one) => "cursor" in strict.documented.query(one))) {
      const url = withQuery(exampleOf(name, strict.things).url, "limit=1");
      const { body } = await strict.send(name, { url });
      given.set(name, textOf(body, "next_cursor"));
    }
    assert.equal(given.size, 13);
    for (const [name, cursor] of given) {
      const { url } = exampleOf(name, strict.things);
      const [list] = JSON.parse(Buffer.from(cursor, "base64url").toString());
      const others = [...given].filter(([other]) => other !== name).map(([, other]) => other);
      const wrong = [
        ...others,
        cursor.slice(0, -1),
        `${cursor}A`,
        `${cursor}=`,
        ` ${cursor}`,
        "A",
        "null",
        ...[null, {}, [], [list], [list, null], [list, 1.5], [list, 2 ** 60], [list, {}]].map(
          packed,
        ),
        packed([list, "x".repeat(301), "x"]),
        packed([list, [1]]),
        packed([list, 1, 2, 3]),
        packed([list, "\ud800", "\ud800"]),
        packed([list, "\u0000"]),
        packed([list, "\u0000", "\u0000"]),
        packed(["__proto__", 1]),
        packed("x".repeat(700)),
      ];
      for (const text of wrong) {
        const query = `cursor=${encodeURIComponent(text)}`;
        const answer = await strict.send(name, { url: withQuery(url, query) });
        assertProblem(answer, 400, "invalid_cursor");
      }
    }
  });

  test("forged in the right shape shows no more than the list would", async () => {
    for (const key of [-1, 0, 2 ** 53 - 1]) {
      const url = `/api/v1/reservations?cursor=${packed(["reservations", key])}`;
      const answer = await strict.market.ask("GET", url, { as: strict.market.keys.vendor });
      assert.equal(answer.status, 200, answer.text);
      assert.doesNotMatch(answer.text, /"VLC"/);
    }
  });
});

test("thousands of requests were sent, and the log keeps nothing of what was in them", () => {
  const sent = strict.sent() + lively.sent();
  assert.ok(sent > 10_000, `only ${sent}`);
  const lines = [...strict.lines, ...lively.lines];
  assert.ok(lines.length > 10_000);
  for (const line of lines) {
    assert.doesNotMatch(line, /DROP TABLE|xxxxx|Holds tea|ohk_|idempotency-key|"level":"error"/);
  }
});
