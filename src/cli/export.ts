// onhand export: everything of one kind from a running service, as CSV or JSON lines. Pages are read as they are
// written, so any amount needs the memory of a few pages, and a file has its name only when it is whole.

import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { type CliCommand, exitCodes, UsageError } from "./command.ts";
import { asking, connect, connectionHelp, connectionOptions } from "./remote/connect.ts";
import type { Exported } from "./transfer/exported.ts";

export const exporting: CliCommand = {
  name: "export",
  summary: "writes products, stock, stores, reservations or events as CSV or JSON lines",
  help: `Usage: npm run onhand -- export products|stock|stores|reservations|events [--to FILE] [options]

Writes all that the key may see, to a file or to the standard output. What others change meanwhile may be in it or not;
the log (events) is exact. The columns are those that import understands, so stock that was exported can be counted in a
spreadsheet and imported again.

  --to FILE            a new file; nothing is overwritten, and it is there only when it is whole
  --format csv|jsonl   else by the file's name, else csv
  --store ID           stock, reservations and events of this store only
  --after SEQ          events behind this one only
  --spreadsheet        puts a ' before cells that a spreadsheet would run as a formula. Such a file is for looking at:
                       import takes cells as they are
${connectionHelp}
Examples:
  npm run onhand -- export stock --to stock.csv
  npm run -s onhand -- export products --format jsonl | jq -r .sku
  npm run onhand -- export events --after 120000 --to events.jsonl
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...connectionOptions,
        to: { type: "string" },
        format: { type: "string" },
        store: { type: "string" },
        after: { type: "string" },
        spreadsheet: { type: "boolean", default: false },
      },
    });
    const { exportedOf } = await import("./transfer/exported.ts");
    const { formatOf } = await import("./transfer/kinds.ts");
    const format = formatOf(values.format, values.to) ?? "csv";
    const [kind, ...more] = positionals;
    if (kind === undefined || more.length > 0) {
      throw new UsageError("export needs one of products, stock, stores, reservations, events");
    }
    const { url, client } = await connect(values);
    const exported = exportedOf(kind, client, values);
    const source = await sourceOf(exported, format, values.spreadsheet);
    const rows = () => `${source.rows()} rows of ${kind}`;
    if (values.to === undefined) {
      await asking(url, () => toOutput(source.text));
      return exitCodes.done;
    }
    const file = values.to;
    await asking(url, () => toFile(source.text, file));
    process.stderr.write(`${rows()} written to ${file}\n`);
    return exitCodes.done;
  },
};

interface Source {
  readonly text: AsyncIterable<string | Buffer>;
  rows(): number;
}

async function sourceOf(
  { columns, rows }: Exported,
  format: "csv" | "jsonl",
  spreadsheet: boolean,
): Promise<Source> {
  let count = 0;
  async function* counted(): AsyncGenerator<object> {
    for await (const row of rows) {
      count += 1;
      yield row;
    }
  }
  async function* lines(): AsyncGenerator<string> {
    for await (const row of counted()) yield `${JSON.stringify(row)}\n`;
  }
  if (format === "jsonl") return { text: lines(), rows: () => count };
  const { stringify } = await import("csv-stringify");
  const csv = stringify({
    header: true,
    columns: [...columns],
    escape_formulas: spreadsheet,
    cast: { boolean: String },
  });
  const from = Readable.from(counted());
  // An error of the service ends the file's stream, too.
  from.on("error", (error) => csv.destroy(error));
  return { text: from.pipe(csv), rows: () => count };
}

async function toOutput(text: AsyncIterable<string | Buffer>): Promise<void> {
  try {
    await pipeline(text, process.stdout, { end: false });
  } catch (error) {
    // Whoever read has seen enough.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return;
    throw error;
  }
}

async function toFile(text: AsyncIterable<string | Buffer>, path: string): Promise<void> {
  if (existsSync(path)) throw new UsageError(`${path} exists; export overwrites nothing`);
  const part = `${path}.part`;
  const file = await open(part, "w");
  try {
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        file.writeFile(chunk).then(() => done(), done);
      },
    });
    await pipeline(text, sink);
    await file.sync();
    await file.close();
    await rename(part, path);
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
}
