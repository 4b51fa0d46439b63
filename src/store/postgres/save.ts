// Writes what a batch changed, under its locks, and ends the transaction: rows, then totals, then the log's
// numbers, the events and the kept answers. Everything is sent at once, COMMIT with it: log_head, which
// every commit of every instance takes last, is held for as long as the server needs to insert the events
// and to flush, and for no journey over the network. What fails makes everything behind it fail, COMMIT too.
//
// The database's CHECKs and foreign keys are the last line of defence.

import { type Changes, type Outcome as Decision, rowKey, type Write } from "../../domain/decide.ts";
import type { Reservation, Stock } from "../../domain/model.ts";
import { integer } from "../rows.ts";
import type { LogEvent, Outcome } from "../store.ts";
import { saveCatalog } from "./save-catalog.ts";
import type { Bound, Statements } from "./statements.ts";

export interface Saver {
  /** Stores the changes, gives each decision's events their place in the log, and commits. */
  save(changes: Changes, decisions: readonly Decision[], now: number): Promise<Outcome[]>;
}

const insertStock = `
  INSERT INTO stock
    (product_id, store_id, quantity, reserved, version, reorder_point, low_told, updated_at, id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::bigint[], $9::text[])`;
// One that sets reorder_point to what it is touches no index, and the row stays on its page.
const updateStock = `
  UPDATE stock s SET quantity = c.quantity, reserved = c.reserved, version = c.version,
    reorder_point = c.reorder_point, low_told = c.low_told, updated_at = c.updated_at
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::bigint[])
    AS c (product_id, store_id, quantity, reserved, version, reorder_point, low_told, updated_at)
  WHERE s.product_id = c.product_id AND s.store_id = c.store_id`;
// In the order of the batch: `n` is given as they come.
const insertReservations = `
  INSERT INTO reservations
    (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at, updated_at,
     group_id, metadata, confirmed_quantity, cancel_reason, retaken_from, retaken_by)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::bigint[], $13::text[],
    $14::text[], $15::text[])`;
const updateReservations = `
  UPDATE reservations r SET status = c.status, expires_at = c.expires_at, updated_at = c.updated_at,
    confirmed_quantity = c.confirmed_quantity, cancel_reason = c.cancel_reason,
    retaken_by = c.retaken_by
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[])
    AS c (id, status, expires_at, updated_at, confirmed_quantity, cancel_reason, retaken_by)
  WHERE r.id = c.id`;
// Several instances add to the same totals: sorted, so that none waits for another that waits for it.
const addTotals = `
  INSERT INTO store_totals AS t
    (store_id, quantity, reserved, stock_rows, low_rows, pending, confirmed, cancelled, expired)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
    $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) AS c (store_id) ORDER BY store_id
  ON CONFLICT (store_id) DO UPDATE SET
    quantity = t.quantity + excluded.quantity, reserved = t.reserved + excluded.reserved,
    stock_rows = t.stock_rows + excluded.stock_rows, low_rows = t.low_rows + excluded.low_rows,
    pending = t.pending + excluded.pending, confirmed = t.confirmed + excluded.confirmed,
    cancelled = t.cancelled + excluded.cancelled, expired = t.expired + excluded.expired`;
// The sequencer: the last lock. From here on this transaction is the only one that numbers events.
const moveHead = `
  UPDATE log_head SET seq = seq + $1, at = greatest(at, $2) WHERE id = 1 RETURNING seq - $1, at`;
const insertEvents = `
  INSERT INTO events
    (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id,
     traceparent, payload, created_at)
  SELECT h.seq - $1 + e.place, e.id, e.event_type, e.aggregate_id, e.aggregate_type, e.store_id,
    e.product_id, e.actor, e.request_id, e.traceparent, e.payload, h.at
  FROM log_head h, unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::text[]) WITH ORDINALITY
    AS e (id, event_type, aggregate_id, aggregate_type, store_id, product_id, actor, request_id,
      traceparent, payload, place)`;
