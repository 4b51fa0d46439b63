// onhand export: everything of one kind from a running service, as CSV or JSON lines. The service writes it, here it goes
// where it is to be as it comes, so any amount needs no more memory, and a file has its name only when it is whole.

import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import type { Client } from "../../sdk/src/client.ts";
import { type CliCommand, exitCodes, Failure, UsageError } from "./command.ts";
import { asking, connect, connectionHelp, connectionOptions } from "./remote/connect.ts";
import { atFile } from "./trouble.ts";

export const exporting: CliCommand = {
  help: `Usage: npm run onhand -- export products|stock|stores|reservations|webhooks|events [--to FILE] [options]

Writes all that the key may see, to a file or to the standard output. What others change meanwhile may be in it or not;
the log (events) is exact. The columns are those that import understands, so stock that was exported can be counted in a
spreadsheet and imported again. Secrets are in no file: neither API keys nor what webhooks are signed with.

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
    const { formatOf } = await import("./transfer/format.ts");
    const format = formatOf(values.format, values.to) ?? "csv";
    const [kind, ...more] = positionals;
    if (kind === undefined || more.length > 0) {
      throw new UsageError(`export needs one of ${kinds.join(", ")}`);
    }
    const { spreadsheet, store, to } = values;
    const query = { format, spreadsheet, store_id: store, after: seqOf(values.after) };
    mustFit(kind, query);
    const { url, client } = await connect(values);
    const file = await asking(url, () => client.exports[kind](query));
    // Node's streams are those of the web, to the letter but not to the compiler.
    const bytes = Readable.fromWeb(file as Parameters<typeof Readable.fromWeb>[0]);
    const written = to === undefined ? toOutput(bytes) : atFile(to, () => toFile(bytes, to));
    await written.catch(brokenOff);
    if (to !== undefined) process.stderr.write(`${kind} written to ${to}\n`);
    return exitCodes.done;
  },
};

type Kind = keyof Client["exports"];
const kinds: readonly string[] = [
  "products",
  "stock",
  "stores",
  "reservations",
  "webhooks",
  "events",
];

function mustFit(
  kind: string,
  { store_id: store, after }: { store_id: string | undefined; after: number | undefined },
): asserts kind is Kind {
  if (!kinds.includes(kind)) {
    throw new UsageError(`export knows ${kinds.join(", ")}, not "${kind}"`);
  }
  if (after !== undefined && kind !== "events") throw new UsageError("--after is for events");
  if (store !== undefined && ["products", "stores", "webhooks"].includes(kind)) {
    throw new UsageError(`--store is not for ${kind}`);
  }
}

function seqOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const seq = Number(after);
  if (Number.isInteger(seq) && seq >= 0) return seq;
  throw new UsageError("--after is the number of an event");
}

/** What `fetch` throws where the connection broke: what came is not all. */
function brokenOff(error: unknown): never {
  if (!(error instanceof TypeError)) throw error;
  throw new Failure("the answer broke off; ask again", exitCodes.noAnswer, error);
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
