// The draft in which one command writes what it would change, over the slice that it reads. A refused
// command's draft is dropped; an accepted one is merged (changes.ts). Stock rows change here and nowhere
// else, each time with the event that says so.

import { assert } from "../lib/assert.ts";
import type { DomainEvent, EventPayload } from "./event.ts";
import type { EventType, Issued, Product, Reservation, Stock, Store } from "./model.ts";
import { type Context, type RowKey, rowKey, type Slice } from "./slice.ts";

/** One command's pending changes over a slice. */
export interface Draft {
  readonly slice: Slice;
  readonly context: Context;
  readonly issued: Issued;
  readonly products: Map<string, Product>;
  readonly stores: Map<string, Store>;
  readonly stock: Map<RowKey, Stock>;
  readonly reservations: Map<string, Reservation>;
  readonly events: DomainEvent[];
}

export function draftOver(slice: Slice, context: Context, issued: Issued): Draft {
  return {
    slice,
    context,
    issued,
    products: new Map(),
    stores: new Map(),
    stock: new Map(),
    reservations: new Map(),
    events: [],
  };
}

export function productIn(draft: Draft, id: string): Product | undefined {
  const product = draft.products.get(id) ?? draft.slice.products.get(id);
  return product?.archivedAt === null ? product : undefined;
}

export function storeIn(draft: Draft, id: string): Store | undefined {
  const store = draft.stores.get(id) ?? draft.slice.stores.get(id);
  return store?.archivedAt === null ? store : undefined;
}

export function stockIn(draft: Draft, productId: string, storeId: string): Stock | undefined {
  const key = rowKey(productId, storeId);
  return draft.stock.get(key) ?? draft.slice.stock.get(key);
}

export function reservationIn(draft: Draft, id: string): Reservation | undefined {
  return draft.reservations.get(id) ?? draft.slice.reservations.get(id);
}

/** Adds an event about something other than the numbers of a stock row. */
export function emit(
  draft: Draft,
  type: EventType,
  about: Pick<DomainEvent, "aggregateType" | "aggregateId" | "storeId" | "productId">,
  payload: EventPayload,
): void {
  draft.events.push({
    id: draft.context.newId(),
    type,
    aggregateType: about.aggregateType,
    aggregateId: about.aggregateId,
    storeId: about.storeId,
    productId: about.productId,
    actor: draft.issued.actor,
    requestId: draft.issued.requestId,
    traceparent: draft.issued.traceparent ?? null,
    payload,
  });
}

export interface StockWrite {
  readonly row: Stock;
  readonly quantity: number;
  readonly reserved: number;
  /** undefined: as it was. */
  readonly reorderPoint?: number | null | undefined;
}

/**
 * The only way in which a stock row changes: one event, one version, balances before and after (rule 3).
 * I1 is asserted here; callers have refused what would break it. The event is about the reservation
 * where one is given, else about the row.
 */
export function changeStock(
  draft: Draft,
  write: StockWrite,
  type: EventType,
  payload: EventPayload,
  reservationId?: string,
): Stock {
  const { row, quantity, reserved } = write;
  assert(
    Number.isSafeInteger(quantity) && 0 <= reserved && reserved <= quantity,
    `I1 would break: quantity ${quantity}, reserved ${reserved}`,
  );
  const after: Stock = {
    id: row.id,
    productId: row.productId,
    storeId: row.storeId,
    quantity,
    reserved,
    version: row.version + 1,
    reorderPoint: write.reorderPoint === undefined ? row.reorderPoint : write.reorderPoint,
    lowTold: row.lowTold,
    updatedAt: draft.context.now,
  };
  draft.stock.set(rowKey(row.productId, row.storeId), after);
  emit(
    draft,
    type,
    {
      aggregateType: reservationId === undefined ? "stock" : "reservation",
      aggregateId: reservationId ?? row.id,
      storeId: row.storeId,
      productId: row.productId,
    },
    {
      ...payload,
      stock: {
        before: { quantity: row.quantity, reserved: row.reserved },
        after: { quantity, reserved },
        version: after.version,
      },
    },
  );
  return after;
}

/** A row that is about to be made: version 0 exists only until `changeStock` gives it version 1. */
export function newRow(draft: Draft, productId: string, storeId: string): Stock {
  return {
    id: draft.context.newId(),
    productId,
    storeId,
    quantity: 0,
    reserved: 0,
    version: 0,
    reorderPoint: null,
    lowTold: false,
    updatedAt: draft.context.now,
  };
}
