// Worlds that once broke a promise, kept as the plans that they were made short to, one file each in corpus/. A plan
// stays what it is, whatever planOf draws of a seed later; only what a world draws while it runs is its seed's.

import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Plan } from "./plan.ts";

export interface Kept {
  /** What it found. */
  readonly found: string;
  /** The planted fault that it finds, where what it found once was planted again; else null. */
  readonly fault: string | null;
  readonly plan: Plan;
}

const root = join(import.meta.dirname, "..");
const folder = join(import.meta.dirname, "corpus");

/** What a plan has that is older than these: nothing of them goes wrong in it. */
const older: Pick<Plan, "fateMs" | "unknownFates"> = { fateMs: 15_000, unknownFates: 0 };

/** The files, by their paths from the root of the repository. */
export function keptPaths(): string[] {
  return globSync(join(folder, "*.json"))
    .map((path) => relative(root, path))
    .sort();
}

export function readKept(path: string): Kept {
  const kept: Kept = JSON.parse(readFileSync(resolve(root, path), "utf8"));
  return { ...kept, plan: { ...older, ...kept.plan } };
}

/** Answers where it is. */
export function keep(kept: Kept, where: string = folder): string {
  const path = join(where, `seed-${kept.plan.seed}.json`);
  mkdirSync(where, { recursive: true });
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
  return relative(root, path);
}
