// What comes over a socket from clients that mean harm or are very slow: requests within requests, many at once,
// addresses written to be misread. Whatever it is, the service lives, answers in order and with no failure of its
// own, and keeps no connection. What single malformed requests are answered is in test/http/bad-requests.test.ts,
// what is damaged or broken off on the way in broken.test.ts.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, describe, test } from "node:test";
import { answersIn, speak, speakThenEnd } from "../support/raw-http.ts";
import {
  json,
  mustBeProper,
  openRawTarget,
  type RawTarget,
  statusesOf,
} from "../support/raw-target.ts";

let it: RawTarget;
before(async () => {
  it = await openRawTarget();
});
afterEach(() => it.mustBeAtRest());
after(() => it.close());

// ── requests within requests ────────────────────────────────────────────────────────────────────

describe("a request whose end two readers would see in two places", () => {
  const hidden = (id: string): string => it.post("/api/v1/stores", { id, name: "Hidden" });
  const start = (fields: string): string =>
    `POST /api/v1/stores HTTP/1.1\r\n${it.own}${json}${fields}\r\n`;
  const both = (fields: string) => (inner: string) =>
    `${start(`Content-Length: ${inner.length + 5}\r\n${fields}`)}0\r\n\r\n${inner}`;
  const chunks = (first: string) => (inner: string) =>
    `${start("Transfer-Encoding: chunked\r\n")}${first}${inner}`;
  const lengths = (fields: string) => (inner: string) => start(fields) + inner;

  const forms: Readonly<Record<string, (inner: string) => string>> = {
    "a length, and chunks": both("Transfer-Encoding: chunked\r\n"),
    "a length, and chunks in capitals": both("TRANSFER-ENCODING: CHUNKED\r\n"),
    "a length, and chunks behind a tab": both("Transfer-Encoding:\tchunked\r\n"),
    "a length, and chunks behind a vertical tab": both("Transfer-Encoding: \u000bchunked\r\n"),
    "a length, and a space before the colon": both("Transfer-Encoding : chunked\r\n"),
    "a length, and a coding nobody knows": both("Transfer-Encoding: xchunked\r\n"),
    "a length, and chunks in quotes": both('Transfer-Encoding: "chunked"\r\n'),
    "a length, and no coding": both("Transfer-Encoding: identity\r\n"),
    "a length, and an empty coding": both("Transfer-Encoding:\r\n"),
    "a length, and two codings": both("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
    "a length, and chunks that are not last": both("Transfer-Encoding: chunked, gzip\r\n"),
    "a length, and chunks in a line that goes on": both("Transfer-Encoding:\r\n chunked\r\n"),
    "a length, and chunks behind a bare LF": both("A: b\nTransfer-Encoding: chunked\r\n"),
    "a length, and chunks behind a bare CR": both("A: b\rTransfer-Encoding: chunked\r\n"),
    "a length, and chunks behind NUL": both("A: b\u0000\r\nTransfer-Encoding: chunked\r\n"),
    "two lengths": lengths("Content-Length: 0\r\nContent-Length: 5\r\n"),
    "two lengths in one line": lengths("Content-Length: 0, 5\r\n"),
    "the same length twice": lengths("Content-Length: 2\r\nContent-Length: 2\r\n"),
    "a length in two words": lengths("Content-Length: 0 5\r\n"),
    "a length in hexadecimal": lengths("Content-Length: 0x5\r\n"),
    "a length with a sign": lengths("Content-Length: +5\r\n"),
    "a length with a point": lengths("Content-Length: 0.0\r\n"),
    "a length in a line that goes on": lengths("Content-Length: 0\r\n 5\r\n"),
    "an empty length": lengths("Content-Length: \r\n"),
    "a chunk whose size has a prefix": chunks("0x0\r\n\r\n"),
    "a chunk whose size has a sign": chunks("-0\r\n\r\n"),
    "a chunk whose size has a space before it": chunks(" 0\r\n\r\n"),
    "a chunk whose size ends in a bare LF": chunks("2\n{}\r\n0\r\n\r\n"),
    "a chunk whose extension has a bare LF": chunks("2;a\n{}\r\n0\r\n\r\n"),
    "a chunk that ends in a bare LF": chunks("2\r\n{}\n0\r\n\r\n"),
    "a chunk that is longer than it says": chunks("2\r\n{}0\r\n\r\n"),
    "a chunk whose size overflows": chunks("10000000000000000\r\n{}\r\n0\r\n\r\n"),
  };
  for (const [title, form] of Object.entries(forms)) {
    test(`${title}: is refused, and nothing behind it is read`, async () => {
      const id = `HIDDEN-${Object.keys(forms).indexOf(title)}`;
      const bytes = form(hidden(id)) + it.get("/livez");
      const answers = answersIn(await speakThenEnd(it.base, Buffer.from(bytes, "latin1")));
      assert.deepEqual(statusesOf(answers), [400], bytes);
      mustBeProper(answers, bytes);
      assert.match(String(answers[0]?.headers["connection"]), /close/i);
      assert.equal(await it.market.store.place(id), null);
    });
  }

  test("a body that is a request is a body, whatever its request is answered", async () => {
    const inner = hidden("HIDDEN-BODY");
    const length = `Content-Length: ${inner.length}\r\n`;
    const starts = [
      `GET /livez HTTP/1.1\r\n${it.own}${length}\r\n`,
      `GET /api/v1/stores/NOWHERE HTTP/1.1\r\n${it.own}${length}\r\n`,
      `POST /api/v1/stores HTTP/1.1\r\n${it.own}${json}${length}\r\n`,
      `POST /api/v1/stores HTTP/1.1\r\nHost: x\r\n${json}${length}\r\n`,
      `POST /api/v1/stores HTTP/1.1\r\nHost: x\r\nHost: y\r\n${json}${length}\r\n`,
      `POST /nowhere HTTP/1.1\r\n${it.own}${length}\r\n`,
      `POST /api/v1/stores/%zz HTTP/1.1\r\n${it.own}${length}\r\n`,
      `TRACE /livez HTTP/1.1\r\n${it.own}${length}\r\n`,
      `POST /api/v1/stores HTTP/1.1\r\n${it.own}Content-Type: text/plain\r\n${length}\r\n`,
      `POST /api/v1/stores HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n${length}\r\n`,
      `DELETE /api/v1/stores/NOWHERE HTTP/1.1\r\n${it.own}${length}\r\n`,
    ];
    for (const begin of starts) {
      const bytes = begin + inner + it.get("/livez", "Connection: close\r\n");
      const all = answersIn(await speakThenEnd(it.base, Buffer.from(bytes)));
      const answers = all.filter(({ status }) => status !== 100);
      mustBeProper(answers, bytes);
      // Its own answer, then that of the request behind it, unless the connection was closed before.
      assert.ok(answers.length === 1 || answers.length === 2, bytes);
      assert.ok(answers[1] === undefined || answers[1].status === 200, bytes);
      assert.equal(await it.market.store.place("HIDDEN-BODY"), null, bytes);
    }
  });

  test("an upgrade is not made, and the connection ends with the answer: what is behind it may be lost", async () => {
    const upgrades = [
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
      "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQCAAAA\r\n",
      "Upgrade: TLS/1.3, nonsense\r\nConnection: keep-alive, Upgrade\r\n",
    ];
    const urls = { "/livez": 200, "/api/v1/stores/NOWHERE": 404, "/api/v1/stores/%zz": 400 };
    for (const upgrade of upgrades) {
      for (const [url, status] of Object.entries(urls)) {
        const answers = answersIn(await speak(it.base, it.get(url, upgrade) + it.get("/readyz")));
        assert.deepEqual(statusesOf(answers), [status], url + upgrade);
        assert.equal(answers[0]?.headers["connection"], "close");
      }
    }
  });
});

// ── order ───────────────────────────────────────────────────────────────────────────────────────

describe("many requests on one connection, sent before any is answered", () => {
  test("reads and writes are answered in the order in which they were sent", async () => {
    const { product } = it.things;
    const ids = Array.from({ length: 100 }, (_one, index) => `order-${index}`);
    const bytes = ids.map((id, index) => {
      const fields = `X-Request-Id: ${id}\r\n${id === ids.at(-1) ? "Connection: close\r\n" : ""}`;
      const body = { adjustment: 1, reason: "RESTOCK" };
      if (index % 3 === 0) return it.get(`/api/v1/products/${product}`, fields);
      if (index % 3 === 1) return it.get(`/api/v1/stores/NOWHERE`, fields);
      return it.post(`/api/v1/stock/${product}/MAD/adjust`, body, fields);
    });
    const answers = answersIn(await speak(it.base, bytes.join("")));
    assert.deepEqual(
      answers.map(({ headers }) => headers["x-request-id"]),
      ids,
    );
    assert.deepEqual(
      statusesOf(answers),
      ids.map((_id, index) => (index % 3 === 1 ? 404 : 200)),
    );
    const quantities = answers.flatMap(({ body }) => body["quantity"] ?? []);
    assert.equal(quantities.length, 33);
    // As many as were sent at once, each its own effect: none was lost and none done twice.
    assert.equal(new Set(quantities).size, 33);
  });

  test("a body that is asked for first is taken when it comes", async () => {
    const text = JSON.stringify({ id: "EXPECTED", name: "Expected" });
    const fields = `Content-Length: ${text.length}\r\nExpect: 100-continue\r\nConnection: close\r\n`;
    const socket = it.connect();
    socket.write(`POST /api/v1/stores HTTP/1.1\r\n${it.own}${json}${fields}\r\n`);
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1\.1 100 /);
    socket.write(text);
    const [second] = await once(socket, "data");
    assert.match(String(second), /^HTTP\/1\.1 201 /);
    await once(socket, "close");
  });
});

