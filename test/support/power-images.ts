// Cuts the power at many moments of a recording, and looks at what each cut left.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../src/lib/assert.ts";
import { problemsOf } from "./power-check.ts";
import { openDisk } from "./power-disk.ts";
import type { Recording } from "./power-run.ts";
import type { Op } from "./power-trace.ts";

export interface CutOptions {
  readonly images: number;
  readonly random: () => number;
  /** Of a disk that lies: which flushes it does. Without it: all. */
  readonly flushes?: (op: Extract<Op, { kind: "flush" }>, place: number) => boolean;
  /** Enough is known when one image has problems. */
  readonly untilFirst?: boolean;
}

export interface Cut {
  readonly images: number;
  /** Requests that had been answered, summed over the images. */
  readonly promises: number;
  /** One entry for each image with problems: where the cut was, and the first of them. */
  readonly broken: readonly string[];
}

export function cutPower(recording: Recording, options: CutOptions): Cut {
  const { root, ops, kinds } = recording;
  const { images, random, flushes = () => true, untilFirst = false } = options;
  // Images are made and thrown away: in memory, where there is a place for that.
  const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "onhand-cut-"));
  const disk = openDisk(root);
  const answered = new Map<string, number>();
  const broken: string[] = [];
  let [taken, made, promises] = [0, 0, 0];
  try {
    for (const moment of moments(recording, images, random)) {
      for (; taken < moment; taken += 1) {
        const op = must(ops[taken], "it is in the recording");
        // A flush that is not done covers nothing.
        disk.take(op.kind === "flush" && !flushes(op, taken) ? { ...op, covers: 0 } : op);
        if (isPromise(op)) answered.set(op.requestId, op.status);
      }
      const image = disk.afterCut(random);
      made += 1;
      promises += answered.size;
      const problems = problemsOf(image, root, scratch, { answered, kinds }, random);
      if (problems.length > 0) {
        const words = `${problems.length} problems, the first: ${problems[0]}`;
        broken.push(`after call ${moment} of ${ops.length}: ${words}`);
        if (untilFirst) break;
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { images: made, promises, broken };
}

/**
 * An answer to a request of the clients, whose ids are their idempotency keys; others are the tests' own looks. That
 * the service was too busy promises nothing.
 */
function isPromise(op: Op): op is Extract<Op, { kind: "answer" }> {
  return op.kind === "answer" && /^(?:p\d+-\d+|setup-.*)$/.test(op.requestId) && op.status < 500;
}

/**
 * In order: a quarter anywhere, a quarter just before a flush has ended, a quarter just after an answer, and a quarter
 * just after the first answer of a process, which may tell of what it found at its start.
 */
function moments({ ops, starts }: Recording, images: number, random: () => number): number[] {
  const placesOf = (kind: Op["kind"]): number[] =>
    ops.flatMap((op, place) => (op.kind === kind ? [place] : []));
  const answers = placesOf("answer");
  const first = starts.flatMap((start) => answers.find((place) => place >= start) ?? []);
  const after = (place: number): number => place + 1;
  const kinds = [
    ops.map((_, place) => place + 1),
    placesOf("flush"),
    answers.map(after),
    first.map(after),
  ];
  const pick = (places: readonly number[]): number =>
    must(places[Math.floor(random() * places.length)], "the recording has some");
  return Array.from({ length: images }, (_, n) =>
    pick(must(kinds[n % kinds.length], "one of them")),
  ).sort((a, b) => a - b);
}
