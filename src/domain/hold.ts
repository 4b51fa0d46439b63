// A hold and its units: taken from what is available into `reserved`, and given back or sold when it
// ends. Whether they may be taken or given is for the rules that call these.

import { assert, must } from "../lib/assert.ts";
import { changeStock, type Draft, stockIn } from "./draft.ts";
import type { EventPayload } from "./event.ts";
import type { Reservation } from "./model.ts";
import type { Rejection } from "./rejection.ts";
import { rowKey } from "./slice.ts";

/** What every event of a reservation says about it. */
export function told(draft: Draft, reservation: Reservation): EventPayload {
  return {
    reservation_id: reservation.id,
    quantity: reservation.quantity,
    customer_id: reservation.customerId,
    expires_at: draft.context.isoTime(reservation.expiresAt),
    ...(reservation.groupId === null ? {} : { group_id: reservation.groupId }),
  };
}

/** Rule 7: lines of one row are summed before the check. A row that does not exist has nothing available. */
export function refuseUnits(
  draft: Draft,
  lines: readonly Pick<Reservation, "productId" | "storeId" | "quantity">[],
): Rejection | null {
  const wanted = new Map<string, number>();
  for (const { productId, storeId, quantity } of lines) {
    const key = rowKey(productId, storeId);
    wanted.set(key, (wanted.get(key) ?? 0) + quantity);
  }
  for (const { productId, storeId } of lines) {
    const requested = must(wanted.get(rowKey(productId, storeId)), "summed above");
    const row = stockIn(draft, productId, storeId);
    const available = row === undefined ? 0 : row.quantity - row.reserved;
    if (available < requested) {
      return { code: "insufficient_stock", productId, storeId, available, requested };
    }
  }
  return null;
}

/** Takes the units of a new reservation; the caller has checked that they are there. */
export function takeHold(draft: Draft, reservation: Reservation): Reservation {
  const { productId, storeId, quantity } = reservation;
  const row = must(stockIn(draft, productId, storeId), "units were found in this row");
  draft.reservations.set(reservation.id, reservation);
  changeStock(
    draft,
    { row, quantity: row.quantity, reserved: row.reserved + quantity },
    "reservation.created",
    {
      ...told(draft, reservation),
      ...(reservation.retakenFrom === null ? {} : { retaken_from: reservation.retakenFrom }),
    },
    reservation.id,
  );
  return reservation;
}

/** At most what is held can be sold. null as quantity: all of it. */
export function refuseSold(held: Reservation, quantity: number | null): Rejection | null {
  if (quantity === null || quantity <= held.quantity) return null;
  return { code: "quantity_out_of_range", field: "quantity", max: held.quantity };
}

/** Units sold leave the row, the rest of the hold is released. null as quantity: all of it is sold. */
export function sellHold(
  draft: Draft,
  reservation: Reservation,
  quantity: number | null,
): Reservation {
  const sold = quantity ?? reservation.quantity;
  return endHold(draft, reservation, "CONFIRMED", sold, {
    confirmed_quantity: sold,
    released_quantity: reservation.quantity - sold,
  });
}

const endings = {
  CONFIRMED: "reservation.confirmed",
  CANCELLED: "reservation.cancelled",
  EXPIRED: "reservation.expired",
} as const;

/** Ends a pending hold: its units leave `reserved`; those sold leave `quantity` too. */
export function endHold(
  draft: Draft,
  reservation: Reservation,
  status: keyof typeof endings,
  sold: number,
  extra: EventPayload,
  cancelReason: string | null = null,
): Reservation {
  assert(reservation.status === "PENDING", "I5: only a pending reservation can end");
  const { productId, storeId, quantity } = reservation;
  const row = must(stockIn(draft, productId, storeId), "a reservation has its stock row");
  const after: Reservation = {
    ...reservation,
    status,
    updatedAt: draft.context.now,
    confirmedQuantity: status === "CONFIRMED" ? sold : null,
    cancelReason,
  };
  draft.reservations.set(after.id, after);
  changeStock(
    draft,
    { row, quantity: row.quantity - sold, reserved: row.reserved - quantity },
    endings[status],
    { ...told(draft, after), ...extra },
    after.id,
  );
  return after;
}
