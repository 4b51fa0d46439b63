// Who gets in: keys, tokens and sessions that are right, and every way we know of being wrong.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { SignJWT } from "jose";
import {
  hex,
  keyOf,
  openTestApp,
  secretOf,
  start,
  type TestApp,
} from "../../test/support/http-app.ts";
import { signToken } from "../cli/token.ts";
import { sha256 } from "../lib/ids.ts";
import type { TokenSettings } from "./jwt.ts";

const secret = "a shared secret of more than 32 bytes";
const settings: TokenSettings = {
  secret,
  jwksUrl: null,
  issuer: "https://id.example",
  audience: "onhand",
  algorithms: ["HS256"],
};
const seconds = start / 1000;
const claims = {
  sub: "cust-1",
  role: "customer",
  iss: "https://id.example",
  aud: "onhand",
  exp: seconds + 600,
};

type Json = Readonly<Record<string, unknown>>;
const encoded = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token as a forger writes it: any header, any payload, any key. */
function forged(header: Json, payload: unknown, key: string | Buffer = secret): string {
  const text = `${encoded(header)}.${encoded(payload)}`;
  const digest = header["alg"] === "HS512" ? "sha512" : "sha256";
  return `${text}.${createHmac(digest, key).update(text).digest("base64url")}`;
}
const hs256 = { alg: "HS256", typ: "JWT" };
const signed = (changes: Json, header: Json = hs256): string =>
  forged({ ...hs256, ...header }, { ...claims, ...changes });

