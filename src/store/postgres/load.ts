// Loads the slice that a batch of commands needs, under the locks that lock.ts took: what guards it is held,
// so what is read here is what is decided on. Each statement sees what was committed when it began, which
// is after the locks (READ COMMITTED). All are sent at once and answered in order. One step down one index
// for each key: each statement is set-based over the keys of the whole batch.

import {
  answerKey,
  emptySlice,
  type Keys,
  type RowKey,
  rowKey,
  type Slice,
} from "../../domain/decide.ts";
import type { Command, Reservation } from "../../domain/model.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { dueHoldsPerRowMax } from "../../limits.ts";
import {
  columnsOf,
  integer,
  placeColumns,
  placeOf,
  productColumns,
  productOf,
  reservationColumns,
  reservationOf,
  text,
} from "../rows.ts";
import type { Locked } from "./lock.ts";
import type { Statements } from "./statements.ts";

/** Due holds of each row, oldest first; $4: how many of each at most (null: all). */
export const dueOfRowSql = `
  SELECT ${columnsOf("due", reservationColumns)}
  FROM unnest($1::text[], $2::text[]) AS k (product_id, store_id)
  CROSS JOIN LATERAL (
    SELECT ${reservationColumns} FROM reservations r
    WHERE r.product_id = k.product_id AND r.store_id = k.store_id
      AND r.status = 'PENDING' AND r.expires_at <= $3
    ORDER BY r.expires_at LIMIT $4) AS due`;
export const dueOfChainSql = `
  SELECT ${reservationColumns} FROM reservations
  WHERE due_at <= $1 ORDER BY due_at LIMIT $2`;
// The status is bound and not written out: a generic plan then cannot take a partial index, of which a table
// without statistics seems to be as good as the customer's own (measured: 32 ms a batch instead of 0.1).
export const holdingSql = `
  SELECT k.customer_id, live.count, live.units
  FROM unnest($1::text[]) AS k (customer_id)
  CROSS JOIN LATERAL (
    SELECT count(*) AS count, coalesce(sum(quantity), 0)::bigint AS units FROM reservations r
    WHERE r.customer_id = k.customer_id AND r.status = $2 AND r.expires_at > $3) AS live`;
export const groupSql = `
  SELECT ${reservationColumns} FROM reservations WHERE group_id = ANY($1::text[]) ORDER BY n`;

