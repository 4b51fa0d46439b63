// One file into the service: sent once to see what it would do and that all of it can be read, and once to be done. What
// an import is, is the service's to know; here it is told, counted, and gone on with where it broke off.

import { isoTime, now } from "../../lib/clock.ts";
import { Failure, UsageError } from "../command.ts";
import { openProgress } from "../progress.ts";
import { formatOf } from "./format.ts";
import { added, isForgotten, type Kept, keep, keptAs, nothingDone } from "./kept.ts";
import { look, preview } from "./look.ts";
import { openRefusals } from "./refusals.ts";
import { idOf, type Send, sender, type Wanted } from "./sending.ts";
import { openSource, type Source } from "./source.ts";
import { brokenOff, codeOf, errorFileOf, importedAlready, wordsOf } from "./told.ts";

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

async function doIt(wanted: Wanted, source: Source, id: string, send: Send): Promise<number> {
  const { kind, folder, url } = wanted;
  const known = keptAs(folder, id);
  if (known !== null && known.state !== "begun") {
    throw importedAlready(known);
  }
  if (known !== null && isForgotten(known)) {
    throw new Failure(
      `import ${id} broke off more than 23 hours ago, so it is not known any more which of its rows were done. Undo it first: npm run onhand -- import undo ${id} --apply; then import the file with --again twice`,
    );
  }
  const looked = await preview(wanted.kind, source, send, 0, null);
  process.stdout.write(`${source.name}: ${looked.differences[0]}\n`);
  if (known !== null) {
    process.stderr.write(`import ${id} broke off; it goes on after row ${known.row}\n`);
  }
  const kept: Kept = known ?? {
    ...{ id, importId: looked.importId, kind, file: source.name, at: isoTime(now()), url },
    ...{ state: "begun", row: 0, tally: nothingDone, errors: null },
  };
  keep(folder, kept);
  const beside = wanted.file === "-" ? `import-${id}` : wanted.file;
  const path = wanted.errors ?? kept.errors?.path ?? `${beside}.errors.csv`;
  const startedAt = performance.now();
  const { tally, errors } = await apply(wanted, kept, looked.rows, send, path);
  keep(folder, { ...kept, state: "done", tally, errors });
  const seconds = (performance.now() - startedAt) / 1_000;
  const speed = Math.round(looked.rows / Math.max(seconds, 0.001));
  process.stdout.write(
    `${wordsOf(tally)}: import ${id}, ${seconds.toFixed(1)} s, ${speed} rows/s, ${memoryMb()} MB of memory at most\n`,
  );
  process.stdout.write(errorFileOf(tally, errors, wanted));
  process.stdout.write(`to undo it: npm run onhand -- import undo ${id}\n`);
  return codeOf(tally);
}

async function apply(
  { folder, kind, url }: Wanted,
  kept: Kept,
  rows: number,
  send: Send,
  path: string,
): Promise<Pick<Kept, "tally" | "errors">> {
  const refusals = openRefusals(path, kept.errors);
  const progress = openProgress();
  progress.begin(`importing ${kind}`, rows);
  let seen = 0;
  let { tally, errors } = kept;
  // The first answer of a row is kept by its key; rows before are not asked for again.
  const query = { mode: "apply", import_id: kept.importId, after_row: kept.row } as const;
  try {
    for await (const line of send(query)) {
      if (line.type === "refused") refusals.add(line);
      if (line.type !== "progress" && line.type !== "end") continue;
      tally = added(kept.tally, line);
      // Before it is kept that these rows are done: those that are not written are told again.
      errors = await refusals.settle();
      progress.seen((line.rows ?? seen) - seen);
      seen = line.rows ?? seen;
      if (line.type === "progress")
        keep(folder, { ...kept, row: line.row ?? kept.row, tally, errors });
      else if (line.fault !== null && line.fault !== undefined) {
        const { code, detail } = line.fault;
        const ways = `Run it again to go on, or undo it: npm run onhand -- import undo ${kept.id}`;
        throw brokenOff({ code, detail: `it broke off: ${detail} ${ways}` }, url);
      }
    }
  } finally {
    refusals.close();
    progress.end();
  }
  return { tally, errors };
}

function memoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
