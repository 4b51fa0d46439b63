// Two relays in processes of their own copy one log to one Redis, while all three are killed again and again
// and Redis comes back with its end lost, or with nothing. Counted at the end, from the log and the streams
// alone: what is lost, doubled, out of order. `npm run test:long` does it at full size (test/long.env).

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Action, Command } from "../../src/domain/model.ts";
import { newId } from "../../src/lib/ids.ts";
import { openStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { changeStock, createProduct, createStore, reserve } from "../support/commands.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { idOf, idsOf, logOf } from "../support/streams.ts";
import { until } from "../support/until.ts";

const events = Number(process.env["EXACTLY_ONCE_EVENTS"] ?? 24_000);
/** Of Redis, and as many of the relays. */
const kills = Number(process.env["EXACTLY_ONCE_KILLS"] ?? 8);
const batch = 500;

describe("each event once and in order", { skip: noRedis }, () => {
  const folder = mkdtempSync(join(tmpdir(), "onhand-once-"));
  const database = join(folder, "inventory.db");
  let redis: RedisServer;
  let store: Store;
  const relays: [ChildProcess | null, ChildProcess | null] = [null, null];
  before(async () => {
    redis = await startRedis(["--rdbcompression", "no", "--rdbchecksum", "no"]);
    const limits = {
      reservationsPerCustomer: 0,
      unitsPerCustomer: 0,
      reservationLifeMs: 86_400_000,
    };
    store = await openStore(database, { limits });
    await commit([createStore("MAD"), createProduct("mug"), changeStock({ amount: 1_000_000 })]);
  });
  after(async () => {
    for (const relay of relays) relay?.kill("SIGKILL");
    await store.close();
    await redis.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function commit(actions: readonly Action[]): Promise<void> {
    const commands = actions.map(
      (action): Command => ({ actor: "test", requestId: "test", once: null, ...action }),
    );
    for (const { result } of await store.commit(commands)) assert.ok("reply" in result);
  }

  async function sell(count: number): Promise<void> {
    for (let left = count; left > 0; left -= batch) {
      const actions = Array.from({ length: Math.min(left, batch) }, (_, n) =>
        n % 2 === 0 ? changeStock({ amount: 1 }) : reserve(newId(), 1),
      );
      await commit(actions);
    }
  }

  function startRelay(index: 0 | 1, leaseMs: number): void {
    const script = join(import.meta.dirname, "../support/relay-process.ts");
    relays[index] = spawn(process.execPath, [script, database, redis.url, String(leaseMs)], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }

  async function killRelay(index: 0 | 1): Promise<void> {
    const relay = relays[index];
    assert.ok(relay && relay.exitCode === null, "it was still at work");
    const gone = new Promise((resolve) => relay.once("exit", resolve));
    relay.kill("SIGKILL");
    await gone;
  }

  async function published(): Promise<number> {
    const seq = await redis.ask("HGET", "inventory-events:state", "seq").catch(() => 0);
    return Number(seq ?? 0);
  }

  /** Whoever is killed next is killed at work: something was published since the last time, or all is. */
  async function untilAtWork(): Promise<void> {
    const first = await published();
    await until(
      async () => {
        const seq = await published();
        return seq > first || seq === (await store.head()).seq;
      },
      "a relay is at work",
      20_000,
    );
  }

  /** What is in a stream against what belongs there. */
  async function compare(stream: string, wanted: readonly string[]) {
    const found = await idsOf(redis, stream);
    const there = new Set(found);
    const order = new Map(wanted.map((id, index) => [id, index]));
    const places = found.map((id) => order.get(id) ?? -1);
    return {
      lost: wanted.filter((id) => !there.has(id)).length,
      doubled: found.length - there.size,
      outOfOrder: places.filter((place, index) => place <= (places[index - 1] ?? -1)).length,
    };
  }

  test(`two relays, ${events} events, ${kills} kills of Redis and ${kills} of the relays: nothing lost, doubled or out of order`, async (t) => {
    const startedAt = performance.now();
    let emptied = 0;
    for (let round = 0; round < kills; round += 1) {
      // First with leases, so that each death is taken over; then as if there were none, both at once.
      const leaseMs = round < kills / 2 ? 100 : 0;
      if (round === 0) for (const index of [0, 1] as const) startRelay(index, leaseMs);
      const selling = sell(Math.ceil(events / kills));
      await untilAtWork();
      if (round % 3 === 0) await redis.ask("SAVE");
      const index = round % 2 === 0 ? 0 : 1;
      await killRelay(index);
      startRelay(index, leaseMs);
      await untilAtWork();
      await redis.kill();
      await redis.start();
      if (round % 4 === 3) {
        // Under relays that are connected and think they know how far it is.
        await untilAtWork();
        emptied += 1;
        await redis.ask("FLUSHALL");
      }
      await selling;
    }
    const { seq } = await store.head();
    await until(async () => (await published()) === seq, "all is published", 60_000);
    const killedMs = performance.now() - startedAt;
    for (const index of [0, 1] as const) await killRelay(index);

    const log = await logOf(store);
    const total = { lost: 0, doubled: 0, outOfOrder: 0 };
    for (const stream of ["inventory-events", ...new Set(log.map(({ type }) => type))]) {
      const ofIt = log.filter(({ type }) => stream === type || stream === "inventory-events");
      const { lost, doubled, outOfOrder } = await compare(stream, ofIt.map(idOf));
      total.lost += lost;
      total.doubled += doubled;
      total.outOfOrder += outOfOrder;
    }
    t.diagnostic(
      `${log.length} events, ${kills} kills of Redis (${emptied} times emptied), ${kills} of relays: lost ${total.lost}, doubled ${total.doubled}, out of order ${total.outOfOrder}; ${(killedMs / 1000).toFixed(1)} s and ${((performance.now() - startedAt - killedMs) / 1000).toFixed(1)} s to count`,
    );
    assert.deepEqual(total, { lost: 0, doubled: 0, outOfOrder: 0 });
  });
});
