// What sets a stock row right that is not as its log says. The log is what happened: it is never edited, and the
// row and its reservations are made from it once more, with one more event, so that it stands in the log who did
// it and why. Where the log itself counts units as reserved that none of its holds has, that event corrects it.
// Where the log contradicts itself, no event can mend it, and that is said instead.

import { must } from "../lib/assert.ts";
import { changeStock, draftOver } from "./draft.ts";
import type { DomainEvent, StockEffect } from "./event.ts";
import type { EventType, EventWithoutNumbers, Issued, Reservation, Stock } from "./model.ts";
import { type Context, emptySlice } from "./slice.ts";

/** An event of a stock row or of one of its reservations, as the log has it. */
export interface RowEvent {
  readonly seq: number;
  readonly at: number;
  readonly type: EventType;
  /** null: it is about the row. */
  readonly reservationId: string | null;
  /** null: it does not say what it did to the row. */
  readonly effect: StockEffect | null;
  /** What it says of the reservation. */
  readonly told: {
    readonly customerId: string;
    readonly quantity: number;
    readonly expiresAt: number;
    readonly groupId: string | null;
    readonly retakenFrom: string | null;
    readonly confirmedQuantity: number | null;
    readonly reason: string | null;
  };
}

export interface RowEvidence {
  readonly row: Stock;
  /** All of them, in the order of the log. */
  readonly events: readonly RowEvent[];
  /** As they are stored: those that are pending and those that are in question. */
  readonly stored: ReadonlyMap<string, Reservation>;
  /** Reservations in question, stored or not. All others are as the log says. */
  readonly asked: ReadonlySet<string>;
}

export interface RowRepair {
  /** As they are to be stored; null and none where there is nothing to do, or nothing to be done. */
  readonly stock: Stock | null;
  readonly reservations: readonly Reservation[];
  readonly event: DomainEvent | null;
  /** What of it is different then. */
  readonly steps: readonly string[];
  /** What no event can mend. */
  readonly left: readonly string[];
}

export function repairRow(
  { row, events, stored, asked }: RowEvidence,
  context: Context,
  issued: Issued,
  reason: string,
): RowRepair {
  const impossible: string[] = [];
  const lasting: string[] = [];
  const logged = replay(events, impossible, lasting);
  const lives = livesOf(row, events, impossible);
  for (const { id, status } of stored.values()) {
    if (!lives.has(id)) {
      impossible.push(`reservation ${id} is ${status}, and the log of the row does not know it`);
    }
  }
  const held = [...lives.values()].reduce((sum, life) => sum + pendingUnits(life), 0);
  if (held > logged.quantity) {
    impossible.push(
      `its holds have ${held} units, and the log counts ${logged.quantity}: cancel holds, or count the row, and then try again`,
    );
  }
  if (impossible.length > 0) return { ...nothing, left: [...impossible, ...lasting] };

  const reservations = [...lives.values()].flatMap((life) =>
    asked.has(life.id) || stored.has(life.id) ? mended(life, stored.get(life.id)) : [],
  );
  const steps = reservations.map((one) => {
    const before = stored.get(one.id);
    const was = before === undefined ? "missing" : `${before.status} with ${before.quantity}`;
    return `reservation ${one.id}: ${was} becomes ${one.status} with ${one.quantity}, as the log says`;
  });
  for (const field of ["quantity", "reserved", "version"] as const) {
    if (row[field] === logged[field]) continue;
    steps.push(`${field}: ${row[field]} becomes ${logged[field]}, as the log says`);
  }
  if (logged.reserved !== held) {
    steps.push(
      `reserved: the log says ${logged.reserved} and becomes ${held}, which its holds have`,
    );
  }
  if (steps.length === 0) return { ...nothing, left: lasting };

  const draft = draftOver(emptySlice(), context, issued);
  const stock = changeStock(
    draft,
    { row: { ...row, ...logged }, quantity: logged.quantity, reserved: held },
    "stock.updated",
    { quantity_change: 0, reason: "CORRECTION", note: reason },
  );
  return {
    stock,
    reservations,
    event: must(draft.events[0], "a change has its event"),
    steps,
    left: lasting,
  };
}

