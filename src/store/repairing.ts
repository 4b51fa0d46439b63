// How a repair is done, for both adapters: what an audit names is looked at again under the locks, each row is
// decided by the domain (domain/repair.ts), and what is decided is written with its event, all in one transaction
// of the adapter's. Totals are no part of the log: they are counted again, without an event.

import type { RowEvent, RowEvidence, RowRepair } from "../domain/decide.ts";
import type { EventType, Reservation } from "../domain/model.ts";
import { must } from "../lib/assert.ts";
import { countedTotals, type TotalsFound } from "./findings.ts";
import {
  integer,
  reservationColumns,
  reservationOf,
  stockColumns,
  stockOf,
  text,
  textOrNull,
  type Values,
} from "./rows.ts";
import type { Finding } from "./store.ts";

/** What a repair needs of a transaction. Values are bound as $1, $2 …. */
export interface Hands {
  all(sql: string, ...bound: readonly (string | number | null)[]): Promise<readonly Values[]>;
}

export interface Repairing {
  /** What the audit found. */
  readonly findings: readonly Finding[];
  /** false: it is only said what would be done. */
  readonly write: boolean;
  readonly reason: string;
  readonly actor: string;
}

export interface Repairs {
  /** What was done, or would be. */
  readonly done: readonly string[];
  /** What no event can mend, and why. */
  readonly left: readonly string[];
}

export interface Work extends Repairing {
  readonly hands: Hands;
  readonly totals: () => Promise<TotalsFound>;
  readonly now: number;
  readonly decide: (evidence: RowEvidence) => RowRepair;
}

export async function repairAll(work: Work): Promise<Repairs> {
  const { hands, findings, write, totals } = work;
  const done: string[] = [];
  const left: string[] = [];
  const recounted = new Set<string>();
  const named = reservationsIn(findings);
  for (const [productId, storeId] of await rowsIn(hands, findings, named)) {
    const name = `stock ${productId} at ${storeId}`;
    const evidence = await evidenceOf(hands, productId, storeId, named);
    if (evidence === null) {
      left.push(`${name}: there is no such row, and what the log does not tell of it is lost`);
      continue;
    }
    const repair = work.decide(evidence);
    for (const words of repair.steps) done.push(`${name}: ${words}`);
    if (repair.steps.length > 0) recounted.add(storeId);
    for (const words of repair.left) left.push(`${name}: ${words}`);
    if (write) await store(work, repair, evidence);
  }
  for (const finding of findings) {
    const why = unmendable[finding.invariant];
    if (why !== undefined) left.push(`${finding.detail}: ${why}`);
  }
  // After the rows, from which they are counted: of stores whose rows change, nobody knows before how they come out.
  for (const [storeId, numbers] of countedTotals(await totals())) {
    if (write) await hands.all(putTotals, storeId, ...numbers);
    recounted.add(storeId);
  }
  for (const storeId of recounted) done.push(`store ${storeId}: its totals are counted again`);
  return { done, left };
}

/** Findings that are about the log itself, or about what was answered. */
const unmendable: Readonly<Record<string, string>> = {
  I6: "the log is not edited; move the units with a transfer or an adjustment of its own",
  I7: "the log is not edited; restore a backup from before",
  I8: "an answer that was given is not taken back",
  I10: "what was sold is not taken back; decide with whoever sold it",
};

/** Ids have no spaces: so the sentences of an audit say which row and which reservation they are about. */
function reservationsIn(findings: readonly Finding[]): readonly string[] {
  const found = findings.filter(({ invariant }) => invariant === "I5");
  return found.flatMap(({ detail }) => /^reservation (\S+):/.exec(detail)?.[1] ?? []);
}

async function rowsIn(
  hands: Hands,
  findings: readonly Finding[],
  reservations: readonly string[],
): Promise<readonly (readonly [string, string])[]> {
  const rows = new Map<string, readonly [string, string]>();
  const add = (productId: string, storeId: string): void => {
    rows.set(`${productId}\n${storeId}`, [productId, storeId]);
  };
  for (const { detail } of findings) {
    const [, productId, storeId] = /^stock (\S+) at (\S+):/.exec(detail) ?? [];
    if (productId !== undefined && storeId !== undefined) add(productId, storeId);
  }
  for (const id of reservations) {
    for (const [productId, storeId] of await hands.all(rowOfReservation, id)) {
      add(text(productId), text(storeId));
    }
  }
  return [...rows.keys()].sort().flatMap((key) => [must(rows.get(key), "it has its row")]);
}

const rowOfReservation = `
  SELECT product_id, store_id FROM reservations WHERE id = $1
  UNION SELECT product_id, store_id FROM events
  WHERE aggregate_type = 'reservation' AND aggregate_id = $1`;

