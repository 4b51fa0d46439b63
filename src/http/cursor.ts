// Cursors: the place where the next page begins, opaque to callers. A cursor names the list that it
// belongs to and the types of its sort key, and it must be exactly what we would have written: so
// nothing but our own cursors ever reaches a query.

import type { After, Page } from "../store/store.ts";
import { ProblemError } from "./problem.ts";
import { idPattern } from "./schemas.ts";

type KeyType = "id" | "number";

export interface CursorKind {
  /** Where to go on; null is the beginning. */
  read(text: string | undefined): After;
  write(after: After): string | null;
}

/** `shape`: the types of the list's sort key, in its order. */
export function cursorKind(list: string, shape: readonly KeyType[]): CursorKind {
  const write = (after: After): string | null =>
    after === null ? null : Buffer.from(JSON.stringify([list, ...after])).toString("base64url");
  return {
    write,
    read(text) {
      if (text === undefined) return null;
      const after = keyIn(text, list, shape);
      if (after === null || write(after) !== text) {
        throw new ProblemError(
          "invalid_cursor",
          "This cursor is not of this list; begin without one.",
        );
      }
      return after;
    },
  };
}

const anId = new RegExp(idPattern);

function keyIn(text: string, list: string, shape: readonly KeyType[]): After {
  const parts = parse(Buffer.from(text, "base64url").toString());
  if (!Array.isArray(parts) || parts.length !== shape.length + 1 || parts[0] !== list) return null;
  const key = parts.slice(1);
  return key.every((part, index) => fits(part, shape[index])) ? key : null;
}

function fits(part: unknown, type: KeyType | undefined): part is string | number {
  if (type === "number") return Number.isSafeInteger(part);
  return typeof part === "string" && anId.test(part);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not a cursor of ours; the caller says so
  }
}

export interface PageAnswer<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

export function pageAnswer<Row, Item>(
  page: Page<Row>,
  cursor: CursorKind,
  present: (row: Row) => Item,
): PageAnswer<Item> {
  return { items: page.items.map(present), next_cursor: cursor.write(page.next) };
}
