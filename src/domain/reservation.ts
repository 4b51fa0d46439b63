// Rules of reservations. A reservation is PENDING and then exactly one of CONFIRMED, CANCELLED, EXPIRED:
//
//            reserve                 confirm  (quantity -= sold, reserved -= held)
//   (none) ─────────► PENDING ──┬──► CONFIRMED
//                      │  ▲     ├──► CANCELLED  cancel  (reserved -= held)
//                      └──┘     └──► EXPIRED    expires_at reached  (reserved -= held)
//                     extend
//
// A hold stops counting at `expires_at`, whether or not a worker has run: decide.ts calls
// `expireHolds` for the rows that a command touches before the command is decided.

import { assert, must } from "../lib/assert.ts";
import type {
  CommandOf,
  EventPayload,
  Holds,
  Reply,
  Reservation,
  ReserveLine,
  Visibility,
} from "./model.ts";
import type { Rejection } from "./rejection.ts";
import {
  changeStock,
  type Draft,
  emit,
  holdingIn,
  reservationIn,
  rowKey,
  stockIn,
} from "./slice.ts";
import { type Decided, refusePlace, refusePlaces } from "./stock.ts";

export function reserve(draft: Draft, command: CommandOf<"Reserve">): Decided {
  const { now, limits } = draft.context;
  const refused =
    refuseLines(draft, command.lines) ??
    (command.ttlMs > limits.reservationLifeMs
      ? ({
          code: "lifetime_exceeded",
          maxSeconds: Math.floor(limits.reservationLifeMs / 1000),
        } as const)
      : null) ??
    refuseHoarding(draft, command.customerId, command.lines) ??
    refuseUnits(draft, command.lines);
  if (refused !== null) return { rejection: refused };

  const reservations: Reservation[] = [];
  for (const line of command.lines) {
    const made = hold(draft, {
      id: line.reservationId,
      productId: line.productId,
      storeId: line.storeId,
      customerId: command.customerId,
      quantity: line.quantity,
      status: "PENDING",
      expiresAt: now + command.ttlMs,
      createdAt: now,
      updatedAt: null,
      groupId: command.groupId,
      metadata: command.metadata,
      confirmedQuantity: null,
      cancelReason: null,
      retakenFrom: null,
      retakenBy: null,
    });
    reservations.push(made);
  }
  const [only] = reservations;
  assert(only !== undefined, "a reserve command has at least one line");
  if (command.groupId === null) {
    assert(reservations.length === 1, "several lines make a group");
    return { reply: { kind: "reservation", reservation: only } };
  }
  return { reply: { kind: "group", groupId: command.groupId, reservations } };
}

function refuseLines(draft: Draft, lines: readonly ReserveLine[]): Rejection | null {
  const place = refusePlaces(draft, lines);
  if (place !== null) return place;
  for (const line of lines) {
    if (line.idBrought && reservationIn(draft, line.reservationId) !== undefined) {
      return { code: "id_taken", id: line.reservationId };
    }
  }
  return null;
}

/** Rule 12: live reservations and held units per customer, this command's lines included. */
function refuseHoarding(
  draft: Draft,
  customerId: string,
  lines: readonly ReserveLine[],
): Rejection | null {
  const { reservationsPerCustomer, unitsPerCustomer } = draft.context.limits;
  if (reservationsPerCustomer === 0 && unitsPerCustomer === 0) return null;
  const held = holdingIn(draft, customerId);
  const units = lines.reduce((sum, line) => sum + line.quantity, held.units);
  if (reservationsPerCustomer > 0 && held.count + lines.length > reservationsPerCustomer) {
    return {
      code: "customer_limit_reached",
      customerId,
      limit: "reservations",
      max: reservationsPerCustomer,
      current: held.count,
    };
  }
  if (unitsPerCustomer > 0 && units > unitsPerCustomer) {
    return {
      code: "customer_limit_reached",
      customerId,
      limit: "units",
      max: unitsPerCustomer,
      current: held.units,
    };
  }
  return null;
}

