import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { webhookRetryAfterMsMax } from "../limits.ts";
import { waitOf } from "./webhook-send.ts";

describe("Retry-After", () => {
  const now = Date.parse("2026-01-05T10:00:00Z");

  test("is seconds or a date", () => {
    assert.equal(waitOf("120", now), 120_000);
    assert.equal(waitOf("Mon, 05 Jan 2026 10:00:30 GMT", now), 30_000);
  });

  test("counts for nothing where it is absent, over, or no time at all", () => {
    for (const said of [
      undefined,
      "",
      "0",
      "-5",
      "soon",
      "1e9x",
      "Mon, 05 Jan 2026 09:59:00 GMT",
    ]) {
      assert.equal(waitOf(said, now), 0, String(said));
    }
  });

  test("is followed no further than the longest wait", () => {
    for (const said of ["86401", "9".repeat(400), "Tue, 05 Jan 2094 10:00:00 GMT"]) {
      assert.equal(waitOf(said, now), webhookRetryAfterMsMax, said);
    }
  });
});
