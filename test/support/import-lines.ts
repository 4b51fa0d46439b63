// Imports as a test sends them: a file goes out, and its answer comes back as the lines that it has.

import assert from "node:assert/strict";
import type { ImportLine } from "../../src/http/imports/answer.ts";
import { must } from "../../src/lib/assert.ts";
import type { Answer, TestApp } from "./app.ts";

export interface Imported {
  readonly lines: readonly ImportLine[];
  readonly end: ImportLine;
  readonly importId: string;
  of(type: ImportLine["type"]): readonly ImportLine[];
  /** created, changed, same, refused. */
  readonly counts: readonly (number | undefined)[];
}

export function sendFile(
  shop: Pick<TestApp, "call">,
  address: string,
  file: string | Buffer,
  { as = "admin", type = "text/csv" }: { as?: string; type?: string } = {},
): Promise<Answer> {
  const body = file as string;
  return shop.call("POST", `/imports/${address}`, { as, body, headers: { "content-type": type } });
}

export async function importFile(
  shop: Pick<TestApp, "call">,
  address: string,
  file: string | Buffer,
  options?: { as?: string; type?: string },
): Promise<Imported> {
  return importedIn((await sendFile(shop, address, file, options)).text);
}

export async function undoImport(
  shop: Pick<TestApp, "call">,
  importId: string,
  as = "admin",
): Promise<Imported> {
  return importedIn((await shop.call("POST", `/imports/${importId}/undo`, { as })).text);
}

export function importedIn(text: string): Imported {
  const lines: ImportLine[] = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const end = must(lines.at(-1), "it has a last line");
  assert.equal(end.type, "end", text.slice(0, 500));
  return {
    lines,
    end,
    importId: String(lines[0]?.import_id ?? end.import_id),
    of: (type) => lines.filter((line) => line.type === type),
    counts: [end.created, end.changed, end.same, end.refused],
  };
}
