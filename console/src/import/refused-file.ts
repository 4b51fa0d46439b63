// Refused rows as a CSV with their number, the reason and their own cells, each once: to be mended in a spreadsheet and
// imported as it is.

import type { ImportLine } from "@onhand/client";

export function refusedFile(lines: readonly ImportLine[]): Blob {
  const names = [...new Set(lines.flatMap(({ cells = {} }) => Object.keys(cells)))];
  // A row with a cell for each of several stores may be refused for more than one of them.
  const rows = Array.from(
    Map.groupBy(lines, ({ row = 0 }) => row),
    ([row, ofRow]) => {
      const { code = "", cells = {} } = ofRow[0] ?? {};
      const reasons = ofRow.map(({ reason = "" }) => reason).join("; ");
      return [String(row), code, reasons, ...names.map((name) => cells[name] ?? "")];
    },
  );
  const text = [["row", "code", "reason", ...names], ...rows]
    .map((cells) => cells.map(quoted).join(","))
    .join("\r\n");
  // With the mark by which Excel knows UTF-8.
  return new Blob([`\ufeff${text}\r\n`], { type: "text/csv" });
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
