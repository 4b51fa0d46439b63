// What doctor makes of what it sees, where that cannot be brought about by a test: clocks, disks, lag.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Health } from "../../../sdk/src/client.ts";
import { codeOf } from "../doctor.ts";
import { diskLevel } from "./local.ts";
import { lagFinding, skewFinding } from "./outside.ts";

test("the exit code is that of the worst finding", () => {
  assert.equal(codeOf([{ level: "ok" }]), 0);
  assert.equal(codeOf([{ level: "ok" }, { level: "warning" }]), 3);
  assert.equal(codeOf([{ level: "error" }, { level: "warning" }]), 1);
});

test("a disk is low below a gigabyte and full below a hundred megabytes", () => {
  assert.equal(diskLevel(2 ** 31).level, "ok");
  assert.equal(diskLevel(2 ** 29).level, "warning");
  assert.equal(diskLevel(2 ** 26).level, "error");
});

test("a clock is skewed by more than the journey explains, either way", () => {
  assert.equal(skewFinding(4_000, 10).level, "ok");
  assert.equal(skewFinding(6_000, 3_000).level, "ok");
  assert.equal(skewFinding(9_000, 10).level, "warning");
  assert.equal(skewFinding(-9_000, 10).level, "warning");
});

test("publishing is behind from a thousand events on, and unknown before Redis was reached", () => {
  const health = { redis: "connected", event_lag: 3 } as Health;
  assert.equal(lagFinding(health)?.level, "ok");
  assert.equal(lagFinding({ ...health, event_lag: 5_000 })?.level, "warning");
  assert.equal(lagFinding({ ...health, event_lag: null })?.level, "warning");
  assert.equal(lagFinding({ ...health, redis: "disabled", event_lag: null }), null);
});
