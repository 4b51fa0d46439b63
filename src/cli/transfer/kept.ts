// Which imports were begun from here: a small file for each, named by what was imported, so that the same file goes on
// where it broke off and is not imported twice. What an import did is known by the service, and undone there.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { now } from "../../lib/clock.ts";
import { importKnownMs } from "../../limits.ts";
import type { Kind } from "../../transfer/mapping.ts";
import type { Written } from "./refusals.ts";

export interface Kept {
  readonly id: string;
  /** As the service calls it. */
  readonly importId: string;
  readonly kind: Kind;
  readonly file: string;
  readonly at: string;
  readonly url: string;
  readonly state: "begun" | "done" | "undoing" | "undone";
  /** Rows up to this one are done. */
  readonly row: number;
  readonly tally: Tally;
  /** The error file as it was then; null: there was none. */
  readonly errors: Written | null;
}

export interface Tally {
  readonly created: number;
  readonly changed: number;
  readonly same: number;
  readonly refused: number;
}

export const nothingDone: Tally = { created: 0, changed: 0, same: 0, refused: 0 };

export function added(one: Tally, other: Partial<Tally>): Tally {
  return {
    created: one.created + (other.created ?? 0),
    changed: one.changed + (other.changed ?? 0),
    same: one.same + (other.same ?? 0),
    refused: one.refused + (other.refused ?? 0),
  };
}

/** It broke off, and the service no longer goes on with it: which of its rows were done is not known any more. */
export function isForgotten({ state, at }: Kept): boolean {
  return state === "begun" && now() - Date.parse(at) >= importKnownMs;
}

/** Whole or not at all, whenever it breaks off. */
export function keep(folder: string, kept: Kept): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${kept.id}.json`);
  writeFileSync(`${path}.part`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

export function keptAs(folder: string, id: string): Kept | null {
  const path = join(folder, `${id}.json`);
  if (!existsSync(path)) return null;
  const kept: Kept = JSON.parse(readFileSync(path, "utf8"));
  // Of versions that did not keep it.
  return { ...kept, errors: kept.errors ?? null };
}

/** In the order in which they were begun. */
export function allKept(folder: string): readonly Kept[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[\w-]+\.json$/.test(name))
    .flatMap((name) => keptAs(folder, name.replace(/\.json$/, "")) ?? [])
    .sort((a, b) => a.at.localeCompare(b.at));
}
