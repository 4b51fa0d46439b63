// From the log to Redis: a SQLite log of so many events, an empty Redis of its own, and a relay that fills
// it; then what marking them costs the writer. node bench/relay.ts [events]

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRedisStreams } from "../src/bus/redis-streams.ts";
import type { Action, Command } from "../src/domain/model.ts";
import { now } from "../src/lib/clock.ts";
import { newId } from "../src/lib/ids.ts";
import { openRelay } from "../src/log/relay.ts";
import { openTail } from "../src/log/tail.ts";
import { openStore } from "../src/store/sqlite/store.ts";
import { change, createProduct, createStore } from "../test/support/commands.ts";
import { startRedis } from "../test/support/redis.ts";
import { until } from "../test/support/until.ts";

const wanted = Number(process.argv[2] ?? 200_000);
const folder = mkdtempSync(join(tmpdir(), "onhand-relay-"));
const store = await openStore(join(folder, "inventory.db"), {
  limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 },
});
const redis = await startRedis();

function command(action: Action): Command {
  return { actor: "key:bench", requestId: newId(), once: null, ...action };
}

function reserve(): Command {
  return command({
    kind: "Reserve",
    groupId: null,
    customerId: "cust-1",
    ttlMs: 3_600_000,
    metadata: null,
    lines: [
      { reservationId: newId(), idBrought: false, productId: "mug", storeId: "MAD", quantity: 1 },
    ],
  });
}

async function fill(): Promise<void> {
  const stock = change({ productId: "mug", storeId: "MAD", amount: 100_000_000 });
  await store.commit([
    command(createStore("MAD")),
    command(createProduct("mug")),
    command({ kind: "ChangeStock", change: stock }),
  ]);
  for (let left = wanted - 3; left > 0; left -= 1_000) {
    await store.commit(Array.from({ length: Math.min(left, 1_000) }, reserve));
  }
}

function say(what: string, events: number, ms: number): void {
  const perSecond = Math.round((events / ms) * 1000).toLocaleString("en");
  process.stdout.write(
    `${what.padEnd(24)} ${events} events in ${Math.round(ms)} ms: ${perSecond}/s\n`,
  );
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  say(what, wanted, performance.now() - startedAt);
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(
    `  ${((user + system) / wanted).toFixed(1)} µs of this process's processor each\n`,
  );
}

await measure("fill the log", fill);
const silent = { said: () => undefined, ready: () => undefined };
const bus = openRedisStreams({
  url: redis.url,
  prefix: "",
  retentionMs: 3_600_000,
  now,
  ...silent,
});
await until(() => bus.connected(), "the bus is connected");
const { seq } = await store.head();
const unmarked = {
  head: store.head,
  events: store.events,
  markPublished: async (end: number) => end,
};
const tail = openTail({ store, from: seq, failed: assert.ifError });
const relay = openRelay({ store: unmarked, bus, tail, holder: "bench", now, steady: now });

await measure("log to Redis", async () => {
  while ((relay.published() ?? 0) < seq) await relay.tick();
});
const used = String(await redis.ask("INFO", "cpu"));
const redisSeconds = ["user", "sys"].reduce(
  (sum, kind) => sum + Number(new RegExp(`used_cpu_${kind}:(\\S+)`).exec(used)?.[1]),
  0,
);
process.stdout.write(
  `  ${((redisSeconds * 1e6) / wanted).toFixed(1)} µs of Redis' processor each\n`,
);
await measure("mark", async () => {
  while ((await store.markPublished(seq, now())) < seq);
});
await bus.close();
await redis.close();
await store.close();
rmSync(folder, { recursive: true, force: true });
