// Prices as people write them, in both languages, to the cent.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { priceIn, priceText } from "../src/price.ts";

describe("a price that is written", () => {
  for (const [text, en, es] of [
    ["0", 0, 0],
    ["12", 12, 12],
    ["1,234.50", 1234.5, null],
    ["1.234,50", null, 1234.5],
    ["1,234", 1234, null],
    ["1.234", null, 1234],
    // The other language's sign before one or two digits can only mean decimals.
    ["12.5", 12.5, 12.5],
    ["12,05", 12.05, 12.05],
    [" 1234.50 € ", 1234.5, 1234.5],
    ["10000000", 10_000_000, 10_000_000],
    ["10000000.01", null, null],
    ["12,345,67", null, null],
    ["1.2.3", null, null],
    ["0.001", null, null],
    ["-1", null, null],
    ["1e3", null, null],
    ["", null, null],
  ] as const) {
    test(`"${text}" is ${en} in English, ${es} in Spanish`, () => {
      assert.equal(priceIn(text, "en"), en);
      assert.equal(priceIn(text, "es"), es);
    });
  }

  test("is what its own text says, for every cent of a sample", () => {
    for (let cents = 0; cents < 1_000_000_000; cents += 7_654_321) {
      const price = cents / 100;
      for (const language of ["en", "es"] as const) {
        assert.equal(priceIn(priceText(price, language), language), price);
      }
    }
  });
});
