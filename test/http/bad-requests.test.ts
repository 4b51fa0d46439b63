// A hostile client's headers and bytes: conditions, keys and credentials that mean nothing, requests that
// no client would send. Each gets a clear refusal, and what is left of them is neither a change nor a
// secret in the log nor memory that is never given back.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { securityHeaders } from "../../src/http/mark.ts";
import { newId } from "../../src/lib/ids.ts";
import { exampleOf, type Hostile, mustName, openHostile, writes } from "../support/hostile.ts";
import { answersIn, speak } from "../support/raw-http.ts";
import { assertInvalid, assertProblem, textOf } from "../support/shop.ts";
import { until } from "../support/until.ts";

let it: Hostile;
before(async () => {
  it = await openHostile();
});
after(() => it.close());

describe("a header with a value that means nothing", () => {
  const guarded = writes.filter((name) =>
    /(?:PUT|PATCH|DELETE) .*(?:products|stores|stock)|adjust|POST \/api\/v1\/stock(?:\/transfer)?$/.test(
      name,
    ),
  );

  test("If-Match is refused by its name, and the write is not made", async () => {
    assert.equal(guarded.length, 10);
    const wrong = [
      "",
      "v4",
      "4",
      '"4"',
      '"v"',
      '"v-1"',
      '"v1.5"',
      '"v1',
      'W/"v4"',
      '"v4", "v5"',
      '"V4"',
      '"v99999999999999999999"',
      "**",
      '"*"',
      "\u00e9",
      "x".repeat(5_000),
    ];
    await it.changesNothing(async () => {
      for (const name of guarded) {
        for (const value of wrong) {
          const answer = await it.send(name, { headers: { "if-match": value } });
          mustName(answer, ["If-Match"], `${name} ${value}`);
        }
      }
    });
  });

  test("If-Match and expected_version that disagree are refused", async () => {
    await it.changesNothing(async () => {
      for (const name of guarded.filter((one) => one.includes("/stock"))) {
        const answer = await it.send(name, { headers: { "if-match": '"v9"' } });
        assertInvalid(answer, "/expected_version");
      }
    });
  });

  test("If-None-Match is nobody's ETag, and the answer comes whole", async () => {
    const tagged = [
      "GET /api/v1/products/:id",
      "GET /api/v1/stores/:id",
      "GET /api/v1/stock/:product_id/:store_id",
    ];
    for (const name of [...tagged, "GET /api/v1/products/:id/availability"]) {
      for (const value of ["", "v1", '"x"', '"', "W/", ",,,", "\u00e9", '"v'.repeat(2_000)]) {
        const answer = await it.send(name, { headers: { "if-none-match": value } });
        assert.equal(answer.status, 200, `${name} ${value}`);
      }
    }
  });

  test("Idempotency-Key is refused in every wrong form, and everywhere that keeps no answers", async () => {
    const wrong = [
      "",
      '""',
      " ",
      "a b",
      "a\tb",
      "\u00e9",
      "x".repeat(256),
      `"${"x".repeat(256)}"`,
      '"a b"',
    ];
    const secret = /api-keys|auth|availability\/query/;
    await it.changesNothing(async () => {
      for (const name of writes) {
        for (const key of secret.test(name) ? [...wrong, "a"] : wrong) {
          const answer = await it.send(name, { headers: { "idempotency-key": key } });
          assertProblem(answer, 400, "invalid_idempotency_key");
        }
      }
    });
  });

  test("a key that was used for something else is refused, and nothing is done twice", async () => {
    const [own] = await it.market.things([{}]);
    assert.ok(own);
    const headers = { "idempotency-key": newId() };
    const name = "POST /api/v1/stock/:product_id/:store_id/adjust";
    const body = { adjustment: -1, reason: "DAMAGE" };
    const first = await it.send(name, { headers, body }, own);
    const again = await it.send(
      name,
      { headers, body: '{"reason":"DAMAGE", "adjustment":-1}' },
      own,
    );
    assert.equal(again.text, first.text);
    for (const other of [
      { ...body, adjustment: -2 },
      { ...body, note: "x" },
    ]) {
      assertProblem(
        await it.send(name, { headers, body: other }, own),
        422,
        "idempotency_key_reused",
      );
    }
    assert.equal((await it.market.store.stock(own.product, own.store))?.quantity, 99);
  });

  test("conditions, dates and hints of a client that are no sense do no harm", async () => {
    const headers = [
      { accept: "application/xml" },
      { "accept-encoding": "gzip;q=zero" },
      { range: "bytes=99999999-" },
      { "if-modified-since": "yesterday" },
      { "cache-control": "no-cache, ".repeat(500) },
      { "x-http-method-override": "DELETE" },
      { "x-forwarded-for": "'; DROP TABLE stock" },
      { "x-forwarded-host": "evil.test" },
      { "x-forwarded-proto": "javascript" },
      { origin: "null" },
      { referer: "\u00ff" },
      { "last-event-id": "\u0000".padEnd(10, "9").slice(1) },
      { "sec-fetch-site": "cross-site" },
      { cookie: "=; ;;; onhand=x; a=b=c; \u00e9" },
    ];
    await it.changesNothing(async () => {
      for (const one of headers) {
        for (const name of ["GET /api/v1/products", "GET /api/v1/products/:id/availability"]) {
          const answer = await it.send(name, { headers: { ...one } as Record<string, string> });
          assert.equal(answer.status, 200, `${JSON.stringify(one)}: ${answer.text}`);
          assert.doesNotMatch(JSON.stringify(answer.headers), /evil|DROP/);
        }
      }
    });
  });

  test("credentials of the wrong form are 401, and the right one beside them does not help", async () => {
    const url = "/api/v1/stores";
    const wrong: Record<string, string>[] = [
      { "x-api-key": "" },
      { "x-api-key": "x".repeat(10_000) },
      { "x-api-key": "' OR 1=1 --" },
      { "x-api-key": "\u00e9".repeat(47) },
      { authorization: "" },
      { authorization: "Bearer" },
      { authorization: `Bearer ${"a.".repeat(4_000)}` },
      { authorization: "Bearer null" },
      { authorization: "Bearer undefined" },
      { authorization: "Negotiate YII=" },
      { authorization: `Bearer ${it.admin}`, "x-api-key": it.admin },
      { cookie: "onhand_session=" },
      { cookie: `onhand_session=${"A".repeat(43)}; onhand_session=${"B".repeat(43)}` },
      { cookie: "onhand_session=../../x" },
    ];
    for (const headers of wrong) {
      const answer = await it.market.ask("GET", url, { as: null, headers });
      assertProblem(answer, 401, "unauthenticated");
    }
  });
});

