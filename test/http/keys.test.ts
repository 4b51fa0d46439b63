// API keys over HTTP and the real database: the secret that is shown once, what is kept of it, who may use
// it and from which moment on nobody may.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newId, sha256 } from "../../src/lib/ids.ts";
import { openTestApp, type TestApp } from "../support/app.ts";
import { assertInvalid, assertProblem, idsOf, listOf, textOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

let it: TestApp;
before(async () => {
  it = await openTestApp();
});
after(() => it.close());

const till = { name: "till 3", role: "vendor", stores: ["MAD-001"] };
const create = (over: object = {}) => it.call("POST", "/api-keys", { body: { ...till, ...over } });
const uses = async (as: string): Promise<number> =>
  (await it.call("GET", "/stores", { as })).status;

/** All keys, page by page. */
async function listed(): Promise<Record<string, unknown>[]> {
  const { body } = await it.call("GET", "/api-keys?limit=500");
  return [...listOf(body)];
}

describe("POST /api-keys: 201", () => {
  test("answers the key, its secret, and where it is", async () => {
    const before = Date.now();
    const { status, headers, body } = await create({ expires_at: "2100-01-01T00:00:00+01:00" });
    assert.equal(status, 201);
    const { id, key, created_at, ...rest } = body;
    assert.equal(headers["location"], `/api/v1/api-keys/${String(id)}`);
    assert.match(String(key), /^ohk_[A-Za-z0-9_-]{43}$/);
    assert.ok(Date.parse(String(created_at)) >= before);
    assert.deepEqual(rest, {
      ...till,
      expires_at: "2099-12-31T23:00:00.000Z",
      last_used_at: null,
    });
  });

  test("the key opens what its role may, under its name", async () => {
    const { body } = await create();
    const secret = textOf(body, "key");
    const whoAmI = await it.call("GET", "/auth/session", { as: secret });
    assert.partialDeepStrictEqual(whoAmI.body, {
      actor: "key:till 3",
      role: "vendor",
      stores: ["MAD-001"],
      by: "key",
    });
  });

  test("every secret is another one", async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => create()));
    assert.equal(new Set(made.map(({ body }) => body["key"])).size, 20);
  });

  const scopes: readonly (readonly [over: object, stores: unknown])[] = [
    [{ role: "admin", stores: undefined }, "*"],
    [{ role: "admin", stores: "*" }, "*"],
    [{ role: "customer", stores: undefined }, "*"],
    [{ role: "customer", stores: ["MAD-001"] }, ["MAD-001"]],
    [{ role: "manager", stores: "*" }, "*"],
    [{ role: "channel", stores: ["B", "A", "B"] }, ["B", "A"]],
  ];
  for (const [over, stores] of scopes) {
    test(`${JSON.stringify(over)} works in ${JSON.stringify(stores)}`, async () => {
      const { status, body } = await create(over);
      assert.equal(status, 201);
      assert.deepEqual(body["stores"], stores);
    });
  }

  test("the database has the hash of the secret and never the secret", async () => {
    const { body } = await create();
    const secret = textOf(body, "key");
    await uses(secret);
    assert.ok(await it.keeps(sha256(secret)));
    assert.ok(!(await it.keeps(secret)));
    assert.ok(!(await it.keeps(secret.slice(4))));
  });
});

describe("POST /api-keys: 400", () => {
  const wrong: readonly (readonly [over: object, path: string])[] = [
    [{ name: undefined }, "/name"],
    [{ name: "" }, "/name"],
    [{ name: "x".repeat(101) }, "/name"],
    [{ name: "a\r\nb" }, "/name"],
    [{ role: undefined }, "/role"],
    [{ role: "root" }, "/role"],
    [{ role: "anonymous" }, "/role"],
    [{ stores: undefined }, "/stores"],
    [{ stores: [] }, "/stores"],
    [{ stores: "MAD-001" }, "/stores"],
    [{ stores: "" }, "/stores"],
    [{ stores: null }, "/stores"],
    [{ stores: ["MAD-001", "*"] }, "/stores/1"],
    [{ stores: ["a b"] }, "/stores/0"],
    [{ stores: [1] }, "/stores/0"],
    [{ stores: Array.from({ length: 1_001 }, (_, index) => `S-${index}`) }, "/stores"],
    [{ role: "admin", stores: ["MAD-001"] }, "/stores"],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "/expires_at"],
    [{ expires_at: "9999-12-31T23:59:59-23:59" }, "/expires_at"],
    [{ expires_at: "2100-01-01T00:00:00" }, "/expires_at"],
    [{ expires_at: "2100-02-30" }, "/expires_at"],
    [{ expires_at: 4_102_444_800 }, "/expires_at"],
    [{ key: "ohk_mine" }, "/key"],
    [{ id: "mine" }, "/id"],
  ];
  for (const [over, path] of wrong) {
    test(`${JSON.stringify(over).slice(0, 50)} names ${path}, and no key is made`, async () => {
      const count = (await listed()).length;
      assertInvalid(await create(over), path);
      assert.equal((await listed()).length, count);
    });
  }

  test("an Idempotency-Key is refused: a secret is not kept to be told again", async () => {
    const headers = { "idempotency-key": newId() };
    const answer = await it.call("POST", "/api-keys", { body: till, headers });
    assertProblem(answer, 400, "invalid_idempotency_key");
  });
});

