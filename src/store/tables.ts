// The tables of both databases, row by row: to copy one database into another, and to compare two by a hash.
// Columns are named in one order for both. What is not here is not state: `migrations`,
// who delivers to webhooks (`webhook_lease`), and the lock file.

import { createHash } from "node:crypto";
import type { Values } from "./rows.ts";

export type ColumnType = "text" | "integer" | "bytes";

export interface Table {
  readonly name: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** The order in which rows are read and compared. */
  readonly key: readonly string[];
  /** `n`, where the database gives it: the order counts, the numbers may have gaps. */
  readonly counted: boolean;
}

function table(
  name: string,
  key: readonly string[],
  counted: boolean,
  columns: Table["columns"],
): Table {
  return { name, key, counted, columns: counted ? { n: "integer", ...columns } : columns };
}

/** Before what refers to it. */
export const tables: readonly Table[] = [
  table("products", ["n"], true, {
    id: "text",
    sku: "text",
    name: "text",
    description: "text",
    category: "text",
    price: "integer",
    search: "text",
    version: "integer",
    created_at: "integer",
    updated_at: "integer",
    archived_at: "integer",
  }),
  table("stores", ["n"], true, {
    id: "text",
    name: "text",
    address: "text",
    city: "text",
    country: "text",
    phone: "text",
    email: "text",
    active: "integer",
    version: "integer",
    created_at: "integer",
    updated_at: "integer",
    archived_at: "integer",
  }),
  table("stock", ["product_id", "store_id"], false, {
    id: "text",
    product_id: "text",
    store_id: "text",
    quantity: "integer",
    reserved: "integer",
    version: "integer",
    reorder_point: "integer",
    updated_at: "integer",
    low_told: "integer",
  }),
  table("reservations", ["n"], true, {
    id: "text",
    product_id: "text",
    store_id: "text",
    customer_id: "text",
    quantity: "integer",
    status: "text",
    expires_at: "integer",
    created_at: "integer",
    updated_at: "integer",
    group_id: "text",
    metadata: "text",
    confirmed_quantity: "integer",
    cancel_reason: "text",
    retaken_from: "text",
    retaken_by: "text",
  }),
  table("events", ["seq"], false, {
    seq: "integer",
    id: "text",
    event_type: "text",
    aggregate_id: "text",
    aggregate_type: "text",
    store_id: "text",
    product_id: "text",
    actor: "text",
    request_id: "text",
    traceparent: "text",
    payload: "text",
    created_at: "integer",
    synced: "integer",
    synced_at: "integer",
  }),
  table("idempotency", ["n"], true, {
    caller: "text",
    key: "text",
    fingerprint: "text",
    request_id: "text",
    answer: "text",
    first_seq: "integer",
    last_seq: "integer",
    created_at: "integer",
  }),
  table("store_totals", ["store_id"], false, {
    store_id: "text",
    quantity: "integer",
    reserved: "integer",
    stock_rows: "integer",
    low_rows: "integer",
    pending: "integer",
    confirmed: "integer",
    cancelled: "integer",
    expired: "integer",
  }),
  table("api_keys", ["n"], true, {
    id: "text",
    name: "text",
    role: "text",
    stores: "text",
    hash: "bytes",
    created_at: "integer",
    expires_at: "integer",
    last_used_at: "integer",
  }),
  table("sessions", ["hash"], false, {
    hash: "bytes",
    caller: "text",
    role: "text",
    stores: "text",
    subject: "text",
    key_id: "text",
    created_at: "integer",
    expires_at: "integer",
  }),
  table("webhooks", ["n"], true, {
    id: "text",
    url: "text",
    description: "text",
    types: "text",
    stores: "text",
    secret: "text",
    old_secret: "text",
    old_secret_until: "integer",
    state: "text",
    cursor: "integer",
    attempts: "integer",
    due_at: "integer",
    trouble: "text",
    created_at: "integer",
    updated_at: "integer",
  }),
  table("webhook_deliveries", ["webhook_id", "id"], false, {
    webhook_id: "text",
    id: "text",
    seq: "integer",
    event_id: "text",
    event_type: "text",
    at: "integer",
    duration_ms: "integer",
    status: "integer",
    error: "text",
  }),
  table("log_head", ["id"], false, {
    id: "integer",
    log_id: "text",
    epoch: "integer",
    seq: "integer",
    at: "integer",
  }),
];

/** Every row of a table in the order of its key, a page at a time. */
export type ReadTable = (table: Table) => AsyncIterable<readonly Values[]>;

export function selectAll({ name, columns, key }: Table): string {
  return `SELECT ${Object.keys(columns).join(", ")} FROM ${name} ORDER BY ${key.join(", ")}`;
}

/** How many rows there are in all. */
export const countSql = `SELECT ${tables.map(({ name }) => `(SELECT count(*) FROM ${name})`).join(" + ")}`;

/** SHA-256 of everything that is stored, the same for both databases. `seen` is told of each page. */
export async function stateHash(
  read: ReadTable,
  seen: (rows: number) => void = () => undefined,
): Promise<string> {
  const hashed = openHash(read);
  for (const one of tables) for await (const rows of hashed.read(one)) seen(rows.length);
  return hashed.digest();
}

/** Reads on, and answers at the end the hash of what was read: every table once, in the order of `tables`. */
export function openHash(read: ReadTable): { readonly read: ReadTable; digest(): string } {
  const hash = createHash("sha256");
  return {
    async *read(table) {
      hash.update(`${table.name}\n`);
      for await (const rows of read(table)) {
        for (const row of rows) hash.update(rowText(table, row));
        yield rows;
      }
    },
    digest: () => hash.digest("hex"),
  };
}

function rowText({ counted }: Table, row: Values): string {
  const values = counted ? row.slice(1) : row;
  const text = values.map((value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
  );
  return `${JSON.stringify(text)}\n`;
}
