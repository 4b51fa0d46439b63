// The auditor's own reckoning of stock.low, stock.out and stock.back: what a decision did to its rows, from the numbers
// that its other events tell, and which thresholds that crosses.

import type { LogEvent } from "../src/store/store.ts";

interface Balance {
  readonly quantity: number;
  readonly reserved: number;
}

interface Told {
  readonly available?: number;
  readonly reorder_point?: number | null;
  readonly row_version?: number;
  readonly stock?: { readonly before: Balance; readonly after: Balance; readonly version: number };
}

/** A row as one decision found it and as it has come to be. */
interface Passage {
  readonly had: number | null;
  has: number;
  version: number;
}

export function isThreshold({ type }: LogEvent): boolean {
  return type === "stock.low" || type === "stock.out" || type === "stock.back";
}

const free = ({ quantity, reserved }: Balance): number => quantity - reserved;

export function openThresholds() {
  const points = new Map<string, number | null>();
  /** Rows that were told to be low, until they are clear of their point. */
  const low = new Set<string>();
  let passages = new Map<string, Passage>();
  let told: string[] = [];
  return {
    read(key: string, { type, payload }: LogEvent): void {
      const { stock, available, reorder_point: point, row_version }: Told = JSON.parse(payload);
      if (stock === undefined) {
        told.push(`${type} ${key} ${available} of ${point} at ${row_version}`);
        return;
      }
      const found = passages.get(key);
      const { before, after, version } = stock;
      const had = version === 1 ? null : free(before);
      const passage = found ?? { had, has: 0, version: 0 };
      passages.set(key, { ...passage, has: free(after), version });
      if (point !== undefined) points.set(key, point);
    },
    /** What the decision that has been read told, and what it should have. */
    end(): { readonly told: readonly string[]; readonly expected: readonly string[] } {
      const expected: string[] = [];
      for (const [key, { had, has, version }] of passages) {
        const point = points.get(key) ?? null;
        const say = (type: string) =>
          expected.push(`${type} ${key} ${has} of ${point} at ${version}`);
        // Clear: by more than a tenth of the point, and by two units at least.
        if (point === null || (has >= point + 2 && has * 10 > point * 11)) low.delete(key);
        else if (has <= point && !low.has(key)) {
          low.add(key);
          say("stock.low");
        }
        if (had !== null && had > 0 && has === 0) say("stock.out");
        if (had === 0 && has > 0) say("stock.back");
      }
      const ended = { told: told.sort(), expected: expected.sort() };
      passages = new Map();
      told = [];
      return ended;
    },
  };
}
