// What doctor hears of Redis: nothing, what is to be mended, or that it is away, without the password of its address.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { pingRedis } from "../../src/bus/redis-ping.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";

describe("asking Redis whether it is there", { skip: noRedis }, () => {
  let redis: RedisServer;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());

  test("one that is well is told nothing of", async () => {
    assert.equal(await pingRedis(redis.url), null);
  });

  test("one that may drop keys is named with what to set", async () => {
    await redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    assert.match(String(await pingRedis(redis.url)), /allkeys-lru.*set it to noeviction/);
  });

  test("one that is away is an error, and its password is not said", async () => {
    await assert.rejects(pingRedis("redis://shop:secret@127.0.0.1:1"), (error: Error) => {
      assert.match(error.message, /Redis is away/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
});
