// Two instances on one database and one Redis, over HTTP: documents, rates and sessions of one are the
// other's too, and with a Redis that hangs each goes on by itself.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { failedSignInsPerMinuteMax, redisAnswerMsMax } from "../../src/limits.ts";
import * as say from "../support/commands.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import {
  openSharedStore,
  type SharedStore,
  type SharingInstance,
} from "../support/sharing-instances.ts";
import { until } from "../support/until.ts";

const availability = "/api/v1/products/mug/availability";
const session = "/api/v1/auth/session";
const perMinute = 40;
const settings = { rateLimitAnonymous: perMinute };

describe("two instances and a Redis", { skip: noRedis }, () => {
  let redis: RedisServer;
  let shared: SharedStore;
  let left: SharingInstance;
  let right: SharingInstance;
  let addresses = 0;

  before(async () => {
    redis = await startRedis();
    shared = await openSharedStore(redis.url);
    left = await shared.open({ settings });
    await left.execute(say.createProduct("mug"));
    await left.execute(say.createStore("MAD"));
    await left.execute(say.changeStock({ productId: "mug", amount: 5 }));
    right = await shared.open({ settings });
  });
  after(async () => {
    await shared.close();
    await redis.close();
  });
  beforeEach(() => {
    addresses += 1;
  });

  /** Of an address that is each test's own. */
  const read = (it: SharingInstance, url = availability) =>
    it.app.inject({ url, remoteAddress: `192.0.2.${addresses}` });
  const keysIn = async (pattern: string): Promise<string[]> => {
    const found = await redis.ask("KEYS", pattern);
    return Array.isArray(found) ? found.map(String) : [];
  };

  describe("documents", () => {
    test("X-Cache and the metric say hit for what the other instance has read", async () => {
      assert.equal((await read(left)).headers["x-cache"], "miss");
      await until(async () => (await keysIn("*availability:*mug")).length === 1, "it is shared");
      const first = await read(right);
      assert.deepEqual([first.statusCode, first.headers["x-cache"]], [200, "hit"]);
      assert.deepEqual(first.json().stores, [
        {
          store_id: "MAD",
          store_name: "Madrid",
          quantity: 5,
          reserved: 0,
          available: 5,
          version: 1,
        },
      ]);
      const text = await right.metrics.text();
      assert.match(text, /cache_requests_total\{result="hit"\} 1\n/);
      assert.doesNotMatch(text, /cache_requests_total\{result="miss"\}/);
    });

    test("one store of a document that the other has read, and many at once", async () => {
      const third = await shared.open();
      await third.execute(say.changeStock({ productId: "mug", amount: 1 }));
      await read(third);
      await until(async () => {
        const [key = ""] = await keysIn("*availability:*mug");
        return /\n/.test(String(await redis.ask("GET", key)));
      }, "it is shared");
      await Promise.all([left.tail.pull(), right.tail.pull()]);
      const one = await read(right, `${availability}?store_id=MAD`);
      assert.deepEqual([one.json().total_quantity, one.headers["x-cache"]], [6, "hit"]);
      const many = await left.app.inject({
        method: "POST",
        url: "/api/v1/availability/query",
        payload: { product_ids: ["mug", "none"], store_ids: ["MAD"] },
      });
      assert.deepEqual(many.json().items[0].stores, one.json().stores);
      assert.deepEqual(many.json().missing, ["none"]);
    });

    test("whoever wrote on an instance reads it there, each time, and on the other after its tail", async () => {
      for (let count = 0; count < 20; count += 1) {
        const [writer, other] = count % 2 === 0 ? [left, right] : [right, left];
        await Promise.all([read(left), read(right)]);
        const { result } = await writer.execute(say.changeStock({ productId: "mug", amount: 1 }));
        assert.ok("reply" in result && result.reply.kind === "stock");
        const { quantity } = result.reply.stock;
        const head = { "x-api-key": shared.secret };
        const there = await writer.app.inject({ url: availability, headers: head });
        assert.equal(there.json().total_quantity, quantity);
        await other.tail.pull();
        const elsewhere = await other.app.inject({ url: availability, headers: head });
        assert.equal(elsewhere.json().total_quantity, quantity);
      }
    });

    test("a new name of a store is in every document", async () => {
      await read(left);
      await right.execute(say.changeStore("MAD", { name: "Madrid Sol" }));
      assert.equal((await read(right)).json().stores[0].store_name, "Madrid Sol");
      await left.tail.pull();
      assert.equal((await read(left)).json().stores[0].store_name, "Madrid Sol");
    });
  });

  describe("rates", () => {
    test("of an address are counted together", async () => {
      for (let count = 0; count < perMinute; count += 1) {
        assert.equal((await read(count % 2 === 0 ? left : right)).statusCode, 200);
      }
      for (const it of [left, right]) {
        const answer = await read(it);
        assert.equal(answer.statusCode, 429);
        assert.match(String(answer.headers["ratelimit"]), /r=0;t=\d+/);
        assert.match(String(answer.headers["retry-after"]), /^[1-9]\d?$/);
      }
    });

    test("say what is left for all, and end", async () => {
      await read(left);
      const answer = await read(right);
      const remaining = new RegExp(`r=${perMinute - 2};t=(59|60)$`);
      assert.match(String(answer.headers["ratelimit"]), remaining);
      const [key = ""] = await keysIn(`*rate:anonymous:192.0.2.${addresses}`);
      const ms = Number(await redis.ask("PTTL", key));
      assert.ok(ms > 0 && ms <= 60_000, String(ms));
    });

    test("of wrong credentials are counted together, here and at sign-in", async () => {
      const wrong = (it: SharingInstance) =>
        it.app.inject({
          url: availability,
          headers: { "x-api-key": "wrong" },
          remoteAddress: "198.51.100.1",
        });
      for (let count = 0; count < failedSignInsPerMinuteMax; count += 2) {
        assert.equal((await wrong(left)).statusCode, 401);
        assert.equal((await wrong(right)).statusCode, 401);
      }
      const answer = await right.app.inject({
        method: "POST",
        url: session,
        payload: { key: "wrong" },
        remoteAddress: "198.51.100.1",
      });
      assert.equal(answer.statusCode, 429);
    });

    test("are counted by each instance for itself where Redis has lost them", async () => {
      for (let count = 0; count < perMinute; count += 1) await read(left);
      await redis.ask("FLUSHALL");
      assert.equal((await read(left)).statusCode, 429);
      assert.equal((await read(right)).statusCode, 200);
    });
  });

  describe("sessions", () => {
    const whoIs = (it: SharingInstance, cookie: string) =>
      it.app.inject({ url: session, headers: { cookie } });
    async function signIn(it: SharingInstance, key: string): Promise<string> {
      const { headers } = await it.app.inject({ method: "POST", url: session, payload: { key } });
      return String(headers["set-cookie"]).split(";")[0] ?? "";
    }
    /** Signed in on the left, and known of in Redis. */
    async function knownSession(secret: string): Promise<string> {
      await redis.ask("FLUSHALL");
      const cookie = await signIn(left, secret);
      assert.equal((await whoIs(left, cookie)).statusCode, 200);
      await until(async () => (await keysIn("*session:*")).length === 1, "it is shared");
      return cookie;
    }

    test("read by one are known to the other without their row, for seconds", async (t) => {
      const cookie = await knownSession(shared.secret);
      const rows = t.mock.method(shared.store, "sessionByHash");
      const answer = await whoIs(right, cookie);
      assert.deepEqual([answer.statusCode, answer.json().role], [200, "admin"]);
      assert.equal(rows.mock.callCount(), 0);
      const [key = ""] = await keysIn("*session:*");
      const ms = Number(await redis.ask("PTTL", key));
      assert.ok(ms > 0 && ms <= 2_000, String(ms));
      // Nothing there would let anyone in.
      const secret = cookie.split("=")[1] ?? "?";
      const text = key + String(await redis.ask("GET", key));
      assert.ok(!text.includes(secret) && !text.includes(shared.secret));
    });

    test("signed out on one are gone on the other with the answer", async () => {
      const cookie = await knownSession(shared.secret);
      assert.equal((await whoIs(right, cookie)).statusCode, 200);
      const headers = { cookie, "sec-fetch-site": "same-origin" };
      const out = await right.app.inject({ method: "DELETE", url: session, headers });
      assert.equal(out.statusCode, 204);
      for (const it of [left, right]) assert.equal((await whoIs(it, cookie)).statusCode, 401);
    });

    test("of a key that is taken away on one are gone on the other with the answer", async () => {
      const { id, secret } = await shared.addKey();
      const cookie = await knownSession(secret);
      const headers = { "x-api-key": shared.secret };
      const url = `/api/v1/api-keys/${id}`;
      assert.equal((await right.app.inject({ method: "DELETE", url, headers })).statusCode, 204);
      for (const it of [left, right]) assert.equal((await whoIs(it, cookie)).statusCode, 401);
    });

    test("whose row is read while they end are not known afterwards", async (t) => {
      for (const end of ["sign-out", "key"] as const) {
        const { id, secret } = await shared.addKey();
        await redis.ask("FLUSHALL");
        const cookie = await signIn(left, secret);
        const { sessionByHash } = shared.store;
        const { promise, resolve } = Promise.withResolvers<void>();
        const rows = t.mock.method(shared.store, "sessionByHash", async (hash: Uint8Array) => {
          const isFirst = rows.mock.callCount() === 0;
          const found = await sessionByHash(hash);
          // Whoever signs out reads it too.
          if (isFirst) await promise;
          return found;
        });
        const early = whoIs(left, cookie);
        await until(() => rows.mock.callCount() === 1, "its row is read");
        const headers =
          end === "key"
            ? { "x-api-key": shared.secret }
            : { cookie, "sec-fetch-site": "same-origin" };
        const url = end === "key" ? `/api/v1/api-keys/${id}` : session;
        assert.equal((await right.app.inject({ method: "DELETE", url, headers })).statusCode, 204);
        resolve();
        await early;
        rows.mock.restore();
        assert.equal((await whoIs(right, cookie)).statusCode, 401, end);
      }
    });

    test("ended where Redis does not hear of it live on for two seconds at most", async () => {
      const { id, secret } = await shared.addKey();
      const cookie = await knownSession(secret);
      const endedAt = Date.now();
      // As `onhand keys revoke` does.
      await shared.store.removeKey(id);
      await until(async () => (await whoIs(right, cookie)).statusCode === 401, "it is over");
      assert.ok(Date.now() - endedAt < 2_200);
    });

    test("that nobody of us wrote are looked for in the database", async () => {
      const cookie = await knownSession(shared.secret);
      const [key = ""] = await keysIn("*session:*");
      const kept = JSON.parse(String(await redis.ask("GET", key)));
      const wrong = { ...kept, session: { ...kept.session, role: "root" } };
      const old = { ...kept, readAt: kept.readAt - 10_000 };
      for (const text of ["", "{", "null", "[]", JSON.stringify(wrong), JSON.stringify(old)]) {
        await redis.ask("SET", key, text);
        const answer = await whoIs(right, cookie);
        assert.deepEqual([answer.statusCode, answer.json().role], [200, "admin"], text);
      }
    });
  });

  test("nothing that they share has a name that a stream can have", async () => {
    await left.execute(say.changeStock({ productId: "mug", amount: 1 }));
    await read(left);
    const signIn = { method: "POST", url: session, payload: { key: shared.secret } } as const;
    const { headers } = await left.app.inject(signIn);
    const [cookie = ""] = String(headers["set-cookie"]).split(";");
    await left.app.inject({ url: session, headers: { cookie } });
    const kinds = ["availability", "rate", "session"];
    const areThere = async (): Promise<boolean> => {
      const found = await keysIn("*");
      return kinds.every((kind) => found.some((key) => key.includes(kind)));
    };
    await until(areThere, "there is one of each kind");
    const keys = await keysIn("*");
    // REDIS_PREFIX, ours or another service's, and the name that POST /events/replay is given.
    for (const key of keys) assert.doesNotMatch(key, /^[A-Za-z0-9._:{}-]*$/);
  });

  describe("a Redis that hangs", () => {
    test("costs the first requests a moment and the later ones nothing; none fails", async () => {
      const times: number[] = [];
      const hurried = await shared.open({ settings, answerMsMax: redisAnswerMsMax });
      redis.signal("SIGSTOP");
      try {
        const cookie = await hurried.app.inject({
          method: "POST",
          url: session,
          payload: { key: shared.secret },
        });
        const headers = { cookie: String(cookie.headers["set-cookie"]).split(";")[0] ?? "" };
        for (let count = 0; count < perMinute; count += 1) {
          // Not kept in process: as for a product that was sold just now.
          await hurried.execute(say.changeStock({ productId: "mug", amount: 1 }));
          const startedAt = performance.now();
          const answer = await read(hurried);
          times.push(performance.now() - startedAt);
          assert.equal(answer.statusCode, 200);
          const who = await hurried.app.inject({ url: session, headers });
          assert.equal(who.statusCode, 200);
        }
        assert.equal((await read(hurried)).statusCode, 429, "it counts for itself");
      } finally {
        redis.signal("SIGCONT");
      }
      // The limit of three in a row, what was under way besides (marks, sets), and some probes.
      const { late, away } = hurried.unanswered;
      assert.ok(late < 15 && away > perMinute, `${late} were late, ${away} did not wait`);
      const longest = Math.max(...times);
      assert.ok(longest < 1_000, `one took ${longest} ms`);
    });
  });
});
