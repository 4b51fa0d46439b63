// GET /events/stream over real connections: nothing is left out and nothing comes twice, whoever may not
// see an event does not, and a stream ends when it must.

import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { after, afterEach, before, describe, test } from "node:test";
import { OperatingError } from "../../src/lib/operating-error.ts";
import { sseClientsPerCallerMax } from "../../src/limits.ts";
import { change } from "../support/commands.ts";
import { assertInvalid, assertProblem, openShop, type Shop } from "../support/shop.ts";
import { openSse, type SseClient, type SseOptions } from "../support/sse-client.ts";
import { until } from "../support/until.ts";

let shop: Shop;
let base: string;
let mug: string;
const open: SseClient[] = [];
before(async () => {
  shop = await openShop({
    heartbeatMs: 25,
    limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0 },
  });
  base = await shop.app.listen({ port: 0, host: "127.0.0.1" });
  mug = await shop.product({ MAD: 1_000_000, BCN: 1_000_000 });
});
after(() => shop.close());
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await until(() => shop.feed.clients() === 0, "the service has noticed that they left");
});

async function listen(
  query = "",
  { as = "admin", headers = {}, ...options }: SseOptions & { as?: string } = {},
): Promise<SseClient> {
  const secret = Object.entries(shop.keys).find(([role]) => role === as)?.[1] ?? as;
  const one = await openSse(`${base}/api/v1/events/stream${query}`, {
    ...options,
    headers: { "x-api-key": secret, ...headers },
  });
  open.push(one);
  return one;
}

const headSeq = async (): Promise<number> => (await shop.store.head()).seq;
const from = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("GET /events/stream: 200", () => {
  test("the head of the answer says what it is, and that nobody may keep or collect it", async () => {
    const { response, status } = await listen("", { headers: { "x-request-id": "stream-1" } });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(response.headers, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "x-content-type-options": "nosniff",
      "x-request-id": "stream-1",
    });
  });

  test("without a place it begins at the head", async () => {
    const head = await headSeq();
    const one = await listen();
    await until(() => one.lastId() === `1.${head}`, "it is told where it is");
    await shop.reserve({ product_id: mug });
    await one.hears(({ length }) => length > 0, "the reservation is told");
    assert.deepEqual(one.seqs(), [head + 1]);
    assert.equal(one.heard[0]?.event, "reservation.created");
  });

  test("an event has the same bytes as in GET /events", async () => {
    const head = await headSeq();
    const one = await listen(`?after=${head}`);
    await shop.reserve({ product_id: mug });
    await one.hears(({ length }) => length > 0, "the reservation is told");
    const { text } = await shop.call("GET", `/events?after=${head}`);
    assert.ok(text.startsWith(`{"items":[${one.heard[0]?.data}],`));
  });

  test("an event is there before the write that made it is answered, or soon after", async () => {
    const one = await listen();
    await until(() => one.lastId() !== "", "the stream stands");
    const startedAt = performance.now();
    await shop.reserve({ product_id: mug });
    await one.hears(({ length }) => length > 0, "the reservation is told");
    assert.ok(performance.now() - startedAt < 1_000);
  });

  for (const [title, query, headers] of [
    ["a bare seq in ?after", "?after=2", {}],
    ["an epoch and a seq in ?after", "?after=1.2", {}],
    ["Last-Event-ID with its epoch", "", { "last-event-id": "1.2" }],
    ["a bare Last-Event-ID", "", { "last-event-id": "2" }],
    ["Last-Event-ID, which is newer than ?after", "?after=0", { "last-event-id": "1.2" }],
  ] as const) {
    test(`it begins after ${title}`, async () => {
      const head = await headSeq();
      const one = await listen(query, { headers });
      await until(() => one.seqs().length >= head - 2, "the log has come");
      assert.deepEqual(one.seqs(), from(3, head));
    });
  }

  test("who comes and goes while writes go on hears every event once, in order", async () => {
    const first = await headSeq();
    let writing = true;
    const writers = Array.from({ length: 8 }, async () => {
      while (writing) await shop.reserve({ product_id: mug });
    });
    const seqs: number[] = [];
    let lastId = `1.${first}`;
    for (let visit = 0; visit < 15; visit += 1) {
      const one = await listen("", { headers: { "last-event-id": lastId } });
      const wanted = 1 + visit * 7;
      await one.hears(({ length }) => length >= wanted, "some events came");
      one.close();
      seqs.push(...one.seqs());
      lastId = one.lastId();
    }
    writing = false;
    await Promise.all(writers);
    const head = await headSeq();
    const last = await listen("", { headers: { "last-event-id": lastId } });
    await until(() => last.lastId() === `1.${head}`, "the end of the log");
    assert.deepEqual([...seqs, ...last.seqs()], from(first + 1, head));
  });

  test("twenty who begin while writes go on hear the same", async () => {
    const first = await headSeq();
    const writes = Array.from({ length: 200 }, () => shop.reserve({ product_id: mug }));
    const all = await Promise.all(
      Array.from({ length: 20 }, () => listen(`?after=${first}`, { as: "admin" })),
    );
    await Promise.all(writes);
    const head = await headSeq();
    for (const one of all) {
      await until(() => one.lastId() === `1.${head}`, "the end of the log");
      assert.deepEqual(one.seqs(), from(first + 1, head));
    }
  });

  test("a heartbeat carries the place, so that a quiet stream resumes where the log is", async () => {
    const one = await listen("?type=store.created");
    await shop.reserve({ product_id: mug });
    const head = await headSeq();
    await until(() => one.heartbeats() > 0 && one.lastId() === `1.${head}`, "a heartbeat");
    assert.deepEqual(one.seqs(), []);
  });

  test("it works on a connection that is kept alive", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      await new Promise((resolve, reject) => {
        get(`${base}/livez`, { agent }, (answer) => answer.resume().on("end", resolve)).on(
          "error",
          reject,
        );
      });
      const one = await listen("?after=0", { agent });
      await one.hears(({ length }) => length > 0, "events came");
    } finally {
      agent.destroy();
    }
  });

  test("the number of clients is a metric", async () => {
    const gauge = async (): Promise<string> =>
      /^onhand_sse_clients (\d+)$/m.exec(await shop.metrics.text())?.[1] ?? "";
    const one = await listen();
    assert.equal(await gauge(), "1");
    one.close();
    await until(async () => (await gauge()) === "0", "it is gone");
  });
});

