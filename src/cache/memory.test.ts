// The availability cache: what is kept, for how long, what an event does to it and to reads that are under
// way, and that many who ask at once make one read. Reads end when a test says so.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mugFields } from "../../test/support/commands.ts";
import { availabilityReadMax, cachedDocumentBytesMax } from "../limits.ts";
import type { Availability, LogEvent } from "../store/store.ts";
import { type AvailabilityDocument, openAvailabilityCache } from "./memory.ts";

function availability(productId: string, asOfSeq: number): Availability {
  const times = { createdAt: 0, updatedAt: 0, archivedAt: null };
  return { product: { id: productId, ...mugFields, version: 1, ...times }, asOfSeq, rows: [] };
}

/** Beyond a kilobyte, each character of a body counts as three bytes. */
const quarter = "x".repeat(cachedDocumentBytesMax / 12);

/** An event of a product, or of a store where there is none. */
function event(productId: string | null): LogEvent {
  return {
    seq: 1,
    id: "event",
    type: productId === null ? "store.updated" : "stock.updated",
    aggregateType: productId === null ? "store" : "stock",
    aggregateId: "x",
    storeId: "MAD",
    productId,
    occurredAt: 0,
    actor: "test",
    requestId: "test",
    traceparent: null,
    payload: "{}",
  };
}

interface Read {
  /** One, or many with commas. */
  readonly productId: string;
  /** What the database said; null: no such product. */
  readonly answer: (asOfSeq: number | null) => void;
  readonly fail: (error: Error) => void;
}

/** A cache whose reads wait for `answer`. Bodies end in `padding`. */
function openCache(ttlMs = 1_000, padding = "") {
  const clock = { now: 0 };
  const reads: Read[] = [];
  let rendered = 0;
  const cache = openAvailabilityCache({
    ttlMs,
    now: () => clock.now,
    read(productId) {
      const { promise, resolve, reject } = Promise.withResolvers<Availability | null>();
      reads.push({
        productId,
        answer: (seq) => resolve(seq === null ? null : availability(productId, seq)),
        fail: reject,
      });
      return promise;
    },
    render(one): AvailabilityDocument {
      rendered += 1;
      const body = `${one.product.id}@${one.asOfSeq}${padding}`;
      return { availability: one, body, etag: '"x"' };
    },
  });
  /** The body that is answered, and whether it was kept. */
  const get = async (productId = "mug"): Promise<readonly [string | null, "hit" | "miss"]> => {
    const { document, hit } = await cache.get(productId);
    return [document?.body ?? null, hit ? "hit" : "miss"];
  };
  /** Many at once; what is read together is answered together, without what is called "none". */
  const getMany = async (...productIds: string[]) => {
    const found = await cache.getMany(productIds, (ids) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly Availability[]>();
      const there = ids.filter((id) => id !== "none");
      reads.push({
        productId: ids.join(),
        answer: (seq) => resolve(there.map((id) => availability(id, seq ?? 0)).reverse()),
        fail: reject,
      });
      return promise;
    });
    return found.map(({ document, hit }) => [document?.body ?? null, hit ? "hit" : "miss"]);
  };
  /** Asks, and lets the read that this starts answer at once. */
  const load = (seq: number, productId = "mug") => {
    const got = get(productId);
    reads.at(-1)?.answer(seq);
    return got;
  };
  return { cache, clock, reads, rendered: () => rendered, get, getMany, load };
}

