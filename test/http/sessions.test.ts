// The console's sessions over HTTP and the real database: what the cookie says, what is kept of it, from
// which pages it may write and how it ends. The ways of getting in are in src/http/auth.test.ts.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { newId, sha256 } from "../../src/lib/ids.ts";
import { type Answer, openTestApp, type TestApp } from "../support/app.ts";
import { assertInvalid, assertProblem, textOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

let it: TestApp;
before(async () => {
  it = await openTestApp();
});
after(() => it.close());

const url = "/auth/session";
const signIn = (body: object, headers: Record<string, string> = {}, at = it) =>
  at.call("POST", url, { as: null, body, headers });
const whoAmI = (cookie: string, headers = {}) =>
  it.call("GET", url, { as: null, headers: { cookie, ...headers } });

/** The name and value of the cookie that an answer sets, and its attributes. */
function cookieOf({ headers }: Answer): readonly [cookie: string, attributes: string[]] {
  const [cookie = "", ...attributes] = String(headers["set-cookie"]).split("; ");
  return [cookie, attributes];
}

async function signedIn(role: keyof TestApp["keys"] = "manager"): Promise<string> {
  const [cookie] = cookieOf(await signIn({ key: it.keys[role] }));
  return cookie;
}

describe("POST /auth/session: 201", () => {
  test("sets a cookie that scripts cannot read and other sites cannot send", async () => {
    const [cookie, attributes] = cookieOf(await signIn({ key: it.keys.manager }));
    assert.match(cookie, /^onhand_session=[A-Za-z0-9_-]{43}$/);
    assert.deepEqual(attributes, ["Path=/", "Max-Age=3600", "HttpOnly", "SameSite=Strict"]);
  });

  test("the cookie is Secure where a trusted proxy speaks https", async () => {
    const proxied = await openTestApp({ settings: { trustProxy: 1 } });
    try {
      const https = { "x-forwarded-proto": "https" };
      const body = { key: proxied.keys.admin };
      assert.ok(cookieOf(await signIn(body, https, proxied))[1].includes("Secure"));
      assert.ok(!cookieOf(await signIn(body, {}, proxied))[1].includes("Secure"));
    } finally {
      await proxied.close();
    }
  });

  test("answers who has signed in and what the role may", async () => {
    const before = Date.now();
    const { status, body } = await signIn({ key: it.keys.vendor });
    assert.equal(status, 201);
    const { scopes, expires_at, ...rest } = body;
    assert.deepEqual(rest, {
      actor: "key:vendor",
      subject: "vendor",
      role: "vendor",
      stores: ["MAD"],
      by: "session",
    });
    assert.ok(Array.isArray(scopes) && scopes.includes("stock:write"));
    assert.ok(!scopes.includes("stock:transfer"));
    const left = Date.parse(String(expires_at)) - before;
    assert.ok(left >= 3_600_000 && left < 3_660_000, String(left));
  });

  test("has no secret in its body, and is kept by no cache", async () => {
    const answer = await signIn({ key: it.keys.manager });
    const [cookie] = cookieOf(answer);
    assert.ok(!answer.text.includes(cookie.split("=")[1] ?? "?"));
    assert.ok(!answer.text.includes(it.keys.manager));
    assert.equal(answer.headers["cache-control"], "no-store");
  });

  test("gives a new secret each time, also to who brings one of its own", async () => {
    const own = `onhand_session=${"A".repeat(43)}`;
    const first = await signedIn();
    const [second] = cookieOf(await signIn({ key: it.keys.manager }, { cookie: own }));
    assert.notEqual(second, first);
    assert.notEqual(second, own);
    assertProblem(await whoAmI(own), 401, "unauthenticated");
  });

  test("ends no later than its key", async () => {
    const expiresAt = Date.now() + 1_500;
    const { secret } = await it.addKey({ role: "vendor", expiresAt });
    const answer = await signIn({ key: secret });
    assert.equal(answer.body["expires_at"], new Date(expiresAt).toISOString());
    const [cookie, attributes] = cookieOf(answer);
    assert.ok(attributes.includes("Max-Age=1"), attributes.join());
    assert.equal((await whoAmI(cookie)).status, 200);
    await until(() => Date.now() >= expiresAt, "the key has expired");
    assertProblem(await whoAmI(cookie), 401, "unauthenticated");
  });

  test("the database has the hash of the cookie and never the cookie", async () => {
    const secret = (await signedIn()).split("=")[1] ?? "";
    assert.ok(await it.keeps(sha256(secret)));
    assert.ok(!(await it.keeps(secret)));
  });
});

describe("POST /auth/session: refusals", () => {
  test("400 without a credential, with two, with an empty one", async () => {
    const key = it.keys.admin;
    assertInvalid(await signIn({}), "");
    assertInvalid(await signIn({ key, token: "x" }), "/token");
    assertInvalid(await signIn({ key: "" }), "/key");
    assertInvalid(await signIn({ key, role: "admin" }), "/role");
  });

  test("400 with an Idempotency-Key: a cookie is not kept to be told again", async () => {
    const answer = await signIn({ key: it.keys.admin }, { "idempotency-key": newId() });
    assertProblem(answer, 400, "invalid_idempotency_key");
    assert.equal(answer.headers["set-cookie"], undefined);
  });

  test("401 for a wrong key, a token where none are taken, and a cookie sent as a key", async () => {
    const cookie = await signedIn();
    for (const body of [{ key: "x" }, { token: "x" }, { key: cookie.split("=")[1] ?? "" }]) {
      const answer = await signIn(body);
      assertProblem(answer, 401, "unauthenticated");
      assert.equal(answer.headers["set-cookie"], undefined);
    }
  });
});

describe("GET /auth/session", () => {
  test("200 with the same as at sign-in", async () => {
    const answer = await signIn({ key: it.keys.channel });
    const { status, body } = await whoAmI(cookieOf(answer)[0]);
    assert.equal(status, 200);
    assert.deepEqual(body, answer.body);
  });

  test("200 also among other cookies", async () => {
    const cookie = await signedIn();
    assert.equal((await whoAmI(`a=b; ${cookie}; onhand=1`)).status, 200);
  });

  test("401 for nobody, and for a cookie that has no session", async () => {
    assertProblem(await it.call("GET", url, { as: null }), 401, "unauthenticated");
    for (const value of ["", "x", "A".repeat(43), `${"A".repeat(43)}B`]) {
      assertProblem(await whoAmI(`onhand_session=${value}`), 401, "unauthenticated");
    }
  });

  test("a session is no Bearer token", async () => {
    const secret = (await signedIn()).split("=")[1] ?? "";
    const headers = { authorization: `Bearer ${secret}` };
    assertProblem(await it.call("GET", url, { as: null, headers }), 401, "unauthenticated");
  });
});

describe("a write with a session", () => {
  const from: readonly (readonly [headers: Record<string, string>, status: number])[] = [
    [{ "sec-fetch-site": "same-origin" }, 201],
    [{ "sec-fetch-site": "none" }, 201],
    [{ origin: "http://shop.test", host: "shop.test" }, 201],
    [{ origin: "https://shop.test:8443", host: "shop.test:8443" }, 201],
    [{}, 403],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ "sec-fetch-site": "SAME-ORIGIN" }, 403],
    [{ "sec-fetch-site": "cross-site", origin: "http://shop.test", host: "shop.test" }, 403],
    [{ origin: "http://evil.test", host: "shop.test" }, 403],
    [{ origin: "http://shop.test.evil.test", host: "shop.test" }, 403],
    [{ origin: "http://shop.test:81", host: "shop.test" }, 403],
    [{ origin: "null", host: "shop.test" }, 403],
    [{ origin: "", host: "shop.test" }, 403],
    [{ referer: "http://shop.test/", host: "shop.test" }, 403],
  ];
  for (const [headers, status] of from) {
    test(`is ${status} with ${JSON.stringify(headers)}`, async () => {
      const cookie = await signedIn("admin");
      const call = { as: null, body: { name: "x" }, headers: { cookie, ...headers } };
      const answer = await it.call("POST", "/stores", call);
      if (status === 403) assertProblem(answer, 403, "forbidden");
      assert.equal(answer.status, status, answer.text);
      assert.equal((await whoAmI(cookie, headers)).status, 200, "it may read from anywhere");
    });
  }

  test("is refused for signing out too, and the session goes on", async () => {
    const cookie = await signedIn();
    const headers = { cookie, "sec-fetch-site": "cross-site" };
    assertProblem(await it.call("DELETE", url, { as: null, headers }), 403, "forbidden");
    assert.equal((await whoAmI(cookie)).status, 200);
  });

  test("with a key beside it needs no page of ours: a key is never sent by itself", async () => {
    const headers = { cookie: await signedIn("vendor"), "sec-fetch-site": "cross-site" };
    const answer = await it.call("POST", "/stores", { body: { name: "x" }, headers });
    assert.equal(answer.status, 201);
  });
});

