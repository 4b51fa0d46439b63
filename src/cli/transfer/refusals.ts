// The error file of an import: each row that was refused, with its number, why, and its own cells, so that it can be mended
// there and imported again as it is.

import { createWriteStream, openSync } from "node:fs";
import { finished } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { ImportLine } from "../../../sdk/src/client.ts";
import { atFile } from "../trouble.ts";

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
      const { csv, written } = open;
      csv.end();
      await atFile(path, () => written);
      return path;
    },
  };
}

function begin(path: string, names: string[], goesOn: boolean) {
  const csv = stringify({ header: !goesOn, columns: ["row", "code", "reason", ...names] });
  // Opened here, so that a folder that is not there stops the import at its first refused row, and not behind its last.
  const fd = openSync(path, goesOn ? "a" : "w");
  const written = finished(csv.pipe(createWriteStream(path, { fd })));
  // Whoever closes it hears of a full disk; until then nobody waits for it.
  written.catch(() => undefined);
  return { csv, names, written };
}