describe("another log", () => {
  for (const [title, id] of [
    ["of another epoch", () => "2.1"],
    ["beyond the head", (head: number) => `1.${head + 1}`],
    ["beyond the head, without an epoch", (head: number) => String(head + 1_000)],
  ] as const) {
    test(`a place ${title} is answered with what is current, and the stream goes on`, async () => {
      const head = await headSeq();
      const one = await listen("", { headers: { "last-event-id": id(head) } });
      await one.hears(({ length }) => length > 0, "something came");
      const data = `{"epoch":1,"head_seq":${head}}`;
      assert.deepEqual(one.heard, [{ id: `1.${head}`, event: "log_reset", data }]);
      await shop.reserve({ product_id: mug });
      await one.hears(({ length }) => length > 1, "the reservation is told");
      assert.deepEqual(one.seqs(), [head + 1]);
    });
  }
});

describe("filters and rights", () => {
  /** Both ways to an event: read from the log, and told as it happens. */
  async function storesHeard(query: string, as: string): Promise<string[]> {
    const start = await headSeq();
    for (const store_id of ["MAD", "BCN"]) await shop.reserve({ product_id: mug, store_id });
    const one = await listen(`?after=${start}${query}`, { as });
    await until(() => one.heartbeats() > 0, "it has caught up");
    for (const store_id of ["BCN", "MAD"]) await shop.reserve({ product_id: mug, store_id });
    await shop.given({
      kind: "ChangeProduct",
      id: mug,
      fields: { category: null },
      expected: null,
    });
    const head = await headSeq();
    await until(() => one.lastId() === `1.${head}`, "it has heard all");
    return one.heard.map(({ data }) => JSON.parse(data).store_id);
  }

  test("an admin hears everything", async () => {
    assert.deepEqual(await storesHeard("", "admin"), ["MAD", "BCN", "BCN", "MAD", "*"]);
  });

  test("a filter by store, product and type", async () => {
    assert.deepEqual(await storesHeard("&store_id=BCN", "admin"), ["BCN", "BCN"]);
    assert.deepEqual(await storesHeard("&product_id=none", "admin"), []);
    assert.deepEqual(await storesHeard("&type=product.updated", "admin"), ["*"]);
  });

  for (const role of ["channel", "vendor", "manager"]) {
    test(`a ${role} hears its store and the chain, whatever it asks for`, async () => {
      assert.deepEqual(await storesHeard("", role), ["MAD", "MAD", "*"]);
      assert.deepEqual(await storesHeard("&store_id=BCN", role), []);
    });
  }
});

