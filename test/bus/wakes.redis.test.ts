// Instances wake each other through a real Redis: each hears the others and not itself, and asks for what it
// may have missed whenever it hears again.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { openRedisWakes, type Wakes } from "../../src/bus/redis-wakes.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { until } from "../support/until.ts";

describe("instances that wake each other", { skip: noRedis }, () => {
  let redis: RedisServer;
  const open: Wakes[] = [];
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  /** It has subscribed: then it asks for what it has missed. */
  async function join(holder: string) {
    let count = 0;
    const heard = (): void => {
      count += 1;
    };
    const wakes = openRedisWakes({ url: redis.url, prefix: "", holder, heard });
    open.push(wakes);
    await until(() => count === 1, `${holder} hears`);
    return { tell: wakes.tell, renew: wakes.renew, count: () => count };
  }

  test("hear each other, and not themselves", async () => {
    const [one, two] = [await join("one"), await join("two")];
    await until(() => {
      one.tell();
      return two.count() > 1;
    }, "two has heard of one");
    assert.equal(one.count(), 1);
  });

  test("ask for what was told while Redis was away, as soon as they hear again", async () => {
    const one = await join("one");
    await redis.kill();
    await redis.start();
    await until(() => one.count() === 2, "it asks, though nobody tells it anything");
    const two = await join("two");
    await until(() => {
      two.tell();
      return one.count() > 2;
    }, "it hears the others again");
  });

  test("are led to another Redis when they connect anew, and hear each word once there", async () => {
    const [one, two] = [await join("one"), await join("two")];
    for (const [at, each] of [one, two].entries()) {
      each.renew();
      await until(() => each.count() >= 2, `${at} asks for what was told meanwhile`);
    }
    // One that is being made anew is not made twice.
    one.renew();
    one.renew();
    const before = one.count();
    await until(() => one.count() > before, "it hears again");
    await until(async () => {
      const answer = await redis.ask("PUBSUB", "NUMSUB", "inventory-events:wake");
      return Array.isArray(answer) && Number(answer[1]) === 2;
    }, "each has one ear, and nobody a second");
    const heard = one.count();
    assert.equal(await redis.ask("PUBLISH", "inventory-events:wake", "two"), 2);
    await until(() => one.count() > heard, "it has heard");
    assert.equal(await redis.ask("PUBLISH", "inventory-events:wake", "two"), 2);
    await until(() => one.count() > heard + 1, "it has heard again");
    assert.equal(one.count(), heard + 2, "each word once");
  });
});
