// Conditions that a write does not look at. Passed over, they would let a write through that its caller
// believes to be guarded: so they are refused by name, and nothing is done.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Hostile, mustName, openHostile, routeOf, writes } from "../support/hostile.ts";

let it: Hostile;
before(async () => {
  it = await openHostile();
});
after(() => it.close());

/** POSTs that only read, for which nothing has to be guarded. */
const readingPosts = ["POST /api/v1/availability/query"];
const changing = writes.filter((name) => !readingPosts.includes(name));

describe("a condition that guards nothing", () => {
  test("If-Match is refused by every write that takes no version", async () => {
    const guarded = new Set(
      it.market.app.routeTable
        .filter(({ codes }) => codes.includes("version_mismatch"))
        .map(({ method, url }) => `${method} ${url}`),
    );
    const unguarded = changing.filter((name) => !guarded.has(routeOf(name)));
    assert.equal(guarded.size, 10);
    assert.equal(changing.length - unguarded.length, guarded.size);
    await it.changesNothing(async () => {
      for (const name of unguarded) {
        const answer = await it.send(name, { headers: { "if-match": '"v1"' } });
        mustName(answer, ["If-Match"], name);
      }
    });
  });

  test("If-None-Match is refused by every write", async () => {
    await it.changesNothing(async () => {
      for (const name of changing) {
        const answer = await it.send(name, { headers: { "if-none-match": "*" } });
        mustName(answer, ["If-None-Match"], name);
      }
    });
  });

  test("a POST that reads has nothing to guard", async () => {
    for (const name of readingPosts) {
      const headers = { "if-match": '"v1"', "if-none-match": "*" };
      assert.equal((await it.send(name, { headers })).status, 200);
    }
  });
});