describe("a document that is kept", () => {
  test("is answered again without a read, rendered once", async () => {
    const { get, load, reads, rendered } = openCache();
    assert.deepEqual(await load(1), ["mug@1", "miss"]);
    assert.deepEqual(await get(), ["mug@1", "hit"]);
    assert.deepEqual(await get(), ["mug@1", "hit"]);
    assert.deepEqual([reads.length, rendered()], [1, 1]);
  });

  test("is there at once for who does not want to wait, and nothing is before", async () => {
    const { cache, load } = openCache();
    assert.equal(cache.kept("mug"), undefined);
    await load(1);
    assert.equal(cache.kept("mug")?.body, "mug@1");
    assert.equal(cache.kept("cup"), undefined);
  });

  test("counts until its time is over, and not a moment longer", async () => {
    const { cache, clock, get, load, reads } = openCache(1_000);
    await load(1);
    clock.now = 999;
    assert.deepEqual(await get(), ["mug@1", "hit"]);
    clock.now = 1_000;
    assert.equal(cache.kept("mug"), undefined);
    assert.deepEqual(await load(2), ["mug@2", "miss"]);
    assert.equal(reads.length, 2);
  });

  test("is counted from when it was read, not from when it was asked for last", async () => {
    const { clock, get, load } = openCache(1_000);
    await load(1);
    for (clock.now = 100; clock.now < 1_000; clock.now += 100) await get();
    assert.deepEqual(await load(2), ["mug@2", "miss"]);
  });

  test("is never there with a time to live of 0", async () => {
    const { cache, load, reads } = openCache(0);
    await load(1);
    assert.equal(cache.kept("mug"), undefined);
    assert.deepEqual(await load(2), ["mug@2", "miss"]);
    assert.equal(reads.length, 2);
  });

  test("is one of so many as fit: the one that was asked for longest ago makes room", async () => {
    const { cache, load } = openCache(1_000, quarter);
    for (const id of ["a", "b", "c"]) await load(1, id);
    assert.ok(cache.kept("a"), "it was just asked for");
    await load(1, "d");
    assert.deepEqual(
      ["a", "b", "c", "d"].filter((id) => cache.kept(id) !== undefined),
      ["a", "c", "d"],
    );
  });

  test("is not there if it alone is more than fits, and drives nothing out", async () => {
    const { cache, load } = openCache();
    await load(1, "small");
    await load(1, "large".padEnd(cachedDocumentBytesMax / 2));
    assert.deepEqual(
      ["small", "large"].map((id) => cache.kept(id)?.body),
      ["small@1", undefined],
    );
  });

  test("is of no product that is not there", async () => {
    const { cache, get, reads } = openCache();
    for (let count = 1; count <= 2; count += 1) {
      const got = get("nothing");
      reads.at(-1)?.answer(null);
      assert.deepEqual(await got, [null, "miss"]);
      assert.equal(reads.length, count);
    }
    assert.equal(cache.kept("nothing"), undefined);
  });
});