const session = "/api/v1/auth/session";
const whoIs = (it: TestApp, headers: Record<string, string>) =>
  it.app.inject({ url: session, headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("a token with a shared secret", () => {
  let it: TestApp;
  before(async () => {
    it = await openTestApp({ settings: { tokens: settings } });
  });
  after(() => it.app.close());

  test("gets in with its subject, role and stores", async () => {
    const answer = await whoIs(it, bearer(signed({ role: "vendor", stores: ["MAD-001"] })));
    assert.equal(answer.statusCode, 200, answer.body);
    const { actor, subject, role, stores, by, expires_at } = answer.json();
    assert.deepEqual(
      { actor, subject, role, stores, by, expires_at },
      {
        actor: "user:cust-1",
        subject: "cust-1",
        role: "vendor",
        stores: ["MAD-001"],
        by: "token",
        expires_at: "2026-01-01T00:10:00.000Z",
      },
    );
  });

  test("a customer shops in all stores unless told otherwise", async () => {
    assert.equal((await whoIs(it, bearer(signed({})))).json().stores, "*");
  });

  test("the type may be at+jwt, in any case, or not be said", async () => {
    for (const typ of ["at+jwt", "application/at+jwt", "JWT", "jwt", undefined]) {
      const token = forged({ alg: "HS256", typ }, claims);
      assert.equal((await whoIs(it, bearer(token))).statusCode, 200, String(typ));
    }
  });

  test("a clock that is a few seconds behind is forgiven", async () => {
    const token = signed({ nbf: seconds + 4, exp: seconds + 60 });
    assert.equal((await whoIs(it, bearer(token))).statusCode, 200);
  });

  test("one that was let in is refused once it has expired", async () => {
    const own = await openTestApp({ settings: { tokens: settings } });
    const token = signed({ exp: seconds + 100 });
    assert.equal((await whoIs(own, bearer(token))).statusCode, 200);
    own.clock.now += 101_000 + 5_000;
    assert.equal((await whoIs(own, bearer(token))).statusCode, 401);
    await own.app.close();
  });

  test("one minted by `onhand token` gets in", async () => {
    const own = await openTestApp({ settings: { tokens: settings } });
    own.clock.now = Date.now();
    const token = await signToken(settings, { sub: "a", role: "admin", stores: "*" }, 60);
    assert.equal((await whoIs(own, bearer(token))).json().role, "admin");
    await own.app.close();
  });

  const [head = "", body = "", mac = ""] = signed({}).split(".");
  const manyStores = Array.from({ length: 1_001 }, (_, index) => `S-${index}`);
  const corpus: readonly [title: string, token: string][] = [
    ["no signature by alg none", `${encoded({ alg: "none" })}.${encoded(claims)}.`],
    ["no signature by alg None", `${encoded({ alg: "None" })}.${encoded(claims)}.`],
    ["alg none with a signature", forged({ alg: "none" }, claims)],
    ["no alg", forged({ typ: "JWT" }, claims)],
    ["an alg that is a list", forged({ alg: ["HS256"] }, claims)],
    ["an alg in small letters", forged({ alg: "hs256" }, claims)],
    ["another algorithm of the same family", forged({ alg: "HS512" }, claims)],
    ["an algorithm of public keys", forged({ alg: "RS256" }, claims)],
    ["another secret", forged(hs256, claims, "another secret of more than 32 bytes!")],
    ["an empty secret", forged(hs256, claims, Buffer.alloc(0))],
    ["a signature of zeros", `${head}.${body}.${encoded("\0".repeat(32))}`],
    ["a signature cut short", `${head}.${body}.${mac.slice(0, 20)}`],
    ["no signature part", `${head}.${body}`],
    ["an empty signature", `${head}.${body}.`],
    ["a payload changed after signing", `${head}.${encoded({ ...claims, role: "admin" })}.${mac}`],
    ["a header changed after signing", `${encoded({ ...hs256, kid: "x" })}.${body}.${mac}`],
    ["four parts", `${head}.${body}.${mac}.${mac}`],
    ["five parts, encrypted", "a.b.c.d.e"],
    ["one part", "garbage"],
    ["only dots", ".."],
    ["a payload that is no JSON", forged(hs256, "not json")],
    ["a payload that is a list", forged(hs256, [claims])],
    ["a payload that is null", forged(hs256, "null")],
    ["a header that is no JSON", `${encoded("nope")}.${body}.${mac}`],
    ["expired", signed({ exp: seconds - 6 })],
    ["no expiry", signed({ exp: undefined })],
    ["an expiry that is text", signed({ exp: String(seconds + 600) })],
    [
      "an expiry beyond all numbers",
      forged(hs256, JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999')),
    ],
    ["not valid yet", signed({ nbf: seconds + 60 })],
    ["a start that is text", signed({ nbf: "now" })],
    ["another issuer", signed({ iss: "https://id.example.evil.test" })],
    ["no issuer", signed({ iss: undefined })],
    ["another audience", signed({ aud: "billing" })],
    ["no audience", signed({ aud: undefined })],
    ["another type of token", signed({}, { typ: "logout+jwt" })],
    ["a critical header that we do not know", signed({}, { crit: ["b64"], b64: false })],
    ["a critical header of another kind", signed({}, { crit: ["x"], x: 1 })],
    ["a role that does not exist", signed({ role: "root" })],
    ["a role that is inherited from Object", signed({ role: "constructor" })],
    ["the role anonymous", signed({ role: "anonymous" })],
    ["no role", signed({ role: undefined })],
    ["two roles", signed({ role: ["admin"] })],
    ["no subject", signed({ sub: undefined })],
    ["an empty subject", signed({ sub: "" })],
    ["a subject that is a number", signed({ sub: 7 })],
    ["a subject with a line break", signed({ sub: "a\r\nb" })],
    ["a subject that is too long", signed({ sub: "x".repeat(129) })],
    ["stores that are an object", signed({ stores: { "MAD-001": true } })],
    ["stores that are text", signed({ stores: "MAD-001" })],
    ["a store that is a pattern", signed({ stores: ["*"] })],
    ["a store that is a number", signed({ stores: [1] })],
    ["more stores than anybody has", signed({ stores: manyStores })],
    ["a vendor without stores", signed({ role: "vendor" })],
    ["an admin of some stores", signed({ role: "admin", stores: ["MAD-001"] })],
    ["a key in its own header", signed({}, { jwk: { kty: "oct", k: encoded("x") }, alg: "HS512" })],
    ["more text than a token has", signed({ padding: "x".repeat(9_000) })],
  ];
  test(`the corpus has ${corpus.length} forged tokens, all different`, () => {
    assert.ok(corpus.length >= 40);
    assert.equal(new Set(corpus.map(([, token]) => token)).size, corpus.length);
  });
  for (const [title, token] of corpus) {
    test(`is refused: ${title}`, async () => {
      const answer = await whoIs(it, bearer(token));
      assert.equal(answer.statusCode, 401, answer.body);
      assert.equal(answer.json().code, "unauthenticated");
      assert.match(String(answer.headers["www-authenticate"]), /^Bearer /);
    });
  }

  test("is never a way in where tokens are not configured", async () => {
    const none = await openTestApp();
    assert.equal((await whoIs(none, bearer(signed({})))).statusCode, 401);
    await none.app.close();
  });

  test("headers that point to keys elsewhere are not followed", async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const there = `http://127.0.0.1:${port}/keys`;
    const token = forged(
      { ...hs256, jku: there, x5u: there, kid: there },
      claims,
      "not the secret",
    );
    assert.equal((await whoIs(it, bearer(token))).statusCode, 401);
    assert.equal(asked, 0);
    server.close();
  });
});

describe("a token with public keys", () => {
  const ours = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const theirs = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
  let isUp = true;
  const rsa = { ...ours.publicKey.export({ format: "jwk" }), kid: "rsa", alg: "RS256" };
  const ec = { ...curve.publicKey.export({ format: "jwk" }), kid: "ec", alg: "ES256" };
  const provider = createServer((_request, response) => {
    response.statusCode = isUp ? 200 : 503;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys: [rsa, ec] }));
  });
  const open = async () =>
    openTestApp({
      settings: {
        tokens: {
          secret: null,
          jwksUrl: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/keys`,
          issuer: null,
          audience: null,
          algorithms: ["RS256", "ES256"],
        },
      },
    });
  const token = (key: KeyObject, header: { alg: string; kid?: string }) =>
    new SignJWT({ role: "admin" })
      .setProtectedHeader(header)
      .setSubject("a")
      .setExpirationTime(seconds + 600)
      .sign(key);
  let it: TestApp;
  before(async () => {
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    it = await open();
  });
  after(async () => {
    provider.close();
    await it.app.close();
  });

  test("gets in with RS256 and with ES256", async () => {
    const rsa = await token(ours.privateKey, { alg: "RS256", kid: "rsa" });
    const ec = await token(curve.privateKey, { alg: "ES256", kid: "ec" });
    assert.equal((await whoIs(it, bearer(rsa))).statusCode, 200);
    assert.equal((await whoIs(it, bearer(ec))).statusCode, 200);
  });

  test("is refused when signed by somebody else under our kid", async () => {
    const answer = await whoIs(
      it,
      bearer(await token(theirs.privateKey, { alg: "RS256", kid: "rsa" })),
    );
    assert.equal(answer.statusCode, 401);
  });

  test("is refused under an unknown kid, and under the kid of another kind of key", async () => {
    for (const kid of ["other", "ec", "../../etc/passwd", ""]) {
      const answer = await whoIs(it, bearer(await token(ours.privateKey, { alg: "RS256", kid })));
      assert.equal(answer.statusCode, 401, kid);
    }
  });

  test("is refused when the public key is used as a shared secret", async () => {
    const pem = ours.publicKey.export({ type: "spki", format: "pem" });
    const payload = { sub: "a", role: "admin", exp: seconds + 600 };
    const confused = forged({ alg: "HS256", kid: "rsa" }, payload, Buffer.from(pem));
    assert.equal((await whoIs(it, bearer(confused))).statusCode, 401);
  });

  test("a provider that is down is 503, not a refusal of the token, and nobody gets in", async () => {
    isUp = false;
    const own = await open();
    const rsa = await token(ours.privateKey, { alg: "RS256", kid: "rsa" });
    const answer = await whoIs(own, bearer(rsa));
    isUp = true;
    assert.equal(answer.statusCode, 503);
    assert.match(String(answer.headers["retry-after"]), /^\d+$/);
    await own.app.close();
  });
});

describe("an API key", () => {
  let it: TestApp;
  before(async () => {
    it = await openTestApp();
  });
  after(() => it.app.close());

  test("gets in by X-API-Key and as a bearer", async () => {
    for (const headers of [keyOf("vendor"), bearer(secretOf("vendor"))]) {
      const answer = await whoIs(it, headers);
      assert.equal(answer.json().actor, "key:vendor");
      assert.deepEqual(answer.json().stores, ["MAD-001"]);
    }
  });

  const wrong: readonly [title: string, headers: Record<string, string>][] = [
    ["an unknown key", { "x-api-key": `ohk_${"z".repeat(43)}` }],
    ["an empty key", { "x-api-key": "" }],
    ["a key without its beginning", { "x-api-key": secretOf("admin").slice(4) }],
    ["a key in another case", { "x-api-key": secretOf("admin").toUpperCase() }],
    ["the hash of a key", { "x-api-key": hex(sha256(secretOf("admin"))) }],
    ["a key with a space", { "x-api-key": `${secretOf("admin")} x` }],
    ["two keys", { "x-api-key": `${secretOf("admin")}, ${secretOf("admin")}` }],
    ["Basic instead of Bearer", { authorization: `Basic ${secretOf("admin")}` }],
    ["Bearer and nothing", { authorization: "Bearer " }],
    ["two bearers", { authorization: `Bearer ${secretOf("admin")}, Bearer x` }],
    ["a key and a bearer", { ...keyOf("admin"), ...bearer(secretOf("admin")) }],
  ];
  for (const [title, headers] of wrong) {
    test(`is refused, also where anonymous may read: ${title}`, async () => {
      assert.equal((await whoIs(it, headers)).statusCode, 401);
      const read = await it.app.inject({ url: "/api/v1/stores", headers });
      assert.equal(read.statusCode, 401);
    });
  }

  test("stops working when it expires, and when it is taken away", async () => {
    const own = await openTestApp();
    const admin = keyOf("admin");
    const made = await own.app.inject({
      method: "POST",
      url: "/api/v1/api-keys",
      headers: admin,
      payload: { name: "till", role: "channel", stores: "*", expires_at: "2026-01-01T00:01:00Z" },
    });
    assert.equal(made.statusCode, 201, made.body);
    const { id, key } = made.json();
    assert.match(key, /^ohk_[\w-]{43}$/);
    assert.equal((await whoIs(own, { "x-api-key": key })).statusCode, 200);
    own.clock.now += 60_000;
    assert.match((await whoIs(own, { "x-api-key": key })).json().detail, /expired/);
    own.clock.now = start;
    await own.app.inject({ method: "DELETE", url: `/api/v1/api-keys/${id}`, headers: admin });
    assert.equal((await whoIs(own, { "x-api-key": key })).statusCode, 401);
    await own.app.close();
  });

  test("its secret is shown once and is in no list and no line of the log", async () => {
    const own = await openTestApp({ logLevel: "debug" });
    const headers = keyOf("admin");
    const payload = { name: "till", role: "channel", stores: "*" };
    const url = "/api/v1/api-keys";
    const { key } = (await own.app.inject({ method: "POST", url, headers, payload })).json();
    const list = await own.app.inject({ url, headers });
    await whoIs(own, bearer(key));
    await whoIs(own, { "x-api-key": `${key}x` });
    assert.ok(!list.body.includes(key));
    assert.ok(!own.logText().includes(key.slice(4)), "the log has the secret");
    assert.ok(!own.logText().includes(secretOf("admin").slice(4)));
    await own.app.close();
  });

  test("when it was last used is written on the way out", async () => {
    const own = await openTestApp();
    await whoIs(own, keyOf("manager"));
    own.clock.now += 5;
    await whoIs(own, keyOf("manager"));
    await own.app.close();
    assert.deepEqual(own.access.touched, [new Map([["manager", start + 5]])]);
  });
});

describe("a console session", () => {
  const signIn = (it: TestApp, payload: object, headers: Record<string, string> = {}) =>
    it.app.inject({ method: "POST", url: session, payload, headers });
  const cookieOf = (answer: Awaited<ReturnType<typeof signIn>>): string =>
    String(answer.headers["set-cookie"]).split(";")[0] ?? "";

  test("is an HttpOnly, SameSite=Strict cookie that is stored as a hash", async () => {
    const it = await openTestApp();
    const answer = await signIn(it, { key: secretOf("manager") });
    assert.equal(answer.statusCode, 201);
    const cookie = String(answer.headers["set-cookie"]);
    assert.match(cookie, /; Path=\/; Max-Age=3600; HttpOnly; SameSite=Strict$/);
    const value = cookieOf(answer).split("=")[1] ?? "";
    assert.deepEqual([...it.access.sessions.keys()], [hex(sha256(value))]);
    const { actor, role, by } = (await whoIs(it, { cookie: cookieOf(answer) })).json();
    assert.deepEqual({ actor, role, by }, { actor: "key:manager", role: "manager", by: "session" });
    await it.app.close();
  });

  test("is Secure behind a proxy that speaks https, if that proxy is trusted", async () => {
    const https = { "x-forwarded-proto": "https" };
    const trusting = await openTestApp({ settings: { trustProxy: 1 } });
    const cookie = (await signIn(trusting, { key: secretOf("admin") }, https)).headers[
      "set-cookie"
    ];
    assert.match(String(cookie), /; Secure$/);
    const plain = await openTestApp();
    const other = (await signIn(plain, { key: secretOf("admin") }, https)).headers["set-cookie"];
    assert.doesNotMatch(String(other), /Secure/);
    await Promise.all([trusting.app.close(), plain.app.close()]);
  });

  test("can be opened with a token, and ends no later than it", async () => {
    const it = await openTestApp({ settings: { tokens: settings } });
    const answer = await signIn(it, { token: signed({ exp: seconds + 60 }) });
    assert.equal(answer.json().expires_at, "2026-01-01T00:01:00.000Z");
    const cookie = cookieOf(answer);
    assert.equal((await whoIs(it, { cookie })).json().actor, "user:cust-1");
    it.clock.now += 60_000;
    assert.equal((await whoIs(it, { cookie })).statusCode, 401);
    await it.app.close();
  });

  test("ends with its key", async () => {
    const it = await openTestApp();
    const cookie = cookieOf(await signIn(it, { key: secretOf("vendor") }));
    const url = "/api/v1/api-keys/vendor";
    await it.app.inject({ method: "DELETE", url, headers: keyOf("admin") });
    assert.equal((await whoIs(it, { cookie })).statusCode, 401);
    await it.app.close();
  });

  test("ends at sign-out, and the cookie with it", async () => {
    const it = await openTestApp();
    const cookie = cookieOf(await signIn(it, { key: secretOf("vendor") }));
    const headers = { cookie, "sec-fetch-site": "same-origin" };
    const out = await it.app.inject({ method: "DELETE", url: session, headers });
    assert.equal(out.statusCode, 204);
    assert.match(String(out.headers["set-cookie"]), /onhand_session=; Path=\/; Max-Age=0/);
    assert.equal((await whoIs(it, { cookie })).statusCode, 401);
    await it.app.close();
  });

  test("writes only from the console's own pages", async () => {
    const it = await openTestApp();
    const cookie = cookieOf(await signIn(it, { key: secretOf("admin") }));
    const from: readonly [Record<string, string>, number][] = [
      [{}, 403],
      [{ "sec-fetch-site": "cross-site" }, 403],
      [{ "sec-fetch-site": "same-site" }, 403],
      [{ origin: "https://evil.test", host: "console.example" }, 403],
      [{ origin: "null", host: "console.example" }, 403],
      [
        {
          "sec-fetch-site": "cross-site",
          origin: "http://console.example",
          host: "console.example",
        },
        403,
      ],
      [{ "sec-fetch-site": "same-origin" }, 201],
      [{ origin: "http://console.example", host: "console.example" }, 201],
    ];
    for (const [headers, status] of from) {
      const answer = await it.app.inject({
        method: "POST",
        url: "/api/v1/stores",
        headers: { cookie, ...headers },
        payload: { name: "x" },
      });
      assert.equal(answer.statusCode, status, JSON.stringify(headers));
      assert.equal((await whoIs(it, { cookie, ...headers })).statusCode, 200, "reads may");
    }
    await it.app.close();
  });

  test("a cookie that we never gave is refused, not taken for nobody", async () => {
    const it = await openTestApp();
    for (const value of ["", "x", "A".repeat(43), "A".repeat(5_000)]) {
      const answer = await whoIs(it, { cookie: `onhand_session=${value}` });
      assert.equal(answer.statusCode, 401);
    }
    assert.equal((await whoIs(it, { cookie: "other=1" })).statusCode, 401);
    await it.app.close();
  });

  test("wants a key or a token, one of them, and a right one", async () => {
    const it = await openTestApp();
    assert.equal((await signIn(it, {})).statusCode, 400);
    assert.equal((await signIn(it, { key: "x", token: "y" })).statusCode, 400);
    assert.equal((await signIn(it, { key: "x" })).statusCode, 401);
    assert.equal((await signIn(it, { token: "x" })).statusCode, 401);
    assert.equal(it.access.sessions.size, 0);
    await it.app.close();
  });
});
