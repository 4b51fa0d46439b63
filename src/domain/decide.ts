// The front door of the domain. An adapter asks `keysOf` what to load, fills a Slice, calls `decideAll`
// and writes what it returns, all in one transaction. Pure: the same slice, commands and context give
// the same outcomes on every database. The clock, ids and limits are arguments.

import { unreachable } from "../lib/assert.ts";
import {
  archiveProduct,
  archiveStore,
  changeProduct,
  changeStore,
  createProduct,
  createStore,
} from "./catalog.ts";
import { assertDecision } from "./invariants.ts";
import type {
  BatchLineResult,
  Command,
  DomainEvent,
  Once,
  Product,
  Reservation,
  ReservationStatus,
  Stock,
  Store,
} from "./model.ts";
import { isKept, type Rejection } from "./rejection.ts";
import { cancel, confirm, expireHolds, extend, reserve } from "./reservation.ts";
import {
  type Context,
  type Draft,
  draftOver,
  type Keys,
  merge,
  noKeys,
  type RowKey,
  rowKey,
  type Slice,
} from "./slice.ts";
import {
  batchStock,
  changeStockRow,
  type Decided,
  needRow,
  setStock,
  transferStock,
} from "./stock.ts";

export {
  type Context,
  type DomainLimits,
  emptySlice,
  type Keys,
  type RowKey,
  rowKey,
  type Slice,
} from "./slice.ts";

/** What a command was answered, as it is kept under its idempotency key. */
export interface Answered {
  /** When it was decided. */
  readonly at: number;
  /** The request that was first answered so; a replay repeats it. */
  readonly requestId: string;
  readonly result: Decided;
}

export interface Outcome extends Answered {
  /** This answer was given before, to an earlier request with the same key. */
  readonly replayed: boolean;
  /** Events of this command, its rows' expired holds first; the store numbers them in this order. */
  readonly events: readonly DomainEvent[];
}

/** How a store's maintained totals move. */
export interface Totals {
  quantity: number;
  reserved: number;
  rows: number;
  lowRows: number;
  readonly byStatus: Record<ReservationStatus, number>;
}

/** A row as it is to be stored. */
export interface Write<Row> {
  readonly row: Row;
  readonly isNew: boolean;
}

/** What a batch changed: final rows, whatever happened in between. */
export interface Changes {
  readonly products: Map<string, Write<Product>>;
  readonly stores: Map<string, Write<Store>>;
  readonly stock: Map<RowKey, Write<Stock>>;
  readonly reservations: Map<string, Write<Reservation>>;
  readonly totals: Map<string, Totals>;
  /** Answers to keep; `index` is the command's place in the batch. */
  readonly answers: { readonly once: Once; readonly answered: Answered; readonly index: number }[];
}

/** Who ends holds that are due, whichever command met them. */
export const expiryActor = "system:expiry";

/** Everything that deciding `commands` may look at, apart from kept answers. */
export function keysOf(commands: readonly Command[]): Keys {
  const keys = noKeys();
  for (const command of commands) addKeys(keys, command);
  return keys;
}

function addKeys(keys: Keys, command: Command): void {
  switch (command.kind) {
    case "CreateProduct":
      keys.products.add(command.id);
      keys.skus.add(command.fields.sku);
      return;
    case "ChangeProduct":
      keys.products.add(command.id);
      if (command.fields.sku !== undefined) keys.skus.add(command.fields.sku);
      return;
    case "ArchiveProduct":
      keys.products.add(command.id);
      keys.wholeProducts.add(command.id);
      return;
    case "CreateStore":
    case "ChangeStore":
      keys.stores.add(command.id);
      return;
    case "ArchiveStore":
      keys.stores.add(command.id);
      keys.storeUse.add(command.id);
      return;
    case "ChangeStock":
      return needRow(keys, command.change.productId, command.change.storeId);
    case "SetStock":
      return needRow(keys, command.productId, command.storeId);
    case "TransferStock":
      needRow(keys, command.productId, command.fromStoreId);
      return needRow(keys, command.productId, command.toStoreId);
    case "BatchStock":
      for (const change of command.changes) needRow(keys, change.productId, change.storeId);
      return;
    case "Reserve":
      keys.customers.add(command.customerId);
      for (const line of command.lines) {
        needRow(keys, line.productId, line.storeId);
        if (line.idBrought) keys.reservations.add(line.reservationId);
      }
      return;
    case "Confirm":
    case "Cancel":
    case "Extend":
      (command.holds.kind === "group" ? keys.groups : keys.reservations).add(command.holds.id);
      return;
    case "ExpireDue":
      keys.due += command.limit;
      return;
    default:
      unreachable(command);
  }
}

