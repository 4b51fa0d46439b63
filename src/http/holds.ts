// What the routes of reservations and of groups share: how long a hold lasts, whose reservations a
// caller may list, and what the log is told of a command on them.

import type { Reservation } from "../domain/model.ts";
import { must } from "../lib/assert.ts";
import { ttlSecondsMax } from "../limits.ts";
import type { Outcome, ReservationQuery } from "../store/store.ts";
import type { Business } from "./observe.ts";
import { invalidField, type ProblemCode } from "./problem.ts";
import { type Caller, seesStore, visibility } from "./roles.ts";
import { Body, Note, TtlSeconds } from "./schemas.ts";
import { Type } from "./type.ts";

/** How long units are held: seconds, or minutes in their place. */
export const ttlFields = {
  ttl: Type.Optional(TtlSeconds),
  ttl_minutes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: ttlSecondsMax / 60,
      description: "In place of ttl.",
    }),
  ),
};

export const ExtendBody = Body(ttlFields);
export const CancelBody = Body({ reason: Type.Optional(Note) });

interface Ttl {
  readonly ttl?: number;
  readonly ttl_minutes?: number;
}

/** null: it does not say. */
export function ttlMsOf({ ttl, ttl_minutes: minutes }: Ttl): number | null {
  if (minutes === undefined) return ttl === undefined ? null : ttl * 1_000;
  if (ttl !== undefined) throw invalidField("/ttl_minutes", "stands in place of ttl; send one");
  return minutes * 60_000;
}

export function neededTtlMs(body: Ttl): number {
  const ttlMs = ttlMsOf(body);
  if (ttlMs === null) throw invalidField("/ttl", "is required, or ttl_minutes in its place");
  return ttlMs;
}

/** What any command on held units may be refused for. */
export const openHoldCodes = [
  "product_not_found",
  "store_not_found",
  "store_inactive",
  "reservation_not_pending",
  "reservation_expired",
] as const satisfies readonly ProblemCode[];

/** What the domain asks of a command's `visibleTo`, for reads. */
export function seesReservation(caller: Caller, { storeId, customerId }: Reservation): boolean {
  if (caller.role === "customer" && customerId !== caller.subject) return false;
  return seesStore(caller, storeId);
}

/** Whose reservations a list may show. null: nobody's, for a customer asked for somebody else's. */
export function listScope(
  caller: Caller,
  customerId: string | null,
): Pick<ReservationQuery, "customerId" | "stores"> | null {
  const { stores, customerId: own } = visibility(caller);
  if (own !== null && customerId !== null && customerId !== own) return null;
  return { stores, customerId: own ?? customerId };
}

/** Which stock a command was about, where its outcome says so: only then does the store surely exist. */
export function businessOf(operation: string, { result }: Outcome): Business {
  if (!("reply" in result)) return { operation };
  const { reply } = result;
  if (reply.kind === "reservation") {
    const { storeId, productId, quantity } = reply.reservation;
    return { operation, store_id: storeId, product_id: productId, quantity };
  }
  return reply.kind === "group" ? businessOfLines(operation, reply.reservations) : { operation };
}

/** Several lines in one entry: their units together, and the place that all of them share. */
export function businessOfLines(
  operation: string,
  lines: readonly Pick<Reservation, "storeId" | "productId" | "quantity">[],
): Business {
  const { storeId, productId } = must(lines[0], "a group has a line");
  return {
    operation,
    quantity: lines.reduce((sum, line) => sum + line.quantity, 0),
    ...(lines.every((line) => line.storeId === storeId) ? { store_id: storeId } : null),
    ...(lines.every((line) => line.productId === productId) ? { product_id: productId } : null),
  };
}