// ── addresses ───────────────────────────────────────────────────────────────────────────────────

describe("an address written to be misread", () => {
  const climbs = [
    "..",
    ".",
    "%2e%2e",
    "%2E.",
    "..;",
    "..%2f..",
    "%252e%252e",
    "..%5c",
    "%c0%ae%c0%ae",
    "%00",
    "",
    "%",
  ];
  const ends = ["etc/passwd", "package.json", "livez", "api/v1/api-keys", "proc/self/environ"];
  const targets = [
    ...climbs.flatMap((climb) => [
      ...ends.map((end) => `/docs/${climb}/${climb}/${end}`),
      ...ends.map((end) => `/api/v1/products/${climb}/${climb}/${end}`),
    ]),
    ...[
      "//livez",
      "/livez/",
      "/./livez",
      "/LIVEZ",
      "/livez%00",
      "/livez;a=b",
      "/livez%23",
      "/%6civez",
    ],
    ...[
      "http://evil.test/api/v1/api-keys",
      "http://evil.test",
      "http://@/livez",
      "http://[::1/livez",
    ],
    ...[
      "file:///etc/passwd",
      "http:///livez",
      "*",
      "?",
      "/?",
      "/#",
      "/%ff",
      "/%c3%28",
      "/%u0041",
      "/\\livez",
    ],
    ...["/api/v1/stores/%ed%a0%80", "/api/v1/stores/%f8%88%80%80%80", "/api/v1/stores/%e2%80%ae"],
    `/${"%25".repeat(3_000)}`,
    `/${"a/".repeat(4_000)}`,
    `/?${"a[]=&".repeat(2_500)}`,
    `/api/v1/products?${"limit=1&".repeat(1_500)}`,
  ];

  test("gets nothing but what is there for everyone, or a problem", async () => {
    for (const target of targets) {
      for (const fields of ["Connection: close\r\n", `${it.own.slice(9)}Connection: close\r\n`]) {
        const bytes = `GET ${target} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
        const answers = answersIn(await speak(it.base, bytes));
        assert.equal(answers.length, 1, bytes);
        mustBeProper(answers, bytes);
        const [{ status, text } = { status: 0, text: "" }] = answers;
        assert.doesNotMatch(text, /root:|"dependencies"|PATH=|node_modules/, bytes);
        // Probes and the list of keys, which an absolute address may name too, are what may be found.
        if (status === 200) assert.match(text, /^\{"status":"live"|^\{"items":/, bytes);
        if (status === 200 && text.startsWith('{"items"')) assert.match(bytes, /X-Api-Key/, bytes);
      }
    }
  });
});

// ── slow ────────────────────────────────────────────────────────────────────────────────────────

describe("clients that take their time", () => {
  test("are cut off when a request has not come whole in time, and keep nobody else waiting", async () => {
    const { server } = it.market.app;
    const limits = [server.headersTimeout, server.requestTimeout] as const;
    assert.ok(limits[0] > 0 && limits[0] <= 30_000 && limits[1] > 0 && limits[1] <= 30_000);
    [server.headersTimeout, server.requestTimeout] = [1_000, 1_000];
    try {
      const whole = it.post("/api/v1/stores", { id: "SLOW", name: "Slow" });
      const head = whole.slice(0, whole.indexOf("\r\n\r\n") + 4);
      const begun = [
        "",
        "G",
        "GET /livez HTTP/1.1\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\nA: ",
        head,
        `${head}{`,
      ];
      const slow = Array.from({ length: 60 }, (_one, index) => {
        const socket = it.connect();
        const start = begun[index % begun.length] ?? "";
        socket.write(start);
        // Half of them go on, a byte at a time: of a header without end, or of the body.
        const drip = index % 2 === 0 ? null : setInterval(() => socket.write("a"), 50);
        let heard = "";
        socket.setEncoding("latin1").on("data", (text: string) => {
          heard += text;
        });
        return once(socket, "close").then(() => {
          if (drip !== null) clearInterval(drip);
          return { start, heard };
        });
      });
      const [meanwhile] = answersIn(
        await speak(it.base, it.get("/readyz", "Connection: close\r\n")),
      );
      assert.equal(meanwhile?.status, 200);
      for (const { start, heard } of await Promise.all(slow)) {
        const answers = answersIn(heard);
        mustBeProper(answers, start);
        assert.ok(answers.length <= 1 && (answers[0]?.status ?? 400) === 400, heard);
      }
      assert.equal(await it.market.store.place("SLOW"), null);
    } finally {
      [server.headersTimeout, server.requestTimeout] = limits;
    }
  });
});
