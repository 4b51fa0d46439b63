// Keyset pages: a page begins after the sort key of the last item seen, so it costs the same at any depth
// and neither repeats nor leaves out what stays in place while others write. One row more than asked is
// selected, which tells whether there is a next page.

import { assert } from "../lib/assert.ts";
import type { Values } from "./rows.ts";
import type { After, Page } from "./store.ts";

/** Above every number that a list is sorted by: where a list, newest first, begins. */
export const newest = Number.MAX_SAFE_INTEGER;

/** `rows` were selected with LIMIT `limit + 1`. */
export function pageOf<Item>(
  rows: readonly Values[],
  limit: number,
  itemOf: (row: Values) => Item,
  keyOf: (row: Values, item: Item) => After,
): Page<Item> {
  assert(limit >= 1, "a page has room for an item");
  const shown = rows.length > limit ? rows.slice(0, limit) : rows;
  const items = shown.map(itemOf);
  const [row, item] = [shown.at(-1), items.at(-1)];
  if (rows.length <= limit || row === undefined || item === undefined) return { items, next: null };
  return { items, next: keyOf(row, item) };
}

/** A page of a list that stopped looking at `end`: it goes on there. 0: it looked at everything. */
export function goingOn<Item>({ items, next }: Page<Item>, end: number): Page<Item> {
  return { items, next: next ?? (end > 0 ? [end] : null) };
}

/** A cursor that was made by another list has no such part: the list then begins at its start. */
export function afterNumber(after: After, start: number): number {
  const key = after?.[0];
  return typeof key === "number" ? key : start;
}

/** Ids are not empty, so every list of them begins after "". */
export function afterText(after: After, index: number): string {
  const key = after?.[index];
  return typeof key === "string" ? key : "";
}

/** The key of a list by `n` or `seq`, which those lists select last. */
export function lastColumn(row: Values): After {
  const key = row.at(-1);
  assert(typeof key === "number", "the last column is the sort key");
  return [key];
}
