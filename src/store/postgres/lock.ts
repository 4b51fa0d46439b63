// Locks what a batch of commands is about, before anything is read for it. The order is the same for every
// transaction, so no two of them wait for each other:
//   1. stock rows, by (product_id, store_id) in byte order
//   2. where the catalogue changes, or a stock row may be made: products by id, then stores by id
//   3. at the end, when all is written (save.ts): new stock rows in the order of 1, totals of stores by id, then
//      log_head
// Products, stores and reservations are made in the order of their batch, since `n` counts them so. Two batches that
// make the same ones by brought ids, in opposite order, meet in a deadlock, of which one is run again.
// A reservation is guarded by its stock row, and so is the activity of a store: who closes a store, or
// archives it or a product, locks all its stock rows. A sale that began before is waited for; one that begins
// later reads the closed store. A row that is not there cannot be locked, so whoever may make one locks its
// product and its store against being archived (FOR SHARE); two that make the same row meet at its key, and
// the later one is run again.

import { addReservationKeys, type Keys, type RowKey, rowKey } from "../../domain/decide.ts";
import type { Command, Stock } from "../../domain/model.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { integer, stockColumns, stockOf, text } from "../rows.ts";
import type { Bound, Statements } from "./statements.ts";

export interface Locked {
  readonly rows: ReadonlyMap<RowKey, Stock>;
  /** The time of the decision: the database's clock under the locks, or the log's where that is ahead. */
  readonly now: number;
  /** Where the log stood. */
  readonly seq: number;
  /** Of this transaction, to ask later what became of it. */
  readonly transactionId: string;
}

/** The database's clock in milliseconds, never behind the last commit. */
export const nowSql = "greatest(at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)";

const standingSql = `
  SELECT ${nowSql}, seq, pg_current_xact_id()::text FROM log_head WHERE id = 1`;

/** Rows by name, and those of reservations by id: which row one belongs to never changes. */
const branches = {
  rows: "SELECT * FROM unnest($1::text[], $2::text[])",
  reservations: "SELECT product_id, store_id FROM reservations WHERE id = ANY($3::text[])",
  groups: "SELECT product_id, store_id FROM reservations WHERE group_id = ANY($3::text[])",
  wholeProducts: "SELECT product_id, store_id FROM stock WHERE product_id = ANY($3::text[])",
  wholeStores: "SELECT product_id, store_id FROM stock WHERE store_id = ANY($3::text[])",
  due: `SELECT product_id, store_id FROM (
      SELECT product_id, store_id FROM reservations
      WHERE due_at <= (SELECT ${nowSql} FROM log_head WHERE id = 1)
      ORDER BY due_at LIMIT $3) AS due`,
} as const;

const namedRowsSql = `
  SELECT product_id, store_id FROM reservations WHERE id = ANY($1::text[])
  UNION SELECT product_id, store_id FROM reservations WHERE group_id = ANY($2::text[])`;

/** Adds the rows of the reservations that the commands name to `keys`. */
export async function lock(
  statements: Statements,
  commands: readonly Command[],
  keys: Keys,
): Promise<Locked> {
  const closing = closingStores(commands);
  const sent = [
    lockStock(statements, keys, closing),
    lockCatalog(statements, commands, keys),
    statements.get(standingSql),
    namedRows(statements, keys),
  ] as const;
  const [stock, , standing, named] = await Promise.all(sent);
  addReservationKeys(keys, named);
  const rows = new Map(stock.map((row) => [rowKey(row.productId, row.storeId), row]));
  const whole = keys.wholeProducts.size + closing.length > 0;
  if (whole) await mustHaveAll(statements, rows, [...keys.wholeProducts], closing);
  return {
    rows,
    now: integer(standing?.[0]),
    seq: integer(standing?.[1]),
    transactionId: text(standing?.[2]),
  };
}

async function namedRows(statements: Statements, { reservations, groups }: Keys) {
  if (reservations.size + groups.size === 0) return [];
  const rows = await statements.all(namedRowsSql, [...reservations], [...groups]);
  return rows.map(([productId, storeId]) => ({
    productId: text(productId),
    storeId: text(storeId),
  }));
}

