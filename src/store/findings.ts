// What an audit finds and how it tells it, for both adapters: they select the rows, and here these are
// compared. The events of a stock row are taken one by one, since there may be more of them than fit in
// memory, and since one adapter waits for them and the other does not.

import type { StockEffect } from "../domain/event.ts";
import type { Stock } from "../domain/model.ts";
import { tellsNumbers } from "./filters.ts";
import { integer, text, type Values } from "./rows.ts";
import type { After, Finding } from "./store.ts";

/** Findings of one kind that are told one by one. */
export const findingsMax = 100;

/** A question to the whole database. */
export interface Check {
  readonly invariant: string;
  /** One column, the sentence. Binds how many at most: more is not of use to a reader. */
  readonly sql: string;
}

export type Report = (invariant: string, detail: string) => void;

/** Collects findings, not more than a reader can use of each invariant. */
export function openReport(): { readonly findings: Finding[]; readonly report: Report } {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  const report: Report = (invariant, detail) => {
    const count = (counts.get(invariant) ?? 0) + 1;
    counts.set(invariant, count);
    if (count <= findingsMax) findings.push({ invariant, detail });
    else if (count === findingsMax + 1) {
      findings.push({
        invariant,
        detail: `more than ${findingsMax} such findings; the rest is left out`,
      });
    }
  };
  return { findings, report };
}

export interface RowsAudited {
  /** Rows that were checked, without those that were passed over as too long. */
  readonly checked: number;
  readonly findings: readonly Finding[];
  readonly next: After;
}

/** The check of one stock row, which is given the events of the row in the order of the log. */
export interface RowAudit {
  /** seq, type, version, quantity and reserved before and after. */
  take(event: Values): void;
  end(): void;
}

/** I1–I4 of a row; `held`: what its pending reservations hold. */
export function openRowAudit(stock: Stock, held: number, report: Report): RowAudit {
  const { productId, storeId, quantity, reserved, version } = stock;
  const row = `stock ${productId} at ${storeId}`;
  if (reserved < 0 || reserved > quantity) {
    report("I1", `${row}: has quantity ${quantity} and reserved ${reserved}`);
  }
  if (held !== reserved) {
    report("I2", `${row}: reserved is ${reserved}, and its pending reservations hold ${held}`);
  }
  const told = openReplay(row, report);
  return {
    take: told.take,
    end() {
      const { sum } = told;
      if (sum.quantity !== quantity || sum.reserved !== reserved) {
        report(
          "I3",
          `${row}: has quantity ${quantity} and reserved ${reserved}, and its events sum to ` +
            `${sum.quantity} and ${sum.reserved}`,
        );
      }
      if (sum.version !== version) {
        report("I4", `${row}: has version ${version}, and its last event has ${sum.version}`);
      }
    },
  };
}

/** Sums the events of a row, each of which begins where the one before it ended, a version later. */
function openReplay(row: string, report: Report) {
  const sum = { quantity: 0, reserved: 0, version: 0 };
  let end = { quantity: 0, reserved: 0 };
  function take([number, type, ...numbers]: Values): void {
    const event = `event ${integer(number)} (${text(type)})`;
    if (!tellsNumbers(text(type))) return;
    const effect = effectOf(numbers);
    if (effect === null) {
      report("I3", `${row}: ${event} does not tell the row's numbers`);
      return;
    }
    const { version, before, after } = effect;
    if (version !== sum.version + 1) {
      report("I4", `${row}: ${event} has version ${version} after ${sum.version}`);
    }
    if (before.quantity !== end.quantity || before.reserved !== end.reserved) {
      report(
        "I3",
        `${row}: ${event} begins at quantity ${before.quantity} and reserved ` +
          `${before.reserved}, and the one before it ended at ${end.quantity} and ${end.reserved}`,
      );
    }
    sum.quantity += after.quantity - before.quantity;
    sum.reserved += after.reserved - before.reserved;
    sum.version = version;
    end = after;
  }
  return { sum, take };
}

/** null: not all of the numbers are there. */
function effectOf(numbers: Values): StockEffect | null {
  const [version, quantityBefore, reservedBefore, quantity, reserved] = numbers;
  if (!numbers.every((number) => typeof number === "number")) return null;
  return {
    version: integer(version),
    before: { quantity: integer(quantityBefore), reserved: integer(reservedBefore) },
    after: { quantity: integer(quantity), reserved: integer(reserved) },
  };
}

const totalNames = [
  "quantity",
  "reserved",
  "stock_rows",
  "low_rows",
  "pending",
  "confirmed",
  "cancelled",
  "expired",
] as const;

/** Rows of totalsSql: a store, and its totals in the order of `totalNames` or one part of them. */
export interface TotalsFound {
  readonly stored: readonly Values[];
  /** The first four totals, from the stock rows. */
  readonly stock: readonly Values[];
  /** The last four, from the reservations. */
  readonly reservations: readonly Values[];
}

/** The totals that commits maintain against what the tables say. */
export function compareTotals(found: TotalsFound, report: Report): void {
  const stored = numbersByStore(found.stored);
  for (const [storeId, counted] of countedTotals(found)) {
    for (const [index, name] of totalNames.entries()) {
      const [said, count] = [stored.get(storeId)?.[index] ?? 0, counted[index]];
      if (said !== count) {
        report(
          "totals",
          `store ${storeId}: ${name} is kept as ${said}, and the rows give ${count}`,
        );
      }
    }
  }
}

/** What the tables give, in the order of the columns, for each store whose totals are kept as something else. */
export function countedTotals(found: TotalsFound): ReadonlyMap<string, readonly number[]> {
  const none = [0, 0, 0, 0];
  const stock = numbersByStore(found.stock);
  const reservations = numbersByStore(found.reservations);
  const stored = numbersByStore(found.stored);
  const different = new Map<string, readonly number[]>();
  for (const storeId of new Set([...stored.keys(), ...stock.keys(), ...reservations.keys()])) {
    const counted = [...(stock.get(storeId) ?? none), ...(reservations.get(storeId) ?? none)];
    const isSame = counted.every((count, index) => count === (stored.get(storeId)?.[index] ?? 0));
    if (!isSame) different.set(storeId, counted);
  }
  return different;
}

function numbersByStore(rows: readonly Values[]): Map<string, readonly number[]> {
  return new Map(rows.map(([storeId, ...numbers]) => [text(storeId), numbers.map(integer)]));
}
