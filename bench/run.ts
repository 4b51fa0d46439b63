// npm run bench [-- reserve|reserve-postgres|availability] [--seconds N] [--connections N] [--repeat N]
//
// Measures the real service over HTTP from another process on the same machine: durable commits, all
// rules, API key, idempotency key and request log on. Prints a table; README.md says what is measured.

import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { must } from "../src/lib/assert.ts";
import { startPostgres } from "../test/support/postgres.ts";
import type { LoadResult as Load, LoadPlan } from "./load.ts";
import { type Server, startEmptyRoute, startOnhand, startPlainRoute } from "./server.ts";

/** A run, and what one request cost the server in processor time: that figure hardly feels a noisy machine. */
interface LoadResult extends Load {
  readonly serverMicroseconds: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "8" },
    connections: { type: "string", default: "64" },
    repeat: { type: "string", default: "3" },
  },
});
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const repeat = Number(values.repeat);
const wanted = positionals.length > 0 ? positionals : ["reserve", "availability"];

const productCount = 1_000;
const stores = ["MAD-001", "BCN-001", "VAL-001", "SEV-001"];
const products = Array.from(
  { length: productCount },
  (_, index) => `p-${String(index).padStart(4, "0")}`,
);
const rows = products.flatMap((product) => stores.map((store) => `${product}/${store}`));

async function load(
  servers: Server | readonly Server[],
  plan: Partial<LoadPlan> & Pick<LoadPlan, "work" | "targets">,
): Promise<LoadResult> {
  const all = [servers].flat();
  const server = must(all[0], "a server to load");
  const cpuSeconds = (): number => all.reduce((sum, one) => sum + one.cpuSeconds(), 0);
  const whole: LoadPlan = {
    host: "127.0.0.1",
    ports: all.map(({ port }) => port),
    connections,
    seconds,
    warmupSeconds: 2,
    headers: server.key === "" ? {} : { "X-API-Key": server.key },
    ...plan,
  };
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "load.ts"), JSON.stringify(whole)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const cpuBefore = cpuSeconds();
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const result: Load = JSON.parse(text);
  const cpu = cpuSeconds() - cpuBefore;
  return { ...result, serverMicroseconds: (cpu * 1e6) / result.requestsInAll };
}

async function call(server: Server, method: string, path: string, body: unknown): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1${path}`, {
    method,
    headers: { "X-API-Key": server.key, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok)
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

/** 1,000 products in 4 stores, through the API. */
async function fill(server: Server): Promise<void> {
  for (let at = 0; at < products.length; at += 50) {
    await Promise.all(
      products.slice(at, at + 50).map((id) =>
        call(server, "POST", "/products", {
          id,
          sku: `SKU-${id}`,
          name: `Product ${id}`,
          price: 9.5,
        }),
      ),
    );
  }
  for (let at = 0; at < rows.length; at += 500) {
    const changes = rows.slice(at, at + 500).map((row) => {
      const [product_id, store_id] = row.split("/");
      return { product_id, store_id, quantity_change: 100_000_000, reason: "RESTOCK" };
    });
    await call(server, "POST", "/stock/batch", { changes });
  }
}

function median(results: readonly LoadResult[]): LoadResult {
  const sorted = [...results].sort((a, b) => a.perSecond - b.perSecond);
  return must(sorted[Math.floor(sorted.length / 2)], "at least one run");
}

function row(name: string, result: LoadResult, extra = ""): void {
  const statuses = Object.entries(result.statuses)
    .map(([status, count]) => `${status}×${count}`)
    .join(" ");
  const cells = [
    name.padEnd(44),
    `${result.perSecond.toLocaleString("en")}/s`.padStart(10),
    `p50 ${result.p50Ms.toFixed(2)} ms`.padStart(14),
    `p99 ${result.p99Ms.toFixed(2)} ms`.padStart(14),
    `max ${result.maxMs.toFixed(1)} ms`.padStart(14),
    `${result.serverMicroseconds.toFixed(0)} µs server`.padStart(14),
    `${((result.cpuSeconds * 1e6) / result.requests).toFixed(0)} µs generator`.padStart(16),
    statuses.padStart(14),
    extra,
  ];
  process.stdout.write(`${cells.join("  ")}\n`);
}

async function reserve(): Promise<void> {
  const server = await startOnhand();
  try {
    await fill(server);
    const spread: LoadResult[] = [];
    const single: LoadResult[] = [];
    for (let run = 0; run < repeat; run += 1) {
      spread.push(await load(server, { work: "reserve", targets: rows }));
      single.push(await load(server, { work: "reserve", targets: rows.slice(0, 1) }));
    }
    row("reserve, 4,000 rows", median(spread));
    row("reserve, one row", median(single), `memory ${server.memoryMb()} MB`);
  } finally {
    await server.stop();
  }
}

/** One instance, three, and a transaction for each request, in turn on one PostgreSQL of the bench's own. */
async function reservePostgres(): Promise<void> {
  const postgres = await startPostgres();
  const url = await postgres.newDatabase();
  const env = { DATABASE_URL: url, ONHAND_ADMIN_KEY: `ohk_${"b".repeat(43)}` };
  const instances = (count: number): Promise<Server[]> =>
    Promise.all(Array.from({ length: count }, () => startOnhand(env)));
  // Each runs alone: one that only follows the log takes its share of two cores, too.
  const contenders = [
    ["one instance", () => instances(1)],
    ["three instances", () => instances(3)],
    ["a transaction each", async () => [await startPlainRoute(url)]],
  ] as const;
  const places = [
    ["4,000 rows", rows],
    ["one row", rows.slice(0, 1)],
  ] as const;
  const results = new Map<string, LoadResult[]>();
  try {
    const [first] = await instances(1);
    await fill(must(first, "an instance"));
    await first?.stop();
    for (let run = 0; run < repeat; run += 1) {
      for (const [name, start] of contenders) {
        const servers = await start();
        for (const [where, targets] of places) {
          const title = `PostgreSQL, ${where}: ${name}`;
          const result = await load(servers, { work: "reserve", targets });
          results.set(title, [...(results.get(title) ?? []), result]);
        }
        await Promise.all(servers.map((server) => server.stop()));
      }
    }
    for (const [title, runs] of results) row(title, median(runs));
  } finally {
    await postgres.close();
  }
}

async function availability(): Promise<void> {
  const server = await startOnhand();
  const empty = await startEmptyRoute();
  try {
    await fill(server);
    const targets = products.map((id) => `/api/v1/products/${id}/availability`);
    const reads: LoadResult[] = [];
    const floor: LoadResult[] = [];
    for (let run = 0; run < repeat; run += 1) {
      reads.push(await load(server, { work: "get", targets }));
      floor.push(await load(empty, { work: "get", targets: ["/"], headers: {} }));
    }
    row("empty Fastify route", median(floor));
    const share = (100 * median(reads).perSecond) / median(floor).perSecond;
    row("availability, warm", median(reads), `${share.toFixed(0)} % of the empty route`);
  } finally {
    await server.stop();
    await empty.stop();
  }
}

const works: Readonly<Record<string, () => Promise<void>>> = {
  reserve,
  "reserve-postgres": reservePostgres,
  availability,
};
process.stdout.write(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${connections} connections, ${repeat} runs of ${seconds} s, medians\n`,
);
for (const name of wanted)
  await must(works[name], `no benchmark ${name}: ${Object.keys(works).join(", ")}`)();
