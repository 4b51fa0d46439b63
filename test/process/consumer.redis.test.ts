// The consumer group of the examples, started as docs/events.md says, from the repository and from the package: three
// members share the events of a service that sells, one after the other is killed with kill -9 in the middle of its
// work, Redis loses everything once, and their books agree with the service's.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, test } from "node:test";
import { createClient } from "@onhand/client";
import { compiled, packedExample } from "../../scripts/build-server.ts";
import { must } from "../../src/lib/assert.ts";
import { type Instance, newFolder, startInstance, unlimited } from "../support/instance.ts";
import { assertShown, paste, stepsIn } from "../support/pasted.ts";
import { noRedis, type RedisServer, startRedis } from "../support/redis.ts";
import { repositoryRoot } from "../support/source-tree.ts";
import { until } from "../support/until.ts";

const [readOne, ...starts] = stepsIn("docs/events.md");
const kills = 6;

/** The repository's example, and beside it what `npm install` of the package puts there. */
function folderWithBoth(): string {
  const folder = newFolder();
  const there = join(folder, "node_modules/onhand", packedExample);
  mkdirSync(dirname(there), { recursive: true });
  symlinkSync(join(repositoryRoot, "examples"), join(folder, "examples"));
  symlinkSync(join(repositoryRoot, "node_modules/redis"), join(folder, "node_modules/redis"));
  const source = readFileSync(join(repositoryRoot, "examples/consumer.ts"), "utf8");
  writeFileSync(there, compiled(source, true));
  writeFileSync(join(folder, "node_modules/onhand/package.json"), '{ "type": "module" }');
  return folder;
}

describe("examples/consumer.ts", { skip: noRedis }, () => {
  let redis: RedisServer;
  let service: Instance;
  let folder: string;
  let file: string;
  let started = 0;
  const members: ChildProcess[] = [];

  before(async () => {
    redis = await startRedis();
    service = await startInstance({ env: { ...unlimited, REDIS_URL: redis.url } });
    folder = folderWithBoth();
    file = join(folder, "balances.db");
  });
  after(async () => {
    await Promise.all(members.map(kill));
    await service.kill();
    await redis.close();
  });

  const here = (command: string): string => command.replaceAll("redis://127.0.0.1:6379", redis.url);

  /** The one way and the other, in turn. The shell becomes the member, so that a kill finds it. */
  function start(): void {
    const { command } = must(starts[started % starts.length], "a start");
    started += 1;
    const text = here(command).replace(/(?:npx )?node /, `exec "${process.execPath}" `);
    const env = { PATH: process.env["PATH"], CLAIM_IDLE_MS: "300" };
    const child = spawn("bash", ["-euc", text], { cwd: folder, env, stdio: "ignore" });
    members.push(child);
  }

  test("is started in two ways", () => assert.equal(starts.length, 2));

  test("reads what redis-cli shows", async () => {
    const { command, expected } = must(readOne, "a first block");
    await until(async () => Number(await redis.ask("XLEN", "inventory-events")) > 0, "events");
    const env = { PATH: process.env["PATH"] };
    const { code, stdout, stderr } = await paste(here(command), { folder, env, limitMs: 20_000 });
    assert.equal(code, 0, stderr);
    assertShown(stdout, must(expected, "what it shows"));
  });

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
    // Nobody has ended by a fault of its own: both ways of the start work.
    const ended = members.filter(({ exitCode, signalCode }) => exitCode !== null || signalCode);
    assert.deepEqual(ended, []);

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
