// One file into the service: read once to see that all of it can be read, then looked at or imported.

import { createHash } from "node:crypto";
import type { Client, Reason } from "../../../sdk/src/client.ts";
import { isoTime, now } from "../../lib/clock.ts";
import { type Kind, type Mapping, mappingOf } from "../../transfer/mapping.ts";
import { type Format, type Record, recordsIn } from "../../transfer/records.ts";
import { exitCodes, Failure, UsageError } from "../command.ts";
import { cellOf } from "../output.ts";
import { openProgress } from "../progress.ts";
import { openCatalogueImport } from "./catalogue-orders.ts";
import type { Importer, Order, Refused, Wish } from "./importer.ts";
import { openJournal, progressOf, type Tally } from "./journal.ts";
import { formatOf } from "./kinds.ts";
import { openRefusals } from "./refusals.ts";
import { applyAll, dryRun } from "./run.ts";
import { hashOf, openSource, type Source, textOf } from "./source.ts";
import { openStockImport } from "./stock-orders.ts";

export interface Wanted {
  readonly kind: Kind;
  readonly file: string;
  readonly folder: string;
  readonly client: Client;
  readonly url: string;
  readonly apply: boolean;
  readonly again?: string | undefined;
  readonly map?: readonly string[] | undefined;
  readonly store?: string | undefined;
  readonly reason?: string | undefined;
  readonly format?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly encoding?: string | undefined;
  readonly errors?: string | undefined;
  readonly show?: string | undefined;
}

const columnsMax = 1_000;

export async function importFile(wanted: Wanted): Promise<number> {
  const { kind, file, again, map = [] } = wanted;
  const format = formatOf(wanted.format, file === "-" ? undefined : file);
  if (format === null) throw new UsageError("say what it is: --format csv or --format jsonl");
  if (again !== undefined && !/^[a-z0-9]{1,20}$/.test(again)) {
    throw new UsageError("--again is a short word of a-z and 0-9");
  }
  const source = await openSource(file, wanted.encoding);
  try {
    const read = (): AsyncGenerator<Record> => recordsIn(textOf(source), format, wanted.delimiter);
    const { rows, head } = await survey(read());
    const options = { named: namedIn(map), hasStore: wanted.store !== undefined };
    const mapping = mappingOf(kind, head, options);
    const id = await idOf(source, wanted, format);
    tell(source, rows, mapping, wanted);
    const importer = await importerOf(wanted, mapping, id);
    const run = { ...wanted, id, rows, head, source: source.name, records: read() };
    return wanted.apply ? await doIt(run, importer) : await look(run, importer);
  } finally {
    source.close();
  }
}

function namedIn(maps: readonly string[]): Readonly<{ [field: string]: string }> {
  return Object.fromEntries(
    maps.map((text) => {
      const at = text.lastIndexOf("=");
      if (at < 1) throw new UsageError('--map is "COLUMN=FIELD"');
      return [text.slice(at + 1).trim(), text.slice(0, at).trim()];
    }),
  );
}

/** Reads all of it, so that nothing is begun of a file that is broken further down. */
async function survey(
  records: AsyncIterable<Record>,
): Promise<{ rows: number; head: readonly string[] }> {
  const head = new Set<string>();
  let rows = 0;
  for await (const { cells } of records) {
    rows += 1;
    for (const name of Object.keys(cells)) if (head.size < columnsMax) head.add(name);
  }
  if (rows === 0) throw new Failure("there are no rows in the file");
  return { rows, head: [...head].filter((name) => name !== "") };
}

/** The same file with the same options is the same import. */
async function idOf(source: Source, wanted: Wanted, format: Format): Promise<string> {
  const { kind, map, store, reason, delimiter, encoding, url, again } = wanted;
  const options = { kind, map, store, reason, delimiter, encoding, url, format };
  const hash = createHash("sha256")
    .update(await hashOf(source))
    .update(JSON.stringify(options));
  const id = hash.digest("hex").slice(0, 12);
  return again === undefined ? id : `${id}-${again}`;
}

function tell({ name }: Source, rows: number, mapping: Mapping, { kind }: Wanted): void {
  const columns = [
    ...Array.from(mapping.columns, ([field, column]) =>
      field === column ? field : `${field} from "${column}"`,
    ),
    ...mapping.counts.keys(),
  ];
  process.stdout.write(`${name}: ${rows} rows of ${kind}: ${cellOf(columns.join(", "))}\n`);
  if (mapping.unused.length > 0) {
    process.stdout.write(`not used: ${cellOf(mapping.unused.join(", "))}\n`);
  }
}

