// One file into the service: sent once to see what it would do and that all of it can be read, and once to be done. What
// an import is, is the service's to know; here it is told, counted, and gone on with where it broke off.

import { existsSync } from "node:fs";
import type { ImportLine } from "../../../sdk/src/client.ts";
import { isOnhandError } from "../../../sdk/src/client.ts";
import { must } from "../../lib/assert.ts";
import { isoTime, now } from "../../lib/clock.ts";
import type { Kind } from "../../transfer/mapping.ts";
import { exitCodes, Failure, UsageError } from "../command.ts";
import { openProgress } from "../progress.ts";
import { formatOf } from "./format.ts";
import { added, isForgotten, type Kept, keep, keptAs, nothingDone, type Tally } from "./kept.ts";
import { openRefusals, type RefusalFile } from "./refusals.ts";
import { idOf, type Send, sender, type Wanted } from "./sending.ts";
import { openSource, type Source } from "./source.ts";
import { brokenOff, differenceOf, head, unreadable, wordsOf } from "./told.ts";

export async function importFile(wanted: Wanted): Promise<number> {
  const { file, again, apply } = wanted;
  const format = formatOf(wanted.format, file === "-" ? undefined : file);
  if (format === null && /\.(?:xlsx?|xlsm|ods|numbers)$/i.test(file)) {
    throw new UsageError(`${file} is a workbook: save it as CSV in the program that it comes from`);
  }
  if (format === null) throw new UsageError("say what it is: --format csv or --format jsonl");
  if (again !== undefined && !/^[a-z0-9]{1,20}$/.test(again)) {
    throw new UsageError("--again is a short word of a-z and 0-9");
  }
  const source = await openSource(file);
  try {
    const id = await idOf(source, wanted, format);
    const send = sender(wanted, source, format);
    return await (apply ? doIt(wanted, source, id, send) : look(wanted, source, send));
  } finally {
    source.close();
  }
}

interface Looked {
  readonly importId: string;
  readonly rows: number;
  readonly tally: Tally;
  readonly differences: readonly string[];
}

/** Reads all of it by way of the service, so that nothing is begun of a file that is broken further down. */
async function preview(
  kind: Kind,
  send: Send,
  most: number,
  refusals: RefusalFile | null,
): Promise<Looked> {
  const differences: string[] = [];
  let begin: ImportLine | null = null;
  let end: ImportLine | null = null;
  const progress = openProgress();
  try {
    for await (const line of send({ mode: "preview", show: Math.min(most, shownMax) })) {
      if (line.type === "begin") begin = line;
      if (line.type === "row" || line.type === "refused") {
        if (differences.length < most) differences.push(differenceOf(line));
      }
      if (line.type === "refused") refusals?.add(line);
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

async function look(wanted: Wanted, { name }: Source, send: Send): Promise<number> {
  const most = Number(wanted.show ?? 20);
  const refusals = wanted.errors === undefined ? null : openRefusals(wanted.errors, false);
  const { tally, differences } = await preview(wanted.kind, send, most, refusals);
  const written = (await refusals?.close()) ?? null;
  for (const line of differences)
    process.stdout.write(`${line === differences[0] ? `${name}: ` : ""}${line}\n`);
  const all = tally.created + tally.changed + tally.refused;
  if (all > differences.length - 1)
    process.stdout.write(`… and ${all - differences.length + 1} more\n`);
  process.stdout.write(`${wordsOf(tally)}. Nothing was written; to do it, add --apply\n`);
  if (written !== null) process.stdout.write(`refused rows: ${written}\n`);
  return codeOf(tally);
}

async function doIt(wanted: Wanted, source: Source, id: string, send: Send): Promise<number> {
  const { kind, folder, url } = wanted;
  const known = keptAs(folder, id);
  if (known !== null && known.state !== "begun") {
    throw new Failure(
      `this file was imported already, as ${id}. To undo that: npm run onhand -- import undo ${id}. To import it once more: --again twice`,
    );
  }
  if (known !== null && isForgotten(known)) {
    throw new Failure(
      `import ${id} broke off more than 23 hours ago, so it is not known any more which of its rows were done. Undo it first: npm run onhand -- import undo ${id} --apply; then import the file with --again twice`,
    );
  }
  const looked = await preview(wanted.kind, send, 0, null);
  process.stdout.write(`${source.name}: ${looked.differences[0]}\n`);
  if (known !== null) {
    process.stderr.write(`import ${id} broke off; it goes on after row ${known.row}\n`);
  }
  const kept: Kept = known ?? {
    ...{ id, importId: looked.importId, kind, file: source.name, at: isoTime(now()), url },
    ...{ state: "begun", row: 0, tally: nothingDone },
  };
  keep(folder, kept);
  const beside = wanted.file === "-" ? `import-${id}` : wanted.file;
  const path = wanted.errors ?? `${beside}.errors.csv`;
  const refusals = openRefusals(
    path,
    known !== null && known.tally.refused > 0 && existsSync(path),
  );
  const startedAt = performance.now();
  const tally = await apply(wanted, kept, looked.rows, send, refusals);
  const written = (await refusals.close()) ?? (tally.refused > 0 ? path : null);
  keep(folder, { ...kept, state: "done", tally });
  const seconds = (performance.now() - startedAt) / 1_000;
  const speed = Math.round(looked.rows / Math.max(seconds, 0.001));
  process.stdout.write(
    `${wordsOf(tally)}: import ${id}, ${seconds.toFixed(1)} s, ${speed} rows/s, ${memoryMb()} MB of memory at most\n`,
  );
  if (written !== null) process.stdout.write(`refused rows: ${written}\n`);
  process.stdout.write(`to undo it: npm run onhand -- import undo ${id}\n`);
  return codeOf(tally);
}

async function apply(
  { folder, kind, url }: Wanted,
  kept: Kept,
  rows: number,
  send: Send,
  refusals: RefusalFile,
): Promise<Tally> {
  const progress = openProgress();
  progress.begin(`importing ${kind}`, rows);
  let seen = 0;
  let tally = kept.tally;
  // The first answer of a row is kept by its key; rows before are not asked for again.
  const query = { mode: "apply", import_id: kept.importId, after_row: kept.row } as const;
  try {
    for await (const line of send(query)) {
      if (line.type === "refused") refusals.add(line);
      if (line.type !== "progress" && line.type !== "end") continue;
      tally = added(kept.tally, line);
      progress.seen((line.rows ?? seen) - seen);
      seen = line.rows ?? seen;
      if (line.type === "progress") keep(folder, { ...kept, row: line.row ?? kept.row, tally });
      else if (line.fault !== null && line.fault !== undefined) {
        const { code, detail } = line.fault;
        throw brokenOff({ code, detail: `it broke off: ${detail} Run it again to go on` }, url);
      }
    }
  } catch (error) {
    // What was refused so far is not told again.
    await refusals.close();
    throw error;
  } finally {
    progress.end();
  }
  return tally;
}

function memoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function codeOf({ refused }: Tally): number {
  return refused === 0 ? exitCodes.done : exitCodes.partly;
}