// ── bytes ───────────────────────────────────────────────────────────────────────────────────────

describe("bytes that are no request, or a strange one", () => {
  let base = "";
  before(async () => {
    base = await it.market.app.listen({ port: 0 });
  });
  const end = "Host: x\r\nConnection: close\r\n";
  /** KEY stands for the secret of an admin. */
  const post = (rest: string): string =>
    `POST /api/v1/stores HTTP/1.1\r\n${end}X-Api-Key: KEY\r\nContent-Type: application/json\r\n${rest}`;
  const say = (bytes: string): Promise<string> => speak(base, bytes.replace("KEY", it.admin));
  const get = (line: string, rest = ""): string => `${line}\r\n${end}${rest}\r\n`;
  const chunked = (body: string): string => post(`Transfer-Encoding: chunked\r\n\r\n${body}`);

  const refused: readonly (readonly [title: string, bytes: string, status?: number])[] = [
    ["words that are no request", "NONSENSE\r\n\r\n"],
    ["a TLS greeting", `\u0016\u0003\u0001\u0002\u0000\u0001${"a".repeat(60)}`],
    ["a method that does not exist", get("FOO /livez HTTP/1.1")],
    ["a method in small letters", get("get /livez HTTP/1.1")],
    ["a version that does not exist", get("GET /livez HTTP/9.9")],
    ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a space in the address", get("GET /li vez HTTP/1.1")],
    ["an address without a slash", get("GET livez HTTP/1.1")],
    ["a byte above ASCII in the address", get("GET /livez\u00ff HTTP/1.1")],
    ["no Host", "GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n"],
    ["two Hosts", get("GET /livez HTTP/1.1", "Host: y\r\n")],
    ["the same Host twice", get("GET /livez HTTP/1.1", "host: x\r\n")],
    ["two Hosts in HTTP/1.0", get("GET /livez HTTP/1.0", "Host: y\r\n")],
    ["lines without CR", "GET /livez HTTP/1.1\nHost: x\nConnection: close\n\n"],
    ["a header without a colon", get("GET /livez HTTP/1.1", "NoColon\r\n")],
    ["a header without a name", get("GET /livez HTTP/1.1", ": b\r\n")],
    ["a space before the colon", get("GET /livez HTTP/1.1", "A : b\r\n")],
    [
      "a header that goes on in the next line",
      get("GET /livez HTTP/1.1", "X-Request-Id: a\r\n Injected: b\r\n"),
    ],
    ["CR in a request id", get("GET /livez HTTP/1.1", "X-Request-Id: a\rInjected: b\r\n")],
    ["LF in a request id", get("GET /livez HTTP/1.1", "X-Request-Id: a\nInjected: b\r\n")],
    ["NUL in a request id", get("GET /livez HTTP/1.1", "X-Request-Id: a\u0000b\r\n")],
    ["two different lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")],
    ["the same length twice", post("Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}")],
    ["a length below zero", post("Content-Length: -2\r\n\r\n{}")],
    ["a length with a sign", post("Content-Length: +2\r\n\r\n{}")],
    ["a length beyond any number", post("Content-Length: 99999999999999999999\r\n\r\n{}")],
    [
      "a length and chunks",
      post("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
    [
      "chunked twice",
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
    ["chunked, then something else", post("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")],
    ["a chunk whose size is no number", chunked("zz\r\n{}\r\n0\r\n\r\n")],
    ["a chunk of minus one", chunked("-1\r\n{}\r\n0\r\n\r\n")],
    ["a chunk beyond any number", chunked("FFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")],
    ["a chunk that is longer than it says", chunked("2\r\n{}{}\r\n0\r\n\r\n")],
    [
      "extensions of a chunk without end",
      chunked(`2;${"a".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
      413,
    ],
    [
      "a body that grows above the limit",
      chunked(`10000\r\n${" ".repeat(65_536)}\r\n1\r\n \r\n0\r\n\r\n`),
      413,
    ],
    ["a length above the limit", post("Content-Length: 65537\r\n\r\n{"), 413],
    ["headers above the limit", get("GET /livez HTTP/1.1", `A: ${"a".repeat(20_000)}\r\n`), 431],
    ["3,000 headers", get("GET /livez HTTP/1.1", "A: b\r\n".repeat(3_000)), 431],
    ["an address above the limit", get(`GET /livez?${"a".repeat(20_000)} HTTP/1.1`), 431],
    ["trailers above the limit", chunked(`2\r\n{}\r\n0\r\n${"A: b\r\n".repeat(4_000)}\r\n`), 431],
    ["every address at once", get("OPTIONS * HTTP/1.1"), 404],
    ["an address that climbs", get("GET /api/v1/products/%2e%2e%2f%2e%2e/x HTTP/1.1"), 404],
    ["an id that climbs", get("GET /api/v1/products/%2e%2e HTTP/1.1")],
    ["a trace", get("TRACE /livez HTTP/1.1", "Cookie: secret\r\n"), 405],
  ];
  for (const [title, bytes, status = 400] of refused) {
    test(`${title}: a problem of status ${status}, and nothing else`, async () => {
      await it.changesNothing(async () => {
        const [problem, ...more] = answersIn(await say(bytes));
        assert.ok(problem !== undefined && more.length === 0);
        assert.equal(problem.status, status, JSON.stringify(problem));
        assert.match(String(problem.headers["content-type"]), /^application\/problem\+json/);
        assert.match(String(problem.headers["connection"]), /close/i);
        for (const [name, value] of Object.entries(securityHeaders)) {
          assert.equal(problem.headers[name], value, name);
        }
        assert.equal(problem.headers["injected"], undefined);
        assert.equal(problem.body["status"], status);
        assert.equal(typeof problem.body["code"], "string");
        assert.doesNotMatch(problem.text, /secret|HPE_|Parse Error/);
      });
    });
  }

  test("strange but right: absolute addresses, unknown expectations and upgrades are answered", async () => {
    const right = [
      get("GET http://evil.test/livez HTTP/1.1"),
      get("GET /livez HTTP/1.1", "Expect: nonsense\r\n"),
      get("GET /livez HTTP/1.1", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"),
      get("GET /livez HTTP/1.1", "X-Request-Id: a\r\nX-Request-Id: b\r\n"),
      "GET /livez HTTP/1.0\r\n\r\n",
    ];
    for (const bytes of right) {
      const [answer] = answersIn(await say(bytes));
      assert.equal(answer?.status, 200, bytes);
      assert.doesNotMatch(JSON.stringify(answer), /evil/);
    }
  });

  test("CONNECT is not answered", async () => {
    assert.equal(await say(get("CONNECT evil.test:80 HTTP/1.1")), "");
  });

  test("garbage behind a request does not spoil the request before it", async () => {
    const heard = await say("GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n");
    assert.deepEqual(
      answersIn(heard).map(({ status }) => status),
      [200, 400],
    );
  });

  test("garbage behind a write leaves the write its answer", async () => {
    const body = JSON.stringify({ id: "BEHIND", name: "Behind" });
    const bytes = post(`Content-Length: ${body.length}\r\n\r\n${body}GARBAGE\r\n\r\n`);
    const [first] = answersIn(await say(bytes));
    assert.equal(first?.status, 201, first?.text ?? "no answer");
  });

  test("garbage on a connection that is sent events is not answered among them", async () => {
    const bytes = `GET /api/v1/events/stream?after=0 HTTP/1.1\r\nHost: x\r\nX-API-Key: ${it.admin}\r\n\r\n`;
    const heard = await speak(base, `${bytes}GARBAGE\r\n\r\n`, (text) => text.includes("data:"));
    assert.doesNotMatch(heard.slice(12), /HTTP\/1\.1/);
    const socket = connect(Number(new URL(base).port), "127.0.0.1");
    let later = "";
    socket.on("data", (chunk) => {
      if (later === "") socket.write("GARBAGE\r\n\r\n");
      later += String(chunk);
    });
    socket.write(bytes);
    await once(socket, "close");
    assert.doesNotMatch(later.slice(12), /HTTP\/1\.1/);
  });

  test("a method that no address has is no failure of ours, with or without a body", async () => {
    for (const [name, status] of [
      ["/api/v1/products", 405],
      ["/nope", 404],
      ["*", 404],
    ] as const) {
      const [answer] = answersIn(await say(get(`QUERY ${name} HTTP/1.1`)));
      assert.equal(answer?.status, status, `${name}: ${answer?.text}`);
    }
  });

  test("a body in a coding is refused as what it is", async () => {
    const answer = await it.send("POST /api/v1/stock", { headers: { "content-encoding": "gzip" } });
    assertProblem(answer, 415, "unsupported_media_type");
  });

  test("a client that goes away in the middle of its body is no failure of ours", async () => {
    const { server } = it.market.app;
    const open = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    await it.changesNothing(async () => {
      await until(async () => (await open()) === 0, "earlier connections are closed");
      const count = it.lines.length;
      const socket = connect(Number(new URL(base).port), "127.0.0.1");
      socket.write(post("Content-Length: 100\r\n\r\n{").replace("KEY", it.admin));
      await until(async () => (await open()) === 1, "the server has taken the connection");
      // An answer to somebody else: by then, what came before was read.
      await say(get("GET /livez HTTP/1.1"));
      socket.destroy();
      await until(async () => (await open()) === 0, "the server has noticed");
      await say(get("GET /livez HTTP/1.1"));
      const told = it.lines.slice(count).map((line) => String(JSON.parse(line).level));
      assert.ok(!told.includes("error") && !told.includes("warn"), told.join());
    });
  });

  test("a request that takes too long to arrive is told so, in a problem", async () => {
    const { server } = it.market.app;
    const arrived = once(server, "connection");
    const heard = say("POST /api/v1/stores HTTP/1.1\r\nHost: x\r\nContent-Le");
    const [socket] = await arrived;
    // What Node does when the time is over; it looks every 30 s.
    const late = Object.assign(new Error("late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
    server.emit("clientError", late, socket);
    const [problem, ...more] = answersIn(await heard);
    assert.ok(problem !== undefined && more.length === 0);
    assert.deepEqual([problem.status, problem.headers["connection"]], [400, "close"]);
    assert.match(String(problem.headers["content-type"]), /^application\/problem\+json/);
    assert.partialDeepStrictEqual(problem.body, {
      code: "validation_failed",
      detail: "The request did not arrive whole within 30 s.",
    });
  });

  test("credentials that are sent twice are none", async () => {
    const twice = `Authorization: Bearer ${it.admin}\r\nAuthorization: Bearer x\r\n`;
    const [answer] = answersIn(await say(get("GET /api/v1/api-keys HTTP/1.1", twice)));
    assert.deepEqual([answer?.status, answer?.body["code"]], [401, "unauthenticated"]);
  });

  test("chunks with bytes that are no UTF-8 are refused", async () => {
    await it.changesNothing(async () => {
      const body = '{"name":"\u00ff"}';
      const heard = await say(chunked(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`));
      assert.equal(answersIn(heard)[0]?.body["code"], "malformed_json", heard);
    });
  });
});

