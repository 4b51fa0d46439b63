// What may be kept of a caller's own object: the numbers that a double keeps, and nothing without end.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { jsonDepthMax, metadataBytesMax } from "../limits.ts";
import { metadataFault } from "./metadata.ts";

function pathIn(text: string): string | null {
  const fault = metadataFault(JSON.parse(text), text);
  return fault === undefined ? null : (fault.message.split(" ")[0] ?? "");
}

const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

describe("a number in metadata", () => {
  const kept = [
    "0",
    "-0",
    "0.0e99999999999",
    "1.10",
    "100e-2",
    "0.1",
    "0.30000000000000004",
    "-123.456e7",
    "1e23",
    "1E+300",
    `1${"0".repeat(300)}`,
    "9007199254740991",
    "9007199254740992",
    "5e-324",
    "1.7976931348623157e308",
  ];
  for (const number of kept) {
    test(`${number.slice(0, 30)} is kept`, () => {
      assert.equal(pathIn(`{"metadata":{"x":${number}}}`), null);
    });
  }

  const lost = [
    "1e309",
    "-1e309",
    "1e-400",
    "9007199254740993",
    "-9007199254740993",
    "123456789012345678901234567890",
    "0.1000000000000000055",
    "1.00000000000000000000001",
    `1${"0".repeat(4_000)}`,
    `1.${"0".repeat(4_000)}1`,
  ];
  for (const number of lost) {
    test(`${number.slice(0, 30)} would become another and is refused by its path`, () => {
      assert.equal(pathIn(`{"metadata":{"x":${number}}}`), "/metadata/x");
    });
  }

  test("is named wherever it stands, under whatever name", () => {
    assert.equal(pathIn('{"metadata":{"a":1,"b/c~":[0,{"":1e999}]}}'), "/metadata/b~1c~0/1/");
    assert.equal(pathIn('{"\\u006detadata":{"x":1e999}}'), "/metadata/x");
    assert.equal(pathIn('{"metadata":1e999}'), "/metadata");
  });

  test("that another of the same name has replaced is nobody's", () => {
    assert.equal(pathIn('{"metadata":{"x":1e999,"x":1}}'), null);
  });

  test("as text is text, and a number elsewhere is not looked at", () => {
    assert.equal(pathIn('{"metadata":{"x":"1e999"},"quantity":1e999}'), null);
  });
});

test("nesting is bounded, whatever the length of the stack", () => {
  assert.equal(pathIn(`{"metadata":${nested(jsonDepthMax)}}`), null);
  for (const levels of [jsonDepthMax + 1, 30_000]) {
    assert.equal(pathIn(`{"metadata":${nested(levels)}}`), "/metadata");
  }
});

test("the size is bounded in bytes, without blanks", () => {
  const sized = (text: string): string => `{"metadata" : {"a" : "${text}"}}`;
  const around = '{"a":""}'.length;
  assert.equal(pathIn(sized("ä".repeat((metadataBytesMax - around) / 2))), null);
  assert.equal(pathIn(sized("ä".repeat((metadataBytesMax - around) / 2 + 1))), "/metadata");
});

test("a body without metadata, or that is no object, has no fault", () => {
  for (const text of ["{}", "[]", "1", "null", '"metadata"', '{"metadata":null}']) {
    assert.equal(pathIn(text), null);
  }
});
