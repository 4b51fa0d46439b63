// Rows that come twice are found, among more than the first table holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openSeen } from "./seen.ts";

test("what was added is found with its first row, and nothing else is", () => {
  const seen = openSeen();
  for (let row = 1; row <= 20_000; row += 1) assert.equal(seen.add(`sku-${row}`, row), null);
  for (const row of [1, 777, 20_000]) assert.equal(seen.add(`sku-${row}`, 30_000), row);
  assert.equal(seen.add("sku-0", 5), null);
});