// ── what stays ──────────────────────────────────────────────────────────────────────────────────

describe("what is left of all that", () => {
  test("no line of the log holds a secret, a body, a query or a line of the client's", async () => {
    const canary = "canary-4b1d";
    const { body: made } = await it.market.ask("POST", "/api/v1/api-keys", {
      as: it.admin,
      body: { name: "log", role: "channel", stores: "*" },
    });
    const session = await it.market.ask("POST", "/api/v1/auth/session", {
      as: null,
      body: { key: textOf(made, "key") },
    });
    const cookie = String(session.headers["set-cookie"]).split(/[=;]/)[1] ?? "";
    const headers = {
      "idempotency-key": canary,
      "user-agent": canary,
      "x-request-id": `${canary}\t{"level":"fatal"}`,
    };
    for (const name of writes) {
      await it.send(name, { body: `{"note":"${canary}","key":"${canary}"}`, headers });
      await it.send(name, { body: `{"note":${canary}`, headers });
    }
    for (const from of ["GET /api/v1/products", "GET /api/v1/events"]) {
      await it.send(from, {
        url: `${exampleOf(from, it.things).url.split("?")[0] ?? ""}?token=${canary}`,
      });
    }
    for (const credentials of [
      { cookie: `onhand_session=${cookie}` },
      { cookie: `onhand_session=${canary}` },
      { authorization: `Bearer ${canary}` },
      { authorization: `Basic ${canary}` },
      { "x-api-key": `ohk_${canary}` },
    ]) {
      await it.market.ask("GET", "/api/v1/stores", { as: null, headers: credentials });
      await it.market.ask("POST", "/api/v1/stores", { as: null, headers: credentials, body: "{" });
    }
    assert.ok(it.lines.length > 500);
    const secrets = [
      canary,
      cookie,
      textOf(made, "key"),
      it.things.secret,
      ...Object.values(it.market.keys),
      "DROP TABLE",
      "etc/passwd'",
    ];
    for (const line of it.lines) {
      assert.ok(line.endsWith("\n") && !line.slice(0, -1).includes("\n"), line);
      const fields: Record<string, unknown> = JSON.parse(line);
      assert.ok(["debug", "info", "warn"].includes(String(fields["level"])), line);
      for (const secret of secrets) assert.ok(!line.includes(secret), `${secret} in ${line}`);
    }
  });

  test("two thousand bad requests leave no memory behind", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const flood = async (): Promise<void> => {
      for (let count = 0; count < 700; count += 1) {
        const id = newId();
        await it.send("POST /api/v1/stores", { body: `{"${id}":"${"x".repeat(10_000)}"}` });
        await it.market.ask("GET", `/${id}`, { as: null, from: `192.0.2.${count % 250}` });
        await it.send("GET /api/v1/products", { url: `/api/v1/products?search=${id}&${id}=1` });
      }
      it.lines.length = 0;
      collect();
    };
    await flood();
    const before = process.memoryUsage().heapUsed;
    await flood();
    const grown = process.memoryUsage().heapUsed - before;
    assert.ok(grown < 1_000_000, `${grown} bytes more after 2,100 requests`);
  });

  test("the invariants hold", async () => {
    const rows = await it.market.store.auditRows({ after: null, limit: 100_000, eventsMax: null });
    assert.deepEqual([rows.next, rows.findings], [null, []]);
    assert.deepEqual(await it.market.store.auditLog(), []);
  });
});
