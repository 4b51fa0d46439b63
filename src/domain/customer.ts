// The limits against hoarding (rule 12): how many live reservations and held units a customer has, and
// whether more may come.

import type { Draft } from "./draft.ts";
import type { Reservation, ReserveLine } from "./model.ts";
import type { Rejection } from "./rejection.ts";
import type { Holding } from "./slice.ts";

/** A hold that counts against a customer: pending and not yet due. */
export function isLive(reservation: Reservation, now: number): boolean {
  return reservation.status === "PENDING" && reservation.expiresAt > now;
}

/** How a customer's holding moves when a reservation becomes another. */
export function holdingChange(
  before: Reservation | undefined,
  after: Reservation,
  now: number,
): Holding {
  const was = before !== undefined && isLive(before, now) ? 1 : 0;
  const is = isLive(after, now) ? 1 : 0;
  return { count: is - was, units: is * after.quantity - was * (before?.quantity ?? 0) };
}

const nothing: Holding = { count: 0, units: 0 };

/** The first limit that these lines, all of one reserve, would break; a limit of 0 is none. */
export function refuseHoarding(
  draft: Draft,
  customerId: string,
  lines: readonly ReserveLine[],
): Rejection | null {
  const { reservationsPerCustomer, unitsPerCustomer } = draft.context.limits;
  const held = draft.slice.holdings.get(customerId) ?? nothing;
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
