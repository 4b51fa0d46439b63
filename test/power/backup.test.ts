// The power is cut while a backup is written, or put back. Both are recorded call by call, as the service is
// (power.test.ts): whatever a cut leaves, a file that has its name is whole, and what was said to be done is there.
//
// Disks that do not flush what they are told to show that this can fail.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { openStore } from "../../src/store/sqlite/store.ts";
import { changeStock, createProduct, createStore } from "../support/commands.ts";
import { newRealFolder, noStrace, runWatched, strace } from "../support/crash-under.ts";
import { randomFrom } from "../support/ledger.ts";
import { openDisk } from "../support/power-disk.ts";
import { bytesShown, calls, type Op, readTrace } from "../support/power-trace.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const cutsPerCall = 3;
const cutsAtTheEnd = 100;

/** A command that writes one file, and nothing else, to an empty folder. */
interface Recording {
  readonly root: string;
  readonly path: string;
  readonly ops: readonly Op[];
}

async function record(
  from: string,
  name: string,
  args: (path: string) => string[],
): Promise<Recording> {
  const root = newRealFolder();
  const path = join(root, name);
  const file = join(newRealFolder(), "strace");
  const shown = ["-ttt", "-y", "-xx", "-s", String(bytesShown)];
  runWatched(strace(...shown, "-e", `trace=${calls}`, "-o", file), from, args(path));
  const ops: Op[] = [];
  await readTrace(file, root, ops);
  return { root, path, ops };
}

type Flushes = (op: Extract<Op, { kind: "flush" }>) => boolean;

/** The first cut after which the file is not as it has to be; null: there was none. */
function broken({ root, path, ops }: Recording, flushes: Flushes = () => true): string | null {
  const whole = readFileSync(path);
  const disk = openDisk(root);
  const random = randomFrom(ops.length);
  const isWhole = (): boolean => disk.afterCut(random).get(path)?.equals(whole) ?? false;
  for (const [place, op] of ops.entries()) {
    disk.take(op.kind === "flush" && !flushes(op) ? { ...op, covers: 0 } : op);
    for (let cut = 0; cut < cutsPerCall; cut += 1) {
      const there = disk.afterCut(random).get(path);
      if (there === undefined || there?.equals(whole)) continue;
      return `after call ${place} it has its name and is not whole`;
    }
  }
  assert.ok(disk.whole().get(path)?.equals(whole), "the recording is complete");
  for (let cut = 0; cut < cutsAtTheEnd; cut += 1) {
    if (!isWhole()) return "it is said to be there, and is not";
  }
  return null;
}

describe("a power cut", { skip: noStrace, timeout: 120_000 }, () => {
  const recordings = new Map<string, Recording>();
  before(async () => {
    const from = newRealFolder();
    mkdirSync(join(from, "data"));
    const store = await openStore(join(from, "data", "inventory.db"), { limits });
    await store.commit([createStore("MAD"), createProduct("mug"), changeStock({ amount: 5 })]);
    await store.close();
    const backup = await record(from, "copy.db", (path) => ["backup", "--to", path]);
    const restore = await record(from, "back.db", (path) => [
      ...["restore", "--from", backup.path, "--to", `sqlite:${path}`],
    ]);
    recordings.set("a backup", backup).set("a restore", restore);
  });

  for (const what of ["a backup", "a restore"]) {
    const recording = (): Recording => {
      const found = recordings.get(what);
      assert.ok(found !== undefined);
      return found;
    };

    test(`leaves of ${what} all of the file or none of it, and all when it is done`, () => {
      assert.equal(broken(recording()), null);
    });

    test(`of ${what} on a disk that flushes no file is seen to leave a part`, () => {
      const { root } = recording();
      assert.match(broken(recording(), ({ path }) => path === root) ?? "", /is not whole/);
    });

    test(`of ${what} on a disk that flushes no names is seen to leave nothing`, () => {
      const { root } = recording();
      assert.match(broken(recording(), ({ path }) => path !== root) ?? "", /is said to be there/);
    });
  }
});