describe("an event", () => {
  test("of a product drops its document and no other", async () => {
    const { cache, get, load } = openCache();
    await load(1, "mug");
    await load(1, "cup");
    cache.invalidate([event("mug")]);
    assert.equal(cache.kept("mug"), undefined);
    assert.deepEqual(await get("cup"), ["cup@1", "hit"]);
    assert.deepEqual(await load(2, "mug"), ["mug@2", "miss"]);
  });

  test("of a store drops all documents: its name and whether it is open are in each", async () => {
    const { cache, load } = openCache();
    await load(1, "mug");
    await load(1, "cup");
    cache.invalidate([event(null)]);
    assert.deepEqual([cache.kept("mug"), cache.kept("cup")], [undefined, undefined]);
  });

  test("among many is not overlooked", async () => {
    const { cache, load } = openCache();
    await load(1);
    cache.invalidate([event("a"), event("b"), event("mug"), event("c")]);
    assert.equal(cache.kept("mug"), undefined);
  });

  test("of what is not kept does nothing", () => {
    const { cache, reads } = openCache();
    cache.invalidate([event("mug"), event(null)]);
    cache.invalidate([]);
    assert.equal(reads.length, 0);
  });

  for (const [title, of] of [
    ["of its product", "mug"],
    ["of a store", null],
  ] as const) {
    describe(`${title}, while a read is under way`, () => {
      test("the read answers those who asked before, and is not kept", async () => {
        const { cache, get, reads } = openCache();
        const early = get();
        cache.invalidate([event(of)]);
        reads[0]?.answer(1);
        assert.deepEqual(await early, ["mug@1", "miss"]);
        assert.equal(cache.kept("mug"), undefined);
      });

      test("nobody who asks afterwards joins it", async () => {
        const { cache, get, reads } = openCache();
        const early = get();
        cache.invalidate([event(of)]);
        const late = get();
        assert.equal(reads.length, 2);
        reads[1]?.answer(2);
        reads[0]?.answer(1);
        assert.deepEqual(await Promise.all([early, late]), [
          ["mug@1", "miss"],
          ["mug@2", "miss"],
        ]);
      });

      test("that ends after the newer one, it does not take its place", async () => {
        const { cache, get, reads } = openCache();
        const early = get();
        cache.invalidate([event(of)]);
        const late = get();
        reads[1]?.answer(2);
        await late;
        reads[0]?.answer(1);
        await early;
        assert.equal(cache.kept("mug")?.body, "mug@2");
      });

      test("that ends before the newer one, the newer one is kept", async () => {
        const { cache, get, reads } = openCache();
        const early = get();
        cache.invalidate([event(of)]);
        const late = get();
        reads[0]?.answer(1);
        await early;
        const joined = get();
        assert.equal(reads.length, 2, "the newer read can still be joined");
        reads[1]?.answer(2);
        await Promise.all([late, joined]);
        assert.equal(cache.kept("mug")?.body, "mug@2");
      });
    });
  }

  test("of another product leaves a read alone", async () => {
    const { cache, get, reads } = openCache();
    const got = get();
    cache.invalidate([event("cup")]);
    const joined = get();
    assert.equal(reads.length, 1);
    reads[0]?.answer(1);
    await Promise.all([got, joined]);
    assert.equal(cache.kept("mug")?.body, "mug@1");
  });
});

describe("many who ask at once", () => {
  test("100 of one product make one read and get the same document", async () => {
    const { cache, reads, rendered } = openCache();
    const asked = Array.from({ length: 100 }, () => cache.get("mug"));
    assert.equal(reads.length, 1);
    reads[0]?.answer(1);
    const documents = new Set((await Promise.all(asked)).map(({ document }) => document));
    assert.deepEqual([documents.size, rendered()], [1, 1]);
  });

  test("each product is read for itself", async () => {
    const { get, reads } = openCache();
    const asked = ["a", "b", "a", "c", "b"].map((id) => get(id));
    assert.deepEqual(
      reads.map(({ productId }) => productId),
      ["a", "b", "c"],
    );
    for (const read of reads) read.answer(1);
    await Promise.all(asked);
  });

  test("with nothing kept they still share the read that is under way", async () => {
    const { get, reads } = openCache(0);
    const asked = [get(), get(), get()];
    assert.equal(reads.length, 1);
    reads[0]?.answer(1);
    assert.deepEqual(await asked[2], ["mug@1", "miss"]);
  });
});

const gone = new Error("the database is away");

