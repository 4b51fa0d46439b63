// How long files take, and how much memory, however long they are. npx node bench/import.ts [--rows 10000,100000]
//
// For each number of rows a service of its own, and three files: the products that are needed, a count of each of them in
// four stores (rows that are new), and deliveries to the same rows. Each is looked at and imported by HTTP, and by `onhand
// import`, which looks first and sends the file twice. Peaks are the kernel's (VmHWM), of the service since the file was
// begun. That all rows were done is read from the answer.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { type Server, startOnhand } from "./server.ts";
import { stores } from "./shop.ts";

const { values } = parseArgs({ options: { rows: { type: "string", default: "10000,100000" } } });
const sizes = values.rows.split(",").map(Number);
if (!sizes.every((rows) => Number.isInteger(rows) && rows >= stores.length)) {
  throw new Error("--rows is a number, or several with commas between");
}

const folder = mkdtempSync(join(tmpdir(), "onhand-bench-import-"));

interface File {
  readonly kind: "products" | "stock";
  readonly what: string;
  readonly rows: number;
  readonly head: string;
  readonly row: (n: number) => string;
}

/** Two ways need two sets of products: what is counted again as it is would be nothing to do. */
function filesOf(rows: number, way: string): readonly File[] {
  const products = Math.ceil(rows / stores.length);
  const place = (n: number) => `${way}-${n % products},${stores[Math.floor(n / products)]}`;
  return [
    {
      ...{ kind: "products", what: "products", rows: products, head: "sku,name,price" },
      row: (n) => `${way}-${n},Product ${n},${((n % 10_000) / 100 + 1).toFixed(2)}`,
    },
    {
      ...{ kind: "stock", what: "counts", rows, head: "sku,store_id,quantity,reorder_point" },
      row: (n) => `${place(n)},${n % 500},`,
    },
    {
      ...{
        kind: "stock",
        what: "deliveries",
        rows,
        head: "sku,store_id,quantity_change,reference",
      },
      row: (n) => `${place(n)},${(n % 50) + 1},DN-${n}`,
    },
  ];
}

async function write({ head, row, rows }: File, path: string): Promise<void> {
  function* lines() {
    yield `${head}\n`;
    for (let n = 0; n < rows; n += 1) yield `${row(n)}\n`;
  }
  await pipeline(Readable.from(lines()), createWriteStream(path));
}

async function byHttp(server: Server, file: File, path: string, mode: string): Promise<null> {
  const { kind, rows } = file;
  const response = await fetch(
    `http://127.0.0.1:${server.port}/api/v1/imports/${kind}?mode=${mode}&show=0`,
    {
      method: "POST",
      headers: { "X-API-Key": server.key, "Content-Type": "text/csv" },
      body: Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
      duplex: "half",
    },
  );
  const end = JSON.parse((await response.text()).trim().split("\n").at(-1) ?? "");
  mustBeAll(file, mode, end.created + end.changed === rows && end.fault === null, end);
  return null;
}

/** Answers its peak of memory, MB, as it says it itself. */
async function byCli(server: Server, file: File, path: string): Promise<number> {
  const program = join(import.meta.dirname, "../src/cli/onhand.js");
  const child = spawn(process.execPath, [program, "import", file.kind, path, "--apply"], {
    env: {
      ...process.env,
      ONHAND_URL: `http://127.0.0.1:${server.port}`,
      ONHAND_API_KEY: server.key,
      ONHAND_DATA_DIR: folder,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const { created, changed, peak } =
    /(?<created>\d+) new, (?<changed>\d+) changed, .* (?<peak>\d+) MB of memory at most/.exec(said)
      ?.groups ?? {};
  mustBeAll(file, "onhand import", Number(created) + Number(changed) === file.rows, said);
  return Number(peak);
}

function mustBeAll({ what, rows }: File, how: string, isAll: boolean, told: unknown): void {
  if (isAll) return;
  throw new Error(`${how} of ${rows} ${what} did not do all: ${JSON.stringify(told)}`);
}

async function measure(
  server: Server,
  { what, rows }: File,
  how: string,
  run: () => Promise<number | null>,
): Promise<void> {
  server.forgetPeak();
  const cpuBefore = server.cpuSeconds();
  const begun = performance.now();
  const peak = await run();
  const seconds = (performance.now() - begun) / 1_000;
  const cells = [
    ...[rows, what, how, seconds.toFixed(1), Math.round(rows / seconds)],
    ...[(server.cpuSeconds() - cpuBefore).toFixed(1), server.peakMb(), peak ?? ""],
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

console.log(
  "| rows | file | how | s | rows/s | service's processor time, s | service at most, MB | command line at most, MB |\n|---|---|---|---|---|---|---|---|",
);
try {
  for (const rows of sizes) {
    const server = await startOnhand();
    try {
      for (const file of filesOf(rows, "http")) {
        const path = join(folder, `${file.what}.csv`);
        await write(file, path);
        await measure(server, file, "HTTP, preview", () => byHttp(server, file, path, "preview"));
        await measure(server, file, "HTTP", () => byHttp(server, file, path, "apply"));
      }
      for (const file of filesOf(rows, "cli")) {
        const path = join(folder, `cli-${file.what}.csv`);
        await write(file, path);
        await measure(server, file, "onhand import", () => byCli(server, file, path));
      }
    } finally {
      await server.stop();
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
