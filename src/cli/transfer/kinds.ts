// What can be imported and exported, and under which names its columns go.

import type { Format } from "../../transfer/records.ts";
import { UsageError } from "../command.ts";

/** null: neither was said nor does the name tell. */
export function formatOf(format: string | undefined, file: string | undefined): Format | null {
  if (format === "csv" || format === "jsonl") return format;
  if (format !== undefined) throw new UsageError(`--format is csv or jsonl, not "${format}"`);
  if (file === undefined) return null;
  if (/\.(?:csv|tsv|txt)$/i.test(file)) return "csv";
  return /\.(?:jsonl|ndjson)$/i.test(file) ? "jsonl" : null;
}

export const columnsOf = {
  products: [
    "id",
    "sku",
    "name",
    "price",
    "description",
    "category",
    "version",
    "created_at",
    "updated_at",
  ],
  stores: ["id", "name", "address", "city", "country", "phone", "email", "active", "version"],
  stock: [
    "sku",
    "product_id",
    "product_name",
    "store_id",
    "quantity",
    "reserved",
    "available",
    "reorder_point",
    "version",
    "updated_at",
  ],
  reservations: [
    "id",
    "status",
    "product_id",
    "store_id",
    "customer_id",
    "quantity",
    "confirmed_quantity",
    "expires_at",
    "group_id",
    "created_at",
    "updated_at",
    "cancel_reason",
    "retaken_from",
    "metadata",
  ],
  events: [
    "seq",
    "id",
    "type",
    "occurred_at",
    "store_id",
    "product_id",
    "aggregate_type",
    "aggregate_id",
    "actor",
    "request_id",
    "traceparent",
    "payload",
  ],
} as const;
