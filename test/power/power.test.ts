// The power is cut. A run of the service under load is recorded call by call; from it come disks as a cut at any
// moment could have left them: what had been flushed, and of the rest anything (support/power-disk.ts says what
// that is). The service opens each of them, and everything that it had answered by then is there, once.
//
// A disk that does not flush what it is told to shows that this can fail. `npm run test:long` builds more disks.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { before, describe, test } from "node:test";
import { must } from "../../src/lib/assert.ts";
import { noStrace } from "../support/crash-under.ts";
import { randomFrom } from "../support/ledger.ts";
import { type CutOptions, cutPower } from "../support/power-images.ts";
import { type Recording, record } from "../support/power-run.ts";

const images = Number(process.env["POWER_IMAGES"] ?? 90);
const seed = Number(process.env["POWER_SEED"] ?? randomInt(2 ** 31));
/** Of each part of the recorded life. */
const requests = 40;

describe("a power cut", { skip: noStrace, timeout: 120_000 + images * 300 }, () => {
  let recording: Recording;
  before(async () => {
    recording = await record(requests, randomFrom(seed));
  });

  test("at any moment loses nothing that was answered and breaks no invariant", (t) => {
    const startedAt = performance.now();
    const cut = cutPower(recording, { images, random: randomFrom(seed) });
    const ms = Math.round(performance.now() - startedAt);
    const { ops } = recording;
    const flushes = ops.filter(({ kind }) => kind === "flush").length;
    t.diagnostic(`POWER_SEED=${seed}: ${ops.length} calls, ${flushes} of them flushes`);
    t.diagnostic(`${cut.images} disks, ${cut.promises} answers looked for in them, ${ms} ms`);
    assert.deepEqual(cut.broken, []);
    assert.ok(cut.promises > images, "there was something to lose");
  });

  for (const [what, flushes] of [
    ["nothing, as with synchronous=OFF", () => false],
    ["no log of commits", ({ path }) => !path.endsWith("-wal")],
    ["no database, though its log is begun anew", ({ path }) => !path.endsWith(".db")],
    ["no names of files", ({ path }) => !path.endsWith("/data")],
    ["no name of the data folder", ({ path }) => path !== recording.root],
    ["nothing of what a start finds", (_, place) => !isOfThirdStart(recording, place)],
  ] satisfies [string, CutOptions["flushes"]][]) {
    test(`on a disk that flushes ${what}, is seen to lose something`, (t) => {
      const firstAnswer = recording.ops.findIndex(({ kind }) => kind === "answer");
      const cut = cutPower(recording, {
        images: 400,
        random: randomFrom(seed),
        // What was made before the first promise is no promise.
        flushes: (op, place) =>
          (place < firstAnswer && op.path.endsWith(".db")) || flushes(op, place),
        untilFirst: true,
      });
      t.diagnostic(`disk ${cut.images}, ${cut.broken[0]}`);
      assert.equal(cut.broken.length, 1, `${cut.images} such disks had all that was answered`);
    });
  }
});

/** Before its first answer: it comes after a crash that left a commit in the log without a flush. */
function isOfThirdStart({ ops, starts }: Recording, place: number): boolean {
  const start = must(starts[2], "it is recorded");
  return place >= start && ops.slice(start, place).every(({ kind }) => kind !== "answer");
}
