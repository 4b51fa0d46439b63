// The console's page as the service serves it, from a folder as Vite leaves it.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openTestApp, type TestApp } from "../../test/support/http-app.ts";

const page = '<meta property="csp-nonce" nonce="__NONCE__"><script nonce="__NONCE__"></script>';

describe("the console", () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-console-"));
  let it: TestApp;
  before(async () => {
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), page);
    writeFileSync(join(folder, "assets/index-1.js"), "1;");
    writeFileSync(join(folder, "assets/index-1.js.br"), "brotli");
    it = await openTestApp({ consoleFolder: folder });
  });
  after(async () => {
    await it.app.close();
    rmSync(folder, { recursive: true });
  });

  test("is a page whose policy lets nothing run but its own, with a number that is new for each answer", async () => {
    const answers = [await it.app.inject("/"), await it.app.inject("/")];
    const nonces = answers.map(({ statusCode, headers, body }) => {
      assert.equal(statusCode, 200);
      assert.match(String(headers["content-type"]), /^text\/html/);
      assert.equal(headers["cache-control"], "no-store");
      const policy = String(headers["content-security-policy"]);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
      assert.match(nonce, /^[A-Za-z0-9+/]{22}==$/);
      assert.equal(body, page.replaceAll("__NONCE__", nonce));
      return nonce;
    });
    assert.notEqual(nonces[0], nonces[1]);
  });

  test("has files that browsers keep, compressed where they take it", async () => {
    const headers = { "accept-encoding": "gzip, br" };
    const answer = await it.app.inject({ url: "/assets/index-1.js", headers });
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.body, "brotli");
    assert.equal(answer.headers["content-encoding"], "br");
    assert.equal(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    assert.equal(answer.headers["x-content-type-options"], "nosniff");
    assert.equal((await it.app.inject("/assets/index-1.js")).body, "1;");
  });

  test("shows nothing outside its folder, and what is not there is 404 as everywhere", async () => {
    for (const url of [
      "/assets/none.js",
      "/assets/../index.html",
      "/assets/%2e%2e/index.html",
      "/assets/",
    ]) {
      const { statusCode, headers } = await it.app.inject(url);
      assert.ok(statusCode === 404 || statusCode === 403, `${url}: ${statusCode}`);
      assert.match(String(headers["content-type"]), /^application\/problem\+json/, url);
    }
  });

  test("is not there where it was not built", async () => {
    const bare = await openTestApp({ consoleFolder: join(folder, "none") });
    assert.equal((await bare.app.inject("/")).statusCode, 404);
    await bare.app.close();
  });
});
