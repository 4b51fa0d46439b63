// Rows of the database as values of the domain, for both adapters: their tables have the same columns with
// the same values. Each noun has its column list and, below it, the function that reads a row selected with
// exactly these columns, in their order (rows are arrays, statements.ts): the two are changed together. The
// tables are typed and carry CHECKs, so a wrong type here is a damaged database or a wrong SELECT, and is
// thrown.

import type {
  EventType,
  Store as Place,
  Product,
  Reservation,
  ReservationStatus,
  Stock,
} from "../domain/model.ts";
import { AssertionFailure } from "../lib/assert.ts";
import type {
  ApiKey,
  AvailableRow,
  Head,
  LogEvent,
  Role,
  Session,
  StockOfStoreRow,
  StoreScope,
  StoreTotals,
} from "./store.ts";

/** The values of one row, in the order of the columns. */
export type Values = readonly unknown[];

export function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new AssertionFailure(`a text column holds ${typeof value}`);
}

export function integer(value: unknown): number {
  if (typeof value === "number") return value;
  throw new AssertionFailure(`an integer column holds ${typeof value}`);
}

export function textOrNull(value: unknown): string | null {
  return value === null ? null : text(value);
}

export function integerOrNull(value: unknown): number | null {
  return value === null ? null : integer(value);
}

/** A column list for a join: `columnsOf("s", "id, sku")` is `s.id, s.sku`. */
export function columnsOf(table: string, columns: string): string {
  return columns
    .split(", ")
    .map((column) => `${table}.${column}`)
    .join(", ");
}

/**
 * Text as it is searched: lower case, accents off. Written to products.search and applied to what is
 * searched for, so that both sides are treated alike.
 */
