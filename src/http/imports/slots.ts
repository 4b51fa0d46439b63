// How many imports an instance has at once, and the age of their ids: an id is a UUID of version 7, made by the service,
// so it says when its import began; the keys of its rows are known for so long and no longer.

import { importKnownMs, importsMax } from "../../limits.ts";
import { busy, invalidField } from "../problem.ts";

export const importIdPattern =
  "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

/** Answers what to call when it has ended. */
export function openSlots(max = importsMax): () => () => void {
  let taken = 0;
  return () => {
    if (taken >= max) {
      throw busy("overloaded", `${max} imports are on their way here; send it again later.`, 5);
    }
    taken += 1;
    return () => {
      taken -= 1;
    };
  };
}

export function timeOf(importId: string): number {
  return Number.parseInt(importId.replaceAll("-", "").slice(0, 12), 16);
}

/** The clocks of instances may differ by so much, ms. */
export const clockSkewMs = 600_000;

export function mustBeKnown(importId: string, now: number): void {
  const age = now - timeOf(importId);
  if (age <= importKnownMs && age >= -clockSkewMs) return;
  throw invalidField(
    "?import_id",
    "must be one that a preview gave in the last 23 hours: of older ones it is not known which rows were done",
  );
}
