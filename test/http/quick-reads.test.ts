// Availability before the framework (src/http/quick-reads.ts): what is answered there is, byte for byte, what the
// framework's way would have answered, and whatever is unlike it goes that way. Of two services with the same commands
// behind them one has no quick way, because it logs each request.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { HttpSettings } from "../../src/http/deps.ts";
import { change, mugFields } from "../support/commands.ts";
import { answersIn, speak } from "../support/raw-http.ts";
import { openShop, type Shop } from "../support/shop.ts";

interface Served extends Shop {
  readonly base: string;
  /** Requests that came to the framework. */
  readonly whole: string[];
}

async function serve(options: Parameters<typeof openShop>[0]): Promise<Served> {
  const shop = await openShop(options);
  const whole: string[] = [];
  shop.app.addHook("onSend", async (request) => {
    whole.push(request.url);
  });
  await shop.given(
    { kind: "CreateProduct", id: "mug", fields: mugFields },
    { kind: "ChangeStock", change: stock("MAD", 20) },
    { kind: "ChangeStock", change: stock("BCN", 15) },
  );
  const base = await shop.app.listen({ port: 0, host: "127.0.0.1" });
  return { ...shop, base, whole };
}

const stock = (storeId: string, amount: number) =>
  change({ productId: "mug", storeId, mode: "initial", amount, reason: "INITIAL" });
const address = "/api/v1/products/mug/availability";

let quick: Served;
let whole: Served;
before(async () => {
  quick = await serve({});
  whole = await serve({ log: { write: () => undefined } });
});
after(() => Promise.all([quick?.close(), whole?.close()]));
/** Documents and keys are known to both, and what has come so far does not count. */
beforeEach(async () => {
  for (const shop of [quick, whole]) {
    for (const key of Object.values(shop.keys)) await ask(shop, { key });
    shop.whole.length = 0;
  }
});

interface Asked {
  readonly method?: string;
  readonly url?: string;
  readonly version?: string;
  readonly key?: string | null;
  readonly headers?: readonly string[];
}

/** All bytes of the answer but what time it is: the date, and for how long a rate still counts. */
async function ask(
  { base, keys }: Served,
  { method = "GET", url = address, version = "1.1", key = keys.admin, headers = [] }: Asked = {},
): Promise<string> {
  const lines = [
    `${method} ${url} HTTP/${version}`,
    "Host: onhand",
    "Connection: close",
    "X-Request-Id: asked",
    ...(key === null ? [] : [`X-API-Key: ${key}`]),
    ...headers,
  ];
  const heard = await speak(base, `${lines.join("\r\n")}\r\n\r\n`);
  return heard.replace(/^Date: .*\r\n/m, "").replace(/^(ratelimit: .*);t=\d+/m, "$1");
}

/** What came without the framework. Now and then one does not: a key is looked up again every 50 ms. */
async function askedQuickly(asked: Asked): Promise<string> {
  for (let tries = 0; tries < 20; tries += 1) {
    quick.whole.length = 0;
    const answer = await ask(quick, asked);
    if (quick.whole.length === 0) return answer;
  }
  assert.fail("it always went the whole way");
}

/** The lines of the head in the order of their names: nothing says in which order they are to be. */
function sorted(answer: string): string[] {
  const [head = "", ...body] = answer.split("\r\n\r\n");
  const [first = "", ...fields] = head.split("\r\n");
  return [first, ...fields.map((field) => field.toLowerCase()).sort(), ...body];
}

async function etag(): Promise<string> {
  const [answer] = answersIn(await ask(quick));
  return String(answer?.headers["etag"]);
}

describe("an availability read that needs nothing but the cache", () => {
  const asked: readonly (readonly [name: string, as: () => Promise<Asked>])[] = [
    ["with a key", async () => ({})],
    ["without one, where that costs nothing", async () => ({ key: null })],
    [
      "by a client that has it already",
      async () => ({ headers: [`If-None-Match: ${await etag()}`] }),
    ],
    [
      "by one that has it among others",
      async () => ({ headers: [`If-None-Match: "v1", W/${await etag()}`] }),
    ],
    ["by one that has any", async () => ({ headers: ["If-None-Match: *"] })],
    ["by one that has another", async () => ({ headers: ['If-None-Match: "v0"'] })],
    ["with an id that may not be one", async () => ({ headers: ["X-Request-Id: two"] })],
    ["by a browser with other cookies and a key", async () => ({ headers: ["Cookie: a=b"] })],
  ];
  for (const [name, as] of asked) {
    test(`${name}: the framework's answer, without the framework`, async () => {
      const request = await as();
      const mine = await askedQuickly(request);
      const theirs = await ask(whole, request);
      const without = (answer: string) =>
        sorted(answer).filter(
          (line) => !line.startsWith("x-request-id: ") || line.endsWith("asked"),
        );
      assert.deepEqual(without(mine), without(theirs));
      assert.match(mine, /^HTTP\/1\.1 (200|304) /);
      assert.notEqual(whole.whole.length, 0);
    });
  }

  test("is what was committed before it was asked for", async () => {
    for (const shop of [quick, whole]) {
      await shop.given({
        kind: "ChangeStock",
        change: change({
          productId: "mug",
          storeId: "MAD",
          mode: "add",
          amount: 1,
          reason: "RESTOCK",
        }),
      });
      await ask(shop);
    }
    const [mine, theirs] = [await ask(quick), await ask(whole)];
    assert.deepEqual(sorted(mine), sorted(theirs));
    assert.match(mine, /"quantity":21/);
  });

  test("is counted like the others, in one series", async () => {
    const count = async () => {
      const text = await quick.metrics.text();
      const counts = [...text.matchAll(/^http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)];
      const own = counts.filter(([, labels]) =>
        /"GET".*:id\/availability".*"200"/.test(String(labels)),
      );
      assert.equal(own.length, 1);
      return Number(own[0]?.[2]);
    };
    const before = await count();
    await ask(quick);
    await ask(quick, { url: `${address}?store_id=MAD` });
    assert.equal(await count(), before + 2);
  });
});