/** All rows of a batch in one statement, since the order of the locks is that of its result. */
async function lockStock(
  statements: Statements,
  keys: Keys,
  closing: readonly string[],
): Promise<readonly Stock[]> {
  const named = [...keys.rows.values()];
  const bound: Bound[] = [
    named.map(({ productId }) => productId),
    named.map(({ storeId }) => storeId),
  ];
  const from: string[] = [branches.rows];
  const add = (branch: keyof typeof branches, value: readonly string[] | number): void => {
    if (typeof value !== "number" && value.length === 0) return;
    if (value === 0) return;
    bound.push(value);
    from.push(branches[branch].replaceAll("$3", `$${bound.length}`));
  };
  add("reservations", [...keys.reservations]);
  add("groups", [...keys.groups]);
  add("wholeProducts", [...keys.wholeProducts]);
  add("wholeStores", closing);
  add("due", keys.due);
  const rows = await statements.all(lockStockSql(from), ...bound);
  return rows.map(stockOf);
}

/** FOR NO KEY UPDATE: what an update of quantities takes itself; keys of other tables may point here. */
export function lockStockSql(from: readonly string[]): string {
  return `
  SELECT ${stockColumns} FROM stock
  WHERE (product_id, store_id) IN (${from.join(" UNION ")})
  ORDER BY product_id, store_id FOR NO KEY UPDATE`;
}

async function lockCatalog(
  statements: Statements,
  commands: readonly Command[],
  keys: Keys,
): Promise<void> {
  const changed = commands.filter(({ kind }) => catalogKinds.has(kind));
  const making = commands.some(({ kind }) => makingKinds.has(kind));
  if (changed.length === 0 && !making) return;
  const rows = making ? [...keys.rows.values()] : [];
  const missing = [rows.map((row) => row.productId), rows.map((row) => row.storeId)] as const;
  const mode = changed.length === 0 ? "SHARE" : "NO KEY UPDATE";
  const idsOf = (noun: "Product" | "Store"): string[] =>
    changed.flatMap((one) => (one.kind.endsWith(noun) && "id" in one ? one.id : []));
  await Promise.all([
    statements.all(lockCatalogSql("products", "product_id", mode), ...missing, idsOf("Product")),
    statements.all(lockCatalogSql("stores", "store_id", mode), ...missing, idsOf("Store")),
  ]);
}

const catalogKinds: ReadonlySet<Command["kind"]> = new Set([
  "CreateProduct",
  "ChangeProduct",
  "ArchiveProduct",
  "CreateStore",
  "ChangeStore",
  "ArchiveStore",
]);

const makingKinds: ReadonlySet<Command["kind"]> = new Set([
  "ChangeStock",
  "SetStock",
  "TransferStock",
  "BatchStock",
]);

/** Of the rows in $1 and $2 only those that are not there: an ordinary change locks nothing here. */
function lockCatalogSql(
  table: "products" | "stores",
  column: "product_id" | "store_id",
  mode: "SHARE" | "NO KEY UPDATE",
): string {
  return `
  SELECT id FROM ${table}
  WHERE id = ANY($3::text[]) OR id IN (
    SELECT k.${column} FROM unnest($1::text[], $2::text[]) AS k (product_id, store_id)
    WHERE NOT EXISTS (
      SELECT 1 FROM stock s WHERE s.product_id = k.product_id AND s.store_id = k.store_id))
  ORDER BY id FOR ${mode}`;
}

/** Stores that no sale may be under way in when they are closed. */
function closingStores(commands: readonly Command[]): string[] {
  return commands.flatMap((command) => {
    if (command.kind === "ArchiveStore") return command.id;
    return command.kind === "ChangeStore" && command.fields.active === false ? command.id : [];
  });
}

/** A row may have been made between the locks of stock and of the catalogue: then it is not locked. */
async function mustHaveAll(
  statements: Statements,
  locked: ReadonlyMap<RowKey, Stock>,
  products: readonly string[],
  stores: readonly string[],
): Promise<void> {
  const rows = await statements.all(
    `
    SELECT product_id, store_id FROM stock WHERE product_id = ANY($1::text[])
    UNION ALL SELECT product_id, store_id FROM stock WHERE store_id = ANY($2::text[])`,
    products,
    stores,
  );
  for (const [productId, storeId] of rows) {
    if (locked.has(rowKey(text(productId), text(storeId)))) continue;
    throw new OperatingError("a stock row was made meanwhile", { retryable: true });
  }
}
