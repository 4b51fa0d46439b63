// Writes what a batch changed, inside its transaction: stock rows in byte order of their keys, then
// totals, then the log's numbers and the events, then the kept answers. The database's CHECKs and foreign keys
// are the last line of defence; that a write met its row is asserted.

import type { DatabaseSync } from "node:sqlite";
import type { Changes, Outcome as Decision, Write } from "../../domain/decide.ts";
import type { Store as Place, Product, Reservation, Stock } from "../../domain/model.ts";
import { assert } from "../../lib/assert.ts";
import { searchText } from "../rows.ts";
import type { LogEvent, Outcome } from "../store.ts";

export interface Saver {
  /** Stores the changes and gives each decision's events their place in the log, after `lastSeq`. */
  save(changes: Changes, decisions: readonly Decision[], now: number, lastSeq: number): Outcome[];
}

function prepareAll(db: DatabaseSync) {
  return {
    insertProduct: db.prepare(`
      INSERT INTO products
        (sku, name, description, category, price, search, version, updated_at, archived_at, created_at, id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateProduct: db.prepare(`
      UPDATE products SET sku = ?, name = ?, description = ?, category = ?, price = ?, search = ?,
        version = ?, updated_at = ?, archived_at = ?
      WHERE id = ?`),
    insertPlace: db.prepare(`
      INSERT INTO stores
        (name, address, city, country, phone, email, active, version, updated_at, archived_at, created_at, id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updatePlace: db.prepare(`
      UPDATE stores SET name = ?, address = ?, city = ?, country = ?, phone = ?, email = ?,
        active = ?, version = ?, updated_at = ?, archived_at = ?
      WHERE id = ?`),
    insertStock: db.prepare(`
      INSERT INTO stock
        (quantity, reserved, version, reorder_point, low_told, updated_at, product_id, store_id, id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateStock: db.prepare(`
      UPDATE stock SET quantity = ?, reserved = ?, version = ?, updated_at = ?
      WHERE product_id = ? AND store_id = ?`),
    // Apart, so that an ordinary write leaves the index on rows with a reorder point alone.
    updateReorderPoint: db.prepare(`
      UPDATE stock SET reorder_point = ?, low_told = ? WHERE product_id = ? AND store_id = ?`),
    insertReservation: db.prepare(`
      INSERT INTO reservations
        (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at, updated_at,
         group_id, metadata, confirmed_quantity, cancel_reason, retaken_from, retaken_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateReservation: db.prepare(`
      UPDATE reservations SET status = ?, expires_at = ?, updated_at = ?, confirmed_quantity = ?,
        cancel_reason = ?, retaken_by = ?
      WHERE id = ?`),
    addTotals: db.prepare(`
      INSERT INTO store_totals
        (store_id, quantity, reserved, stock_rows, low_rows, pending, confirmed, cancelled, expired)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (store_id) DO UPDATE SET
        quantity = quantity + excluded.quantity, reserved = reserved + excluded.reserved,
        stock_rows = stock_rows + excluded.stock_rows, low_rows = low_rows + excluded.low_rows,
        pending = pending + excluded.pending, confirmed = confirmed + excluded.confirmed,
        cancelled = cancelled + excluded.cancelled, expired = expired + excluded.expired`),
    // The sequencer. Not RETURNING: that fills a temporary tree, a twentieth of a commit (bench/engine.ts).
    moveHead: db.prepare("UPDATE log_head SET seq = ?, at = ? WHERE id = 1"),
    insertEvent: db.prepare(`
      INSERT INTO events
        (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id,
         traceparent, payload, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    insertAnswer: db.prepare(`
      INSERT INTO idempotency
        (caller, key, fingerprint, request_id, answer, first_seq, last_seq, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
  };
}

type Statements = ReturnType<typeof prepareAll>;

export function openSaver(db: DatabaseSync): Saver {
  const statements = prepareAll(db);
  return {
    save(changes, decisions, now, lastSeq) {
      if (isNothing(changes, decisions)) {
        // Replays and refusals without a key: the commit has nothing to flush.
        return decisions.map((decision) => ({ ...decision, events: [] }));
      }
      for (const write of changes.products.values()) saveProduct(statements, write);
      for (const write of changes.stores.values()) savePlace(statements, write);
      for (const key of [...changes.stock.keys()].sort()) {
        const write = changes.stock.get(key);
        if (write !== undefined) saveStock(statements, write);
      }
      for (const write of changes.reservations.values()) saveReservation(statements, write);
      saveTotals(statements, changes);
      const outcomes = saveEvents(statements, decisions, now, lastSeq);
      saveAnswers(statements, changes, outcomes);
      return outcomes;
    },
  };
}

function isNothing(changes: Changes, decisions: readonly Decision[]): boolean {
  return changes.answers.length === 0 && decisions.every(({ events }) => events.length === 0);
}

function metOneRow(result: { readonly changes: number | bigint }): void {
  assert(result.changes === 1, "a row that was loaded is there to be updated");
}

function saveProduct(statements: Statements, { row, before }: Write<Product>): void {
  const { sku, name, description, category, priceCents, version, updatedAt, archivedAt } = row;
  const search = searchText(`${sku} ${name}`);
  const fields = [
    sku,
    name,
    description,
    category,
    priceCents,
    search,
    version,
    updatedAt,
    archivedAt,
  ];
  if (before === undefined) statements.insertProduct.run(...fields, row.createdAt, row.id);
  else metOneRow(statements.updateProduct.run(...fields, row.id));
}

function savePlace(statements: Statements, { row, before }: Write<Place>): void {
  const { name, address, city, country, phone, email, version, updatedAt, archivedAt } = row;
  const active = row.active ? 1 : 0;
  const fields = [
    name,
    address,
    city,
    country,
    phone,
    email,
    active,
    version,
    updatedAt,
    archivedAt,
  ];
  if (before === undefined) statements.insertPlace.run(...fields, row.createdAt, row.id);
  else metOneRow(statements.updatePlace.run(...fields, row.id));
}

function saveStock(statements: Statements, { row, before }: Write<Stock>): void {
  const { quantity, reserved, version, reorderPoint, updatedAt, productId, storeId, id } = row;
  const lowTold = row.lowTold ? 1 : 0;
  if (before === undefined) {
    statements.insertStock.run(
      quantity,
      reserved,
      version,
      reorderPoint,
      lowTold,
      updatedAt,
      productId,
      storeId,
      id,
    );
    return;
  }
  metOneRow(statements.updateStock.run(quantity, reserved, version, updatedAt, productId, storeId));
  if (reorderPoint !== before.reorderPoint || row.lowTold !== before.lowTold) {
    metOneRow(statements.updateReorderPoint.run(reorderPoint, lowTold, productId, storeId));
  }
}

function saveReservation(statements: Statements, { row, before }: Write<Reservation>): void {
  if (before === undefined) {
    statements.insertReservation.run(
      row.id,
      row.productId,
      row.storeId,
      row.customerId,
      row.quantity,
      row.status,
      row.expiresAt,
      row.createdAt,
      row.updatedAt,
      row.groupId,
      row.metadata,
      row.confirmedQuantity,
      row.cancelReason,
      row.retakenFrom,
      row.retakenBy,
    );
    return;
  }
  metOneRow(
    statements.updateReservation.run(
      row.status,
      row.expiresAt,
      row.updatedAt,
      row.confirmedQuantity,
      row.cancelReason,
      row.retakenBy,
      row.id,
    ),
  );
}

function saveTotals(statements: Statements, changes: Changes): void {
  for (const [storeId, totals] of changes.totals) {
    const { PENDING, CONFIRMED, CANCELLED, EXPIRED } = totals.byStatus;
    statements.addTotals.run(
      storeId,
      totals.quantity,
      totals.reserved,
      totals.rows,
      totals.lowRows,
      PENDING,
      CONFIRMED,
      CANCELLED,
      EXPIRED,
    );
  }
}

function saveEvents(
  statements: Statements,
  decisions: readonly Decision[],
  now: number,
  lastSeq: number,
): Outcome[] {
  let seq = lastSeq;
  const outcomes = decisions.map((decision) => {
    const events: LogEvent[] = [];
    for (const event of decision.events) {
      seq += 1;
      const { id, type, aggregateType, aggregateId, storeId, productId } = event;
      const { actor, requestId, traceparent } = event;
      const payload = JSON.stringify(event.payload);
      statements.insertEvent.run(
        seq,
        id,
        type,
        aggregateId,
        aggregateType,
        storeId,
        productId,
        actor,
        requestId,
        traceparent,
        payload,
        now,
      );
      events.push({
        seq,
        id,
        type,
        aggregateType,
        aggregateId,
        storeId,
        productId,
        occurredAt: now,
        actor,
        requestId,
        traceparent,
        payload,
      });
    }
    const { at, requestId, result, replayed } = decision;
    return { at, requestId, result, replayed, events };
  });
  metOneRow(statements.moveHead.run(seq, now));
  return outcomes;
}

function saveAnswers(statements: Statements, changes: Changes, outcomes: readonly Outcome[]): void {
  for (const { once, answered, index } of changes.answers) {
    // A refusal's events are those of holds that were due anyway: they are no effect of this key.
    const events = "reply" in answered.result ? (outcomes[index]?.events ?? []) : [];
    statements.insertAnswer.run(
      once.caller,
      once.key,
      once.fingerprint,
      answered.requestId,
      JSON.stringify(answered.result),
      events[0]?.seq ?? null,
      events.at(-1)?.seq ?? null,
      answered.at,
    );
  }
}