// Under the sequencer, since two instances may keep an answer of one key: the later one finds it stored, is
// run again and repeats it. Places are those of the batch's events; none for a refusal.
const insertAnswers = `
  INSERT INTO idempotency
    (caller, key, fingerprint, request_id, answer, first_seq, last_seq, created_at)
  SELECT a.caller, a.key, a.fingerprint, a.request_id, a.answer, h.seq - $1 + a.first_place,
    h.seq - $1 + a.last_place, a.created_at
  FROM log_head h, unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
    $8::bigint[], $9::bigint[])
    AS a (caller, key, fingerprint, request_id, answer, first_place, last_place, created_at)`;
// One for each commit, sent with it: whoever listens reads the log (log/tail.ts).
const notify = "SELECT pg_notify($1, $2)";

/** On which instances that listen are told of a commit. */
export const logChannel = "onhand_log";

export interface SaveOptions {
  /** Under which name instances are told of a commit by the database; null: they are not. */
  readonly notify: string | null;
}

export function openSaver(statements: Statements, options: SaveOptions): Saver {
  return {
    async save(changes, decisions, now) {
      const events = decisions.flatMap((one) => one.events);
      if (events.length === 0 && changes.answers.length === 0) {
        // Replays and refusals without a key: there is nothing to flush.
        await statements.run("COMMIT");
        return decisions.map((decision) => ({ ...decision, events: [] }));
      }
      const texts = events.map(({ payload }) => JSON.stringify(payload));
      const rows = [
        ...saveCatalog(statements, changes),
        ...saveStock(statements, [...changes.stock.values()]),
        ...saveReservations(statements, [...changes.reservations.values()]),
        saveTotals(statements, changes),
      ];
      const head = statements.get(moveHead, events.length, now);
      const log = [
        saveEvents(statements, events, texts),
        saveAnswers(statements, changes, decisions, events.length),
        options.notify === null ? null : statements.run(notify, logChannel, options.notify),
        statements.run("COMMIT"),
      ];
      const [standing] = await Promise.all([head, ...rows, ...log]);
      return numbered(decisions, texts, integer(standing?.[0]), integer(standing?.[1]));
    },
  };
}

/** Each decision's events with their numbers, the first of all of them after `lastSeq`. */
export function numbered(
  decisions: readonly Decision[],
  payloads: readonly string[],
  lastSeq: number,
  occurredAt: number,
): Outcome[] {
  let place = 0;
  return decisions.map(({ at, requestId, result, replayed, events }) => ({
    at,
    requestId,
    result,
    replayed,
    events: events.map((event): LogEvent => {
      const payload = payloads[place] ?? "";
      place += 1;
      return { ...event, payload, seq: lastSeq + place, occurredAt };
    }),
  }));
}

/** One array for each column, as `unnest` takes them. */
function columns<Row>(
  rows: readonly Row[],
  values: readonly ((row: Row) => string | number | null)[],
): Bound[] {
  return values.map((value) => rows.map(value));
}

function saveStock(
  statements: Statements,
  writes: readonly Write<Stock>[],
): (Promise<number> | null)[] {
  const values = [
    (row: Stock) => row.productId,
    (row: Stock) => row.storeId,
    (row: Stock) => row.quantity,
    (row: Stock) => row.reserved,
    (row: Stock) => row.version,
    (row: Stock) => row.reorderPoint,
    (row: Stock) => (row.lowTold ? 1 : 0),
    (row: Stock) => row.updatedAt,
  ];
  const made = inOrder(writes.filter(({ before }) => before === undefined).map(({ row }) => row));
  const changed = writes.filter(({ before }) => before !== undefined).map(({ row }) => row);
  return [
    made.length === 0
      ? null
      : statements.run(insertStock, ...columns(made, [...values, (row) => row.id])),
    changed.length === 0 ? null : statements.run(updateStock, ...columns(changed, values)),
  ];
}

