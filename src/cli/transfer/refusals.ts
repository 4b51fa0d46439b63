// The error file of an import: each row that was refused, once, with its number, why, and its own cells, so that it can be
// mended there and imported again as it is. It is written as far as rows are known to be done, before that is kept: what
// an import that broke off tells again when it goes on is not in it twice, and nothing that is not told again is missing.

import { closeSync, existsSync, openSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { stringify } from "csv-stringify/sync";
import type { ImportLine } from "../../../sdk/src/client.ts";
import { atFile } from "../trouble.ts";

/** How much of an error file belongs to rows that are known to be done. */
export interface Written {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly columns: readonly string[];
}

export interface RefusalFile {
  add(line: ImportLine): void;
  /** Writes what was added since: all rows up to here are done. null: none was refused, and no file was made. */
  settle(): Promise<Written | null>;
  close(): void;
}

/** `before`: goes on behind what was written before the import broke off. */
export function openRefusals(path: string, before: Written | null): RefusalFile {
  let written = before?.path === path && existsSync(path) ? before : null;
  let added: ImportLine[] = [];
  let fd: number | null = null;

  function write(): Written {
    const rows = [...Map.groupBy(added, ({ row }) => row).values()];
    const columns = written?.columns ?? columnsOf(rows);
    if (fd === null) fd = written === null ? openSync(path, "w") : openBehind(written);
    if (written === null) writeFileSync(fd, stringify([["row", "code", "reason", ...columns]]));
    writeFileSync(fd, stringify(rows.map((lines) => recordOf(lines, columns))));
    const bytes = statSync(path).size;
    return { path, bytes, columns, rows: (written?.rows ?? 0) + rows.length };
  }

  return {
    add(line) {
      added.push(line);
    },
    async settle() {
      if (added.length > 0) written = await atFile(path, write);
      added = [];
      return written;
    },
    close() {
      if (fd !== null) closeSync(fd);
    },
  };
}

const nothing: ImportLine = { type: "refused" };

/** Of each row of JSON lines its own. */
function columnsOf(rows: readonly (readonly ImportLine[])[]): string[] {
  return [...new Set(rows.flatMap(([line]) => Object.keys(line?.cells ?? {})))];
}

/** A row with a cell for each of several stores may be refused for more than one of them. */
function recordOf(lines: readonly ImportLine[], columns: readonly string[]): unknown[] {
  const [{ row, code, cells = {} } = nothing] = lines;
  const reasons = lines.map(({ reason }) => reason).join("; ");
  return [row, code, reasons, ...columns.map((name) => cells[name] ?? "")];
}

function openBehind({ path, bytes }: Written): number {
  // Somebody may have mended it meanwhile; then nothing is cut away.
  if (statSync(path).size > bytes) truncateSync(path, bytes);
  return openSync(path, "a");
}
