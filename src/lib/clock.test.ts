import assert from "node:assert/strict";
import { test } from "node:test";
import { isoTime } from "./clock.ts";

test("writes each time as it is, whichever were written before it", () => {
  const times = Array.from(
    { length: 1_000 },
    (_, n) => 1_700_000_000_000 + ((n * 7) % 300) * 61_001,
  );
  for (const at of times) assert.equal(isoTime(at), new Date(at).toISOString());
});
