// What an instance knows of the log about each product: never too low, whatever it has forgotten.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openKnown } from "./known.ts";

const of = (productId: string | null, seq: number) => ({ productId, seq });

describe("the last event of a product", () => {
  test("is the last that was heard, in whatever order they come", () => {
    const known = openKnown(0, 10);
    known.hear([of("mug", 5), of("cup", 6)]);
    known.hear([of("mug", 4), of("cup", 6)]);
    assert.deepEqual(["mug", "cup", "tea"].map(known.lastOf), [5, 6, 0]);
  });

  test("may be any before the start", () => {
    const known = openKnown(7, 10);
    known.hear([of("mug", 8)]);
    assert.deepEqual(["mug", "cup"].map(known.lastOf), [8, 7]);
  });

  test("of a store is one of every product", () => {
    const known = openKnown(0, 10);
    known.hear([of("mug", 1), of(null, 2), of("cup", 3), of(null, 1)]);
    assert.deepEqual(["mug", "cup", "tea"].map(known.lastOf), [2, 3, 2]);
  });

  test("is not too low when there are more products than are remembered", () => {
    const known = openKnown(0, 2);
    known.hear([of("a", 1), of("b", 2), of("a", 3), of("c", 4), of("d", 5)]);
    // "b" went first, then "a".
    assert.deepEqual(["a", "b", "c", "d", "e"].map(known.lastOf), [3, 3, 4, 5, 3]);
  });
});
