// From the domain's values to the JSON of answers. Pure, and the only place where names turn from
// camelCase to snake_case. A time-dependent field takes the time it is to be computed at, so that an
// answer given again under an idempotency key is the same to the byte.

import type { Product, Reservation, Stock, Store } from "../domain/model.ts";
import { isoTime } from "../lib/clock.ts";
import type { StockOfStoreRow } from "../store/store.ts";
import { priceOf } from "./money.ts";
import type {
  GroupAnswer,
  ProductAnswer,
  ReservationAnswer,
  StockAnswer,
  StockOfStoreAnswer,
  StoreAnswer,
} from "./schemas.ts";
import type { Static } from "./type.ts";

export function productAnswer(product: Product): Static<typeof ProductAnswer> {
  return {
    id: product.id,
    sku: product.sku,
    name: product.name,
    description: product.description,
    category: product.category,
    price: priceOf(product.priceCents),
    version: product.version,
    created_at: isoTime(product.createdAt),
    updated_at: isoTime(product.updatedAt),
  };
}

export function storeAnswer(store: Store): Static<typeof StoreAnswer> {
  return {
    id: store.id,
    name: store.name,
    address: store.address,
    city: store.city,
    country: store.country,
    phone: store.phone,
    email: store.email,
    active: store.active,
    version: store.version,
    created_at: isoTime(store.createdAt),
    updated_at: isoTime(store.updatedAt),
  };
}

export function stockAnswer(stock: Stock): Static<typeof StockAnswer> {
  return {
    id: stock.id,
    product_id: stock.productId,
    store_id: stock.storeId,
    quantity: stock.quantity,
    reserved: stock.reserved,
    available: stock.quantity - stock.reserved,
    version: stock.version,
    reorder_point: stock.reorderPoint,
    updated_at: isoTime(stock.updatedAt),
  };
}

export function stockOfStoreAnswer(row: StockOfStoreRow): Static<typeof StockOfStoreAnswer> {
  return { ...stockAnswer(row), sku: row.sku, product_name: row.productName };
}

/** `at`: the time of the decision for a write (outcome.at), now for a read. */
export function reservationAnswer(
  reservation: Reservation,
  at: number,
): Static<typeof ReservationAnswer> {
  return {
    reservation_id: reservation.id,
    id: reservation.id,
    status: reservation.status,
    product_id: reservation.productId,
    store_id: reservation.storeId,
    customer_id: reservation.customerId,
    quantity: reservation.quantity,
    expires_at: isoTime(reservation.expiresAt),
    expires_in_seconds: secondsLeft(reservation, at),
    group_id: reservation.groupId,
    created_at: isoTime(reservation.createdAt),
    updated_at: reservation.updatedAt === null ? null : isoTime(reservation.updatedAt),
    confirmed_quantity: reservation.confirmedQuantity,
    cancel_reason: reservation.cancelReason,
    retaken_from: reservation.retakenFrom,
    retaken_by: reservation.retakenBy,
    metadata: metadataOf(reservation),
  };
}

export function groupAnswer(
  group: { readonly groupId: string; readonly reservations: readonly Reservation[] },
  at: number,
): Static<typeof GroupAnswer> {
  return {
    group_id: group.groupId,
    reservations: group.reservations.map((one) => reservationAnswer(one, at)),
  };
}

/** Whole seconds that are surely left; 0 where nothing is held any more. */
function secondsLeft({ status, expiresAt }: Reservation, at: number): number {
  return status === "PENDING" ? Math.max(0, Math.floor((expiresAt - at) / 1000)) : 0;
}

function metadataOf({ metadata }: Reservation): Record<string, unknown> | null {
  if (metadata === null) return null;
  const value: Record<string, unknown> = JSON.parse(metadata);
  return value;
}
