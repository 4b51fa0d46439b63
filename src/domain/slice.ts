// The part of the database that a batch of commands needs, loaded before anything is decided, and the
// draft in which one command writes what it would change. A refused command's draft is dropped; an
// accepted one is merged, so the next command of the batch sees it. An adapter fills a Slice, lets
// decide.ts work on it, and writes `changed` back; it never interprets an event.

import { assert } from "../lib/assert.ts";
import type {
  DomainEvent,
  EventPayload,
  EventType,
  Issued,
  Product,
  Reservation,
  Stock,
  Store,
} from "./model.ts";

/** The key of a stock row. Sorts like (product_id, store_id) in byte order: the separator is below any id character. */
export type RowKey = string;
export function rowKey(productId: string, storeId: string): RowKey {
  return `${productId}\n${storeId}`;
}

/** Live holds of one customer: what the limits against hoarding count. */
export interface Holding {
  readonly count: number;
  readonly units: number;
}

/** What must be loaded for a command. Rows of the named reservations come on top; see `Slice`. */
export interface Keys {
  readonly products: Set<string>;
  readonly stores: Set<string>;
  readonly rows: Map<RowKey, { readonly productId: string; readonly storeId: string }>;
  readonly reservations: Set<string>;
  readonly groups: Set<string>;
  readonly skus: Set<string>;
  readonly customers: Set<string>;
  /** Products of which every row is needed (they are to be archived). */
  readonly wholeProducts: Set<string>;
  /** Stores whose total quantity decides (they are to be archived). */
  readonly storeUse: Set<string>;
  /** How many due holds of any row are to be expired. */
  due: number;
}

export function noKeys(): Keys {
  return {
    products: new Set(),
    stores: new Set(),
    rows: new Map(),
    reservations: new Set(),
    groups: new Set(),
    skus: new Set(),
    customers: new Set(),
    wholeProducts: new Set(),
    storeUse: new Set(),
    due: 0,
  };
}

/** A remembered answer of an idempotency key: the first outcome, to be given again as it was. */
export interface KeptAnswer {
  readonly fingerprint: string;
  readonly outcome: import("./decide.ts").Answered;
}

/** Loaded state. Every map holds exactly what exists; what is not in a map does not exist. */
export interface Slice {
  readonly products: Map<string, Product>;
  readonly stores: Map<string, Store>;
  readonly stock: Map<RowKey, Stock>;
  readonly reservations: Map<string, Reservation>;
  /** group id → ids of its reservations, in the order in which they were made. */
  readonly groups: Map<string, readonly string[]>;
  /** SKU → the product, not archived, that has it. */
  readonly skuOwners: Map<string, string>;
  /** Sums, read only for what the keys of the batch name; what is not in the map is zero. */
  readonly holdings: Map<string, Holding>;
  readonly storeUnits: Map<string, number>;
  /** Row → ids of its PENDING reservations with `expires_at` <= now, oldest first, loaded in `reservations`. */
  readonly due: Map<RowKey, string[]>;
  /** Rows that have more due holds than were loaded. */
  readonly dueTruncated: Set<RowKey>;
  /** caller + "\n" + key → the kept answer. */
  readonly answers: Map<string, KeptAnswer>;
}

export function emptySlice(): Slice {
  return {
    products: new Map(),
    stores: new Map(),
    stock: new Map(),
    reservations: new Map(),
    groups: new Map(),
    skuOwners: new Map(),
    holdings: new Map(),
    storeUnits: new Map(),
    due: new Map(),
    dueTruncated: new Set(),
    answers: new Map(),
  };
}

/** What a decision may not invent: time, ids and the configured limits. */
export interface Context {
  readonly now: number;
  readonly newId: () => string;
  /** Milliseconds to ISO 8601 UTC: payloads carry times as the API does. */
  readonly isoTime: (ms: number) => string;
  readonly limits: DomainLimits;
}

export interface DomainLimits {
  /** Live reservations and held units of one customer; 0: no limit. */
  readonly reservationsPerCustomer: number;
  readonly unitsPerCustomer: number;
  /** Longest total life of a reservation, ms. */
  readonly reservationLifeMs: number;
}

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

/** A hold that counts against a customer: pending and not yet due. */
export function isLive(reservation: Reservation, now: number): boolean {
  return reservation.status === "PENDING" && reservation.expiresAt > now;
}

export function holdingIn(draft: Draft, customerId: string): Holding {
  const loaded = draft.slice.holdings.get(customerId);
  let count = loaded?.count ?? 0;
  let units = loaded?.units ?? 0;
  for (const reservation of draft.reservations.values()) {
    if (reservation.customerId !== customerId) continue;
    const before = draft.slice.reservations.get(reservation.id);
    const change = liveChange(before, reservation, draft.context.now);
    count += change.count;
    units += change.units;
  }
  return { count, units };
}

function liveChange(before: Reservation | undefined, after: Reservation, now: number): Holding {
  const was = before !== undefined && isLive(before, now) ? 1 : 0;
  const is = isLive(after, now) ? 1 : 0;
  return { count: is - was, units: is * after.quantity - was * (before?.quantity ?? 0) };
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
    payload,
  });
}

export interface StockWrite {
  readonly row: Stock;
  readonly quantity: number;
  readonly reserved: number;
  readonly reorderPoint?: number | null;
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
    updatedAt: draft.context.now,
  };
}

/** Merges an accepted draft into the slice, so that the next command of the batch decides on it. */
export function merge(draft: Draft): void {
  const { slice, context } = draft;
  for (const [id, product] of draft.products) {
    const before = slice.products.get(id);
    if (before !== undefined && slice.skuOwners.get(before.sku) === id) {
      slice.skuOwners.delete(before.sku);
    }
    if (product.archivedAt === null) slice.skuOwners.set(product.sku, id);
    slice.products.set(id, product);
  }
  for (const [id, store] of draft.stores) slice.stores.set(id, store);
  for (const [key, row] of draft.stock) {
    const grown = row.quantity - (slice.stock.get(key)?.quantity ?? 0);
    addUnits(slice.storeUnits, row.storeId, grown);
    slice.stock.set(key, row);
  }
  for (const [id, reservation] of draft.reservations) {
    const before = slice.reservations.get(id);
    const held = slice.holdings.get(reservation.customerId) ?? { count: 0, units: 0 };
    const change = liveChange(before, reservation, context.now);
    slice.holdings.set(reservation.customerId, {
      count: held.count + change.count,
      units: held.units + change.units,
    });
    if (before === undefined && reservation.groupId !== null) {
      const members = slice.groups.get(reservation.groupId) ?? [];
      slice.groups.set(reservation.groupId, [...members, id]);
    }
    slice.reservations.set(id, reservation);
  }
}

function addUnits(units: Map<string, number>, id: string, grown: number): void {
  if (grown !== 0) units.set(id, (units.get(id) ?? 0) + grown);
}
