// What a schema cannot say about a value of a request: prices in whole cents, points in time, lists of stores.
// Each reads one value and refuses it by the name of its field.

import { callerStoresMax } from "../limits.ts";
import { centsOf } from "./money.ts";
import { invalidField } from "./problem.ts";
import { idPattern } from "./schemas.ts";

export function priceCents(price: number, path = "/price"): number {
  const cents = centsOf(price);
  if (cents === null) throw invalidField(path, "must have at most two decimals");
  return cents;
}

const isoPattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

const firstTime = Date.parse("0000-01-01T00:00:00.000Z");
const lastTime = Date.parse("9999-12-31T23:59:59.999Z");

/** UTC milliseconds. A date alone is its first instant in UTC; a time needs a zone. */
export function timeAt(text: string, path: string): number {
  const at = isoPattern.test(text) && isDay(text) ? Date.parse(text) : Number.NaN;
  // A zone may move a time out of the years that have four digits, which nobody would read back.
  if (!(at >= firstTime && at <= lastTime)) {
    throw invalidField(
      path,
      "must be a time in ISO 8601 with a zone, such as 2026-03-01T09:30:00Z, and up to the year 9999",
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

/** The caller's own object as the text that is kept; its route has let it in (metadata.ts). */
export function metadataText(
  metadata: Readonly<Record<string, unknown>> | null | undefined,
): string | null {
  return metadata === null || metadata === undefined ? null : JSON.stringify(metadata);
}

const storeId = new RegExp(idPattern, "u");

/** A list of ids, each once, or "*". Whether there are such stores is not asked: they may come later. */
export function storesNamed(stores: string | readonly string[]): readonly string[] | "*" {
  if (stores === "*") return "*";
  if (typeof stores === "string" || stores.length === 0 || stores.length > callerStoresMax) {
    throw invalidField("/stores", `must be a list of 1 to ${callerStoresMax} ids, or "*"`);
  }
  const wrong = stores.findIndex((id) => !storeId.test(id));
  if (wrong !== -1) throw invalidField(`/stores/${wrong}`, "is no id of a store");
  return [...new Set(stores)];
}