const nothing: Omit<RowRepair, "left"> = {
  stock: null,
  reservations: [],
  event: null,
  steps: [],
};

const withoutNumbers: ReadonlySet<EventType> = new Set<EventWithoutNumbers>([
  "stock.low",
  "stock.out",
  "stock.back",
  "reservation.extended",
]);

/**
 * What the last event says. Where versions are in order the log is whole, and numbers that jump between two events
 * say that the row drifted and was then written to: readers have what the later one says, and the jump stays.
 */
function replay(events: readonly RowEvent[], impossible: string[], lasting: string[]) {
  let at = { quantity: 0, reserved: 0, version: 0 };
  for (const { seq, type, effect } of events) {
    if (withoutNumbers.has(type)) continue;
    if (effect === null || effect.version !== at.version + 1) {
      impossible.push(`event ${seq} does not go on where the one before it ended`);
      return at;
    }
    const { before, after, version } = effect;
    if (before.quantity !== at.quantity || before.reserved !== at.reserved) {
      lasting.push(
        `event ${seq} begins at other numbers than the one before it ended with: that stays in the log; count the row`,
      );
    }
    at = { ...after, version };
  }
  return at;
}

const endings = {
  "reservation.confirmed": "CONFIRMED",
  "reservation.cancelled": "CANCELLED",
  "reservation.expired": "EXPIRED",
} as const;

/** The reservations of a row as the log tells them. */
function livesOf(
  { productId, storeId }: Stock,
  events: readonly RowEvent[],
  impossible: string[],
): Map<string, Reservation> {
  const lives = new Map<string, Reservation>();
  for (const { seq, at, type, reservationId: id, told } of events) {
    if (id === null) continue;
    const life = lives.get(id);
    if (type === "reservation.created" && life === undefined) {
      const { customerId, quantity, expiresAt, groupId, retakenFrom } = told;
      const times = { expiresAt, createdAt: at, updatedAt: null };
      const rest = { metadata: null, confirmedQuantity: null, cancelReason: null, retakenBy: null };
      const who = { id, productId, storeId, customerId, quantity, groupId, retakenFrom };
      lives.set(id, { ...who, ...times, ...rest, status: "PENDING" });
      const before = retakenFrom === null ? undefined : lives.get(retakenFrom);
      if (before !== undefined) lives.set(before.id, { ...before, retakenBy: id });
    } else if (life?.status !== "PENDING") {
      const why = life === undefined ? "before it began" : `after it was ${life.status}`;
      impossible.push(`event ${seq} is of the reservation ${id} ${why}`);
    } else if (type === "reservation.extended") {
      lives.set(id, { ...life, expiresAt: told.expiresAt, updatedAt: at });
    } else {
      const status = endings[type as keyof typeof endings];
      const { confirmedQuantity, reason: cancelReason } = told;
      lives.set(id, { ...life, status, updatedAt: at, confirmedQuantity, cancelReason });
    }
  }
  return lives;
}

function pendingUnits({ status, quantity }: Reservation): number {
  return status === "PENDING" ? quantity : 0;
}

/** None where it is stored as the log says. What the log does not tell is kept; of one that is missing it is lost. */
function mended(life: Reservation, stored: Reservation | undefined): Reservation[] {
  if (stored === undefined) return [life];
  const { status, quantity, expiresAt, confirmedQuantity, cancelReason } = life;
  const isSame =
    stored.status === status &&
    stored.quantity === quantity &&
    stored.expiresAt === expiresAt &&
    stored.confirmedQuantity === confirmedQuantity &&
    stored.cancelReason === cancelReason;
  if (isSame) return [];
  const { updatedAt } = life;
  return [{ ...stored, status, quantity, expiresAt, confirmedQuantity, cancelReason, updatedAt }];
}
