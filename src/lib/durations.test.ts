// Our fast histogram says exactly what prom-client's own would say.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Histogram, Registry } from "prom-client";
import { openDurations } from "./durations.ts";

test("the same observations give the same text as prom-client's histogram", async () => {
  const observations = fc.array(
    fc.tuple(
      fc.constantFrom("GET", "POST"),
      fc.constantFrom("200", "409"),
      fc.constantFrom(0, 0.001, 0.0011, 0.05, 1, 1.5, 60),
    ),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(observations, async (all) => {
      const options = {
        name: "seconds",
        help: "x",
        labelNames: ["method", "status"],
        buckets: [0.001, 0.05, 1],
      };
      const [mine, theirs] = [new Registry(), new Registry()];
      const durations = openDurations({ ...options, registers: [mine] });
      const histogram = new Histogram({ ...options, registers: [theirs] });
      for (const [method, status, value] of all) {
        // Whoever asks for a series again has the same one.
        durations.series({ status, method }).observe(value);
        histogram.observe({ method, status }, value);
      }
      const sorted = (text: string): string[] =>
        text
          .split("\n")
          .map((line) =>
            line.replace(
              /\{(.*)\}/,
              (_, labels: string) => `{${labels.split(",").sort().join(",")}}`,
            ),
          );
      assert.deepEqual(sorted(await mine.metrics()), sorted(await theirs.metrics()));
    }),
  );
});