const sql = {
  answers: `
    SELECT caller, key, fingerprint, request_id, answer, created_at FROM idempotency
    WHERE (caller, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
  reservations: `SELECT ${reservationColumns} FROM reservations WHERE id = ANY($1::text[])`,
  products: `SELECT ${productColumns} FROM products WHERE id = ANY($1::text[])`,
  skuOwners: "SELECT sku, id FROM products WHERE sku = ANY($1::text[]) AND archived_at IS NULL",
  places: `SELECT ${placeColumns} FROM stores WHERE id = ANY($1::text[])`,
  storeUnits: "SELECT store_id, quantity FROM store_totals WHERE store_id = ANY($1::text[])",
} as const;

export interface Loader {
  /** Of each row a bounded number of due holds, the oldest; all of those in `whole`. */
  load(
    commands: readonly Command[],
    keys: Keys,
    locked: Locked,
    whole: ReadonlySet<RowKey>,
  ): Promise<Slice>;
}

export function openLoader(statements: Statements): Loader {
  return {
    async load(commands, keys, locked, whole) {
      const slice = emptySlice();
      for (const [key, row] of locked.rows) slice.stock.set(key, row);
      await Promise.all([
        loadAnswers(statements, slice, commands),
        loadReservations(statements, slice, keys, locked),
        loadDue(statements, slice, keys, locked, whole),
        loadCatalog(statements, slice, keys),
        loadHoldings(statements, slice, keys, locked.now),
      ]);
      return slice;
    },
  };
}

async function loadAnswers(
  statements: Statements,
  slice: Slice,
  commands: readonly Command[],
): Promise<void> {
  const keyed = commands.flatMap(({ once }) => once ?? []);
  if (keyed.length === 0) return;
  const [callers, keys] = [keyed.map(({ caller }) => caller), keyed.map(({ key }) => key)];
  for (const row of await statements.all(sql.answers, callers, keys)) {
    slice.answers.set(answerKey({ caller: text(row[0]), key: text(row[1]) }), {
      fingerprint: text(row[2]),
      outcome: { requestId: text(row[3]), result: JSON.parse(text(row[4])), at: integer(row[5]) },
    });
  }
}

async function loadReservations(
  statements: Statements,
  slice: Slice,
  keys: Keys,
  { rows }: Locked,
): Promise<void> {
  const [ids, groups] = [[...keys.reservations], [...keys.groups]];
  const none: Reservation[] = [];
  const read = async (text: string, named: readonly string[]): Promise<Reservation[]> =>
    named.length === 0 ? none : (await statements.all(text, named)).map(reservationOf);
  const [alone, members] = await Promise.all([read(sql.reservations, ids), read(groupSql, groups)]);
  for (const { productId, storeId } of [...alone, ...members]) {
    // Committed after the locks were taken, so its row is not among them: others may end it meanwhile.
    if (rows.has(rowKey(productId, storeId))) continue;
    throw new OperatingError("a reservation was made meanwhile", { retryable: true });
  }
  for (const groupId of groups) slice.groups.set(groupId, []);
  for (const one of [...alone, ...members]) slice.reservations.set(one.id, one);
  for (const { id, groupId } of members) {
    if (groupId !== null) slice.groups.set(groupId, [...(slice.groups.get(groupId) ?? []), id]);
  }
}

async function loadDue(
  statements: Statements,
  slice: Slice,
  keys: Keys,
  { rows, now }: Locked,
  whole: ReadonlySet<RowKey>,
): Promise<void> {
  const holding = [...keys.rows.keys()].filter((key) => (rows.get(key)?.reserved ?? 0) > 0);
  const bounded = holding.filter((key) => !whole.has(key));
  const unbounded = holding.filter((key) => whole.has(key));
  const most = dueHoldsPerRowMax + 1;
  const [some, all, ofChain] = await Promise.all([
    dueOfRows(statements, keys, bounded, now, most),
    dueOfRows(statements, keys, unbounded, now, null),
    keys.due === 0 ? [] : statements.all(dueOfChainSql, now, keys.due),
  ]);
  for (const [key, due] of byRow(some)) {
    // One more than is loaded: there are others.
    if (due.length === most) slice.dueTruncated.add(key);
    for (const one of due.slice(0, dueHoldsPerRowMax)) addDue(slice, key, one);
  }
  for (const [key, due] of byRow(all)) for (const one of due) addDue(slice, key, one);
  // For the expiry worker's command: those of rows that are not loaded for another command. A hold that
  // became due after the locks is on a row that is not locked, and comes next time.
  for (const one of ofChain.map(reservationOf)) {
    const key = rowKey(one.productId, one.storeId);
    if (rows.has(key) && !keys.rows.has(key)) addDue(slice, key, one);
  }
}

async function dueOfRows(
  statements: Statements,
  { rows }: Keys,
  wanted: readonly RowKey[],
  now: number,
  most: number | null,
): Promise<readonly Reservation[]> {
  if (wanted.length === 0) return [];
  const named = wanted.flatMap((key) => rows.get(key) ?? []);
  const products = named.map(({ productId }) => productId);
  const stores = named.map(({ storeId }) => storeId);
  return (await statements.all(dueOfRowSql, products, stores, now, most)).map(reservationOf);
}

/** In the order in which a row's were read: the oldest first. */
function byRow(due: readonly Reservation[]): Map<RowKey, Reservation[]> {
  return Map.groupBy(due, ({ productId, storeId }) => rowKey(productId, storeId));
}

function addDue(slice: Slice, key: RowKey, reservation: Reservation): void {
  const ids = slice.due.get(key) ?? [];
  ids.push(reservation.id);
  slice.due.set(key, ids);
  slice.reservations.set(reservation.id, reservation);
}

async function loadCatalog(statements: Statements, slice: Slice, keys: Keys): Promise<void> {
  const read = (text: string, named: ReadonlySet<string>) =>
    named.size === 0 ? [] : statements.all(text, [...named]);
  const [productRows, placeRows, owners, units] = await Promise.all([
    read(sql.products, keys.products),
    read(sql.places, keys.stores),
    read(sql.skuOwners, keys.skus),
    read(sql.storeUnits, keys.storeUse),
  ]);
  for (const product of productRows.map(productOf)) slice.products.set(product.id, product);
  for (const place of placeRows.map(placeOf)) slice.stores.set(place.id, place);
  for (const [sku, id] of owners) slice.skuOwners.set(text(sku), text(id));
  for (const [storeId, quantity] of units) slice.storeUnits.set(text(storeId), integer(quantity));
}

async function loadHoldings(
  statements: Statements,
  slice: Slice,
  keys: Keys,
  now: number,
): Promise<void> {
  const customers = [...keys.customers];
  if (customers.length === 0) return;
  for (const [customerId, count, units] of await statements.all(
    holdingSql,
    customers,
    "PENDING",
    now,
  )) {
    slice.holdings.set(text(customerId), { count: integer(count), units: integer(units) });
  }
}
