// Whoever issues tokens answers with something else than a key set: nobody gets in, nobody waits long for it, what
// it sends does not fill the memory, and where it sends us we do not go.

import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { SignJWT } from "jose";
import { now } from "../lib/clock.ts";
import { keySetBytesMax } from "../limits.ts";
import { tokenVerifier } from "./jwt.ts";
import { ProblemError } from "./problem.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const good = { ...publicKey.export({ format: "jwk" }), kid: "ours", alg: "RS256" };

let answer: RequestListener = () => undefined;
let asked: string[] = [];
let provider: Server;
before(async () => {
  provider = createServer((request, response) => {
    asked.push(String(request.url));
    answer(request, response);
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
});
after(() => {
  provider.closeAllConnections();
  provider.close();
});

/** What a token, signed by us, is answered where keys are fetched anew. */
async function outcome(): Promise<string> {
  asked = [];
  const { port } = provider.address() as AddressInfo;
  const verify = tokenVerifier(
    {
      ...{ secret: null, issuer: null, audience: null, algorithms: ["RS256"] },
      jwksUrl: `http://127.0.0.1:${port}/keys`,
    },
    now,
  );
  const token = await new SignJWT({ role: "admin" })
    .setProtectedHeader({ alg: "RS256", kid: "ours" })
    .setSubject("ann")
    .setExpirationTime("10m")
    .sign(privateKey);
  try {
    return (await verify(token)).id;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error.code;
  }
}

const text =
  (body: string, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  };
const json = (body: unknown, status?: number): RequestListener =>
  text(JSON.stringify(body), status);

describe("a key set that comes from its provider", () => {
  test("lets its tokens in, also when it is as long as it may be", async () => {
    answer = json({ keys: [good] });
    assert.equal(await outcome(), "user:ann");
    const body = JSON.stringify({ keys: [good] });
    answer = text(body + " ".repeat(keySetBytesMax - body.length));
    assert.equal(await outcome(), "user:ann");
  });

  const elsewhere: RequestListener = (request, response) => {
    if (request.url === "/keys") response.writeHead(302, { location: "/elsewhere" }).end();
    else json({ keys: [good] })(request, response);
  };
  const broken: RequestListener = (_request, response) => {
    response.writeHead(200, { "content-length": "1000" }).write('{"keys":[');
    setImmediate(() => response.destroy());
  };
  const longer = `${JSON.stringify({ keys: [good] })}${" ".repeat(keySetBytesMax)}`;
  const useless: readonly (readonly [title: string, answer: RequestListener])[] = [
    ["is a byte too long", text(longer.slice(0, keySetBytesMax + 1))],
    ["is no JSON", text("<html>")],
    ["is cut off", broken],
    ["is empty", text("")],
    ["is null", text("null")],
    ["is a list", json([good])],
    ["has no list of keys", json({ keys: good })],
    ["has keys that are none", json({ keys: [null, 1, "x"] })],
    ["is somewhere else", elsewhere],
    ["comes with a failure", json({ keys: [good] }, 500)],
    ["comes with 204", text("", 204)],
  ];
  for (const [title, its] of useless) {
    test(`nobody gets in by it, and nobody is told that the token is wrong: it ${title}`, async () => {
      answer = its;
      assert.equal(await outcome(), "overloaded");
      assert.deepEqual(asked, ["/keys"]);
    });
  }

  test("nobody gets in by a key that cannot be one", async () => {
    for (const key of [
      { ...good, n: 5 },
      { ...good, n: "" },
      { ...good, e: "AA" },
      { ...good, kty: "oct", k: "AAAA" },
      { ...good, use: "enc" },
      { ...good, key_ops: ["sign"] },
      { kid: "ours" },
    ]) {
      answer = json({ keys: [key] });
      assert.match(await outcome(), /^(?:unauthenticated|overloaded)$/, JSON.stringify(key));
    }
  });

  test("is not read to its end if it has none", async () => {
    let sent = 0;
    answer = (_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(" ".repeat(65_536))) sent += 65_536;
      };
      response.writeHead(200).on("drain", more);
      more();
    };
    assert.equal(await outcome(), "overloaded");
    assert.ok(sent < 20 * keySetBytesMax, `${sent} bytes were taken`);
  });
});
