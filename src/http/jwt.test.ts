// Whoever issues tokens answers with something else than a key set: nobody gets in, nobody waits long for it, what
// it sends does not fill the memory, and where it sends us we do not go.

import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, beforeEach, describe, mock, test } from "node:test";
import { SignJWT } from "jose";
import { now } from "../lib/clock.ts";
import { keySetBytesMax, tokenTrustedMs } from "../limits.ts";
import { tokenVerifier, type VerifyToken } from "./jwt.ts";
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

/** A check of tokens that has no keys yet. */
function verifier(): VerifyToken {
  asked = [];
  const { port } = provider.address() as AddressInfo;
  return tokenVerifier(
    {
      ...{ secret: null, issuer: null, audience: null, algorithms: ["RS256"] },
      jwksUrl: `http://127.0.0.1:${port}/keys`,
    },
    now,
  );
}

function tokenOf(sub: string, kid: string, key: KeyObject): Promise<string> {
  return new SignJWT({ role: "admin" })
    .setProtectedHeader({ alg: "RS256", kid })
    .setSubject(sub)
    .setExpirationTime("10h")
    .sign(key);
}

/** What a token, signed by us, is answered where keys are fetched anew. */
async function outcome(): Promise<string> {
  return answerTo(verifier(), await tokenOf("ann", "ours", privateKey));
}

async function answerTo(verify: VerifyToken, token: string): Promise<string> {
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

describe("a key set that changes", () => {
  const next = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const nextKey = { ...next.publicKey.export({ format: "jwk" }), kid: "next", alg: "RS256" };
  /** Unknown keys are asked for again no sooner than this, and known ones no later than that. */
  const [cooldownMs, keptMs] = [30_000, 600_000];

  beforeEach(() => mock.timers.enable({ apis: ["Date"], now: Date.now() }));
  afterEach(() => mock.timers.reset());

  test("a new key is fetched when a token names it, and the one that is gone counts no more", async () => {
    const verify = verifier();
    answer = json({ keys: [good] });
    assert.equal(await answerTo(verify, await tokenOf("ann", "ours", privateKey)), "user:ann");
    answer = json({ keys: [nextKey] });
    mock.timers.tick(cooldownMs + 1);
    const bob = await tokenOf("bob", "next", next.privateKey);
    assert.equal(await answerTo(verify, bob), "user:bob");
    assert.deepEqual(asked, ["/keys", "/keys"]);
    const late = await tokenOf("carl", "ours", privateKey);
    assert.equal(await answerTo(verify, late), "unauthenticated");
  });

  test("a token that was taken already is checked again, and refused once its key is gone", async () => {
    const verify = verifier();
    answer = json({ keys: [good] });
    const ann = await tokenOf("ann", "ours", privateKey);
    assert.equal(await answerTo(verify, ann), "user:ann");
    answer = json({ keys: [nextKey] });
    mock.timers.tick(keptMs + tokenTrustedMs);
    assert.equal(await answerTo(verify, ann), "unauthenticated");
  });

  test("a key of the same name is not taken for the one that it replaced", async () => {
    const verify = verifier();
    answer = json({ keys: [good] });
    assert.equal(await answerTo(verify, await tokenOf("ann", "ours", privateKey)), "user:ann");
    answer = json({ keys: [{ ...nextKey, kid: "ours" }] });
    mock.timers.tick(keptMs + 1);
    const forged = await tokenOf("bob", "ours", privateKey);
    assert.equal(await answerTo(verify, forged), "unauthenticated");
    const bob = await tokenOf("bob", "ours", next.privateKey);
    assert.equal(await answerTo(verify, bob), "user:bob");
  });

  test("a flood of tokens with unknown keys asks for it once in half a minute", async () => {
    const verify = verifier();
    answer = json({ keys: [good] });
    let made = 0;
    const flood = async (): Promise<void> => {
      const tokens = Array.from({ length: 25 }, () => {
        made += 1;
        return tokenOf("eve", `unknown-${made}`, privateKey);
      });
      for (const again of [tokens.slice(0, 20), tokens.slice(20, 23), tokens.slice(23)]) {
        const answers = await Promise.all(again.map(async (one) => answerTo(verify, await one)));
        assert.deepEqual(new Set(answers), new Set(["unauthenticated"]));
      }
    };
    await flood();
    mock.timers.tick(cooldownMs - 1_000);
    await flood();
    assert.equal(asked.length, 1);
    mock.timers.tick(2_000);
    await flood();
    assert.equal(asked.length, 2);
    assert.equal(await answerTo(verify, await tokenOf("ann", "ours", privateKey)), "user:ann");
    assert.equal(asked.length, 2);
  });
});