describe("what is unlike it goes the whole way, to the same answer", () => {
  const unlike: readonly (readonly [name: string, asked: Asked])[] = [
    ["a query", { url: `${address}?store_id=MAD` }],
    ["an empty query", { url: `${address}?` }],
    ["another product", { url: "/api/v1/products/ghost/availability" }],
    ["an id that is written in another way", { url: "/api/v1/products/m%75g/availability" }],
    ["no id", { url: "/api/v1/products//availability" }],
    ["an address below", { url: "/api/v1/products/mug/x/availability" }],
    ["HEAD", { method: "HEAD" }],
    ["a method that is not there", { method: "PUT" }],
    ["a key that is not known", { key: "ohk_0123456789012345678901234567890123456789012" }],
    ["no key, and a cookie", { key: null, headers: ["Cookie: onhand_session=x"] }],
    ["a wrong token", { key: null, headers: ["Authorization: Bearer x"] }],
    ["a key and a token", { headers: ["Authorization: Bearer x"] }],
    ["two keys", { headers: ["X-API-Key: other"] }],
    ["no-cache", { headers: ["Cache-Control: no-cache"] }],
    ["two hosts", { headers: ["Host: other"] }],
    ["an upgrade", { headers: ["Upgrade: h2c"] }],
    ["a body", { headers: ["Content-Length: 0"] }],
    ["an older client", { version: "1.0" }],
  ];
  for (const [name, asked] of unlike) {
    test(name, async () => {
      const [mine, theirs] = [await ask(quick, asked), await ask(whole, asked)];
      assert.deepEqual(sorted(mine), sorted(theirs));
      assert.equal(quick.whole.length, whole.whole.length);
      assert.notEqual(quick.whole.length, 0);
    });
  }

  test("a key that was taken away", async () => {
    const { id, secret } = await quick.addKey({ role: "vendor" });
    assert.match(await ask(quick, { key: secret }), /^HTTP\/1\.1 200 /);
    const { status } = await quick.call("DELETE", `/api-keys/${id}`);
    assert.equal(status, 204);
    assert.match(await ask(quick, { key: secret }), /^HTTP\/1\.1 401 /);
  });

  test("an instance that is being stopped asks for the end of its connections", async () => {
    const lines = [`GET ${address} HTTP/1.1`, "Host: onhand", `X-API-Key: ${quick.keys.admin}`];
    quick.app.draining = true;
    try {
      const heard = await speak(quick.base, `${lines.join("\r\n")}\r\n\r\n`);
      assert.match(heard, /^connection: close\r$/im);
    } finally {
      quick.app.draining = false;
    }
  });
});

describe("where each request has more to it, there is no quick way", () => {
  const more: readonly (readonly [name: string, settings: Partial<HttpSettings>, key: boolean])[] =
    [
      ["callers have a limit", { rateLimitCaller: 100 }, true],
      ["those without a key have one", { rateLimitAnonymous: 100 }, false],
      ["those without a key see nothing", { publicReads: false }, false],
      ["pages of other origins may ask", { corsOrigins: ["https://shop.example"] }, true],
    ];
  for (const [name, settings, key] of more) {
    test(name, async () => {
      const shop = await serve({ settings });
      try {
        const asked = key ? {} : { key: null };
        await ask(shop);
        await ask(shop, asked);
        const before = shop.whole.length;
        const answer = await ask(shop, asked);
        assert.match(
          answer,
          settings.publicReads === false ? /^HTTP\/1\.1 401 / : /^HTTP\/1\.1 200 /,
        );
        assert.equal(shop.whole.length, before + 1);
      } finally {
        await shop.close();
      }
    });
  }
});
