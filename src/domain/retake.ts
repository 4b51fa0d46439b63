// Rule 6: the units of an expired reservation are taken again and sold at once, if they are still there.
// The old reservation stays EXPIRED and can be retaken once: a second customer's retry must not sell the
// same basket twice.

import type { Draft } from "./draft.ts";
import { refuseSold, refuseUnits, sellHold, takeHold } from "./hold.ts";
import type { Reservation } from "./model.ts";
import type { Decided } from "./outcome.ts";
import { refusePlace } from "./place.ts";

export function retake(
  draft: Draft,
  expired: Reservation,
  newId: string,
  quantity: number | null,
): Decided {
  const { productId, storeId, retakenBy } = expired;
  const place = refusePlace(draft, productId, storeId);
  if (place !== null) return { rejection: place };
  if (retakenBy !== null) {
    const { id: reservationId, status } = expired;
    return { rejection: { code: "reservation_not_pending", reservationId, status, retakenBy } };
  }
  const wanted = quantity ?? expired.quantity;
  const refused =
    refuseUnits(draft, [{ productId, storeId, quantity: wanted }]) ?? refuseSold(expired, quantity);
  if (refused !== null) return { rejection: refused };
  const { now } = draft.context;
  draft.reservations.set(expired.id, { ...expired, retakenBy: newId });
  const held = takeHold(draft, {
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
  return { reply: { kind: "reservation", reservation: sellHold(draft, held, null) } };
}
