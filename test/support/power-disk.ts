// A disk that has been told what a trace tells, and what a power cut could leave of it.
//
// What is certain: the content of a file as far as it was flushed, and the names in a folder as far as the
// folder was. Of everything since, anything may be there or not: each write, or each 512 bytes of it, in
// any order (that the older of two writes is there and the newer is not, is the same as the other order);
// each change of a size; each new, removed or changed name. That is more than real disks and file systems
// do, and what SQLite says it lives with (sqlite.org/atomiccommit.html, psow.html).

import { dirname } from "node:path";
import { must } from "../../src/lib/assert.ts";
import type { Op } from "./power-trace.ts";

type Change = Extract<Op, { kind: "write" | "resize" }> & { readonly place: number };

/** One file by whatever names it has had. */
interface Content {
  flushed: Buffer;
  since: Change[];
}

/** null: the name is not there. */
type Entry = Content | "folder" | null;

interface Name {
  flushed: Entry;
  since: { readonly entry: Entry; readonly place: number }[];
}

/** Files by their names; null: a folder. */
export type Image = ReadonlyMap<string, Buffer | null>;

export interface Disk {
  /** The next of the list. */
  take(op: Op): void;
  /** As it was while the machine had power. */
  whole(): Image;
  /** As the cut of power left it, by chance. */
  afterCut(random: () => number): Image;
}

/** How much of what was not flushed is left, from the tidiest to the worst. */
const chances = {
  nothing: () => () => false,
  everything: () => () => true,
  half: (random: () => number) => () => random() < 0.5,
  most: (random: () => number) => () => random() < 0.95,
  few: (random: () => number) => () => random() < 0.1,
} as const;

type Chance = () => boolean;

const sectorBytes = 512;

/** Of an empty folder, `root`, which is there for certain. */
export function openDisk(root: string): Disk {
  const names = new Map<string, Name>();
  let place = 0;

  const entryOf = (path: string): Entry => {
    const name = names.get(path);
    return name === undefined ? null : latest(name);
  };
  const enter = (path: string, entry: Entry): void => {
    let name = names.get(path);
    if (name === undefined) {
      name = { flushed: null, since: [] };
      names.set(path, name);
    }
    name.since.push({ entry, place });
  };
  const change = (op: Extract<Op, { kind: "write" | "resize" }>): void => {
    const content = entryOf(op.path);
    if (content === null || content === "folder") throw new Error(`${op.path} was never made`);
    content.since.push({ ...op, place });
  };

  function flush(path: string, covers: number): void {
    const isCovered = (one: { readonly place: number }): boolean => one.place < covers;
    const content = path === root ? "folder" : entryOf(path);
    if (content === "folder") {
      for (const [child, name] of names) {
        if (dirname(child) !== path) continue;
        name.flushed = latest({ ...name, since: name.since.filter(isCovered) });
        name.since = name.since.filter((one) => !isCovered(one));
      }
    } else if (content !== null) {
      content.flushed = applied(
        content.flushed,
        content.since.filter(isCovered),
        chances.everything(),
      );
      content.since = content.since.filter((one) => !isCovered(one));
    }
  }

  /** What is there of all names, where each one and each file is decided on by itself. */
  function image(decide: (name: Name) => Entry, read: (content: Content) => Buffer): Image {
    const found = new Map<string, Buffer | null>();
    const paths = [...names.keys()].toSorted();
    for (const path of paths) {
      const entry = decide(must(names.get(path), "it is one of them"));
      const parent = dirname(path);
      if (entry === null || (parent !== root && !found.has(parent))) continue;
      found.set(path, entry === "folder" ? null : read(entry));
    }
    return found;
  }

  return {
    take(op) {
      switch (op.kind) {
        case "make":
          if (entryOf(op.path) === null) {
            enter(op.path, op.isFolder ? "folder" : { flushed: Buffer.alloc(0), since: [] });
          }
          break;
        case "remove":
          enter(op.path, null);
          break;
        case "rename":
          enter(op.to, entryOf(op.path));
          enter(op.path, null);
          break;
        case "write":
        case "resize":
          change(op);
          break;
        case "flush":
          flush(op.path, op.covers);
          break;
        case "answer":
          break;
      }
      place += 1;
    },
    whole: () =>
      image(latest, ({ flushed, since }) => applied(flushed, since, chances.everything())),
    afterCut(random) {
      // By what they were done with: a file that gets another name is not without one in between.
      const kept = new Map<number, boolean>();
      const isThere = chanceBy(random);
      const isKept = (one: { readonly place: number }): boolean =>
        kept.getOrInsertComputed(one.place, isThere);
      return image(
        ({ flushed, since }) => latest({ flushed, since: since.filter(isKept) }),
        ({ flushed, since }) => left(flushed, since, random),
      );
    },
  };
}

function chanceBy(random: () => number): Chance {
  const kinds = Object.values(chances);
  return must(kinds[Math.floor(random() * kinds.length)], "one of them")(random);
}

/** What the name stands for now. */
function latest({ flushed, since }: Name): Entry {
  const last = since.at(-1);
  return last === undefined ? flushed : last.entry;
}

/** One file after the cut: all before some point and part of the rest, or some of all. */
function left(flushed: Buffer, since: readonly Change[], random: () => number): Buffer {
  const cut = random() < 0.5 ? Math.floor(random() * (since.length + 1)) : 0;
  const before = applied(flushed, since.slice(0, cut), chances.everything());
  return applied(before, since.slice(cut), chanceBy(random), random() < 0.5);
}

function applied(
  flushed: Buffer,
  changes: readonly Change[],
  isThere: Chance,
  isTorn = false,
): Buffer {
  // Changes go on from a copy: what is flushed is shared by all images.
  let size = flushed.length;
  const room = changes.reduce((most, op) => Math.max(most, endOf(op)), size);
  const bytes = Buffer.alloc(room);
  flushed.copy(bytes);
  for (const op of changes) {
    if (op.kind === "resize") {
      if (!isThere()) continue;
      if (op.size < size) bytes.fill(0, op.size, size);
      size = op.size;
      continue;
    }
    for (const [from, to] of isTorn ? sectorsOf(op) : [[op.at, endOf(op)] as const]) {
      if (!isThere()) continue;
      op.data.copy(bytes, from, from - op.at, to - op.at);
      size = Math.max(size, to);
    }
  }
  return bytes.subarray(0, size);
}

function endOf(op: Change): number {
  return op.kind === "resize" ? op.size : op.at + op.data.length;
}

/** The pieces of a write that a disk stores one by one. */
function sectorsOf({ at, data }: { readonly at: number; readonly data: Buffer }) {
  const pieces: (readonly [number, number])[] = [];
  const end = at + data.length;
  for (let from = at; from < end; ) {
    const to = Math.min(end, from - (from % sectorBytes) + sectorBytes);
    pieces.push([from, to]);
    from = to;
  }
  return pieces;
}
