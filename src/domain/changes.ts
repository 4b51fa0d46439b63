// What a batch changed, for an adapter to write: final rows, whatever happened in between, and how the
// totals of the stores move. An accepted draft is checked, noted here and merged into the slice.

import { holdingChange } from "./customer.ts";
import type { Draft } from "./draft.ts";
import type { DomainEvent } from "./event.ts";
import { assertDecision } from "./invariants.ts";
import type { Once, Product, Reservation, ReservationStatus, Stock, Store } from "./model.ts";
import type { Answered } from "./outcome.ts";
import type { RowKey } from "./slice.ts";
import { isLow } from "./thresholds.ts";

/** A row as it is to be stored. */
export interface Write<Row> {
  readonly row: Row;
  /** As it is stored now; undefined: it is new. */
  readonly before: Row | undefined;
}

/** How a store's maintained totals move. */
export interface Totals {
  quantity: number;
  reserved: number;
  rows: number;
  lowRows: number;
  readonly byStatus: Record<ReservationStatus, number>;
}

export interface Changes {
  /**
   * Every write, in the order in which they were decided, also several of one product. Not final rows as
   * the others: a SKU may go from hand to hand within a batch, even in a circle, and only each step by
   * itself is sure to leave no two products with one SKU.
   */
  readonly products: Write<Product>[];
  readonly stores: Map<string, Write<Store>>;
  readonly stock: Map<RowKey, Write<Stock>>;
  readonly reservations: Map<string, Write<Reservation>>;
  readonly totals: Map<string, Totals>;
  /** Answers to keep; `index` is the command's place in the batch. */
  readonly answers: { readonly once: Once; readonly answered: Answered; readonly index: number }[];
}

export function noChanges(): Changes {
  return {
    products: [],
    stores: new Map(),
    stock: new Map(),
    reservations: new Map(),
    totals: new Map(),
    answers: [],
  };
}

/** Notes what an accepted draft has to write, and lets the next command of the batch decide on it. */
export function accept(draft: Draft, changes: Changes, events: DomainEvent[]): void {
  assertDecision(draft);
  for (const product of draft.products.values()) acceptProduct(draft, changes, product);
  for (const store of draft.stores.values()) {
    const { stores } = draft.slice;
    note(changes.stores, store.id, stores.get(store.id), store);
    stores.set(store.id, store);
  }
  for (const [key, row] of draft.stock) acceptRow(draft, changes, key, row);
  for (const one of draft.reservations.values()) acceptReservation(draft, changes, one);
  for (const event of draft.events) events.push(event);
}

/** Notes what a draft only tells about rows: no event changes them, so their numbers and versions are as they were. */
export function acceptTold(
  { slice, stock, events }: Draft,
  changes: Changes,
  to: DomainEvent[],
): void {
  for (const [key, row] of stock) {
    note(changes.stock, key, slice.stock.get(key), row);
    slice.stock.set(key, row);
  }
  for (const event of events) to.push(event);
}

function acceptProduct({ slice }: Draft, changes: Changes, product: Product): void {
  const before = slice.products.get(product.id);
  changes.products.push({ row: product, before });
  if (before !== undefined) slice.skuOwners.delete(before.sku);
  if (product.archivedAt === null) slice.skuOwners.set(product.sku, product.id);
  slice.products.set(product.id, product);
}

function acceptRow({ slice }: Draft, changes: Changes, key: RowKey, row: Stock): void {
  const before = slice.stock.get(key);
  const grown = row.quantity - (before?.quantity ?? 0);
  const totals = totalsOf(changes, row.storeId);
  totals.quantity += grown;
  totals.reserved += row.reserved - (before?.reserved ?? 0);
  totals.rows += before === undefined ? 1 : 0;
  totals.lowRows += (isLow(row) ? 1 : 0) - (before !== undefined && isLow(before) ? 1 : 0);
  note(changes.stock, key, before, row);
  slice.storeUnits.set(row.storeId, (slice.storeUnits.get(row.storeId) ?? 0) + grown);
  slice.stock.set(key, row);
}

function acceptReservation(
  { slice, context }: Draft,
  changes: Changes,
  reservation: Reservation,
): void {
  const { id, customerId, groupId, status } = reservation;
  const before = slice.reservations.get(id);
  const { byStatus } = totalsOf(changes, reservation.storeId);
  if (before !== undefined) byStatus[before.status] -= 1;
  byStatus[status] += 1;
  note(changes.reservations, id, before, reservation);
  const change = holdingChange(before, reservation, context.now);
  const held = slice.holdings.get(customerId);
  slice.holdings.set(customerId, {
    count: (held?.count ?? 0) + change.count,
    units: (held?.units ?? 0) + change.units,
  });
  if (before === undefined && groupId !== null) {
    slice.groups.set(groupId, [...(slice.groups.get(groupId) ?? []), id]);
  }
  slice.reservations.set(id, reservation);
}

function note<Row>(
  writes: Map<string, Write<Row>>,
  key: string,
  before: Row | undefined,
  row: Row,
): void {
  const written = writes.get(key);
  writes.set(key, { row, before: written === undefined ? before : written.before });
}

function totalsOf(changes: Changes, storeId: string): Totals {
  let totals = changes.totals.get(storeId);
  if (totals === undefined) {
    const byStatus = { PENDING: 0, CONFIRMED: 0, CANCELLED: 0, EXPIRED: 0 };
    totals = { quantity: 0, reserved: 0, rows: 0, lowRows: 0, byStatus };
    changes.totals.set(storeId, totals);
  }
  return totals;
}
