// A database made of Maps, for tests only: it loads what the domain asks for, lets it decide, and
// stores what it answers, as the adapters do. It loads no more than `keysOf` names, so a command that
// looks at something it did not ask for is found out here. Nothing in it is fast.

import { isLive } from "../../src/domain/customer.ts";
import {
  addReservationKeys,
  answerKey,
  type Changes,
  decideAll,
  type Keys,
  keysOf,
  type Outcome,
  restsOnUnloadedHolds,
  type Totals,
  type Write,
} from "../../src/domain/decide.ts";
import type { DomainEvent } from "../../src/domain/event.ts";
import type { Command, Product, Reservation, Stock, Store } from "../../src/domain/model.ts";
import {
  type Context,
  emptySlice,
  type KeptAnswer,
  type RowKey,
  rowKey,
  type Slice,
} from "../../src/domain/slice.ts";
import { assert } from "../../src/lib/assert.ts";
import { dueHoldsPerRowMax } from "../../src/limits.ts";

export interface LoggedEvent extends DomainEvent {
  readonly seq: number;
  readonly occurredAt: number;
}

export interface MemoryDatabase {
  readonly products: Map<string, Product>;
  readonly stores: Map<string, Store>;
  readonly stock: Map<RowKey, Stock>;
  readonly reservations: Map<string, Reservation>;
  readonly answers: Map<string, KeptAnswer>;
  readonly totals: Map<string, Totals>;
  readonly log: LoggedEvent[];
}

export function emptyDatabase(): MemoryDatabase {
  return {
    products: new Map(),
    stores: new Map(),
    stock: new Map(),
    reservations: new Map(),
    answers: new Map(),
    totals: new Map(),
    log: [],
  };
}

/** Decides and stores commands as one batch. */
export function commit(
  database: MemoryDatabase,
  commands: readonly Command[],
  context: Context,
  duePerRow = dueHoldsPerRowMax,
): Outcome[] {
  const whole = new Set<RowKey>();
  let slice = loadSlice(database, commands, context.now, duePerRow);
  let decided = decideAll(slice, commands, context);
  for (;;) {
    const rests = restsOnUnloadedHolds(slice, decided.outcomes);
    if (rests.size === 0) break;
    for (const key of rests) whole.add(key);
    slice = loadSlice(database, commands, context.now, duePerRow, whole);
    decided = decideAll(slice, commands, context);
  }
  save(database, decided.changes);
  for (const { events } of decided.outcomes) {
    for (const event of events) {
      database.log.push({ ...event, seq: database.log.length + 1, occurredAt: context.now });
    }
  }
  return decided.outcomes;
}

/** Up to `duePerRow` due holds of each row, and all of those of the rows in `whole`. */
export function loadSlice(
  database: MemoryDatabase,
  commands: readonly Command[],
  now: number,
  duePerRow: number,
  whole: ReadonlySet<RowKey> = new Set(),
): Slice {
  const slice = emptySlice();
  const keys = keysOf(commands);
  for (const id of keys.groups) {
    const members = [...database.reservations.values()].filter(({ groupId }) => groupId === id);
    if (members.length > 0)
      slice.groups.set(
        id,
        members.map((member) => member.id),
      );
    for (const member of members) keys.reservations.add(member.id);
  }
  copy(database.reservations, keys.reservations, slice.reservations);
  addReservationKeys(keys, slice.reservations.values());
  const most = (key: RowKey) => (whole.has(key) ? Number.POSITIVE_INFINITY : duePerRow);
  loadDue(database, keys, now, most, slice);

  copy(database.stock, keys.rows.keys(), slice.stock);
  copy(database.products, keys.products, slice.products);
  copy(database.stores, keys.stores, slice.stores);
  for (const { id, sku, archivedAt } of database.products.values()) {
    if (archivedAt === null && keys.skus.has(sku)) slice.skuOwners.set(sku, id);
  }
  for (const hold of database.reservations.values()) {
    const { customerId, quantity } = hold;
    if (!keys.customers.has(customerId) || !isLive(hold, now)) continue;
    const { count, units } = slice.holdings.get(customerId) ?? { count: 0, units: 0 };
    slice.holdings.set(customerId, { count: count + 1, units: units + quantity });
  }
  for (const row of database.stock.values()) {
    const { productId, storeId, quantity } = row;
    if (keys.wholeProducts.has(productId)) slice.stock.set(rowKey(productId, storeId), row);
    if (keys.storeUse.has(storeId)) add(slice.storeUnits, storeId, quantity);
  }
  const answers = commands.flatMap(({ once }) => (once === null ? [] : answerKey(once)));
  copy(database.answers, answers, slice.answers);
  return slice;
}