async function importerOf(
  { kind, client, store, reason }: Wanted,
  mapping: Mapping,
  id: string,
): Promise<Importer<Wish, Order>> {
  // Each is given its own wishes and orders, and nobody else's.
  if (kind !== "stock") {
    return openCatalogueImport(kind, client, mapping) as unknown as Importer<Wish, Order>;
  }
  const options = { client, mapping, store, reason: reason as Reason | undefined };
  const importer = await openStockImport({ ...options, reference: `import-${id}` });
  return importer as unknown as Importer<Wish, Order>;
}

interface Run extends Wanted {
  readonly id: string;
  readonly rows: number;
  readonly head: readonly string[];
  readonly source: string;
  readonly records: AsyncIterable<Record>;
}

async function look(run: Run, importer: Importer<Wish, Order>): Promise<number> {
  const most = Number(run.show ?? 20);
  let shown = 0;
  const show = (orders: readonly Order[], refused: readonly Refused[]): void => {
    const lines = [
      ...orders.map(({ row, kind, about, difference }) => ({
        row,
        text: `${kind === "create" ? "+" : "~"} ${about}: ${difference}`,
      })),
      ...refused.map(({ row, reason }) => ({ row, text: `! ${reason}` })),
    ].sort((a, b) => a.row - b.row);
    for (const { row, text } of lines.slice(0, Math.max(0, most - shown))) {
      process.stdout.write(`row ${String(row).padEnd(6)} ${cellOf(text)}\n`);
    }
    shown += lines.length;
  };
  const progress = openProgress();
  const refusals = run.errors === undefined ? null : openRefusals(run.errors, run.head);
  // Not on the terminal where the differences go.
  if (!process.stdout.isTTY) progress.begin("looking", run.rows);
  const tally = await dryRun(run.records, importer, { show, refusals, progress }).finally(() =>
    progress.end(),
  );
  const written = (await refusals?.close()) ?? null;
  if (shown > most) process.stdout.write(`… and ${shown - most} more\n`);
  process.stdout.write(`${wordsOf(tally)}. Nothing was written; to do it, add --apply\n`);
  if (written !== null) process.stdout.write(`refused rows: ${written}\n`);
  return codeOf(tally);
}

async function doIt(run: Run, importer: Importer<Wish, Order>): Promise<number> {
  const { id, kind, folder, rows, source, url } = run;
  const known = await progressOf(folder, id);
  if (known.isEnded) {
    throw new Failure(
      `this file was imported already, as ${id}. To undo that: onhand import undo ${id}. To import it once more: --again twice`,
    );
  }
  const journal = openJournal(folder, id);
  if (known.head === null) {
    journal.write({ step: "import", id, kind, file: source, rows, at: isoTime(now()), url });
  } else {
    process.stderr.write(`import ${id} broke off; it goes on after row ${known.to}\n`);
  }
  const beside = run.file === "-" ? `import-${id}` : run.file;
  const refusals = openRefusals(run.errors ?? `${beside}.errors.csv`, run.head);
  const progress = openProgress();
  progress.begin(`importing ${kind}`, rows);
  const startedAt = performance.now();
  const work = { id, journal, known, refusals, progress, now };
  const tally = await applyAll(run.records, importer, work).finally(() => progress.end());
  const written = await refusals.close();
  journal.write({ step: "end", at: isoTime(now()) });
  const seconds = (performance.now() - startedAt) / 1000;
  const speed = Math.round(rows / Math.max(seconds, 0.001));
  process.stdout.write(
    `${wordsOf(tally)}: import ${id}, ${seconds.toFixed(1)} s, ${speed} rows/s, ${memoryMb()} MB of memory at most\n`,
  );
  if (written !== null) process.stdout.write(`refused rows: ${written}\n`);
  process.stdout.write(`to undo it: onhand import undo ${id}\n`);
  return codeOf(tally);
}

function memoryMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

function wordsOf({ created, changed, same, refused }: Tally): string {
  return `${created} new, ${changed} changed, ${same} as they are, ${refused} refused`;
}

function codeOf({ refused }: Tally): number {
  return refused === 0 ? exitCodes.done : exitCodes.partly;
}
