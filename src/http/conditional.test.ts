// Conditional requests: a guard that we cannot read is refused, never ignored.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keyOf, openTestApp } from "../../test/support/http-app.ts";
import { parseIfMatch, preconditionOf } from "./conditional.ts";

const withHeader = (header?: string) =>
  ({ headers: { "if-match": header } }) as unknown as Parameters<typeof preconditionOf>[0];

describe("If-Match", () => {
  test("names a version, or anything that exists", () => {
    assert.equal(parseIfMatch('"v7"'), 7);
    assert.equal(parseIfMatch(' "v0" '), 0);
    assert.equal(parseIfMatch("*"), "*");
  });
  for (const header of [
    "",
    "v7",
    '"7"',
    'W/"v7"',
    '"v7", "v8"',
    '"v-1"',
    '"v1.5"',
    '"v"',
    "null",
    `"v${"9".repeat(16)}"`,
  ]) {
    test(`${JSON.stringify(header)} is refused`, () => {
      assert.throws(() => parseIfMatch(header), /If-Match/);
    });
  }
});

describe("the version that a write expects", () => {
  test("comes from the body, from the header, or from nowhere", () => {
    assert.deepEqual(preconditionOf(withHeader(), 3), { version: 3, source: "body" });
    assert.deepEqual(preconditionOf(withHeader('"v3"')), { version: 3, source: "header" });
    assert.deepEqual(preconditionOf(withHeader("*")), { version: "*", source: "header" });
    assert.equal(preconditionOf(withHeader()), null);
  });
  test("may be said twice if both say the same", () => {
    assert.deepEqual(preconditionOf(withHeader('"v3"'), 3), { version: 3, source: "header" });
    assert.throws(() => preconditionOf(withHeader('"v3"'), 4), /expected_version/);
    assert.throws(() => preconditionOf(withHeader("*"), 4), /expected_version/);
  });
});

describe("an ETag over HTTP", () => {
  test("guards a write with 412 and spares a read with 304", async () => {
    const { app } = await openTestApp();
    const headers = keyOf("admin");
    const url = "/api/v1/stores/BIO-1";
    const payload = { name: "Bilbao" };
    await app.inject({ method: "PUT", url, headers, payload });
    await app.inject({
      method: "POST",
      url: "/api/v1/stores",
      headers,
      payload: { id: "BIO-1", ...payload },
    });
    const read = await app.inject({ url, headers });
    assert.equal(read.headers["etag"], '"v1"');

    for (const given of ['"v1"', 'W/"v1"', '"v0", "v1"', "*"]) {
      const again = await app.inject({ url, headers: { ...headers, "if-none-match": given } });
      assert.equal(again.statusCode, 304, given);
      assert.equal(again.body, "");
      assert.equal(again.headers["etag"], '"v1"');
    }
    const stale = await app.inject({ url, headers: { ...headers, "if-none-match": '"v0"' } });
    assert.equal(stale.statusCode, 200);

    const change = (version: string) =>
      app.inject({ method: "PUT", url, headers: { ...headers, "if-match": version }, payload });
    const refused = await change('"v9"');
    assert.equal(refused.statusCode, 412);
    assert.equal(refused.json().current_version, 1);
    assert.equal((await change("v1")).json().errors[0].path, "If-Match");
    assert.equal((await change('"v1"')).headers["etag"], '"v2"');
    await app.close();
  });
});