export function searchText(words: string): string {
  return words.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

export const productColumns =
  "id, sku, name, description, category, price, version, created_at, updated_at, archived_at";

export function productOf(row: Values): Product {
  const [id, sku, name, description, category, price, version, created, updated, archived] = row;
  return {
    id: text(id),
    sku: text(sku),
    name: text(name),
    description: textOrNull(description),
    category: textOrNull(category),
    priceCents: integer(price),
    version: integer(version),
    createdAt: integer(created),
    updatedAt: integer(updated),
    archivedAt: integerOrNull(archived),
  };
}

export const placeColumns =
  "id, name, address, city, country, phone, email, active, version, created_at, updated_at, archived_at";

export function placeOf(row: Values): Place {
  const [id, name, address, city, country, phone, email, active, version, ...times] = row;
  return {
    id: text(id),
    name: text(name),
    address: textOrNull(address),
    city: textOrNull(city),
    country: textOrNull(country),
    phone: textOrNull(phone),
    email: textOrNull(email),
    active: active === 1,
    version: integer(version),
    createdAt: integer(times[0]),
    updatedAt: integer(times[1]),
    archivedAt: integerOrNull(times[2]),
  };
}

export const stockColumns =
  "id, product_id, store_id, quantity, reserved, version, reorder_point, updated_at, low_told";

export function stockOf(row: Values): Stock {
  const [id, productId, storeId, quantity, reserved, version, reorderPoint, updated, lowTold] = row;
  return {
    id: text(id),
    productId: text(productId),
    storeId: text(storeId),
    quantity: integer(quantity),
    reserved: integer(reserved),
    version: integer(version),
    reorderPoint: integerOrNull(reorderPoint),
    lowTold: lowTold === 1,
    updatedAt: integer(updated),
  };
}

/** Stock with the words of its product; `s` is stock and `p` products in the statement. */
export const stockOfStoreColumns = `${columnsOf("s", stockColumns)}, p.sku, p.name`;

export function stockOfStoreOf(row: Values): StockOfStoreRow {
  return { ...stockOf(row), sku: text(row[9]), productName: text(row[10]) };
}

/** A stock row in a document: the store and its name, then quantity, reserved and version. */
export function availableRowOf([
  storeId,
  storeName,
  quantity,
  reserved,
  version,
]: Values): AvailableRow {
  return {
    storeId: text(storeId),
    storeName: text(storeName),
    quantity: integer(quantity),
    reserved: integer(reserved),
    version: integer(version),
  };
}

export const reservationColumns =
  "id, product_id, store_id, customer_id, quantity, status, expires_at, created_at, updated_at, " +
  "group_id, metadata, confirmed_quantity, cancel_reason, retaken_from, retaken_by";

export function reservationOf(row: Values): Reservation {
  const [id, productId, storeId, customerId, quantity, status, expires, created, ...rest] = row;
  const [updated, groupId, metadata, confirmed, cancelReason, retakenFrom, retakenBy] = rest;
  return {
    id: text(id),
    productId: text(productId),
    storeId: text(storeId),
    customerId: text(customerId),
    quantity: integer(quantity),
    status: text(status) as ReservationStatus,
    expiresAt: integer(expires),
    createdAt: integer(created),
    updatedAt: integerOrNull(updated),
    groupId: textOrNull(groupId),
    metadata: textOrNull(metadata),
    confirmedQuantity: integerOrNull(confirmed),
    cancelReason: textOrNull(cancelReason),
    retakenFrom: textOrNull(retakenFrom),
    retakenBy: textOrNull(retakenBy),
  };
}

export const eventColumns =
  "seq, id, event_type, aggregate_type, aggregate_id, store_id, product_id, created_at, actor, " +
  "request_id, traceparent, payload";

export function eventOf(row: Values): LogEvent {
  const [seq, id, type, aggregateType, aggregateId, storeId, productId, at, ...rest] = row;
  return {
    seq: integer(seq),
    id: text(id),
    type: text(type) as EventType,
    aggregateType: text(aggregateType),
    aggregateId: text(aggregateId),
    storeId: text(storeId),
    productId: textOrNull(productId),
    occurredAt: integer(at),
    actor: text(rest[0]),
    requestId: text(rest[1]),
    traceparent: textOrNull(rest[2]),
    payload: text(rest[3]),
  };
}

export const headColumns = "log_id, epoch, seq, at";

export function headOf(row: Values): Head {
  const [logId, epoch, seq, at] = row;
  return { logId: text(logId), epoch: integer(epoch), seq: integer(seq), at: integer(at) };
}

/** Of stockSql.totals. */
export function totalsOf(row: Values): StoreTotals {
  const [storeId, quantity, reserved, rows, lowRows, ...statuses] = row;
  const [pending, confirmed, cancelled, expired] = statuses;
  return {
    storeId: text(storeId),
    quantity: integer(quantity),
    reserved: integer(reserved),
    rows: integer(rows),
    lowRows: integer(lowRows),
    byStatus: {
      PENDING: integer(pending),
      CONFIRMED: integer(confirmed),
      CANCELLED: integer(cancelled),
      EXPIRED: integer(expired),
    },
  };
}

export const keyColumns = "id, name, role, stores, created_at, expires_at, last_used_at";

export function keyOf(row: Values): ApiKey {
  const [id, name, role, stores, created, expires, lastUsed] = row;
  return {
    id: text(id),
    name: text(name),
    role: text(role) as Role,
    stores: scopeOf(text(stores)),
    createdAt: integer(created),
    expiresAt: integerOrNull(expires),
    lastUsedAt: integerOrNull(lastUsed),
  };
}

export const sessionColumns = "caller, role, stores, subject, key_id, created_at, expires_at";

export function sessionOf(row: Values): Session {
  const [caller, role, stores, subject, keyId, created, expires] = row;
  return {
    caller: text(caller),
    role: text(role) as Role,
    stores: scopeOf(text(stores)),
    subject: text(subject),
    keyId: textOrNull(keyId),
    createdAt: integer(created),
    expiresAt: integer(expires),
  };
}

/** Columns `stores` of keys and sessions: `*`, or a JSON list of ids. */
export function scopeText(scope: StoreScope): string {
  return scope === "*" ? "*" : JSON.stringify(scope);
}

export function scopeOf(column: string): StoreScope {
  return column === "*" ? "*" : (JSON.parse(column) as readonly string[]);
}
