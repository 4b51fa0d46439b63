// What an operator is told of a trouble that comes again each second.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { saidOnce } from "./said-once.ts";

function openSaid() {
  const told: string[] = [];
  const say = saidOnce<"warn" | "error">((level, words) => told.push(`${level} ${words}`));
  return { told, say };
}

describe("what is said once", () => {
  test("is told the first time, and each other thing too", () => {
    const { told, say } = openSaid();
    for (let second = 0; second < 3; second += 1) {
      say("warn", "it is away");
      say("error", "it is full");
    }
    assert.deepEqual(told, ["warn it is away", "error it is full"]);
  });

  test("is no news when only its numbers differ", () => {
    const { told, say } = openSaid();
    for (let seq = 1; seq <= 100; seq += 1) say("error", `it belongs to another, at seq ${seq}`);
    assert.deepEqual(told, ["error it belongs to another, at seq 1"]);
  });

  test("is news again after good news", () => {
    const { told, say } = openSaid();
    for (let time = 0; time < 2; time += 1) {
      say("warn", "it is away");
      say("info", "it is back");
    }
    assert.deepEqual(told, [
      "warn it is away",
      "info it is back",
      "warn it is away",
      "info it is back",
    ]);
  });
});
