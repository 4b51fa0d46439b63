// Which imports were begun in this browser, by what was imported: so that the same file goes on where it broke off, and is
// not booked twice, also when the page was left in between. No secret and nothing of the file is in it. What an import
// did is known by the service, and undone there.

import type { ImportLine } from "@onhand/client";
import { serviceNow } from "../service-time.ts";

export interface Tally {
  readonly rows: number;
  /** Rows up to this one are done. */
  readonly row: number;
  readonly created: number;
  readonly changed: number;
  readonly same: number;
  readonly refused: number;
}

export const nothingDone: Tally = { rows: 0, row: 0, created: 0, changed: 0, same: 0, refused: 0 };

/** `before`: what was done before it broke off, of which the service does not tell again. */
export function added(before: Tally, line: ImportLine): Tally {
  return {
    rows: line.rows ?? before.rows,
    row: line.row ?? before.row,
    created: before.created + (line.created ?? 0),
    changed: before.changed + (line.changed ?? 0),
    same: before.same + (line.same ?? 0),
    refused: before.refused + (line.refused ?? 0),
  };
}

export interface Kept {
  readonly importId: string;
  /** When it was begun. */
  readonly at: string;
  /** Who began it. */
  readonly by: string;
  readonly state: "begun" | "done" | "undoing";
  readonly tally: Tally;
  readonly total: number;
}

/** For so long the service goes on with an import; of older ones it does not know which rows were done. */
const goesOnMs = 23 * 3_600_000;

export function isForgotten({ state, at }: Kept): boolean {
  return state === "begun" && serviceNow() - Date.parse(at) >= goesOnMs;
}

const prefix = "onhand-import-";
const keptMax = 200;

export function keptAs(name: string): Kept | null {
  const text = localStorage.getItem(prefix + name);
  return text === null ? null : (JSON.parse(text) as Kept);
}

export function keep(name: string, kept: Kept): void {
  localStorage.setItem(prefix + name, JSON.stringify(kept));
}

export function forget(name: string): void {
  localStorage.removeItem(prefix + name);
}

/** The oldest that are done make room. */
export function makeRoom(): void {
  const done = Object.keys(localStorage)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => {
      const kept = keptAs(name.slice(prefix.length));
      return kept?.state === "done" ? [{ name, at: kept.at }] : [];
    })
    .toSorted((a, b) => a.at.localeCompare(b.at));
  for (const { name } of done.slice(0, Math.max(0, done.length - keptMax))) {
    localStorage.removeItem(name);
  }
}
