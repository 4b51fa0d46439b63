// Rates: who is limited, by what, and what the refused are told.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keyOf, openTestApp } from "../../test/support/http-app.ts";
import { failedSignInsPerMinuteMax } from "../limits.ts";
import { route } from "./route.ts";

/** An application with a route that anybody may read. */
async function withRead(settings: Parameters<typeof openTestApp>[0]) {
  const it = await openTestApp(settings);
  route(it.app, {
    method: "GET",
    url: "/open",
    scope: "public:read",
    id: "open",
    tag: "system",
    summary: "x",
    schema: { response: {} },
    handler: () => ({ ok: true }),
  });
  const read = (headers: Record<string, string> = {}, remoteAddress = "192.0.2.1") =>
    it.app.inject({ url: "/open", headers, remoteAddress });
  return { ...it, read };
}

describe("rates", () => {
  test("nobody in particular is limited by address, and told what is left", async () => {
    const { app, read } = await withRead({ settings: { rateLimitAnonymous: 2 } });
    const first = await read();
    assert.equal(first.headers["ratelimit-policy"], '"minute";q=2;w=60');
    assert.match(String(first.headers["ratelimit"]), /^"minute";r=1;t=\d+$/);
    assert.equal((await read()).statusCode, 200);
    const third = await read();
    assert.equal(third.statusCode, 429);
    assert.equal(third.json().code, "rate_limited");
    const [, left] = /^"minute";r=0;t=([1-9]\d?)$/.exec(String(third.headers["ratelimit"])) ?? [];
    assert.ok(left !== undefined, String(third.headers["ratelimit"]));
    assert.equal(third.headers["retry-after"], left, "when the minute is over");
    assert.equal((await read({}, "192.0.2.2")).statusCode, 200, "another address is not");
    assert.equal((await read(keyOf("channel"))).statusCode, 200, "who says who it is, is not");
    await app.close();
  });

  test("the addresses of one IPv6 network count as one, and IPv4 is IPv4 in any writing", async () => {
    const { app, read } = await withRead({ settings: { rateLimitAnonymous: 1 } });
    assert.equal((await read({}, "2001:db8:0:1::1")).statusCode, 200);
    assert.equal((await read({}, "2001:db8:0:1:ffff::2")).statusCode, 429);
    assert.equal((await read({}, "2001:db8:0:2::1")).statusCode, 200);
    assert.equal((await read({}, "192.0.2.9")).statusCode, 200);
    assert.equal((await read({}, "::ffff:192.0.2.9")).statusCode, 429);
    await app.close();
  });

  test("the address is the client's behind a trusted proxy, and the proxy's behind any other", async () => {
    const from = (address: string) => ({ "x-forwarded-for": address });
    const trusting = await withRead({ settings: { rateLimitAnonymous: 1, trustProxy: 1 } });
    assert.equal((await trusting.read(from("198.51.100.1"))).statusCode, 200);
    assert.equal((await trusting.read(from("198.51.100.2"))).statusCode, 200);
    assert.equal((await trusting.read(from("6.6.6.6, 198.51.100.2"))).statusCode, 429);
    const other = await withRead({ settings: { rateLimitAnonymous: 1 } });
    assert.equal((await other.read(from("198.51.100.1"))).statusCode, 200);
    assert.equal((await other.read(from("198.51.100.2"))).statusCode, 429);
    await Promise.all([trusting.app.close(), other.app.close()]);
  });

  test("callers are limited each on their own, whatever their address", async () => {
    const { app, read } = await withRead({ settings: { rateLimitCaller: 1 } });
    assert.equal((await read(keyOf("channel"), "192.0.2.1")).statusCode, 200);
    assert.equal((await read(keyOf("channel"), "192.0.2.2")).statusCode, 429);
    assert.equal((await read(keyOf("vendor"), "192.0.2.1")).statusCode, 200);
    assert.equal((await read()).statusCode, 200);
    await app.close();
  });

  test("of a burst that waits for one look-up of its key, only the excess is refused", async () => {
    const { app, read } = await withRead({ settings: { rateLimitCaller: 30 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => read(keyOf("channel"))));
    const statuses = answers.map(({ statusCode }) => statusCode);
    assert.equal(statuses.filter((status) => status === 200).length, 30);
    assert.equal(statuses.filter((status) => status === 429).length, 10);
    const left = answers
      .slice(0, 30)
      .map(({ headers }) => Number(/r=(\d+)/.exec(String(headers["ratelimit"]))?.[1]));
    assert.deepEqual(
      left,
      Array.from({ length: 30 }, (_, index) => 29 - index),
    );
    await app.close();
  });

  test("a flood of wrong credentials is refused, here and at sign-in; right ones still get in", async () => {
    const { app, read } = await withRead({});
    const signIn = () =>
      app.inject({
        method: "POST",
        url: "/api/v1/auth/session",
        payload: { key: "wrong" },
        remoteAddress: "192.0.2.1",
      });
    for (let count = 0; count < failedSignInsPerMinuteMax; count += 2) {
      assert.equal((await read({ "x-api-key": "wrong" })).statusCode, 401);
      assert.equal((await signIn()).statusCode, 401);
    }
    assert.equal((await read({ "x-api-key": "wrong" })).statusCode, 429);
    assert.equal((await signIn()).statusCode, 429);
    assert.equal((await read(keyOf("vendor"))).statusCode, 200);
    await app.close();
  });

  test("probes and documents count against nobody", async () => {
    const { app, read } = await withRead({ settings: { rateLimitAnonymous: 1 } });
    for (const url of ["/livez", "/readyz", "/health", "/openapi.json", "/docs", "/livez"]) {
      const answer = await app.inject({ url, remoteAddress: "192.0.2.1" });
      assert.equal(answer.statusCode, 200, url);
      assert.equal(answer.headers["ratelimit"], undefined);
    }
    assert.equal((await read()).statusCode, 200);
    await app.close();
  });
});
