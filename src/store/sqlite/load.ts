// Loads the slice that a batch of commands needs. Runs inside the write transaction of the only writer,
// so what is read here is what is decided on. Key look-ups only: each statement is one step down one
// tree, or a partial index (reservations_pending_by_row).

import type { DatabaseSync } from "node:sqlite";
import {
  addReservationKeys,
  answerKey,
  emptySlice,
  type Keys,
  keysOf,
  type RowKey,
  rowKey,
  type Slice,
} from "../../domain/decide.ts";
import type { Command, Reservation } from "../../domain/model.ts";
import { dueHoldsPerRowMax } from "../../limits.ts";
import {
  integer,
  placeColumns,
  placeOf,
  productColumns,
  productOf,
  reservationColumns,
  reservationOf,
  stockColumns,
  stockOf,
  text,
} from "../rows.ts";
import { prepare } from "./statements.ts";

// `LIMIT ? + 0`, not `LIMIT ?`: SQLite's planner peeks at a bare parameter of a LIMIT and prepares the
// statement anew each time one is bound. Measured: a third of the writer's time (bench/engine.ts).
export const dueOfRowSql = `
  SELECT ${reservationColumns} FROM reservations
  WHERE product_id = ? AND store_id = ? AND status = 'PENDING' AND expires_at <= ?
  ORDER BY expires_at LIMIT ? + 0`;
export const dueOfChainSql = `
  SELECT ${reservationColumns} FROM reservations
  WHERE status = 'PENDING' AND expires_at <= ?
  ORDER BY expires_at LIMIT ? + 0`;
export const holdingSql = `
  SELECT count(*) AS count, coalesce(sum(quantity), 0) AS units FROM reservations
  WHERE customer_id = ? AND status = 'PENDING' AND expires_at > ?`;
export const groupSql = `
  SELECT ${reservationColumns} FROM reservations WHERE group_id = ? ORDER BY n`;

export interface Loader {
  /** Of each row a bounded number of due holds, the oldest; all of those in `whole`. */
  load(commands: readonly Command[], now: number, whole: ReadonlySet<RowKey>): Slice;
}

function prepareAll(db: DatabaseSync) {
  return {
    product: prepare(db, `SELECT ${productColumns} FROM products WHERE id = ?`),
    skuOwner: prepare(db, "SELECT id FROM products WHERE sku = ? AND archived_at IS NULL"),
    stockOfProduct: prepare(db, `SELECT ${stockColumns} FROM stock WHERE product_id = ?`),
    place: prepare(db, `SELECT ${placeColumns} FROM stores WHERE id = ?`),
    storeUnits: prepare(db, "SELECT quantity AS units FROM store_totals WHERE store_id = ?"),
    stock: prepare(db, `SELECT ${stockColumns} FROM stock WHERE product_id = ? AND store_id = ?`),
    reservation: prepare(db, `SELECT ${reservationColumns} FROM reservations WHERE id = ?`),
    group: prepare(db, groupSql),
    dueOfRow: prepare(db, dueOfRowSql),
    dueOfChain: prepare(db, dueOfChainSql),
    holding: prepare(db, holdingSql),
    answer: prepare(
      db,
      "SELECT fingerprint, request_id, answer, created_at FROM idempotency WHERE caller = ? AND key = ?",
    ),
  };
}

export function openLoader(db: DatabaseSync): Loader {
  const statements = prepareAll(db);
  return {
    load(commands, now, whole) {
      const slice = emptySlice();
      const keys = keysOf(commands);
      loadAnswers(statements, slice, commands);
      loadReservations(statements, slice, keys);
      loadRows(statements, slice, keys, now, whole);
      loadDueOfChain(statements, slice, keys, now);
      loadCatalog(statements, slice, keys);
      for (const customerId of keys.customers) {
        const row = statements.holding.get(customerId, now);
        slice.holdings.set(customerId, {
          count: integer(row?.[0]),
          units: integer(row?.[1]),
        });
      }
      return slice;
    },
  };
}