/** Rule 7: lines of one row are summed before the check. A row that does not exist has nothing available. */
function refuseUnits(draft: Draft, lines: readonly ReserveLine[]): Rejection | null {
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
function hold(draft: Draft, reservation: Reservation): Reservation {
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

/** What every event of a reservation says about it. */
function told(draft: Draft, reservation: Reservation): EventPayload {
  return {
    reservation_id: reservation.id,
    quantity: reservation.quantity,
    customer_id: reservation.customerId,
    expires_at: draft.context.isoTime(reservation.expiresAt),
    ...(reservation.groupId === null ? {} : { group_id: reservation.groupId }),
  };
}

/** Ends a pending hold: its units leave `reserved`; those sold leave `quantity` too. */
function resolve(
  draft: Draft,
  reservation: Reservation,
  status: "CONFIRMED" | "CANCELLED" | "EXPIRED",
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

const endings = {
  CONFIRMED: "reservation.confirmed",
  CANCELLED: "reservation.cancelled",
  EXPIRED: "reservation.expired",
} as const;

export function confirm(draft: Draft, command: CommandOf<"Confirm">): Decided {
  const found = find(draft, command.holds, command.visibleTo);
  if ("rejection" in found) return found;
  const [first] = found.reservations;
  if (
    first?.status === "EXPIRED" &&
    command.holds.kind === "reservation" &&
    command.retakeId !== null
  ) {
    return retake(draft, first, command.retakeId, command.quantity);
  }
  const refused = refuseOpen(draft, found.reservations) ?? refuseSold(first, command.quantity);
  if (refused !== null) return { rejection: refused };
  const confirmed = found.reservations.map((reservation) =>
    sell(draft, reservation, command.quantity),
  );
  return { reply: replyWith(command.holds, confirmed) };
}

function sell(draft: Draft, reservation: Reservation, quantity: number | null): Reservation {
  const sold = quantity ?? reservation.quantity;
  return resolve(draft, reservation, "CONFIRMED", sold, {
    confirmed_quantity: sold,
    released_quantity: reservation.quantity - sold,
  });
}

function refuseSold(
  reservation: Reservation | undefined,
  quantity: number | null,
): Rejection | null {
  if (reservation === undefined || quantity === null || quantity <= reservation.quantity) {
    return null;
  }
  return { code: "quantity_out_of_range", field: "quantity", max: reservation.quantity };
}

/**
 * Rule 6: the units of an expired reservation are taken again and sold at once, if they are still
 * there. The old reservation stays EXPIRED and can be retaken once: a second customer's retry must not
 * sell the same basket twice.
 */
function retake(
  draft: Draft,
  expired: Reservation,
  newId: string,
  quantity: number | null,
): Decided {
  const place = refusePlace(draft, expired.productId, expired.storeId);
  if (place !== null) return { rejection: place };
  if (expired.retakenBy !== null) {
    return {
      rejection: {
        code: "reservation_not_pending",
        reservationId: expired.id,
        status: expired.status,
        retakenBy: expired.retakenBy,
      },
    };
  }
  const wanted = quantity ?? expired.quantity;
  const refused =
    refuseUnits(draft, [
      {
        reservationId: newId,
        idBrought: false,
        productId: expired.productId,
        storeId: expired.storeId,
        quantity: wanted,
      },
    ]) ?? refuseSold(expired, quantity);
  if (refused !== null) return { rejection: refused };
  const { now } = draft.context;
  draft.reservations.set(expired.id, { ...expired, retakenBy: newId });
  const held = hold(draft, {
    ...expired,
    id: newId,
    quantity: wanted,
    status: "PENDING",
    expiresAt: now,
    createdAt: now,
    updatedAt: null,
    groupId: null,
    retakenFrom: expired.id,
  });
  return { reply: { kind: "reservation", reservation: sell(draft, held, null) } };
}

export function cancel(draft: Draft, command: CommandOf<"Cancel">): Decided {
  const found = find(draft, command.holds, command.visibleTo);
  if ("rejection" in found) return found;
  const refused = refuseEnded(found.reservations);
  if (refused !== null) return { rejection: refused };
  const { reason } = command;
  const cancelled = found.reservations.map((reservation) =>
    resolve(draft, reservation, "CANCELLED", 0, reason === null ? {} : { reason }, reason),
  );
  return { reply: replyWith(command.holds, cancelled) };
}

/**
 * A new `expires_at` counted from now, capped to the longest total life. Refused only when a longer life
 * is asked for and the cap is used up.
 */
export function extend(draft: Draft, command: CommandOf<"Extend">): Decided {
  const found = find(draft, command.holds, command.visibleTo);
  if ("rejection" in found) return found;
  const refused = refuseOpen(draft, found.reservations);
  if (refused !== null) return { rejection: refused };
  const { now, limits } = draft.context;
  const wanted = now + command.ttlMs;
  for (const reservation of found.reservations) {
    const latest = reservation.createdAt + limits.reservationLifeMs;
    if (wanted > latest && reservation.expiresAt >= latest) {
      const maxSeconds = Math.floor(limits.reservationLifeMs / 1000);
      return { rejection: { code: "lifetime_exceeded", maxSeconds } };
    }
  }
  const extended = found.reservations.map((reservation) => {
    const latest = reservation.createdAt + limits.reservationLifeMs;
    const after = { ...reservation, expiresAt: Math.min(wanted, latest), updatedAt: now };
    draft.reservations.set(after.id, after);
    emit(
      draft,
      "reservation.extended",
      {
        aggregateType: "reservation",
        aggregateId: after.id,
        storeId: after.storeId,
        productId: after.productId,
      },
      { ...told(draft, after), previous_expires_at: draft.context.isoTime(reservation.expiresAt) },
    );
    return after;
  });
  return { reply: replyWith(command.holds, extended) };
}

/**
 * Expires those of `ids` that are pending and due; the rest is passed over. Oldest first, then by id:
 * the order of the events must not hang on the order in which a database gave the rows.
 */
export function expireHolds(draft: Draft, ids: readonly string[]): number {
  const due: Reservation[] = [];
  for (const id of new Set(ids)) {
    const reservation = reservationIn(draft, id);
    if (reservation?.status !== "PENDING" || reservation.expiresAt > draft.context.now) continue;
    due.push(reservation);
  }
  due.sort((a, b) => a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1));
  for (const reservation of due) resolve(draft, reservation, "EXPIRED", 0, {});
  return due.length;
}

type Found = { readonly reservations: readonly Reservation[] } | { readonly rejection: Rejection };

/** The reservations meant, if the caller may see all of them; else they are not there. */
function find(draft: Draft, holds: Holds, visibleTo: Visibility): Found {
  if (holds.kind === "reservation") {
    const reservation = reservationIn(draft, holds.id);
    if (reservation === undefined || !isVisible(reservation, visibleTo)) {
      return { rejection: { code: "reservation_not_found", reservationId: holds.id } };
    }
    return { reservations: [reservation] };
  }
  const ids = draft.slice.groups.get(holds.id) ?? [];
  const reservations = ids.map((id) => must(reservationIn(draft, id), "members are loaded"));
  if (reservations.length === 0 || !reservations.every((one) => isVisible(one, visibleTo))) {
    return { rejection: { code: "group_not_found", groupId: holds.id } };
  }
  return { reservations };
}

export function isVisible(
  reservation: Pick<Reservation, "storeId" | "customerId">,
  visibleTo: Visibility,
): boolean {
  const { stores, customerId } = visibleTo;
  if (customerId !== null && reservation.customerId !== customerId) return false;
  return stores === "*" || stores.includes(reservation.storeId);
}

/** Refusals of what needs an open store and a pending hold: confirm and extend. */
function refuseOpen(draft: Draft, reservations: readonly Reservation[]): Rejection | null {
  return refusePlaces(draft, reservations) ?? refuseEnded(reservations);
}

function refuseEnded(reservations: readonly Reservation[]): Rejection | null {
  const ended = reservations.find(({ status }) => status === "CONFIRMED" || status === "CANCELLED");
  if (ended !== undefined) {
    return {
      code: "reservation_not_pending",
      reservationId: ended.id,
      status: ended.status,
      retakenBy: null,
    };
  }
  const expired = reservations.find(({ status }) => status === "EXPIRED");
  if (expired === undefined) return null;
  return {
    code: "reservation_expired",
    reservationId: expired.id,
    expiredAt: expired.expiresAt,
  };
}

function replyWith(holds: Holds, reservations: readonly Reservation[]): Reply {
  if (holds.kind === "group") return { kind: "group", groupId: holds.id, reservations };
  return {
    kind: "reservation",
    reservation: must(reservations[0], "one reservation was found"),
  };
}
