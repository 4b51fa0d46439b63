// What waits for the relay: always one run of events, and never more than so many.

import assert from "node:assert/strict";
import { test } from "node:test";
import { logEvents } from "../../test/support/log-events.ts";
import { openFed } from "./fed.ts";

const seqs = (events: readonly { seq: number }[] | null): number[] | null =>
  events?.map(({ seq }) => seq) ?? null;

test("what continues at the place comes from here, a few at a time", () => {
  const fed = openFed(100);
  fed.add(logEvents(5, 7));
  fed.add(logEvents(8, 8));
  assert.deepEqual(seqs(fed.after(4, 3)), [5, 6, 7]);
  assert.deepEqual(seqs(fed.after(7, 3)), [8]);
  assert.equal(fed.after(8, 3), null);
});

test("what does not continue at the place is not here, on either side", () => {
  const fed = openFed(100);
  assert.equal(fed.after(0, 3), null);
  fed.add(logEvents(5, 7));
  assert.equal(fed.after(3, 3), null);
  assert.equal(fed.after(9, 3), null);
  assert.deepEqual(seqs(fed.after(5, 3)), [6, 7], "and nothing was forgotten");
  assert.equal(fed.after(4, 3), null, "what was passed is");
});

test("a gap begins a new run", () => {
  const fed = openFed(100);
  fed.add(logEvents(1, 3));
  fed.add(logEvents(6, 7));
  assert.equal(fed.after(0, 9), null);
  assert.deepEqual(seqs(fed.after(5, 9)), [6, 7]);
});

test("more than it holds is dropped, and what comes then is held again", () => {
  const fed = openFed(5);
  fed.add(logEvents(1, 5));
  fed.add(logEvents(6, 6));
  assert.equal(fed.after(0, 9), null);
  fed.add(logEvents(7, 8));
  assert.deepEqual(seqs(fed.after(6, 9)), [7, 8]);
});

test("nothing is left when it was cleared", () => {
  const fed = openFed(5);
  fed.add(logEvents(1, 5));
  fed.clear();
  assert.equal(fed.after(0, 9), null);
});

test("as many as it holds are held, and one more is too many, also where they come bit by bit", () => {
  const fed = openFed(5);
  fed.add(logEvents(1, 2));
  fed.add(logEvents(3, 5));
  assert.deepEqual(seqs(fed.after(0, 9)), [1, 2, 3, 4, 5]);
  fed.add(logEvents(6, 6));
  for (const seq of [0, 4, 5]) assert.equal(fed.after(seq, 9), null);
});

test("a commit without events is nothing", () => {
  const fed = openFed(5);
  fed.add([]);
  assert.equal(fed.after(0, 9), null);
});
