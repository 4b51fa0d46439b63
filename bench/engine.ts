// The write transaction alone: batches of reserve commands, all rules, indexes and idempotency records,
// durable, without HTTP and threads. node bench/engine.ts [batch size] [seconds] [postgres://… of an empty
// database, or "sqlite": a new file] [json: as run.ts reads it]

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Action, Command } from "../src/domain/model.ts";
import { newId } from "../src/lib/ids.ts";
import * as postgres from "../src/store/postgres/commit.ts";
import { openConnections } from "../src/store/postgres/connections.ts";
import { migrate } from "../src/store/postgres/schema.ts";
import * as sqlite from "../src/store/sqlite/commit.ts";
import { openForWriting } from "../src/store/sqlite/open.ts";
import type { Outcome } from "../src/store/store.ts";

const batchSize = Number(process.argv[2] ?? 64);
const seconds = Number(process.argv[3] ?? 5);
const url = process.argv[4] ?? "sqlite";
const isRead = process.argv[5] === "json";
const limits = {
  reservationsPerCustomer: 20,
  unitsPerCustomer: 100,
  reservationLifeMs: 86_400_000,
};
const { commit, close } = url === "sqlite" ? openFile() : await openPostgres(url);

interface Engine {
  commit(commands: readonly Command[]): Outcome[] | Promise<Outcome[]>;
  close(): void | Promise<void>;
}

function openFile(): Engine {
  const folder = mkdtempSync(join(tmpdir(), "onhand-engine-"));
  const file = openForWriting(join(folder, "inventory.db"), Date.now(), newId);
  return {
    commit: sqlite.openCommit(file.db, { limits, now: Date.now, newId }),
    close() {
      file.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openPostgres(database: string): Promise<Engine> {
  const options = { pooler: false, notify: null, limits, newId };
  const connections = openConnections({
    url: database,
    poolMin: 1,
    poolMax: 2,
    pooler: false,
    directUrl: null,
  });
  await migrate(connections, options, newId);
  return {
    commit: postgres.openCommit(connections, options),
    close: () => connections.close(),
  };
}

let keys = 0;
function command(action: Action): Command {
  keys += 1;
  const once = { caller: "key:bench", key: `bench-${keys}`, fingerprint: "f".repeat(43) };
  return { actor: "key:bench", requestId: `r-${keys}`, once, ...action };
}

const stores = ["A", "B", "C", "D"];
const blank = { address: null, city: null, country: null, phone: null, email: null, active: true };
await commit(
  stores.map((id) => command({ kind: "CreateStore", id, fields: { name: id, ...blank } })),
);
for (let n = 0; n < 1000; n += 1) {
  const id = `p-${n}`;
  const fields = { sku: id, name: id, description: null, category: null, priceCents: 100 };
  const initial = stores.map((storeId) =>
    command({
      kind: "ChangeStock",
      change: {
        productId: id,
        storeId,
        mode: "initial",
        amount: 100_000_000,
        createMissing: true,
        reason: "INITIAL",
        note: null,
        reference: null,
        userId: null,
        expected: null,
      },
    }),
  );
  await commit([command({ kind: "CreateProduct", id, fields }), ...initial]);
}

let made = 0;
function reserve(product: number): Command {
  made += 1;
  return command({
    kind: "Reserve",
    groupId: null,
    customerId: `c-${made}`,
    ttlMs: 3_600_000,
    metadata: null,
    lines: [
      {
        reservationId: newId(),
        idBrought: false,
        productId: `p-${product}`,
        storeId: stores[made % 4] ?? "A",
        quantity: 1,
      },
    ],
  });
}

async function measure(name: string, product: () => number): Promise<void> {
  const startedAt = performance.now();
  const before = made;
  const writtenBefore = bytesWritten();
  const cpuBefore = process.cpuUsage();
  while (performance.now() - startedAt < seconds * 1000) {
    const outcomes = await commit(Array.from({ length: batchSize }, () => reserve(product())));
    if (outcomes.some(({ result }) => "rejection" in result)) throw new Error("refused");
  }
  const count = made - before;
  const perSecond = (count / (performance.now() - startedAt)) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const bytes = (bytesWritten() - writtenBefore) / count;
  if (isRead) {
    const microseconds = (user + system) / count;
    process.stdout.write(`${JSON.stringify({ name, perSecond, microseconds, bytes })}\n`);
    return;
  }
  process.stdout.write(
    `${name.padEnd(12)} batches of ${batchSize}: ${Math.round(perSecond)}/s, ` +
      `${((user + system) / count).toFixed(1)} µs of processor and ${Math.round(bytes)} bytes written each\n`,
  );
}

function bytesWritten(): number {
  return Number(/^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

const spread = (): number => made % 1000;
const single = (): number => 0;
// The first seconds are just-in-time compilation.
await measure("(warm-up)", spread);
await measure("4,000 rows", spread);
await measure("4 rows", single);
await close();