type Statements = ReturnType<typeof prepareAll>;

function loadAnswers(statements: Statements, slice: Slice, commands: readonly Command[]): void {
  for (const { once } of commands) {
    if (once === null) continue;
    const row = statements.answer.get(once.caller, once.key);
    if (row === undefined) continue;
    slice.answers.set(answerKey(once), {
      fingerprint: text(row[0]),
      outcome: { requestId: text(row[1]), result: JSON.parse(text(row[2])), at: integer(row[3]) },
    });
  }
}

function loadReservations(statements: Statements, slice: Slice, keys: Keys): void {
  for (const id of keys.reservations) {
    const row = statements.reservation.get(id);
    if (row !== undefined) slice.reservations.set(id, reservationOf(row));
  }
  for (const groupId of keys.groups) {
    const members = statements.group.all(groupId).map(reservationOf);
    slice.groups.set(
      groupId,
      members.map(({ id }) => id),
    );
    for (const member of members) slice.reservations.set(member.id, member);
  }
  addReservationKeys(keys, slice.reservations.values());
}

function loadRows(
  statements: Statements,
  slice: Slice,
  keys: Keys,
  now: number,
  whole: ReadonlySet<RowKey>,
): void {
  for (const [key, { productId, storeId }] of keys.rows) {
    const row = statements.stock.get(productId, storeId);
    if (row === undefined) continue;
    const stock = stockOf(row);
    slice.stock.set(key, stock);
    if (stock.reserved === 0) continue;
    const limit = whole.has(key) ? -1 : dueHoldsPerRowMax + 1;
    const due = statements.dueOfRow.all(productId, storeId, now, limit).map(reservationOf);
    if (!whole.has(key) && due.length > dueHoldsPerRowMax) {
      due.pop();
      slice.dueTruncated.add(key);
    }
    addDue(slice, key, due);
  }
}

function addDue(slice: Slice, key: RowKey, due: readonly Reservation[]): void {
  if (due.length === 0) return;
  const ids = slice.due.get(key) ?? [];
  for (const reservation of due) {
    ids.push(reservation.id);
    slice.reservations.set(reservation.id, reservation);
  }
  slice.due.set(key, ids);
}

/** For the expiry worker's command: the oldest due holds of rows that are not loaded for another command. */
function loadDueOfChain(statements: Statements, slice: Slice, keys: Keys, now: number): void {
  if (keys.due === 0) return;
  const others = statements.dueOfChain
    .all(now, keys.due)
    .map(reservationOf)
    .filter(({ productId, storeId }) => !keys.rows.has(rowKey(productId, storeId)));
  for (const reservation of others) {
    const { productId, storeId } = reservation;
    const key = rowKey(productId, storeId);
    if (!slice.stock.has(key)) {
      const row = statements.stock.get(productId, storeId);
      if (row !== undefined) slice.stock.set(key, stockOf(row));
    }
    addDue(slice, key, [reservation]);
  }
}

function loadCatalog(statements: Statements, slice: Slice, keys: Keys): void {
  for (const id of keys.products) {
    const row = statements.product.get(id);
    if (row !== undefined) slice.products.set(id, productOf(row));
  }
  for (const sku of keys.skus) {
    const row = statements.skuOwner.get(sku);
    if (row !== undefined) slice.skuOwners.set(sku, text(row[0]));
  }
  for (const id of keys.stores) {
    const row = statements.place.get(id);
    if (row !== undefined) slice.stores.set(id, placeOf(row));
  }
  for (const id of keys.wholeProducts) {
    for (const stock of statements.stockOfProduct.all(id).map(stockOf)) {
      slice.stock.set(rowKey(stock.productId, stock.storeId), stock);
    }
  }
  for (const id of keys.storeUse) {
    slice.storeUnits.set(id, integer(statements.storeUnits.get(id)?.[0] ?? 0));
  }
}