describe("many that are asked for at once", () => {
  test("are read in one go but for those that are kept, answered in their order, and kept", async () => {
    const { getMany, load, reads } = openCache();
    await load(1, "b");
    const got = getMany("a", "b", "none", "c");
    assert.deepEqual(
      reads.map(({ productId }) => productId),
      ["b", "a,none,c"],
    );
    reads[1]?.answer(2);
    assert.deepEqual(await got, [
      ["a@2", "miss"],
      ["b@1", "hit"],
      [null, "miss"],
      ["c@2", "miss"],
    ]);
    const again = getMany("c", "b", "a");
    assert.deepEqual(await again, [
      ["c@2", "hit"],
      ["b@1", "hit"],
      ["a@2", "hit"],
    ]);
    assert.equal(reads.length, 2);
  });

  test("beyond so many are read in several goes, and answered in their order all the same", async () => {
    const { getMany, reads } = openCache();
    const ids = Array.from({ length: 2 * availabilityReadMax + 1 }, (_, n) => `p${n}`);
    const got = getMany(...ids);
    assert.deepEqual(
      reads.map(({ productId }) => productId.split(",").length),
      [availabilityReadMax, availabilityReadMax, 1],
    );
    for (const read of reads.toReversed()) read.answer(1);
    assert.deepEqual(
      await got,
      ids.map((id) => [`${id}@1`, "miss"]),
    );
  });

  test("none of which is missing are not read, nor is nothing", async () => {
    const { getMany, load, reads } = openCache();
    await load(1);
    assert.deepEqual(await getMany("mug"), [["mug@1", "hit"]]);
    assert.deepEqual(await getMany(), []);
    assert.equal(reads.length, 1);
  });

  test("share their reads with those who ask for one, whoever came first", async () => {
    const { get, getMany, reads } = openCache();
    const first = get("a");
    const many = getMany("a", "b");
    const last = get("b");
    assert.deepEqual(
      reads.map(({ productId }) => productId),
      ["a", "b"],
    );
    reads[0]?.answer(1);
    reads[1]?.answer(2);
    assert.deepEqual(await Promise.all([first, last]), [
      ["a@1", "miss"],
      ["b@2", "miss"],
    ]);
    assert.deepEqual(await many, [
      ["a@1", "miss"],
      ["b@2", "miss"],
    ]);
  });

  test("while an event comes: what it is about is answered but not kept nor joined, the rest is", async () => {
    const { cache, get, getMany, reads } = openCache();
    const early = getMany("a", "b");
    cache.invalidate([event("a")]);
    const [late, joined] = [get("a"), get("b")];
    assert.deepEqual(
      reads.map(({ productId }) => productId),
      ["a,b", "a"],
    );
    reads[1]?.answer(2);
    await late;
    reads[0]?.answer(1);
    assert.deepEqual(await early, [
      ["a@1", "miss"],
      ["b@1", "miss"],
    ]);
    assert.deepEqual(await joined, ["b@1", "miss"]);
    assert.deepEqual([cache.kept("a")?.body, cache.kept("b")?.body], ["a@2", "b@1"]);
  });

  test("while an event of a store comes are answered, and none is kept", async () => {
    const { cache, getMany, reads } = openCache();
    const early = getMany("a", "b");
    cache.invalidate([event(null)]);
    reads[0]?.answer(1);
    await early;
    assert.deepEqual([cache.kept("a"), cache.kept("b")], [undefined, undefined]);
  });

  test("fail together if their read fails, and the next one asks again", async () => {
    const { get, getMany, load, reads } = openCache();
    const asked = [getMany("a", "b"), get("b")];
    reads[0]?.fail(gone);
    for (const one of asked) await assert.rejects(one, gone);
    assert.deepEqual(await load(1, "a"), ["a@1", "miss"]);
    assert.equal(reads.length, 2);
  });
});

describe("a read that fails", () => {
  test("fails for all who waited, and the next one asks again", async () => {
    const { get, load, reads } = openCache();
    const asked = [get(), get()];
    reads[0]?.fail(gone);
    for (const one of asked) await assert.rejects(one, gone);
    assert.deepEqual(await load(1), ["mug@1", "miss"]);
    assert.equal(reads.length, 2);
  });

  test("that an event has overtaken does not end the newer one", async () => {
    const { cache, get, reads } = openCache();
    const early = get();
    cache.invalidate([event("mug")]);
    const late = get();
    reads[0]?.fail(gone);
    await assert.rejects(early, gone);
    const joined = get();
    assert.equal(reads.length, 2);
    reads[1]?.answer(2);
    assert.deepEqual(await Promise.all([late, joined]), [
      ["mug@2", "miss"],
      ["mug@2", "miss"],
    ]);
  });

  test("because it cannot be rendered leaves nothing behind", async () => {
    let broken = true;
    const cache = openAvailabilityCache({
      ttlMs: 1_000,
      now: () => 0,
      read: async (id) => availability(id, 1),
      render(one) {
        if (broken) throw gone;
        return { availability: one, body: "whole", etag: '"x"' };
      },
    });
    await assert.rejects(cache.get("mug"), gone);
    broken = false;
    assert.equal((await cache.get("mug")).document?.body, "whole");
  });
});
