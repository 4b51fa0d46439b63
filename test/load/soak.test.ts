// The service under a mixed load for as long as is asked for: what grows that must not. Memory is looked at after a
// garbage collection, the write-ahead log by its file, tables by their pages, latency window by window. What a write
// leaves behind for good (its events, its reservation, its key) is told for each write and bounded too; all other tables
// stay as they are.
//
// SOAK_MINUTES: how long; test/long.env asks for more than every run. Bounds hold for any length: so the longer it is, the
// smaller is the leak that it finds.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import type { Rows, Work } from "../../bench/plan.ts";
import { stockUp, stores } from "../../bench/shop.ts";
import {
  type Instance,
  newFolder,
  runOnhand,
  startInstance,
  unlimited,
} from "../support/instance.ts";
import { memoryMb, openWindow } from "../support/load-window.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const minutes = Number(process.env["SOAK_MINUTES"] ?? 0.15);
const timeout = 120_000 + minutes * 90_000;
/** Of two windows, one for each work. */
const roundSeconds = Math.min(20, (minutes * 60) / 6);
const rounds = Math.floor((minutes * 60) / roundSeconds);
/** Well below what two slow cores do, so that latency is the service's and not that of a queue. */
const perSecond = 150;
const rows: Rows = { products: 200, stores };
const works: readonly Work[] = [
  { kind: "mixed", rows },
  { kind: "reserve-confirm", rows },
];

/** From the first third of the run to its end. Caches are full by then; what fluctuates is a few MB. */
const heapGrowthMbMax = 6;
/** What the heap does not show: buffers, threads, and pages that the allocator keeps for later. */
const residentGrowthMbMax = 96;
/** The log is copied back at 16,000 pages; a commit may come while that is waiting for a reader. */
const walMbMax = 96;
/** A hold, its sale, their events and keys, in all tables and indexes. */
const bytesPerWriteMax = 2_000;
/** What is written for each command. */
const logTables = /^(?:events|reservations|reservation_|idempotency)/;
const otherGrowthBytesMax = 1024 * 1024;

interface Sample {
  readonly minute: number;
  readonly heapMb: number;
  readonly residentMb: number;
  readonly walMb: number;
  readonly p99Ms: number;
}