describe("the end of a stream", () => {
  test("a key that is taken away ends its streams, and no others", async () => {
    const { id, secret } = await shop.addKey({ role: "vendor" });
    const gone = await listen("", { as: secret });
    const stays = await listen("", { as: "vendor" });
    await until(() => gone.heartbeats() > 0, "a heartbeat came");
    assert.equal((await shop.call("DELETE", `/api-keys/${id}`)).status, 204);
    await until(() => gone.ended(), "the stream ended");
    const heartbeats = stays.heartbeats();
    await until(() => stays.heartbeats() > heartbeats, "the other goes on");
  });

  describe("that is not due for a heartbeat for long", () => {
    let quiet: Shop;
    let at: string;
    before(async () => {
      quiet = await openShop({});
      at = await quiet.app.listen({ port: 0, host: "127.0.0.1" });
    });
    after(() => quiet.close());
    const hear = async (headers: Record<string, string>): Promise<SseClient> => {
      const one = await openSse(`${at}/api/v1/events/stream`, { headers });
      open.push(one);
      assert.equal(one.status, 200);
      return one;
    };

    test("comes at once when its key is taken away here", async () => {
      const { id, secret } = await quiet.addKey({ role: "vendor" });
      const one = await hear({ "x-api-key": secret });
      assert.equal((await quiet.call("DELETE", `/api-keys/${id}`)).status, 204);
      await until(() => one.ended(), "the stream ended", 2_000);
    });

    test("comes at once when its session is signed out here", async () => {
      const session = `${at}/api/v1/auth/session`;
      const signedIn = await fetch(session, {
        method: "POST",
        headers: { "content-type": "application/json", origin: at },
        body: JSON.stringify({ key: quiet.keys.vendor }),
      });
      const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
      const one = await hear({ cookie });
      await fetch(session, { method: "DELETE", headers: { cookie, origin: at } });
      await until(() => one.ended(), "the stream ended", 2_000);
    });
  });

  test("a key that expires ends its streams", async () => {
    const { secret } = await shop.addKey({ role: "vendor", expiresAt: Date.now() + 300 });
    const one = await listen("", { as: secret });
    assert.equal(one.status, 200);
    await until(() => one.ended(), "the stream ended");
  });

  test("a session that is signed out ends its streams", async () => {
    const signedIn = await fetch(`${base}/api/v1/auth/session`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: base },
      body: JSON.stringify({ key: shop.keys.vendor }),
    });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    const one = await openSse(`${base}/api/v1/events/stream`, { headers: { cookie } });
    open.push(one);
    assert.equal(one.status, 200);
    await fetch(`${base}/api/v1/auth/session`, {
      method: "DELETE",
      headers: { cookie, origin: base },
    });
    await until(() => one.ended(), "the stream ended");
  });

  test("while the database is away a stream goes on, as long as its key was to live", async (t) => {
    const { secret } = await shop.addKey({ role: "vendor", expiresAt: Date.now() + 400 });
    const [ends, stays] = [await listen("", { as: secret }), await listen("", { as: "vendor" })];
    t.mock.method(shop.store, "keyByHash", () =>
      Promise.reject(new OperatingError("away", { retryable: true })),
    );
    const heartbeats = ends.heartbeats();
    await until(() => ends.heartbeats() > heartbeats + 1, "it goes on");
    await until(() => ends.ended(), "its key has expired");
    assert.equal(stays.ended(), false);
  });

  test("a client that does not read is cut off; one that does hears everything", async () => {
    const first = await headSeq();
    const deaf = await listen("", { deaf: true });
    const quick = await listen();
    await until(() => shop.feed.clients() === 2, "both are there");
    const note = "☂".repeat(500);
    const changes = Array.from({ length: 500 }, () => change({ productId: mug, note }));
    await until(async () => {
      await shop.given({ kind: "BatchStock", errorPolicy: "all_or_nothing", changes });
      return shop.feed.clients() === 1;
    }, "the one that does not read is cut off");
    const head = await headSeq();
    await until(() => quick.lastId() === `1.${head}`, "the other has heard all");
    assert.deepEqual(quick.seqs(), from(first + 1, head));
    assert.equal(quick.ended(), false);
    assert.notEqual(deaf.response.socket.readyState, undefined);
  });

  test("the application closes though streams are open, and takes no more", {
    timeout: 10_000,
  }, async () => {
    const other = await openShop();
    const url = `${await other.app.listen({ port: 0, host: "127.0.0.1" })}/api/v1/events/stream`;
    const headers = { "x-api-key": other.keys.admin };
    const agent = new Agent({ keepAlive: true });
    const streams = [
      await openSse(url, { headers }),
      await openSse(url, { headers, agent }),
      await openSse(url, { headers, deaf: true }),
    ];
    await other.app.close();
    await until(() => streams.slice(0, 2).every((one) => one.ended()), "the streams ended");
    assert.equal(other.feed.clients(), 0);
    agent.destroy();
    await other.close();
  });
});

