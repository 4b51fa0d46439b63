// The error file of an import: each row that was refused, with its number, why, and its own cells, so that it can be mended
// there and imported again as it is.

import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { ImportLine } from "../../../sdk/src/client.ts";

export interface RefusalFile {
  add(line: ImportLine): void;
  /** Answers the path; null where no row was refused, and no file was made. */
  close(): Promise<string | null>;
}

/** `goesOn`: behind what was refused before the import broke off. */
export function openRefusals(path: string, goesOn: boolean): RefusalFile {
  let open: { csv: ReturnType<typeof stringify>; names: string[]; written: Promise<void> } | null =
    null;
  return {
    add({ row, code, reason, cells = {} }) {
      open ??= begin(path, Object.keys(cells), goesOn);
      open.csv.write([row, code, reason, ...open.names.map((name) => cells[name] ?? "")]);
    },
    async close() {
      if (open === null) return null;
      open.csv.end();
      await open.written;
      return path;
    },
  };
}

function begin(path: string, names: string[], goesOn: boolean) {
  const csv = stringify({ header: !goesOn, columns: ["row", "code", "reason", ...names] });
  const file = csv.pipe(createWriteStream(path, { flags: goesOn ? "a" : "w" }));
  return { csv, names, written: finished(file) };
}