async function evidenceOf(
  hands: Hands,
  productId: string,
  storeId: string,
  named: readonly string[],
): Promise<RowEvidence | null> {
  const ofRow = "WHERE product_id = $1 AND store_id = $2";
  const [row] = await hands.all(`SELECT ${stockColumns} FROM stock ${ofRow}`, productId, storeId);
  if (row === undefined) return null;
  const logged = await hands.all(
    `SELECT seq, created_at, event_type, aggregate_type, aggregate_id, payload FROM events ${ofRow} ORDER BY seq`,
    productId,
    storeId,
  );
  const events = logged.map(rowEventOf);
  const pending = await hands.all(
    `SELECT ${reservationColumns} FROM reservations ${ofRow} AND status = 'PENDING'`,
    productId,
    storeId,
  );
  const stored = new Map<string, Reservation>();
  for (const one of pending.map(reservationOf)) stored.set(one.id, one);
  const asked = new Set([...openIn(events), ...named]);
  for (const id of asked) {
    const [found] = await hands.all(
      `SELECT ${reservationColumns} FROM reservations ${ofRow} AND id = $3`,
      productId,
      storeId,
      id,
    );
    if (found !== undefined) stored.set(id, reservationOf(found));
  }
  return { row: stockOf(row), events, stored, asked };
}

/** Reservations that the log has not ended. */
function openIn(events: readonly RowEvent[]): ReadonlySet<string> {
  const open = new Set<string>();
  for (const { type, reservationId } of events) {
    if (reservationId === null) continue;
    if (type === "reservation.created") open.add(reservationId);
    else if (type !== "reservation.extended") open.delete(reservationId);
  }
  return open;
}

function rowEventOf([seq, at, type, aggregate, id, payload]: Values): RowEvent {
  const told = JSON.parse(text(payload));
  return {
    seq: integer(seq),
    at: integer(at),
    type: text(type) as EventType,
    reservationId: text(aggregate) === "reservation" ? text(id) : null,
    effect: told.stock ?? null,
    told: {
      customerId: told.customer_id ?? "",
      quantity: told.quantity ?? 0,
      expiresAt: Date.parse(told.expires_at ?? ""),
      groupId: told.group_id ?? null,
      retakenFrom: told.retaken_from ?? null,
      confirmedQuantity: told.confirmed_quantity ?? null,
      reason: told.reason ?? null,
    },
  };
}

async function store(
  { hands, now }: Work,
  repair: RowRepair,
  evidence: RowEvidence,
): Promise<void> {
  const { stock, event } = repair;
  if (stock === null || event === null) return;
  const { productId, storeId, quantity, reserved, version } = stock;
  for (const one of repair.reservations) {
    await hands.all(
      evidence.stored.has(one.id) ? updateReservation : insertReservation,
      one.id,
      one.quantity,
      one.status,
      one.expiresAt,
      one.updatedAt,
      one.confirmedQuantity,
      one.cancelReason,
      ...(evidence.stored.has(one.id)
        ? []
        : [productId, storeId, one.customerId, one.createdAt, one.groupId, one.retakenFrom]),
    );
  }
  await hands.all(updateStock, productId, storeId, quantity, reserved, version, now);
  await hands.all("UPDATE log_head SET seq = seq + 1, at = $1 WHERE id = 1", now);
  await hands.all(
    insertEvent,
    event.id,
    event.type,
    event.aggregateId,
    event.aggregateType,
    event.storeId,
    textOrNull(event.productId),
    event.actor,
    event.requestId,
    JSON.stringify(event.payload),
    now,
  );
}

const updateStock = `
  UPDATE stock SET quantity = $3, reserved = $4, version = $5, updated_at = $6
  WHERE product_id = $1 AND store_id = $2`;
const updateReservation = `
  UPDATE reservations SET quantity = $2, status = $3, expires_at = $4, updated_at = $5,
    confirmed_quantity = $6, cancel_reason = $7
  WHERE id = $1`;
const insertReservation = `
  INSERT INTO reservations
    (id, quantity, status, expires_at, updated_at, confirmed_quantity, cancel_reason,
     product_id, store_id, customer_id, created_at, group_id, retaken_from)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;
const insertEvent = `
  INSERT INTO events
    (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id,
     payload, created_at)
  VALUES ((SELECT seq FROM log_head), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const putTotals = `
  INSERT INTO store_totals
    (store_id, quantity, reserved, stock_rows, low_rows, pending, confirmed, cancelled, expired)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (store_id) DO UPDATE SET
    quantity = excluded.quantity, reserved = excluded.reserved, stock_rows = excluded.stock_rows,
    low_rows = excluded.low_rows, pending = excluded.pending, confirmed = excluded.confirmed,
    cancelled = excluded.cancelled, expired = excluded.expired`;
