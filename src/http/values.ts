// What a schema cannot say about a value of a request: prices in whole cents, points in time, free
// JSON that is small and flat enough. Each reads one value and refuses it by the name of its field.

import { jsonDepthMax, metadataBytesMax } from "../limits.ts";
import { centsOf } from "./money.ts";
import { invalidField } from "./problem.ts";

export function priceCents(price: number, path = "/price"): number {
  const cents = centsOf(price);
  if (cents === null) throw invalidField(path, "must have at most two decimals");
  return cents;
}

const isoPattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** UTC milliseconds. A date alone is its first instant in UTC; a time needs a zone. */
export function timeAt(text: string, path: string): number {
  const at = isoPattern.test(text) && isDay(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw invalidField(
      path,
      "must be a time in ISO 8601 with a zone, such as 2026-03-01T09:30:00Z",
    );
  }
  return at;
}

/** Whether the month has that day: `Date.parse` would take 30 February for 2 March. */
function isDay(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return (
    new Date(Date.parse(text.slice(0, 8).concat("01")) + (day - 1) * 86_400_000).getUTCDate() ===
    day
  );
}

/** The caller's own object as the text that is kept. */
export function metadataText(
  metadata: Readonly<Record<string, unknown>> | null | undefined,
  path = "/metadata",
): string | null {
  if (metadata === null || metadata === undefined) return null;
  if (depthOf(metadata) > jsonDepthMax) {
    throw invalidField(path, `must not be nested deeper than ${jsonDepthMax}`);
  }
  const text = JSON.stringify(metadata);
  if (Buffer.byteLength(text) > metadataBytesMax) {
    throw invalidField(path, `must be at most ${metadataBytesMax} bytes as JSON`);
  }
  return text;
}

/** Stops one level beyond what is allowed: the value may be nested deeper than the stack. */
export function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== "object" || value === null) return depth;
  let deepest = depth + 1;
  if (deepest > jsonDepthMax) return deepest;
  for (const part of Object.values(value)) deepest = Math.max(deepest, depthOf(part, depth + 1));
  return deepest;
}
