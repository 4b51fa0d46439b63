// What an import has done, on disk before and after each batch: a line `begin` with its orders before they are given, a
// line `done` with what became of them. Whatever breaks off in between, the same orders are given again under the same
// keys, and are done once. Undoing reads what was done from here.

import {
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Kind } from "../../transfer/mapping.ts";
import { type Done, isRefused, type Order, type Refused, type Result } from "./importer.ts";

export interface Head {
  readonly step: "import";
  readonly id: string;
  readonly kind: Kind;
  readonly file: string;
  readonly rows: number;
  readonly at: string;
  readonly url: string;
}

export interface Begin {
  readonly step: "begin";
  readonly at: string;
  /** The last row of the batch. */
  readonly to: number;
  readonly key: string;
  readonly orders: readonly Order[];
  readonly same: number;
  readonly refused: readonly Refused[];
}

export interface DoneBatch {
  readonly step: "done";
  readonly to: number;
  readonly same: number;
  readonly refused: readonly Refused[];
  /** Orders of `begin` by their place, with the version that they led to; others whole. */
  readonly done: readonly ({ readonly at: number; readonly version: number } | Done<Order>)[];
}

export interface End {
  readonly step: "end";
  readonly at: string;
}

export type Entry = Head | Begin | DoneBatch | End;

export interface Journal {
  write(entry: Entry): void;
}

export function journalPath(folder: string, id: string): string {
  return join(folder, `${id}.jsonl`);
}

export function openJournal(folder: string, id: string): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = openSync(journalPath(folder, id), "a+", 0o600);
  // A line that a crash cut off stands alone, and is passed over.
  writeSync(file, "\n");
  return {
    write(entry) {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      fsyncSync(file);
    },
  };
}

/** Nothing where there is none. */
export async function* entriesIn(folder: string, id: string): AsyncGenerator<Entry> {
  const path = journalPath(folder, id);
  if (!existsSync(path)) return;
  const lines = createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) {
    const entry = entryIn(line);
    if (entry !== null) yield entry;
  }
}

function entryIn(line: string): Entry | null {
  if (line === "") return null;
  try {
    return JSON.parse(line) as Entry;
  } catch {
    // Cut off by a crash: what it would have said is asked for again.
    return null;
  }
}

export interface Tally {
  readonly created: number;
  readonly changed: number;
  readonly same: number;
  readonly refused: number;
}

export const nothingDone: Tally = { created: 0, changed: 0, same: 0, refused: 0 };

export interface Progressed {
  readonly head: Head | null;
  /** Everything up to this row is done. */
  readonly to: number;
  /** Begun, and nobody knows what became of it. */
  readonly open: Begin | null;
  readonly isEnded: boolean;
  readonly tally: Tally;
  /** Rows that were refused so far. */
  readonly refused: ReadonlyMap<number, Refused>;
}

export async function progressOf(folder: string, id: string): Promise<Progressed> {
  const refused = new Map<number, Refused>();
  let found: Progressed = {
    head: null,
    to: 0,
    open: null,
    isEnded: false,
    tally: nothingDone,
    refused,
  };
  for await (const entry of entriesIn(folder, id)) {
    if (entry.step === "import") found = { ...found, head: entry };
    else if (entry.step === "begin") found = { ...found, open: entry };
    else if (entry.step === "end") found = { ...found, isEnded: true };
    else {
      for (const one of entry.refused) refused.set(one.row, one);
      const tally = tallied(found.tally, entry, found.open?.orders ?? []);
      found = { ...found, to: entry.to, open: null, tally };
    }
  }
  return found;
}

/** What a batch did, from its two lines. */
export function doneIn(batch: DoneBatch, orders: readonly Order[]): Done<Order>[] {
  return batch.done.flatMap((one) => {
    if ("order" in one) return [one];
    const order = orders[one.at];
    return order === undefined ? [] : [{ row: order.row, order, version: one.version }];
  });
}

/** The line of a batch that was done. */
export function doneBatch(
  { to, same, refused, orders }: Begin,
  results: readonly Result<Order>[],
): DoneBatch {
  const places = new Map(orders.map((order, at) => [order, at]));
  const done = results.flatMap((result) => {
    if (isRefused(result)) return [];
    const at = places.get(result.order);
    return [at === undefined ? result : { at, version: result.version }];
  });
  // Rows of both orders and refusals that were found equal at a second look are as they should be.
  const all = [...refused, ...results.filter(isRefused)];
  return {
    step: "done",
    to,
    same: same + orders.length - results.length,
    refused: all.sort((a, b) => a.row - b.row),
    done,
  };
}

export function tallied(tally: Tally, batch: DoneBatch, orders: readonly Order[]): Tally {
  const done = doneIn(batch, orders);
  const created = done.filter(({ order }) => order.kind === "create").length;
  return {
    created: tally.created + created,
    changed: tally.changed + done.length - created,
    same: tally.same + batch.same,
    refused: tally.refused + batch.refused.length,
  };
}

export async function headsIn(folder: string): Promise<Head[]> {
  const heads: Head[] = [];
  if (!existsSync(folder)) return heads;
  for (const name of readdirSync(folder).sort()) {
    if (!/^[\w-]+\.jsonl$/.test(name)) continue;
    for await (const entry of entriesIn(folder, name.replace(/\.jsonl$/, ""))) {
      if (entry.step === "import") heads.push(entry);
      break;
    }
  }
  return heads;
}
