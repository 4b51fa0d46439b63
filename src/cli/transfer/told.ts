// What an import and its undoing tell people: what would be different, how it ended, and why it did not.

import type { ImportLine } from "../../../sdk/src/client.ts";
import type { Kind } from "../../transfer/mapping.ts";
import { exitCodes, Failure } from "../command.ts";
import { cellOf } from "../output.ts";
import { failureOf } from "../remote/connect.ts";
import type { Kept, Tally } from "./kept.ts";
import type { Written } from "./refusals.ts";
import type { Wanted } from "./sending.ts";

/** What becomes of the columns; the first line of what is told. */
export function head(begin: ImportLine | null, rows: number, kind: Kind): string {
  const columns = Object.entries(begin?.columns ?? {}).map(([field, column]) =>
    field === column ? field : `${field} from "${column}"`,
  );
  const unused = begin?.not_used ?? [];
  const not = unused.length > 0 ? `\nnot used: ${cellOf(unused.join(", "))}` : "";
  return `${rows} rows of ${kind}: ${cellOf(columns.join(", "))}${not}`;
}

export function differenceOf({
  type,
  row,
  change,
  about,
  fields = [],
  reason,
}: ImportLine): string {
  const shown = (value: unknown): string =>
    value === null || value === undefined ? "nothing" : JSON.stringify(value);
  const what = fields
    .filter(({ after }) => change === "change" || after !== null)
    .map(({ field, before, after }) =>
      change === "create"
        ? `${field} ${shown(after)}`
        : `${field} ${shown(before)} → ${shown(after)}`,
    )
    .join(", ");
  const text =
    type === "refused" ? `! ${reason}` : `${change === "create" ? "+" : "~"} ${about}: ${what}`;
  return `row ${String(row).padEnd(6)} ${cellOf(text)}`;
}

export function unreadable(fault: {
  readonly detail: string;
  readonly missing?: unknown;
}): Failure {
  const { missing } = fault;
  const ofAll = missing === "store_id" ? "; or the store of all rows: --store ID" : "";
  const hint =
    typeof missing === "string"
      ? `\nSay which one it is: --map "Its name=${missing}"${ofAll}`
      : "\nA file in another encoding: --encoding windows-1252";
  const isOfEncoding = / is not utf-/.test(fault.detail);
  return new Failure(
    `${fault.detail} Nothing was imported.${missing !== undefined || isOfEncoding ? hint : ""}`,
  );
}

/** Why it broke off, by the last line of its answer. */
export function brokenOff(
  { code, detail }: { readonly code: string; readonly detail: string },
  url: string,
): Failure {
  return failureOf(
    { code, message: detail, facts: {}, requestId: null, mayHaveHappened: false },
    url,
  );
}

export function wordsOf({ created, changed, same, refused }: Tally): string {
  return `${created} new, ${changed} changed, ${same} as they are, ${refused} refused`;
}

export function codeOf({ refused }: Tally): number {
  return refused === 0 ? exitCodes.done : exitCodes.partly;
}

/** Where refused rows are; and how many are not there, since the service tells no more than a client reads in time. */
export function errorFileOf(
  { refused }: Tally,
  written: Written | null,
  { kind, file }: Pick<Wanted, "kind" | "file">,
): string {
  const where = written === null ? "" : `refused rows: ${written.path}\n`;
  const missing = refused - (written?.rows ?? 0);
  if (missing <= 0) return where;
  return `${where}${missing} refused rows are not in it: their lines were not read in time, or went to a file of an earlier run. To see all: npm run onhand -- import ${kind} ${file} --errors all.csv\n`;
}

export function importedAlready({ id, state }: Kept): Failure {
  const undo = `npm run onhand -- import undo ${id}`;
  const fate = {
    ...{ begun: "", done: `. To undo that: ${undo}` },
    ...{
      undoing: `, and undone in part. To undo the rest: ${undo} --apply`,
      undone: ", and undone",
    },
  }[state];
  return new Failure(
    `this file was imported already, as ${id}${fate}. To import it once more: --again twice`,
  );
}
