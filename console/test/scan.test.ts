// What is a scanner's code, and what a person types.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scanReader } from "../src/store-desk/scan.ts";

/** What is read when these keys come with so many ms between them. */
function read(keys: readonly string[], gapMs: number): string | null {
  const reader = scanReader();
  const codes = keys.map((key, index) => reader({ key, at: 10_000 + index * gapMs }));
  return codes.at(-1) ?? null;
}

describe("a code from a scanner", () => {
  test("is read when its keys come quickly and end with Enter", () => {
    assert.equal(read([..."8412345678905", "Enter"], 10), "8412345678905");
    assert.equal(read([..."8412345678905", "Enter"], 45), "8412345678905");
    assert.equal(read(["Shift", "P", "Shift", "R", "-", "1", "Enter"], 20), "PR-1");
  });

  test("with letters may take longer, because letters mean nothing there", () => {
    assert.equal(read([..."PROD-001", "Enter"], 120), "PROD-001");
    assert.equal(read([..."PROD-001", "Enter"], 200), null);
  });

  test("is no number that a person types", () => {
    assert.equal(read([..."1200", "Enter"], 90), null);
    assert.equal(read([..."12", "Enter"], 10), null);
    assert.equal(read(["Enter"], 10), null);
  });

  test("does not begin with what was typed long before", () => {
    const reader = scanReader();
    reader({ key: "7", at: 1_000 });
    for (const [index, key] of [..."A-1"].entries()) reader({ key, at: 3_000 + index * 10 });
    assert.equal(reader({ key: "Enter", at: 3_030 }), "A-1");
  });
});