/** A row that is not there cannot be locked before; so two that make the same rows meet here, at their keys. */
function inOrder(rows: readonly Stock[]): readonly Stock[] {
  const byKey = rows.map((row) => [rowKey(row.productId, row.storeId), row] as const);
  return byKey.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

function saveReservations(
  statements: Statements,
  writes: readonly Write<Reservation>[],
): (Promise<number> | null)[] {
  const made = writes.filter(({ before }) => before === undefined).map(({ row }) => row);
  const changed = writes.filter(({ before }) => before !== undefined).map(({ row }) => row);
  return [
    made.length === 0
      ? null
      : statements.run(
          insertReservations,
          ...columns(made, [
            (row) => row.id,
            (row) => row.productId,
            (row) => row.storeId,
            (row) => row.customerId,
            (row) => row.quantity,
            (row) => row.status,
            (row) => row.expiresAt,
            (row) => row.createdAt,
            (row) => row.updatedAt,
            (row) => row.groupId,
            (row) => row.metadata,
            (row) => row.confirmedQuantity,
            (row) => row.cancelReason,
            (row) => row.retakenFrom,
            (row) => row.retakenBy,
          ]),
        ),
    changed.length === 0
      ? null
      : statements.run(
          updateReservations,
          ...columns(changed, [
            (row) => row.id,
            (row) => row.status,
            (row) => row.expiresAt,
            (row) => row.updatedAt,
            (row) => row.confirmedQuantity,
            (row) => row.cancelReason,
            (row) => row.retakenBy,
          ]),
        ),
  ];
}

function saveTotals(statements: Statements, { totals }: Changes): Promise<number> | null {
  if (totals.size === 0) return null;
  return statements.run(
    addTotals,
    ...columns(
      [...totals],
      [
        ([storeId]) => storeId,
        ([, { quantity }]) => quantity,
        ([, { reserved }]) => reserved,
        ([, { rows }]) => rows,
        ([, { lowRows }]) => lowRows,
        ([, { byStatus }]) => byStatus.PENDING,
        ([, { byStatus }]) => byStatus.CONFIRMED,
        ([, { byStatus }]) => byStatus.CANCELLED,
        ([, { byStatus }]) => byStatus.EXPIRED,
      ],
    ),
  );
}

function saveEvents(
  statements: Statements,
  events: Decision["events"],
  payloads: readonly string[],
): Promise<number> | null {
  if (events.length === 0) return null;
  return statements.run(
    insertEvents,
    events.length,
    ...columns(events, [
      (event) => event.id,
      (event) => event.type,
      (event) => event.aggregateId,
      (event) => event.aggregateType,
      (event) => event.storeId,
      (event) => event.productId,
      (event) => event.actor,
      (event) => event.requestId,
      (event) => event.traceparent,
    ]),
    payloads,
  );
}

function saveAnswers(
  statements: Statements,
  { answers }: Changes,
  decisions: readonly Decision[],
  events: number,
): Promise<number> | null {
  if (answers.length === 0) return null;
  const ends: number[] = [];
  for (const decision of decisions) ends.push((ends.at(-1) ?? 0) + decision.events.length);
  // A refusal's events are those of holds that were due anyway: they are no effect of its key.
  const effect = ({ index, answered }: (typeof answers)[number]): [number, number] | null => {
    const count = decisions[index]?.events.length ?? 0;
    const end = ends[index] ?? 0;
    return count === 0 || "rejection" in answered.result ? null : [end - count + 1, end];
  };
  return statements.run(
    insertAnswers,
    events,
    ...columns(answers, [
      ({ once }) => once.caller,
      ({ once }) => once.key,
      ({ once }) => once.fingerprint,
      ({ answered }) => answered.requestId,
      ({ answered }) => JSON.stringify(answered.result),
      (answer) => effect(answer)?.[0] ?? null,
      (answer) => effect(answer)?.[1] ?? null,
      ({ answered }) => answered.at,
    ]),
  );
}
