// How a file is written, by what was said or by its name.

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
