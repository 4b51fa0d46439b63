// Rules of reservations. A reservation is PENDING and then exactly one of CONFIRMED, CANCELLED, EXPIRED:
//
//            reserve                 confirm  (quantity -= sold, reserved -= held)
//   (none) ─────────► PENDING ──┬──► CONFIRMED
//                      │  ▲     ├──► CANCELLED  cancel  (reserved -= held)
//                      └──┘     └──► EXPIRED    expires_at reached  (reserved -= held)
//                     extend
//
// Here are the four commands; how holds take and give back units is in hold.ts. A hold stops counting at
// `expires_at`, whether or not a worker has run: expiry.ts ends the due holds of the rows that a command
// touches before the command is decided.

import { assert } from "../lib/assert.ts";
import { refuseHoarding } from "./customer.ts";
import { type Draft, emit, reservationIn } from "./draft.ts";
import { findHolds, refuseEnded, replyWith } from "./group.ts";
import { endHold, refuseSold, refuseUnits, sellHold, takeHold, told } from "./hold.ts";
import type { CommandOf, Reservation, ReserveLine } from "./model.ts";
import type { Decided } from "./outcome.ts";
import { refusePlaces } from "./place.ts";
import type { Rejection } from "./rejection.ts";
import { retake } from "./retake.ts";

export function reserve(draft: Draft, command: CommandOf<"Reserve">): Decided {
  const { groupId, customerId, lines, ttlMs } = command;
  const { now, limits } = draft.context;
  const refused =
    refuseLines(draft, lines) ??
    (ttlMs > limits.reservationLifeMs ? lifetimeExceeded(draft) : null) ??
    refuseHoarding(draft, customerId, lines) ??
    refuseUnits(draft, lines);
  if (refused !== null) return { rejection: refused };

  const reservations = lines.map(({ reservationId, productId, storeId, quantity }) =>
    takeHold(draft, {
      id: reservationId,
      productId,
      storeId,
      customerId,
      quantity,
      status: "PENDING",
      expiresAt: now + ttlMs,
      createdAt: now,
      updatedAt: null,
      groupId,
      metadata: command.metadata,
      confirmedQuantity: null,
      cancelReason: null,
      retakenFrom: null,
      retakenBy: null,
    }),
  );
  assert(reservations.length > 0, "a reserve command has at least one line");
  if (groupId !== null) return { reply: { kind: "group", groupId, reservations } };
  const [reservation, ...others] = reservations;
  assert(reservation !== undefined && others.length === 0, "several lines make a group");
  return { reply: { kind: "reservation", reservation } };
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

function lifetimeExceeded({ context }: Draft): Rejection {
  const maxSeconds = Math.floor(context.limits.reservationLifeMs / 1000);
  return { code: "lifetime_exceeded", maxSeconds };
}

export function confirm(draft: Draft, command: CommandOf<"Confirm">): Decided {
  const { holds, retakeId } = command;
  const found = findHolds(draft, holds, command.visibleTo);
  if ("rejection" in found) return found;
  const { reservations } = found;
  // A part can be sold, or an expired one retaken, of a single reservation only.
  const [only] = holds.kind === "reservation" ? reservations : [];
  const quantity = only === undefined ? null : command.quantity;
  if (only?.status === "EXPIRED" && retakeId !== null) {
    return retake(draft, only, retakeId, quantity);
  }
  const refused =
    refuseOpen(draft, reservations) ?? (only === undefined ? null : refuseSold(only, quantity));
  if (refused !== null) return { rejection: refused };
  const confirmed = reservations.map((reservation) => sellHold(draft, reservation, quantity));
  return { reply: replyWith(holds, confirmed) };
}

export function cancel(draft: Draft, command: CommandOf<"Cancel">): Decided {
  const found = findHolds(draft, command.holds, command.visibleTo);
  if ("rejection" in found) return found;
  const refused = refuseEnded(found.reservations);
  if (refused !== null) return { rejection: refused };
  const { reason } = command;
  const cancelled = found.reservations.map((reservation) =>
    endHold(draft, reservation, "CANCELLED", 0, reason === null ? {} : { reason }, reason),
  );
  return { reply: replyWith(command.holds, cancelled) };
}

/**
 * A new `expires_at`: now + ttl, whatever was left, so that the caller always knows the new end; sooner
 * than before if that is what was asked for (a till that wants its units back need not cancel). The
 * alternative, never to end sooner, would answer a ttl that nobody asked for. The cap on the total life
 * never makes an end sooner than it was: a longer life for which there is no room at all is refused.
 */
export function extend(draft: Draft, command: CommandOf<"Extend">): Decided {
  const found = findHolds(draft, command.holds, command.visibleTo);
  if ("rejection" in found) return found;
  const refused = refuseOpen(draft, found.reservations);
  if (refused !== null) return { rejection: refused };
  const { now, limits } = draft.context;
  const wanted = now + command.ttlMs;
  const latest = (reservation: Reservation): number =>
    reservation.createdAt + limits.reservationLifeMs;
  for (const reservation of found.reservations) {
    if (wanted > latest(reservation) && reservation.expiresAt >= latest(reservation)) {
      return { rejection: lifetimeExceeded(draft) };
    }
  }
  const extended = found.reservations.map((reservation) =>
    moveEnd(draft, reservation, Math.min(wanted, latest(reservation))),
  );
  return { reply: replyWith(command.holds, extended) };
}

function moveEnd(draft: Draft, reservation: Reservation, expiresAt: number): Reservation {
  const { isoTime, now } = draft.context;
  const after = { ...reservation, expiresAt, updatedAt: now };
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
    { ...told(draft, after), previous_expires_at: isoTime(reservation.expiresAt) },
  );
  return after;
}

/** Refusals of what needs an open store and a pending hold: confirm and extend. */
function refuseOpen(draft: Draft, reservations: readonly Reservation[]): Rejection | null {
  return refusePlaces(draft, reservations) ?? refuseEnded(reservations);
}
