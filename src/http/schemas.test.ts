// The values of requests: what each shape takes and what it refuses, by the validator that the service
// uses. Bodies are taken as they are; what comes as text in an address is read as what it means.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isoTime } from "../lib/clock.ts";
import * as schemas from "./schemas.ts";
import type { TSchema } from "./type.ts";
import { requestValidator } from "./validation.ts";
import { metadataText, priceCents, timeAt } from "./values.ts";

const compile = requestValidator();
const part = (httpPart: "body" | "querystring", value: TSchema) => {
  const schema = schemas.Parts({ value });
  const check = compile({ schema, httpPart, method: "POST", url: "/" });
  return (given: unknown): boolean => check({ value: given }) === true;
};

describe("a body's", () => {
  const long = (length: number): string => "x".repeat(length);
  const table: readonly [name: string, schema: TSchema, takes: unknown[], refuses: unknown[]][] = [
    [
      "Id",
      schemas.Id,
      ["a", "MAD-001", "550e8400-e29b-41d4-a716-446655440000", "0", "a.b_c:d", long(64), "stats"],
      ["", "-a", ".a", "a b", "a/b", "ä", "a\n", long(65), 7, null, "a\u0000"],
    ],
    [
      "NewId",
      schemas.NewId,
      ["prod-123", "stats2", "Stats", "low-stock-1"],
      ["product", "store", "sku", "stats", "query", "transfer", "batch", "summary"].concat([
        "low-stock",
        "stream",
        "replay",
        "",
      ]),
    ],
    ["Sku", schemas.Sku, ["PROD-001", "ä 1", long(64)], ["", " ", long(65), "a\tb", "\ud800"]],
    [
      "Name",
      schemas.Name,
      ["Barcelona Plaza Catalunya", "日本", "😀", long(200)],
      ["", "  ", long(201), "a\nb"],
    ],
    [
      "Description",
      schemas.Description,
      ["", "two\nlines", long(2_000)],
      [long(2_001), "a\u0000", "\udc00"],
    ],
    ["Note", schemas.Note, ["why\nnot"], ["", long(501), "\u001b[31m"]],
    [
      "CustomerId",
      schemas.CustomerId,
      ["auth0|1", "a@b.example", long(128)],
      ["", long(129), "a\r\nb"],
    ],
    ["Price", schemas.Price, [0, 0.01, 899.99, 10_000_000], [-0.01, 10_000_001, "5", null]],
    [
      "Quantity",
      schemas.Quantity,
      [0, 1, 1_000_000_000],
      [-1, 1.5, 1_000_000_001, "1", true, null],
    ],
    ["Units", schemas.Units, [1, 1_000_000_000], [0, -1, 0.5]],
    ["Change", schemas.Change, [1, -1, 1_000_000_000, -1_000_000_000], [0, -0, 0.5, 1_000_000_001]],
    ["ReservationUnits", schemas.ReservationUnits, [1, 100], [0, 101]],
    ["TtlSeconds", schemas.TtlSeconds, [1, 86_400], [0, 86_401]],
    ["ReasonCode", schemas.ReasonCode, ["RESTOCK", "OTHER"], ["restock", "GIFT", "", null]],
    ["ReservationState", schemas.ReservationState, ["PENDING"], ["pending"]],
    ["StoreIds", schemas.StoreIds, [[], ["MAD-001"]], [["MAD-001", "MAD-001"], ["*"], "MAD-001"]],
  ];
  for (const [name, schema, takes, refuses] of table) {
    test(`${name} takes and refuses what it says`, () => {
      const check = part("body", schema);
      for (const value of takes) assert.ok(check(value), `takes ${JSON.stringify(value)}`);
      for (const value of refuses) assert.ok(!check(value), `refuses ${JSON.stringify(value)}`);
    });
  }

  test("Nullable value may also be null, and nothing else more", () => {
    const check = part("body", schemas.Nullable(schemas.Name));
    assert.ok(check(null) && check("x"));
    assert.ok(!check("") && !check(0));
  });
});

describe("a query's", () => {
  test("limit is a whole number as text, within its bounds", () => {
    const check = part("querystring", schemas.Limit);
    for (const value of ["1", "500"]) assert.ok(check(value), value);
    for (const value of ["", "0", "501", "1.5", "ten", " ", "1 2"]) assert.ok(!check(value), value);
  });
});

describe("a value that no schema can describe", () => {
  test("a price is a whole number of cents", () => {
    for (const [price, cents] of [
      [0, 0],
      [0.07, 7],
      [899.99, 89_999],
      [1.1, 110],
      [0.1 + 0.2, 30],
      [9_999_999.99, 999_999_999],
    ] as const) {
      assert.equal(priceCents(price), cents);
    }
    for (const price of [1e-7, 5e-324, 0.001, 1.005, 1.0000001, 899.999]) {
      assert.throws(() => priceCents(price), /\/price/);
    }
  });

  test("every price with two decimals comes back as it went in", () => {
    for (let cents = 0; cents <= 1_000_000; cents += 7)
      assert.equal(priceCents(cents / 100), cents);
  });

  test("a time has a zone, and is a time", () => {
    assert.equal(timeAt("2026-03-01T09:30:00Z", "?from"), Date.UTC(2026, 2, 1, 9, 30));
    assert.equal(
      timeAt("2026-03-01T09:30:00.5+01:00", "?from"),
      Date.UTC(2026, 2, 1, 8, 30, 0, 500),
    );
    assert.equal(timeAt("2026-03-01", "?from"), Date.UTC(2026, 2, 1));
    for (const text of [
      "2026-03-01T09:30:00",
      "2026-02-30T00:00:00Z",
      "yesterday",
      "1772000000",
      "2026-13-01",
      "2026-3-1",
    ]) {
      assert.throws(() => timeAt(text, "?from"), /\?from/, text);
    }
  });

  test("a time is of a year of four digits, whatever its zone", () => {
    const last = "9999-12-31T23:59:59.999Z";
    assert.equal(isoTime(timeAt(last, "?to")), last);
    for (const text of ["9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+00:01"]) {
      assert.throws(() => timeAt(text, "?to"), /\?to/, text);
    }
  });

  test("metadata is kept as it came", () => {
    assert.equal(metadataText({ b: 1, a: [null] }), '{"b":1,"a":[null]}');
    assert.equal(metadataText(undefined), null);
    assert.equal(metadataText(null), null);
  });
});
