// What clients ask for, by chance: every kind of request, on few rows, about holds that they have heard of.

import { must } from "../../src/lib/assert.ts";
import type { Outcome, Request, RowKey } from "./history.ts";
import type { View } from "./model.ts";

export interface Requests {
  next(): Request;
  /** An answer came: its hold may be spoken of from now on. */
  heard(request: Request, outcome: Outcome): void;
}

/** Rows of one product: units may be moved between them. */
export function rowNames(count: number): readonly RowKey[] {
  return Array.from({ length: count }, (_, index) => `p/S${index}`);
}

/** Holds of each row that are spoken of at most; some have ended by then. */
const holdsPerRow = 6;

export function openRequests(
  random: () => number,
  { rows, units }: { readonly rows: number; readonly units: number },
  view: View,
): Requests {
  const names = rowNames(rows);
  const holds: string[] = [];
  let made = 0;
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T =>
    must(from[below(from.length)], "there is something to pick from");
  /** Often the version of now, which may be another one when the request arrives. */
  const expected = (row: RowKey): number | null =>
    random() < 0.5 ? null : (view.row(row)?.version ?? 0);

  /** Two rows, each once; or the only one. */
  function several(): readonly RowKey[] {
    const first = below(rows);
    return [...new Set([first, (first + 1) % rows])].flatMap((index) => names[index] ?? []);
  }

  function change(row: RowKey): Request {
    const chance = random();
    if (chance < 0.5) {
      return {
        kind: "adjust",
        row,
        by: (1 + below(3)) * (random() < 0.5 ? 1 : -1),
        expected: expected(row),
      };
    }
    if (chance < 0.7)
      return { kind: "set", row, quantity: below(2 * units + 6), expected: expected(row) };
    const to = pick(names);
    if (to === row) return { kind: "create", row, quantity: 1 };
    return { kind: "transfer", from: row, to, quantity: 1 + below(3) };
  }

  function reserve(): Request {
    made += 1;
    if (random() < 0.7) {
      // Sometimes an id that is taken.
      const id = random() < 0.05 && holds.length > 0 ? pick(holds) : `h${made}`;
      const lines = [{ row: pick(names), quantity: 1 + below(3) }];
      return { kind: "reserve", hold: id, lines };
    }
    const lines = [pick(names), pick(names)].map((row) => ({ row, quantity: 1 + below(2) }));
    return { kind: "reserve", hold: null, lines };
  }

  return {
    next() {
      const chance = random();
      const row = pick(names);
      if (chance < 0.1) return { kind: "read", rows: [row] };
      if (chance < 0.2) return { kind: "read", rows: several() };
      if (chance < 0.4) return change(row);
      if (chance < 0.65 || holds.length === 0) return reserve();
      const hold = pick(holds);
      if (chance >= 0.95) return { kind: "find", hold };
      // Mostly nobody speaks of it any more; sometimes others end it, too.
      if (random() < 0.7) holds.splice(holds.indexOf(hold), 1);
      return { kind: chance < 0.85 ? "confirm" : "cancel", hold };
    },
    heard(request, outcome) {
      if (request.kind !== "reserve" || outcome.kind !== "ok" || outcome.hold === null) return;
      holds.push(outcome.hold);
      if (holds.length > holdsPerRow * rows) holds.shift();
    },
  };
}
