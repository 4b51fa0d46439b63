// Redis on a request's way: whatever becomes of it, a call ends in time and never fails, and after some that
// were late nobody waits at all until it answers in time again.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { openQuickRedis, type QuickRedis, type Unanswered } from "../../src/cache/redis.ts";
import { redisAnswerMsMax, redisLateMax } from "../../src/limits.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { turn, until } from "../support/until.ts";

/** A machine may be busy; without a limit of ours it would be twice as long (bus/redis-connection.ts). */
const longMs = 1_000;

describe("Redis on a request's way", { skip: noRedis }, () => {
  let server: RedisServer;
  let redis: QuickRedis;
  let said: string[];
  let unanswered: Record<Unanswered, number>;
  const ping = (): Promise<unknown> => redis.call(["PING"]);
  const answers = async (): Promise<boolean> => (await ping()) === "PONG";
  const countsOf = (): number[] => [unanswered.away, unanswered.late, unanswered.refused];

  before(async () => {
    server = await startRedis();
  });
  after(() => server.close());
  beforeEach(() => open());
  afterEach(() => redis.close());

  async function open(answerMsMax = redisAnswerMsMax): Promise<void> {
    said = [];
    redis = openQuickRedis({
      answerMsMax,
      url: server.url,
      said: (level, words) => said.push(`${level}: ${words}`),
      unanswered: (why) => {
        unanswered[why] += 1;
      },
    });
    unanswered = { away: 0, late: 0, refused: 0 };
    await until(answers, "Redis answers");
    unanswered = { away: 0, late: 0, refused: 0 };
  }

  async function timeOf(work: () => Promise<unknown>): Promise<number> {
    const startedAt = performance.now();
    await work();
    return performance.now() - startedAt;
  }

  test("hanging: the first calls wait a moment, the later ones not at all; then it answers again", async () => {
    server.signal("SIGSTOP");
    try {
      for (let call = 0; call < redisLateMax; call += 1) {
        const ms = await timeOf(async () => assert.equal(await ping(), undefined));
        assert.ok(ms > redisAnswerMsMax - 2 && ms < longMs, `${ms} ms`);
      }
      const ms = await timeOf(async () => {
        for (let call = 0; call < 1_000; call += 1) assert.equal(await ping(), undefined);
      });
      assert.ok(ms < longMs, `1,000 calls took ${ms} ms`);
      assert.deepEqual(countsOf(), [1_000, redisLateMax, 0]);
    } finally {
      server.signal("SIGCONT");
    }
    await until(answers, "it is asked again");
    assert.deepEqual(said, [
      "warn: Redis answers too late: requests go on without it",
      "info: Redis answers in time again",
    ]);
  });

  test("hanging for longer than the connection lives: nobody waits for the probes either", async () => {
    server.signal("SIGSTOP");
    try {
      await Promise.all(Array.from({ length: 200 }, ping));
      const startedAt = performance.now();
      let calls = 0;
      await until(async () => {
        calls += 1;
        await ping();
        return performance.now() - startedAt > 2_500;
      }, "the connection is given up");
      assert.equal(unanswered.away, calls);
      const probes = unanswered.late - 200;
      assert.ok(probes <= 4, `${probes} late calls besides the first`);
    } finally {
      server.signal("SIGCONT");
    }
    await until(answers, "there is a new connection");
  });

  test("killed: calls end at once without an answer, and go on when it is back, empty", async () => {
    await redis.call(["SET", "a", "1"]);
    await server.kill();
    await until(async () => (await ping()) === undefined, "the connection is gone");
    const ms = await timeOf(ping);
    assert.ok(ms < longMs, `${ms} ms`);
    assert.equal(unanswered.late, 0);
    await server.start();
    await until(answers, "it is connected");
    assert.equal(await redis.call(["GET", "a"]), null);
    assert.deepEqual(said, [], "the relay says whether it is there");
  });

  test("a refusal is no answer and is said once; it came in time, so the next call is asked", async () => {
    redis.close();
    await open(longMs);
    for (let call = 0; call < 2 * redisLateMax; call += 1) {
      assert.equal(await redis.call(["NONSENSE"]), undefined);
    }
    assert.equal(await ping(), "PONG");
    assert.deepEqual(countsOf(), [0, 0, 2 * redisLateMax]);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /^warn: Redis refuses what instances share: ERR unknown command/);
  });

  test("an answer that waits while this process is busy counts as in time", async () => {
    const asked = ping();
    // Then it is sent, and it is answered long before this process looks.
    await turn();
    const busyUntil = performance.now() + 10 * redisAnswerMsMax;
    while (performance.now() < busyUntil);
    assert.equal(await asked, "PONG");
    assert.deepEqual(countsOf(), [0, 0, 0]);
  });

  test("closed: no call is answered, and none is left waiting", async () => {
    const asked = ping();
    redis.close();
    await asked;
    assert.equal(await ping(), undefined);
  });
});