/** Rows, products and stores of loaded reservations belong to the slice too. */
export function addReservationKeys(keys: Keys, reservations: Iterable<Reservation>): void {
  for (const { productId, storeId } of reservations) needRow(keys, productId, storeId);
}

export function decideAll(
  slice: Slice,
  commands: readonly Command[],
  context: Context,
): { readonly outcomes: Outcome[]; readonly changes: Changes } {
  const changes: Changes = {
    products: new Map(),
    stores: new Map(),
    stock: new Map(),
    reservations: new Map(),
    totals: new Map(),
    answers: [],
  };
  const outcomes = commands.map((command, index) =>
    decideOne(slice, command, index, context, changes),
  );
  return { outcomes, changes };
}

function decideOne(
  slice: Slice,
  command: Command,
  index: number,
  context: Context,
  changes: Changes,
): Outcome {
  const earlier = replay(slice, command, context);
  if (earlier !== null) return earlier;

  const events: DomainEvent[] = [];
  const expiry = draftOver(slice, context, { ...command, actor: expiryActor });
  expireHolds(expiry, dueOf(slice, command));
  accept(expiry, changes, events);

  const draft = draftOver(slice, context, command);
  const result = decide(draft, command);
  if ("reply" in result) accept(draft, changes, events);
  const { requestId, once } = command;
  const answered: Answered = { at: context.now, requestId, result };
  if (once !== null && ("reply" in result || isKept(result.rejection))) {
    slice.answers.set(answerKey(once), { fingerprint: once.fingerprint, outcome: answered });
    changes.answers.push({ once, answered, index });
  }
  return { ...answered, replayed: false, events };
}

export function answerKey(once: Pick<Once, "caller" | "key">): string {
  return `${once.caller}\n${once.key}`;
}

function replay(slice: Slice, command: Command, context: Context): Outcome | null {
  if (command.once === null) return null;
  const kept = slice.answers.get(answerKey(command.once));
  if (kept === undefined) return null;
  if (kept.fingerprint === command.once.fingerprint) {
    return { ...kept.outcome, replayed: true, events: [] };
  }
  const rejection: Rejection = { code: "idempotency_key_reused" };
  return {
    at: context.now,
    requestId: command.requestId,
    result: { rejection },
    replayed: false,
    events: [],
  };
}

/**
 * Due holds that end before the command is decided (rule 5): those of the rows that it touches, and the
 * reservations that it names, which may lie beyond the loaded part of their row's due holds.
 */
function dueOf(slice: Slice, command: Command): readonly string[] {
  if (command.kind === "ExpireDue") return [];
  const named = namedBy(slice, command);
  if (slice.due.size === 0) return named;
  const keys = keysOf([command]);
  addReservationKeys(
    keys,
    named.flatMap((id) => slice.reservations.get(id) ?? []),
  );
  const ids = [...named];
  for (const key of keys.rows.keys()) {
    ids.push(...(slice.due.get(key) ?? []));
    slice.due.delete(key);
  }
  return ids;
}

function namedBy(slice: Slice, command: Command): readonly string[] {
  if (!("holds" in command)) return [];
  const { kind, id } = command.holds;
  return kind === "reservation" ? [id] : (slice.groups.get(id) ?? []);
}