describe("GET /events/stream: 400, 405, 429, 503", () => {
  for (const text of ["x", "1.", ".1", "-1", "1.2.3", "1e3", "9".repeat(16), "1.1 "]) {
    test(`a place "${text}" is refused by the name of where it stands`, async () => {
      const query = new URLSearchParams({ after: text }).toString();
      assertInvalid(await shop.call("GET", `/events/stream?${query}`), "?after");
      const headers = { "last-event-id": text };
      assertInvalid(await shop.call("GET", "/events/stream", { headers }), "Last-Event-ID");
    });
  }

  test("a filter that is not known is refused by its name", async () => {
    assertInvalid(await shop.call("GET", "/events/stream?type=sold"), "?type");
    assertInvalid(await shop.call("GET", "/events/stream?limit=1"), "?limit");
  });

  test("HEAD is not known here", async () => {
    const answer = await shop.call("HEAD", "/events/stream");
    assert.deepEqual([answer.status, answer.headers["allow"]], [405, "GET"]);
  });

  test("one caller has a bounded number of streams; others still get theirs", async () => {
    const { secret } = await shop.addKey({ role: "vendor" });
    for (let n = 0; n < sseClientsPerCallerMax; n += 1) await listen("", { as: secret });
    const answer = await shop.call("GET", "/events/stream", { as: secret });
    assertProblem(answer, 429, "rate_limited");
    assert.match(String(answer.headers["retry-after"]), /^\d+$/);
    assert.equal((await listen("", { as: "vendor" })).status, 200);
    open[0]?.close();
    await until(() => shop.feed.clients() === sseClientsPerCallerMax, "one has left");
    assert.equal((await listen("", { as: secret })).status, 200);
  });

  test("a service that stops takes no streams", async () => {
    shop.app.draining = true;
    try {
      const answer = await shop.call("GET", "/events/stream");
      assertProblem(answer, 503, "overloaded");
      assert.match(String(answer.headers["retry-after"]), /^\d+$/);
    } finally {
      shop.app.draining = false;
    }
  });
});