describe(`${minutes} minutes of mixed load`, { timeout }, () => {
  const samples: Sample[] = [];
  const heapFile = join(newFolder(), "heap.json");
  const statuses = new Set<string>();
  let instance: Instance;
  let [tablesBefore, tablesAfter] = [new Map<string, number>(), new Map<string, number>()];
  let [collected, writes] = [0, 0];

  before(
    async () => {
      const preload = `--import=${join(repositoryRoot, "test/support/heap-on-signal.ts")}`;
      const env = { ...unlimited, NODE_OPTIONS: preload, HEAP_FILE: heapFile };
      instance = await startInstance({ env });
      await stockUp({ port: Number(new URL(instance.url).port), key: instance.key }, rows);
      tablesBefore = tableBytes(instance);
      const startedAt = performance.now();
      for (let round = 0; round < rounds; round += 1) {
        let p99Ms = 0;
        for (const work of works) {
          const window = await openWindow(instance, {
            connections: 32,
            seconds: roundSeconds / works.length,
            warmupSeconds: 0,
            work,
            loop: { kind: "open", perSecond, patienceMs: 10_000 },
          });
          for (const status in window.statuses) statuses.add(status);
          p99Ms = Math.max(p99Ms, window.p99Ms);
          writes += window.writes;
        }
        samples.push({
          minute: (performance.now() - startedAt) / 60_000,
          heapMb: await heapMb(),
          residentMb: memoryMb(instance, "VmRSS"),
          walMb: statSync(`${instance.database}-wal`).size / 2 ** 20,
          p99Ms,
        });
      }
      tablesAfter = tableBytes(instance);
    },
    { timeout },
  );
  after(() => instance.kill());

  async function heapMb(): Promise<number> {
    let told = { times: 0, bytes: 0 };
    instance.signal("SIGWINCH");
    await until(() => {
      if (existsSync(heapFile)) told = JSON.parse(readFileSync(heapFile, "utf8"));
      return told.times > collected;
    }, "the service has collected its garbage");
    collected = told.times;
    return told.bytes / 2 ** 20;
  }

  test("every request is answered as wanted", () => {
    assert.deepEqual([...statuses].sort(), ["200", "201"]);
    assert.ok(writes > 0);
  });

  for (const [name, growthMax] of [
    ["heapMb", heapGrowthMbMax],
    ["residentMb", residentGrowthMbMax],
  ] as const) {
    test(`${name} grows by ${growthMax} at most`, (t) => {
      const later = samples.slice(Math.floor(rounds / 3));
      const minutesLater = last(later).minute - first(later).minute;
      const slope = slopeOf(later, name);
      t.diagnostic(`${slope.toFixed(2)} a minute, ${last(later)[name].toFixed(0)} at the end`);
      assert.ok(slope * minutesLater <= growthMax);
    });
  }

  test(`the write-ahead log keeps within ${walMbMax} MB`, (t) => {
    const most = Math.max(...samples.map(({ walMb }) => walMb));
    t.diagnostic(`${slopeOf(samples, "walMb").toFixed(2)} a minute, ${most.toFixed(0)} at most`);
    assert.ok(most > 0 && most <= walMbMax);
  });

  test(`a write leaves ${bytesPerWriteMax} bytes at most, and none but in the tables of the log`, (t) => {
    let [logBytes, otherBytes] = [0, 0];
    for (const [name, bytes] of tablesAfter) {
      const grown = bytes - (tablesBefore.get(name) ?? 0);
      if (logTables.test(name)) logBytes += grown;
      else otherBytes += grown;
      if (grown > 0) t.diagnostic(`${name}: ${(grown / writes).toFixed(0)} bytes for each write`);
    }
    t.diagnostic(
      `${(logBytes / writes).toFixed(0)} for each of ${writes} writes, others ${otherBytes}`,
    );
    assert.ok(logBytes > 0 && logBytes / writes <= bytesPerWriteMax);
    assert.ok(otherBytes <= otherGrowthBytesMax, `${otherBytes} bytes`);
  });

  test("p99 is at the end what it was in the beginning", (t) => {
    const third = Math.max(1, Math.floor(rounds / 3));
    // The best window of each third: a machine that does something else makes others.
    const best = (some: readonly Sample[]): number => Math.min(...some.map(({ p99Ms }) => p99Ms));
    const [early, late] = [best(samples.slice(0, third)), best(samples.slice(-third))];
    t.diagnostic(
      `${early.toFixed(0)} ms, then ${late.toFixed(0)} ms; ${slopeOf(samples, "p99Ms").toFixed(1)} a minute`,
    );
    assert.ok(early > 0 && late <= 3 * early + 100);
  });

  test("what was written is whole", async () => {
    const { code, stdout } = await runOnhand(["verify"], { folder: instance.folder });
    assert.equal(code, 0, stdout);
  });
});

/** Bytes of each table and index. */
function tableBytes({ database }: Instance): Map<string, number> {
  const file = new DatabaseSync(database, { readOnly: true });
  try {
    const found = file.prepare("SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name").all();
    const owner = file.prepare("SELECT name, tbl_name FROM sqlite_schema").all();
    const tables = new Map(owner.map((row) => [String(row["name"]), String(row["tbl_name"])]));
    const bytes = new Map<string, number>();
    for (const { name, bytes: some } of found) {
      const table = tables.get(String(name)) ?? String(name);
      bytes.set(table, (bytes.get(table) ?? 0) + Number(some));
    }
    return bytes;
  } finally {
    file.close();
  }
}

/** Least squares, for each minute. */
function slopeOf(samples: readonly Sample[], name: Exclude<keyof Sample, "minute">): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((total, sample) => total + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean((sample) => sample[name])];
  const spread = mean(({ minute }) => (minute - x) ** 2);
  return mean((sample) => (sample.minute - x) * (sample[name] - y)) / spread;
}

function first(samples: readonly Sample[]): Sample {
  return samples[0] ?? assert.fail("there is a sample");
}

function last(samples: readonly Sample[]): Sample {
  return samples.at(-1) ?? assert.fail("there is a sample");
}