function decide(draft: Draft, command: Command): Decided {
  switch (command.kind) {
    case "CreateProduct":
      return createProduct(draft, command);
    case "ChangeProduct":
      return changeProduct(draft, command);
    case "ArchiveProduct":
      return archiveProduct(draft, command);
    case "CreateStore":
      return createStore(draft, command);
    case "ChangeStore":
      return changeStore(draft, command);
    case "ArchiveStore":
      return archiveStore(draft, command);
    case "ChangeStock":
      return changeStockRow(draft, command);
    case "SetStock":
      return setStock(draft, command);
    case "TransferStock":
      return transferStock(draft, command);
    case "BatchStock":
      return batchStock(draft, command);
    case "Reserve":
      return reserve(draft, command);
    case "Confirm":
      return confirm(draft, command);
    case "Cancel":
      return cancel(draft, command);
    case "Extend":
      return extend(draft, command);
    case "ExpireDue":
      return expireDue(draft);
    default:
      return unreachable(command);
  }
}

/** The worker's command: releases what was loaded as due, whichever rows it belongs to. */
function expireDue(draft: Draft): Decided {
  const count = expireHolds(draft, [...draft.slice.due.values()].flat());
  draft.slice.due.clear();
  return { reply: { kind: "expired", count } };
}

/** Merges an accepted draft and notes what has to be written. */
function accept(draft: Draft, changes: Changes, events: DomainEvent[]): void {
  assertDecision(draft);
  const { slice } = draft;
  for (const [id, product] of draft.products) {
    note(changes.products, id, slice.products.get(id), product);
  }
  for (const [id, store] of draft.stores) note(changes.stores, id, slice.stores.get(id), store);
  for (const [key, row] of draft.stock) {
    const before = slice.stock.get(key);
    countRow(changes, before, row);
    note(changes.stock, key, before, row);
  }
  for (const [id, reservation] of draft.reservations) {
    const before = slice.reservations.get(id);
    countReservation(changes, before, reservation);
    note(changes.reservations, id, before, reservation);
  }
  for (const event of draft.events) events.push(event);
  merge(draft);
}

function note<Row>(
  writes: Map<string, Write<Row>>,
  key: string,
  before: Row | undefined,
  row: Row,
): void {
  writes.set(key, { row, isNew: writes.get(key)?.isNew ?? before === undefined });
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

function countRow(changes: Changes, before: Stock | undefined, after: Stock): void {
  const totals = totalsOf(changes, after.storeId);
  totals.quantity += after.quantity - (before?.quantity ?? 0);
  totals.reserved += after.reserved - (before?.reserved ?? 0);
  totals.rows += before === undefined ? 1 : 0;
  totals.lowRows += (isLow(after) ? 1 : 0) - (before !== undefined && isLow(before) ? 1 : 0);
}

function countReservation(
  changes: Changes,
  before: Reservation | undefined,
  after: Reservation,
): void {
  const { byStatus } = totalsOf(changes, after.storeId);
  if (before !== undefined) byStatus[before.status] -= 1;
  byStatus[after.status] += 1;
}

/** At or below its reorder point; a row without one is never low. */
export function isLow(row: Stock): boolean {
  return row.reorderPoint !== null && row.quantity - row.reserved <= row.reorderPoint;
}

/**
 * Whether an outcome rests on a row whose due holds were not all loaded: a refusal for want of units
 * might be wrong. The adapter then loads all of them and decides again (exact expiry, rule 5).
 */
export function restsOnUnloadedHolds(slice: Slice, outcomes: readonly Outcome[]): boolean {
  if (slice.dueTruncated.size === 0) return false;
  return outcomes.some(
    ({ result, replayed }) =>
      !replayed &&
      refusalsIn(result).some(
        (rejection) =>
          (rejection.code === "insufficient_stock" ||
            rejection.code === "quantity_below_reserved") &&
          slice.dueTruncated.has(rowKey(rejection.productId, rejection.storeId)),
      ),
  );
}

function refusalsIn(result: Decided): readonly Rejection[] {
  if ("reply" in result) {
    return result.reply.kind === "batch" ? ofLines(result.reply.results) : [];
  }
  const { rejection } = result;
  return rejection.code === "batch_failed" ? ofLines(rejection.results) : [rejection];
}

function ofLines(results: readonly BatchLineResult[]): readonly Rejection[] {
  return results.flatMap((line) => line.rejection ?? []);
}
