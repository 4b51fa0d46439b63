// The error file of an import: each row that was refused, with its number, why, and its own cells, so that it can be mended
// there and imported again as it is.

import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { Record } from "../../transfer/records.ts";
import type { Refused } from "./importer.ts";

export interface RefusalFile {
  readonly path: string;
  /** In the order of the file. */
  add(refused: readonly Refused[], records: readonly Record[]): void;
  /** Answers the path; null where no row was refused, and no file was made. */
  close(): Promise<string | null>;
}

export function openRefusals(path: string, head: readonly string[]): RefusalFile {
  const columns = ["row", "code", "reason", ...head];
  let open: { csv: ReturnType<typeof stringify>; written: Promise<void> } | null = null;
  return {
    path,
    add(refused, records) {
      if (refused.length === 0) return;
      open ??= begin(path, columns);
      const byRow = new Map(records.map((record) => [record.row, record]));
      for (const { row, code, reason } of refused) {
        const cells = byRow.get(row)?.cells ?? {};
        open.csv.write([row, code, reason, ...head.map((name) => cells[name] ?? "")]);
      }
    },
    async close() {
      if (open === null) return null;
      open.csv.end();
      await open.written;
      return path;
    },
  };
}

function begin(path: string, columns: string[]) {
  const csv = stringify({ header: true, columns });
  const file = csv.pipe(createWriteStream(path));
  return { csv, written: finished(file) };
}
