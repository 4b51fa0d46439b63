// Documents that instances share: one reads for all, and none is given anything older than what it knows of,
// whatever comes late to Redis or never.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import {
  type CachingInstance,
  type InstanceOptions,
  type NumberDatabase,
  openCachingInstance,
  openNumberDatabase,
} from "../support/document-caches.ts";
import { logEvents } from "../support/log-events.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { turn, until } from "../support/until.ts";

describe("documents in Redis", { skip: noRedis }, () => {
  let redis: RedisServer;
  let database: NumberDatabase;
  let instances: CachingInstance[];
  const open = async (options: InstanceOptions = {}): Promise<CachingInstance> => {
    const instance = await openCachingInstance(redis.url, database, options);
    instances.push(instance);
    return instance;
  };
  const key = (productId = "mug"): string => `availability:1.00000000000a:${productId}`;
  const textAt = async (productId?: string): Promise<string> =>
    String(await redis.ask("GET", key(productId)));
  const untilKept = (seq: number, productId?: string): Promise<void> =>
    until(async () => (await textAt(productId)).startsWith(`${seq}\n`), `${seq} is in Redis`);

  before(async () => {
    redis = await startRedis();
  });
  after(() => redis.close());
  beforeEach(async () => {
    await redis.ask("FLUSHALL");
    database = openNumberDatabase();
    instances = [];
  });
  afterEach(() => {
    for (const instance of instances) instance.close();
  });

  test("one instance reads, the others are answered with it", async () => {
    const [left, right] = [await open(), await open()];
    assert.deepEqual(await left.get(), [0, "miss"]);
    await untilKept(0);
    assert.deepEqual(await right.get(), [0, "hit"]);
    assert.deepEqual(await right.get(), [0, "hit"]);
    assert.equal(database.reads, 1);
  });

  test("many at once too: only what nobody has read is read", async () => {
    const [left, right] = [await open(), await open()];
    await left.get("mug");
    await untilKept(0, "mug");
    const read: string[][] = [];
    const found = await right.cache.getMany(["cup", "mug"], async (ids) => {
      read.push([...ids]);
      return ids.map((id) => database.read(id));
    });
    assert.deepEqual(
      found.map(({ document, hit }) => [document?.availability.product.id, hit]),
      [
        ["cup", false],
        ["mug", true],
      ],
    );
    assert.deepEqual(read, [["cup"]]);
    await untilKept(0, "cup");
  });

  test("they are the same bytes and the same ETag", async () => {
    const [left, right] = [await open(), await open()];
    const { document: read } = await left.cache.get("mug");
    await untilKept(0);
    const { document: shared } = await right.cache.get("mug");
    assert.deepEqual([shared?.body, shared?.etag], [read?.body, read?.etag]);
    assert.deepEqual(shared?.availability, read?.availability);
  });

  test("an event marks its document at once: others read again when they hear of it", async () => {
    const [left, right] = [await open(), await open()];
    await left.get();
    await untilKept(0);
    await right.get();
    assert.equal(right.write(), 1);
    await until(async () => (await textAt()) === "1", "the mark is there");
    left.hear();
    assert.deepEqual(await left.get(), [1, "miss"]);
    await untilKept(1);
    assert.deepEqual(await right.get(), [1, "hit"]);
  });

  test("a document that comes after the mark of a newer event is dropped", async () => {
    const [left, right] = [await open(), await open()];
    left.fate.sets = "held";
    await left.get();
    right.write();
    await until(async () => (await textAt()) === "1", "the mark is there");
    assert.equal(await left.held[0]?.(), 0);
    assert.equal(await textAt(), "1");
  });

  test("a document that comes after a newer one is dropped", async () => {
    const [left, right] = [await open(), await open()];
    left.fate.sets = "held";
    await left.get();
    right.fate.marks = "lost";
    right.write();
    await right.get();
    await untilKept(1);
    assert.equal(await left.held[0]?.(), 0);
    await untilKept(1);
  });

  test("a mark that comes late leaves what was read after its event", async () => {
    const [left, right] = [await open(), await open()];
    left.fate.marks = "lost";
    left.write();
    left.write("cup");
    await left.get();
    await untilKept(2);
    right.cache.committed(database.events.slice(0, 1));
    right.write("cup");
    await until(async () => (await textAt("cup")) === "3", "the marks have come");
    await untilKept(2);
  });

  test("an event of a store ends all: those that are there, and those on their way", async () => {
    const [left, right, third] = [await open(), await open(), await open()];
    await left.get("mug");
    left.fate.sets = "held";
    await left.get("cup");
    await untilKept(0, "mug");
    right.write(null);
    const marked = async () => (await redis.ask("GET", "availability-mark:1.00000000000a")) === "1";
    await until(marked, "the mark is there");
    assert.equal(await left.held[0]?.(), 0);
    // It has not heard of it: the mark alone tells.
    assert.deepEqual(await third.get("mug"), [1, "miss"]);
  });

  test("a lost mark harms nobody who knows of the event", async () => {
    const [left, right] = [await open(), await open()];
    await left.get();
    await untilKept(0);
    right.fate.marks = "lost";
    right.fate.sets = "held";
    const seq = right.write();
    assert.equal(await textAt().then((text) => text.startsWith("0\n")), true);
    assert.deepEqual(await right.get(), [seq, "miss"], "who wrote");
    left.hear();
    left.fate.sets = "held";
    assert.deepEqual(await left.get(), [seq, "miss"], "who heard of it");
  });

  test("one that starts believes nothing that was read before its start", async () => {
    const first = await open();
    first.fate.marks = "lost";
    await first.get();
    await untilKept(0);
    first.write();
    const late = await open();
    assert.deepEqual(await late.get(), [1, "miss"]);
  });

  test("an event while Redis is asked: its answer is given to nobody who asks later", async () => {
    const [left, right] = [await open(), await open()];
    await left.get();
    await untilKept(0);
    right.fate.marks = "lost";
    const early = right.get();
    right.write();
    assert.deepEqual(await right.get(), [1, "miss"]);
    await early;
    assert.equal(right.cache.kept("mug")?.availability.product.name, "1");
  });

  test("marks outlive documents, and nobody keeps one longer than Redis does", async () => {
    const [left, right] = [await open({ ttlMs: 1_000 }), await open({ ttlMs: 1_000 })];
    left.write("cup");
    await until(async () => (await textAt("cup")) === "1", "the mark is there");
    const markLeft = Number(await redis.ask("PTTL", key("cup")));
    assert.ok(markLeft > 1_200 && markLeft <= 2_000, String(markLeft));
    const readAt = Date.now();
    await left.get();
    await untilKept(1);
    right.hear();
    await until(() => Date.now() - readAt >= 300, "it is no longer young");
    assert.deepEqual(await right.get(), [0, "hit"]);
    await until(() => right.cache.kept("mug") === undefined, "it is over");
    const age = Date.now() - readAt;
    assert.ok(age >= 900 && age < 1_250, `it was ${age} ms old`);
  });

  test("another log's documents are not there, nor are an earlier epoch's", async () => {
    const first = await open();
    first.write();
    await first.get();
    await untilKept(1);
    database = openNumberDatabase("00000000-0000-0000-0000-00000000000b");
    assert.deepEqual(await (await open()).get(), [0, "miss"]);
    const restored = openNumberDatabase();
    database = { ...restored, head: () => ({ ...restored.head(), epoch: 2 }) };
    assert.deepEqual(await (await open()).get(), [0, "miss"]);
  });

  test("what nobody of us wrote is no document", async () => {
    const instance = await open();
    instance.fate.sets = "held";
    const body = '{"product_id":"mug","product_name":"9","stores":[],"as_of_seq":9}';
    const texts = [
      "",
      "9",
      "nonsense",
      `9\n${body}`,
      `9\nW/"x"\r\nset-cookie: a=b\n${body}`,
      `9\nW/"x"\n${body.replace("mug", "cup")}`,
      `-1\nW/"x"\n${body}`,
    ];
    for (const text of texts) {
      await redis.ask("SET", key(), text, "PX", "10000");
      assert.deepEqual(await instance.get(), [0, "miss"], text);
      // Away with what is kept in process.
      instance.cache.invalidate(logEvents(0, 0));
    }
    await redis.ask("DEL", key());
    await redis.ask("LPUSH", key(), "a list");
    assert.deepEqual(await instance.get(), [0, "miss"]);
  });

  test("of any order of writes, reads, lost marks and late sets: nobody reads back in time", async () => {
    const random = randomFrom(20_261_124);
    const pick = <One>(from: readonly One[]): One => from[random(from.length)] as One;
    const waiting: (() => void)[] = [];
    let over = false;
    const reading = (): Promise<void> =>
      over || random(2) === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    for (let count = 0; count < 3; count += 1) await open({ reading });
    const products = ["mug", "cup"];
    /** The last event of a product that an instance has answered or heard of. */
    const seen = new Map<string, number>();
    const see = (who: CachingInstance, productId: string, seq: number): void => {
      const name = `${instances.indexOf(who)} ${productId}`;
      seen.set(name, Math.max(seq, seen.get(name) ?? 0));
    };
    const asked: Promise<void>[] = [];
    let hits = 0;
    async function ask(who: CachingInstance, productId: string): Promise<void> {
      const least = seen.get(`${instances.indexOf(who)} ${productId}`) ?? 0;
      const [seq, result] = await who.get(productId);
      if (result === "hit") hits += 1;
      assert.ok(seq >= least, `event ${least} was known, the answer is of ${seq}`);
    }
    for (let step = 0; step < 6_000; step += 1) {
      const who = pick(instances);
      who.fate.marks = random(2) === 0 ? "lost" : "sent";
      who.fate.sets = random(3) === 0 ? "held" : "sent";
      const what = random(100);
      const productId = pick(products);
      if (what < 8) see(who, productId, who.write(productId));
      else if (what < 10) {
        const seq = who.write(null);
        for (const each of products) see(who, each, seq);
      } else if (what < 30) {
        who.hear();
        for (const each of products) see(who, each, Number(database.read(each).product.name));
      } else if (what < 40) void who.held.splice(random(who.held.length || 1), 1)[0]?.();
      else if (what < 60) waiting.splice(random(waiting.length || 1), 1)[0]?.();
      else asked.push(ask(who, productId));
      if (random(4) === 0) await turn();
    }
    over = true;
    for (const go of waiting) go();
    await Promise.all(asked);
    assert.ok(hits > 200, `${hits} hits of ${asked.length}`);
  });
});

/** The same numbers in each run (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
