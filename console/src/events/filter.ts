import type { EventType, OnhandEvent } from "@onhand/client";
import type { Filters } from "../filters.ts";
import type { EventFilter } from "../log.ts";

export const filterNames = ["type", "store", "product", "at"] as const;
export type EventFilters = Filters<(typeof filterNames)[number]>;

export const eventTypes = [
  "stock.created",
  "stock.updated",
  "stock.transferred",
  "stock.low",
  "stock.out",
  "stock.back",
  "reservation.created",
  "reservation.confirmed",
  "reservation.cancelled",
  "reservation.expired",
  "reservation.extended",
  "product.created",
  "product.updated",
  "product.archived",
  "store.created",
  "store.updated",
  "store.archived",
] as const satisfies readonly EventType[];

export function filterOf({ type, store, product }: EventFilters["values"]): EventFilter {
  return {
    ...(type === null ? {} : { type: type as EventType }),
    ...(store === null ? {} : { store_id: store }),
    ...(product === null ? {} : { product_id: product }),
  };
}

export function isAny(filter: EventFilter): boolean {
  return Object.keys(filter).length > 0;
}

/** As the service does. */
export function matches(event: OnhandEvent, { type, store_id, product_id }: EventFilter): boolean {
  if (type !== undefined && event.type !== type) return false;
  if (store_id !== undefined && event.store_id !== store_id) return false;
  return product_id === undefined || event.product_id === product_id;
}
