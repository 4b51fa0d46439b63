// What clients ask for, by chance: every kind of request, on few rows, about holds that they have heard of.

import { must } from "../../src/lib/assert.ts";
import type { Outcome, Request, RowKey } from "./history.ts";
import type { View } from "./model.ts";

export interface Requests {
  next(): Request;
  /** An answer came: its hold may be spoken of from now on. */
  heard(request: Request, outcome: Outcome): void;
}

export interface Catalogue {
  /** Rows of each product, in the order of its stores: units may be moved between them. */
  readonly products: readonly (readonly RowKey[])[];
  /** About so many units are in a row. */
  readonly units: number;
  /** What is known of the rows: often the version of now, which may be another one when the request arrives. */
  readonly known: Pick<View, "row">;
}

/** Holds of each row that are spoken of at most; some have ended by then. */
const holdsPerRow = 6;

export function openRequests(random: () => number, catalogue: Catalogue): Requests {
  const { products, units, known } = catalogue;
  const names = products.flat();
  const holds: string[] = [];
  /** Ids that clients brought themselves. */
  const brought = new Set<string>();
  let made = 0;
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T =>
    must(from[below(from.length)], "there is something to pick from");
  const expected = (row: RowKey): number | null =>
    random() < 0.5 ? null : (known.row(row)?.version ?? 0);

  function change(product: readonly RowKey[]): Request {
    const [row, to] = [pick(product), pick(product)];
    const chance = random();
    if (chance < 0.5) {
      const by = (1 + below(3)) * (random() < 0.5 ? 1 : -1);
      return { kind: "adjust", row, by, expected: expected(row) };
    }
    if (chance < 0.7) {
      return { kind: "set", row, quantity: below(2 * units + 6), expected: expected(row) };
    }
    if (to === row) return { kind: "create", row, quantity: 1 };
    return { kind: "transfer", from: row, to, quantity: 1 + below(3) };
  }

  function reserve(): Request {
    made += 1;
    if (random() < 0.7) {
      const other = random() < 0.1 ? holds.find((one) => brought.has(one)) : undefined;
      // Sometimes one that is taken.
      const hold = other ?? `h${made}`;
      brought.add(hold);
      return { kind: "reserve", hold, lines: [{ row: pick(names), quantity: 1 + below(3) }] };
    }
    const lines = [pick(names), pick(names)].map((row) => ({ row, quantity: 1 + below(2) }));
    return { kind: "reserve", hold: null, lines };
  }

  return {
    next() {
      const chance = random();
      const product = pick(products);
      if (chance < 0.1) return { kind: "read", rows: [pick(product)] };
      if (chance < 0.2) return { kind: "read", rows: product };
      if (chance < 0.4) return change(product);
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
      if (holds.length > holdsPerRow * names.length) holds.shift();
    },
  };
}
