// A file as the service would take it: sent to be read and not to be done, so that nothing is begun of one that is broken
// further down, and people see what would be different.

import type { ImportLine } from "../../../sdk/src/client.ts";
import { isOnhandError } from "../../../sdk/src/client.ts";
import { must } from "../../lib/assert.ts";
import type { Kind } from "../../transfer/mapping.ts";
import { openProgress } from "../progress.ts";
import { added, nothingDone, type Tally } from "./kept.ts";
import { openRefusals, type RefusalFile } from "./refusals.ts";
import type { Send, Wanted } from "./sending.ts";
import type { Source } from "./source.ts";
import { codeOf, differenceOf, errorFileOf, head, unreadable, wordsOf } from "./told.ts";

export interface Looked {
  readonly importId: string;
  readonly rows: number;
  readonly tally: Tally;
  readonly differences: readonly string[];
}

/** Reads all of it by way of the service, so that nothing is begun of a file that is broken further down. */
export async function preview(
  kind: Kind,
  source: Source,
  send: Send,
  most: number,
  refusals: RefusalFile | null,
): Promise<Looked> {
  const differences: string[] = [];
  let begin: ImportLine | null = null;
  let end: ImportLine | null = null;
  const progress = openProgress();
  progress.begin(`looking at ${kind}`, source.bytes, "bytes");
  let seen = 0;
  try {
    for await (const line of send({ mode: "preview", show: Math.min(most, shownMax) })) {
      if (line.type === "begin") begin = line;
      if (line.type === "row" || line.type === "refused") {
        if (differences.length < most) differences.push(differenceOf(line));
      }
      if (line.type === "refused") refusals?.add(line);
      if (line.type === "progress" || line.type === "end") {
        await refusals?.settle();
        // How many rows there are is known only at its end.
        const taken = line.type === "end" ? source.bytes : source.taken();
        progress.seen(taken - seen);
        seen = taken;
      }
      if (line.type === "end") end = line;
    }
  } catch (error) {
    if (isOnhandError(error, "import_unreadable"))
      throw unreadable({ ...error.facts, detail: error.message });
    throw error;
  } finally {
    progress.end();
  }
  const last = must(end, "the client takes no answer for whole without it");
  if (last.fault !== null && last.fault !== undefined) throw unreadable(last.fault);
  const { rows = 0 } = last;
  const importId = must(begin?.import_id, "an import has an id");
  const told = [head(begin, rows, kind), ...differences];
  return { importId, rows, tally: added(nothingDone, last), differences: told };
}

const shownMax = 1_000;

export async function look(wanted: Wanted, source: Source, send: Send): Promise<number> {
  const most = Number(wanted.show ?? 20);
  const refusals = wanted.errors === undefined ? null : openRefusals(wanted.errors, null);
  const { tally, differences } = await preview(wanted.kind, source, send, most, refusals);
  const written = (await refusals?.settle()) ?? null;
  refusals?.close();
  for (const line of differences)
    process.stdout.write(`${line === differences[0] ? `${source.name}: ` : ""}${line}\n`);
  const all = tally.created + tally.changed + tally.refused;
  if (all > differences.length - 1)
    process.stdout.write(`… and ${all - differences.length + 1} more\n`);
  process.stdout.write(`${wordsOf(tally)}. Nothing was written; to do it, add --apply\n`);
  if (refusals !== null) process.stdout.write(errorFileOf(tally, written, wanted));
  return codeOf(tally);
}
