// The consumer group of the examples: three members share the events of a service that sells, one after the other is
// killed with kill -9 in the middle of its work, Redis loses everything once, and their books agree with the service's.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { createClient } from "@onhand/client";
import { must } from "../../src/lib/assert.ts";
import { type Instance, newFolder, startInstance, unlimited } from "../support/instance.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const example = join(repositoryRoot, "examples/consumer.ts");
const kills = 6;

describe("examples/consumer.ts", { skip: noRedis }, () => {
  let redis: RedisServer;
  let service: Instance;
  let file: string;
  const members: ChildProcess[] = [];

  before(async () => {
    redis = await startRedis();
    service = await startInstance({ env: { ...unlimited, REDIS_URL: redis.url } });
    file = join(newFolder(), "balances.db");
  });
  after(async () => {
    await Promise.all(members.map(kill));
    await service.kill();
    await redis.close();
  });

  function start(): void {
    const env = { PATH: process.env["PATH"], REDIS_URL: redis.url, CLAIM_IDLE_MS: "300" };
    const child = spawn(process.execPath, [example, file], { env, stdio: "ignore" });
    members.push(child);
  }

  test("keeps books that agree, whoever is killed", async () => {
    const client = createClient({ baseUrl: service.url, apiKey: service.key });
    for (let n = 0; n < 3; n += 1) start();
    let selling = true;
    const sellers = Array.from({ length: 8 }, (_, seller) => sell(client, seller, () => selling));
    for (let n = 0; n < kills; n += 1) {
      await until(() => doneIn(file) >= 50 * (n + 1), "they work", 60_000);
      await kill(must(members.shift(), "a member"));
      start();
      if (n === 3) {
        await redis.kill();
        await redis.start();
      }
    }
    selling = false;
    const changes = (await Promise.all(sellers)).reduce((sum, one) => sum + one, 0);
    assert.ok(changes > 50 * (kills - 1), `${changes} changes`);

    const truth: string[] = [];
    for await (const { store_id: store } of storesOf(client)) {
      for await (const row of client.stock.ofStore(store)) {
        truth.push(`${row.product_id} ${store} ${row.quantity}`);
      }
    }
    let books: string[] = [];
    await until(
      () => {
        books = booksIn(file);
        return books.join() === truth.sort().join();
      },
      "the books agree",
      20_000,
    ).catch(() => assert.deepEqual(books, truth));
    // What is acknowledged and what is done are the same: nothing waits for a member that is gone.
    const waiting = async (): Promise<unknown> =>
      redis.ask("XPENDING", "inventory-events", "balances");
    await until(async () => JSON.stringify(await waiting()).startsWith("[0,"), "nothing waits");
  });
});

async function kill(member: ChildProcess): Promise<void> {
  if (member.exitCode !== null || member.signalCode !== null) return;
  const ended = once(member, "exit");
  member.kill("SIGKILL");
  await ended;
}

type Client = ReturnType<typeof createClient>;

async function* storesOf(client: Client): AsyncGenerator<{ store_id: string }> {
  for await (const { id } of client.stores.list()) yield { store_id: id };
}

/** Changes rows until it is told to stop; answers how often. */
async function sell(client: Client, seller: number, isOpen: () => boolean): Promise<number> {
  const { items } = await client.stock.ofStore("MAD-001").page();
  let done = 0;
  while (isOpen()) {
    const row = must(items[(seller + done) % items.length], "a row");
    const change = { adjustment: done % 3 === 0 ? 5 : -1, reason: "CORRECTION" } as const;
    await client.stock.adjust(row.product_id, "MAD-001", change);
    done += 1;
  }
  return done;
}

function doneIn(file: string): number {
  if (!existsSync(file)) return 0;
  return Number(rowsOf(file, "SELECT count(*) AS n FROM done")[0]?.["n"] ?? 0);
}

function booksIn(file: string): string[] {
  const query = "SELECT product_id || ' ' || store_id || ' ' || quantity AS words FROM balances";
  return rowsOf(file, query)
    .map(({ words }) => String(words))
    .sort();
}

/** None before the first member has made its tables. */
function rowsOf(file: string, query: string): Record<string, unknown>[] {
  const books = new DatabaseSync(file, { timeout: 5000 });
  try {
    const isMade = books.prepare("SELECT 1 FROM sqlite_master WHERE name = 'balances'").get();
    return isMade === undefined ? [] : books.prepare(query).all();
  } finally {
    books.close();
  }
}
