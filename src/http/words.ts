// The closed lists of the domain as values for schemas. This side sees only the domain's types, and the
// types keep these lists complete: a word too many or too few does not compile.

import type { EventType, Reason, ReservationStatus } from "../domain/model.ts";
import type { Role } from "../store/store.ts";

function wordsOf<Word extends string>(words: Readonly<Record<Word, true>>): readonly Word[] {
  return Object.keys(words) as Word[];
}

export const reasons = wordsOf<Reason>({
  RESTOCK: true,
  SALE: true,
  RETURN: true,
  DAMAGE: true,
  SHRINKAGE: true,
  COUNT: true,
  CORRECTION: true,
  TRANSFER: true,
  INITIAL: true,
  OTHER: true,
});

export const reservationStatuses = wordsOf<ReservationStatus>({
  PENDING: true,
  CONFIRMED: true,
  CANCELLED: true,
  EXPIRED: true,
});

export const eventTypes = wordsOf<EventType>({
  "stock.created": true,
  "stock.updated": true,
  "stock.transferred": true,
  "stock.low": true,
  "stock.out": true,
  "stock.back": true,
  "reservation.created": true,
  "reservation.confirmed": true,
  "reservation.cancelled": true,
  "reservation.expired": true,
  "reservation.extended": true,
  "product.created": true,
  "product.updated": true,
  "product.archived": true,
  "store.created": true,
  "store.updated": true,
  "store.archived": true,
});

export const roles = wordsOf<Role>({
  customer: true,
  channel: true,
  vendor: true,
  manager: true,
  admin: true,
});
