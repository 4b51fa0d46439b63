// Refused rows as a CSV with their number, the reason and their own cells: to be mended in a spreadsheet and imported as
// it is.

import type { ImportLine } from "@onhand/client";

export function refusedFile(lines: readonly ImportLine[]): Blob {
  const names = [...new Set(lines.flatMap(({ cells = {} }) => Object.keys(cells)))];
  const rows = lines.map(({ row, code, reason, cells = {} }) => [
    String(row ?? ""),
    code ?? "",
    reason ?? "",
    ...names.map((name) => cells[name] ?? ""),
  ]);
  const text = [["row", "code", "reason", ...names], ...rows]
    .map((cells) => cells.map(quoted).join(","))
    .join("\r\n");
  // With the mark by which Excel knows UTF-8.
  return new Blob([`\ufeff${text}\r\n`], { type: "text/csv" });
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
