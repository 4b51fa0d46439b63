// What a command about holds is about: one reservation, or all of a group. Which are meant, whether the
// caller may see them, whether something may still happen to them, and how they are answered.

import { must } from "../lib/assert.ts";
import { type Draft, reservationIn } from "./draft.ts";
import type { Holds, Reply, Reservation, Visibility } from "./model.ts";
import type { Rejection } from "./rejection.ts";
import type { Slice } from "./slice.ts";

type Found = { readonly reservations: readonly Reservation[] } | { readonly rejection: Rejection };

/** Ids of what is meant, whether or not it is there. */
export function idsOf(slice: Slice, holds: Holds): readonly string[] {
  return holds.kind === "reservation" ? [holds.id] : (slice.groups.get(holds.id) ?? []);
}

/** The reservations meant, if the caller may see all of them; else they are not there. */
export function findHolds(draft: Draft, holds: Holds, visibleTo: Visibility): Found {
  if (holds.kind === "reservation") {
    const reservation = reservationIn(draft, holds.id);
    if (reservation === undefined || !isVisible(reservation, visibleTo)) {
      return { rejection: { code: "reservation_not_found", reservationId: holds.id } };
    }
    return { reservations: [reservation] };
  }
  const reservations = idsOf(draft.slice, holds).map((id) =>
    must(reservationIn(draft, id), "members are loaded"),
  );
  if (reservations.length === 0 || !reservations.every((one) => isVisible(one, visibleTo))) {
    return { rejection: { code: "group_not_found", groupId: holds.id } };
  }
  return { reservations };
}

function isVisible({ storeId, customerId }: Reservation, visibleTo: Visibility): boolean {
  const { stores } = visibleTo;
  if (visibleTo.customerId !== null && customerId !== visibleTo.customerId) return false;
  return stores === "*" || stores.includes(storeId);
}

/** All of them must be pending: what was sold or cancelled is said before what has expired. */
export function refuseEnded(reservations: readonly Reservation[]): Rejection | null {
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

export function replyWith(holds: Holds, reservations: readonly Reservation[]): Reply {
  if (holds.kind === "group") return { kind: "group", groupId: holds.id, reservations };
  return {
    kind: "reservation",
    reservation: must(reservations[0], "one reservation was found"),
  };
}