/** Due holds, oldest first: some of each named row, and as many of any row as the worker asks for. */
function loadDue(
  database: MemoryDatabase,
  keys: Keys,
  now: number,
  most: (key: RowKey) => number,
  slice: Slice,
): void {
  const due = [...database.reservations.values()]
    .filter(({ status, expiresAt }) => status === "PENDING" && expiresAt <= now)
    .sort((a, b) => a.expiresAt - b.expiresAt);
  const oldest = new Set(due.slice(0, keys.due));
  const loaded = new Map<RowKey, string[]>();
  for (const hold of due) {
    const key = rowKey(hold.productId, hold.storeId);
    const ids = loaded.get(key) ?? [];
    const named = keys.rows.has(key);
    if (oldest.has(hold) || (named && ids.length < most(key))) {
      loaded.set(key, [...ids, hold.id]);
      slice.reservations.set(hold.id, hold);
    } else if (named) {
      slice.dueTruncated.add(key);
    }
  }
  for (const [key, ids] of loaded) slice.due.set(key, ids);
  addReservationKeys(keys, slice.reservations.values());
}

export function save(database: MemoryDatabase, changes: Changes): void {
  for (const one of changes.products) {
    write(database.products, new Map([[one.row.id, one]]));
    const skus = [...database.products.values()].filter((each) => each.archivedAt === null);
    assert(new Set(skus.map(({ sku }) => sku)).size === skus.length, "a SKU has one product");
  }
  write(database.stores, changes.stores);
  write(database.stock, changes.stock);
  write(database.reservations, changes.reservations);
  for (const { once, answered } of changes.answers) {
    const key = answerKey(once);
    assert(!database.answers.has(key), "an idempotency key is answered once");
    database.answers.set(key, { fingerprint: once.fingerprint, outcome: answered });
  }
  for (const [storeId, moved] of changes.totals) {
    const totals = database.totals.get(storeId) ?? noTotals();
    totals.quantity += moved.quantity;
    totals.reserved += moved.reserved;
    totals.rows += moved.rows;
    totals.lowRows += moved.lowRows;
    totals.byStatus.PENDING += moved.byStatus.PENDING;
    totals.byStatus.CONFIRMED += moved.byStatus.CONFIRMED;
    totals.byStatus.CANCELLED += moved.byStatus.CANCELLED;
    totals.byStatus.EXPIRED += moved.byStatus.EXPIRED;
    database.totals.set(storeId, totals);
  }
}

export function noTotals(): Totals {
  const byStatus = { PENDING: 0, CONFIRMED: 0, CANCELLED: 0, EXPIRED: 0 };
  return { quantity: 0, reserved: 0, rows: 0, lowRows: 0, byStatus };
}

/** Inserts what is new and updates what is not, and is as strict about the difference as SQL. */
function write<Row>(table: Map<string, Row>, writes: ReadonlyMap<string, Write<Row>>): void {
  for (const [key, { row, before }] of writes) {
    const isNew = before === undefined;
    assert(table.has(key) !== isNew, `${key}: ${isNew ? "inserted twice" : "updated, not there"}`);
    table.set(key, Object.freeze(row));
  }
}

function copy<Row>(from: ReadonlyMap<string, Row>, keys: Iterable<string>, to: Map<string, Row>) {
  for (const key of keys) {
    const row = from.get(key);
    if (row !== undefined) to.set(key, row);
  }
}

function add(units: Map<string, number>, id: string, quantity: number): void {
  units.set(id, (units.get(id) ?? 0) + quantity);
}