describe("DELETE /auth/session: 204", () => {
  const ours = { "sec-fetch-site": "same-origin" };

  test("ends the session, takes the cookie away, and leaves other sessions", async () => {
    const [cookie, other] = [await signedIn(), await signedIn()];
    const out = await it.call("DELETE", url, { as: null, headers: { cookie, ...ours } });
    assert.deepEqual([out.status, out.text], [204, ""]);
    const [cleared, attributes] = cookieOf(out);
    assert.equal(cleared, "onhand_session=");
    assert.ok(attributes.includes("Max-Age=0") && attributes.includes("HttpOnly"));
    assertProblem(await whoAmI(cookie), 401, "unauthenticated");
    assert.equal((await whoAmI(other)).status, 200);
  });

  test("is the same for who has no session, or none any more", async () => {
    const cookie = `onhand_session=${"A".repeat(43)}`;
    for (const headers of [{}, { cookie, ...ours }]) {
      assert.equal((await it.call("DELETE", url, { as: null, headers })).status, 204);
    }
  });
});

test("an ended session is swept away by the pruner and no other", async () => {
  const { secret } = await it.addKey({ role: "vendor", expiresAt: Date.now() + 50 });
  const [ended, going] = [cookieOf(await signIn({ key: secret }))[0], await signedIn()];
  await until(async () => (await whoAmI(ended)).status === 401, "the session has ended");
  assert.ok((await it.store.prune(0, 1_000)) >= 1);
  assert.equal((await whoAmI(going)).status, 200);
  assert.equal(textOf((await whoAmI(ended)).body, "code"), "unauthenticated");
});