describe("GET /api-keys: 200", () => {
  test("lists keys without their secrets", async () => {
    const { body } = await create();
    const { text } = await it.call("GET", "/api-keys?limit=500");
    assert.ok(text.includes(textOf(body, "id")));
    assert.ok(!text.includes(textOf(body, "key").slice(4)));
    for (const one of await listed()) {
      const fields = ["id", "name", "role", "stores", "created_at", "expires_at", "last_used_at"];
      assert.deepEqual(Object.keys(one).sort(), fields.sort());
    }
  });

  test("pages hold each key once", async () => {
    const found: string[] = [];
    let cursor: unknown = null;
    do {
      const query = typeof cursor === "string" ? `&cursor=${cursor}` : "";
      const { body } = await it.call("GET", `/api-keys?limit=7${query}`);
      found.push(...idsOf(body));
      cursor = body["next_cursor"];
    } while (cursor !== null);
    assert.equal(new Set(found).size, found.length);
    assert.equal(found.length, (await listed()).length);
  });

  test("when a key was last used is there after the service has stopped", async () => {
    const own = await openTestApp();
    try {
      const { id, secret } = await own.addKey({ role: "vendor" });
      const { id: idle } = await own.addKey({ role: "vendor" });
      const before = Date.now();
      await own.call("GET", "/stores", { as: secret });
      await own.app.close();
      const { items } = await own.store.keys({ after: null, limit: 100 });
      const used = new Map(items.map((key) => [key.id, key.lastUsedAt]));
      assert.ok((used.get(id) ?? 0) >= before);
      assert.equal(used.get(idle), null);
    } finally {
      await own.close();
    }
  });
});

describe("DELETE /api-keys/:id", () => {
  test("204, and the key is refused at once, though it was used a moment before", async () => {
    const { body } = await create();
    const [id, secret] = [textOf(body, "id"), textOf(body, "key")];
    assert.equal(await uses(secret), 200);
    const { status, text } = await it.call("DELETE", `/api-keys/${id}`);
    assert.deepEqual([status, text], [204, ""]);
    assert.equal(await uses(secret), 401);
    assert.ok(!(await listed()).some((one) => one["id"] === id));
  });

  test("requests that are under way when it is answered are the last ones", async () => {
    const { body } = await create();
    const [id, secret] = [textOf(body, "id"), textOf(body, "key")];
    const storm = Array.from({ length: 20 }, () => uses(secret));
    const removed = it.call("DELETE", `/api-keys/${id}`);
    assert.equal((await removed).status, 204);
    assert.deepEqual(
      new Set(await Promise.all(Array.from({ length: 20 }, () => uses(secret)))),
      new Set([401]),
    );
    for (const status of await Promise.all(storm)) assert.ok(status === 200 || status === 401);
  });

  test("other keys go on", async () => {
    const [one, other] = [await create(), await create()];
    await it.call("DELETE", `/api-keys/${textOf(one.body, "id")}`);
    assert.equal(await uses(textOf(other.body, "key")), 200);
  });

  test("the sessions that were opened with it end too", async () => {
    const { body } = await create();
    const signIn = { as: null, body: { key: textOf(body, "key") } };
    const { headers } = await it.call("POST", "/auth/session", signIn);
    const cookie = String(headers["set-cookie"]).split(";")[0] ?? "";
    const bySession = () => it.call("GET", "/stores", { as: null, headers: { cookie } });
    assert.equal((await bySession()).status, 200);
    await it.call("DELETE", `/api-keys/${textOf(body, "id")}`);
    assertProblem(await bySession(), 401, "unauthenticated");
  });

  test("an admin may take its own key away, and is then nobody", async () => {
    const { id, secret } = await it.addKey({ role: "admin" });
    assert.equal((await it.call("DELETE", `/api-keys/${id}`, { as: secret })).status, 204);
    assert.equal(await uses(secret), 401);
  });

  test("404 for a key that is not there, or no longer", async () => {
    const { id } = await it.addKey({ role: "vendor" });
    await it.call("DELETE", `/api-keys/${id}`);
    for (const gone of [id, "nothing"]) {
      assertProblem(await it.call("DELETE", `/api-keys/${gone}`), 404, "key_not_found");
    }
  });
});

describe("a key that expires", () => {
  test("is refused from that moment on, though it was used before", async () => {
    const expiresAt = Date.now() + 200;
    const { secret } = await it.addKey({ role: "vendor", expiresAt });
    assert.equal(await uses(secret), 200);
    await until(() => Date.now() >= expiresAt, "the key has expired");
    const answer = await it.call("GET", "/stores", { as: secret });
    assertProblem(answer, 401, "unauthenticated");
    assert.match(textOf(answer.body, "detail"), /expired/);
  });
});
