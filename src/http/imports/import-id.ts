// What an import is known by: a UUID of version 7, made by the service, so it says when its import began. The keys of
// its rows are known for so long and no longer; its events have it in their request, by which undoing it finds them.

import { importKnownMs } from "../../limits.ts";
import { invalidField } from "../problem.ts";

export const importIdPattern =
  "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

/** The clocks of instances may differ by so much, ms. */
const clockSkewMs = 600_000;

function timeOf(importId: string): number {
  return Number.parseInt(importId.replaceAll("-", "").slice(0, 12), 16);
}

/** When it can have begun at the earliest, UTC ms by any instance's clock. */
export function earliestOf(importId: string): number {
  return timeOf(importId) - clockSkewMs;
}

export function mustBeKnown(importId: string, now: number): void {
  const age = now - timeOf(importId);
  if (age <= importKnownMs && age >= -clockSkewMs) return;
  throw invalidField(
    "?import_id",
    "must be one that a preview gave in the last 23 hours: of older ones it is not known which rows were done",
  );
}

/** What events of an import have as their request, by which undoing it finds them, and those of its undoing. */
export function requestIdOf(
  what: "import" | "undo",
  importId: string,
  number: number | "",
): string {
  return `${what}-${importId}-${number}`;
}
