// How many imports an instance has at once, and how many of one caller, so that nobody's slow files keep others out; and the age of their ids: an id is a UUID of version 7, made by the service,
// so it says when its import began; the keys of its rows are known for so long and no longer.

import { importKnownMs, importsMax, importsPerCallerMax } from "../../limits.ts";
import { busy, invalidField } from "../problem.ts";

export const importIdPattern =
  "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

/** Takes the caller's slot, and answers what to call when its import has ended. */
export type Enter = (caller: string) => () => void;

export function openSlots(max = importsMax, perCaller = importsPerCallerMax): Enter {
  const taken: string[] = [];
  return (caller) => {
    const own = taken.filter((one) => one === caller).length;
    if (own >= perCaller || taken.length >= max) {
      const whose = own >= perCaller ? `${own} imports of yours are` : `${max} imports are`;
      throw busy("overloaded", `${whose} on their way here; send it again later.`, 5);
    }
    taken.push(caller);
    return () => void taken.splice(taken.indexOf(caller), 1);
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
