// Cursors: what we wrote is read again, and nothing else is.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { cursorKind } from "./cursor.ts";
import { ProblemError } from "./problem.ts";
import { idPattern } from "./schemas.ts";

const rows = cursorKind("rows", ["id", "number"]);
const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString("base64url");

function isRefused(text: string): void {
  assert.throws(
    () => rows.read(text),
    (error) => error instanceof ProblemError && error.code === "invalid_cursor",
    text,
  );
}

describe("a cursor", () => {
  test("leads back to the place it was made at", () => {
    const key = fc.tuple(fc.stringMatching(new RegExp(idPattern)), fc.maxSafeInteger());
    fc.assert(
      fc.property(key, ([text, number]) => {
        assert.deepEqual(rows.read(rows.write([text, number]) ?? ""), [text, number]);
      }),
    );
  });

  test("none is the beginning, and the end has none", () => {
    assert.equal(rows.read(undefined), null);
    assert.equal(rows.write(null), null);
  });

  for (const [title, text] of [
    ["that is empty", ""],
    ["of another list", encoded(["other", "a", 1])],
    ["with a part too few", encoded(["rows", "a"])],
    ["with a part too many", encoded(["rows", "a", 1, 2])],
    ["with the types exchanged", encoded(["rows", 1, "a"])],
    ["with a fraction", encoded(["rows", "a", 1.5])],
    ["with a number beyond all counting", encoded(["rows", "a", 2 ** 53])],
    ["with null", encoded(["rows", "a", null])],
    ["with an object", encoded(["rows", "a", {}])],
    ["with a list", encoded(["rows", ["a"], 1])],
    ["with a text longer than any key", encoded(["rows", "a".repeat(65), 1])],
    ["with a text that no database keeps", encoded(["rows", "a\u0000", 1])],
    ["with half a character", encoded(["rows", "a\ud800", 1])],
    ["with a text that is no id", encoded(["rows", "two words", 1])],
    ["with an empty text", encoded(["rows", "", 1])],
    ["that is an object", encoded({ 0: "rows", 1: "a", 2: 1, length: 3 })],
    ["with spaces in its JSON", Buffer.from('["rows", "a", 1]').toString("base64url")],
    ["in ordinary base64", Buffer.from(JSON.stringify(["rows", "a", 1])).toString("base64")],
    ["with something after its end", `${rows.write(["a", 1]) ?? ""}=`],
    ["that is no JSON", Buffer.from("rows").toString("base64url")],
    ["that is no base64", "%%%"],
  ] as const) {
    test(`${title} is refused`, () => isRefused(text));
  }

  test("that is any other text is refused", () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), isRefused));
  });
});
