// A consumer of the events in Redis that does each event's work exactly once, however often it is killed, and with as
// many processes sharing the work as there are. It keeps the balance of every stock row in a database of its own, by
// adding up what each event changed: an event that is left out or done twice leaves a wrong balance for ever.
//
//   REDIS_URL=redis://127.0.0.1:6379 npx node examples/consumer.ts balances.db
//
// How it works, and what to keep when you write your own:
//
// - Redis hands an entry to one member of the group, again and again until it is acknowledged. So it is acknowledged
//   after the work is committed, and work may come twice: at a crash between the two.
// - What makes twice once is the table `done`: the event's number is put there in the same transaction as its work.
//   That works with any database, and with any work that is in that database. For work elsewhere (an e-mail, another
//   system's API) send the event's id along as its idempotency key.
// - What a dead member had been handed is taken over after `CLAIM_IDLE_MS`.
// - Members share the entries, so two events of one row may be done at once, in any order: sums do not mind. Whoever
//   needs the order of a row runs one member, or writes `after` where the event's `version` is higher than the one it has.

import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "redis";

const [file = "balances.db"] = process.argv.slice(2);
const { REDIS_URL: url = "redis://127.0.0.1:6379", REDIS_PREFIX: prefix = "" } = process.env;
const claimIdleMs = Number(process.env["CLAIM_IDLE_MS"] ?? 30_000);
const stream = `${prefix}inventory-events`;
const group = "balances";
const member = `${hostname()}-${process.pid}`;

interface Entry {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

const books = new DatabaseSync(file, { timeout: 10_000 });
books.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS done (seq INTEGER PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS balances (
    product_id TEXT NOT NULL,
    store_id   TEXT NOT NULL,
    quantity   INTEGER NOT NULL,
    PRIMARY KEY (product_id, store_id)
  );
`);
const markDone = books.prepare("INSERT INTO done (seq) VALUES (?) ON CONFLICT DO NOTHING");
const add = books.prepare(`
  INSERT INTO balances (product_id, store_id, quantity) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity
`);

/** All or none of them; each only if nobody has done it before. */
function work(entries: readonly Entry[]): void {
  books.exec("BEGIN IMMEDIATE");
  try {
    for (const { message } of entries) {
      const {
        event_type: type,
        seq = "",
        product_id: product = "",
        store_id: store = "",
      } = message;
      if (type === "log_reset")
        throw new Error("the log was restored: delete the books and the group, begin anew");
      if (markDone.run(Number(seq)).changes === 0) continue;
      const { stock } = JSON.parse(message["payload"] ?? "{}");
      const change = stock ? stock.after.quantity - stock.before.quantity : 0;
      if (change !== 0) add.run(product, store, change);
    }
    books.exec("COMMIT");
  } catch (error) {
    books.exec("ROLLBACK");
    throw error;
  }
}

const redis = createClient({ url });
redis.on("error", (error: Error) => process.stderr.write(`redis: ${error.message}\n`));
let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => (stopping = true));

async function handle(entries: readonly (Entry | null)[]): Promise<void> {
  const there = entries.filter((entry) => entry !== null);
  if (there.length === 0) return;
  work(there);
  await redis.xAck(
    stream,
    group,
    there.map(({ id }) => id),
  );
}

/** From the stream's beginning: a Redis that lost everything is filled again, and what was done is not done again. */
async function join(): Promise<void> {
  try {
    await redis.xGroupCreate(stream, group, "0", { MKSTREAM: true });
  } catch (error) {
    if (!String(error).includes("BUSYGROUP")) throw error;
  }
}

async function round(): Promise<void> {
  const left = await redis.xAutoClaim(stream, group, member, claimIdleMs, "0", { COUNT: 200 });
  await handle(left.messages as (Entry | null)[]);
  const fresh = await redis.xReadGroup(group, member, [{ key: stream, id: ">" }], {
    COUNT: 200,
    BLOCK: 1000,
  });
  const [read] = (fresh ?? []) as unknown as { messages: Entry[] }[];
  await handle(read?.messages ?? []);
}

await redis.connect();
await join();
process.stdout.write(`${member} keeps ${file}\n`);
while (!stopping) {
  try {
    await round();
  } catch (error) {
    // The group went with a Redis that lost its data; anything else of Redis passes. Our own mistakes do not.
    if (String(error).includes("NOGROUP")) await join();
    else if (String(error).includes("log was restored")) throw error;
    else {
      process.stderr.write(`${String(error)}; trying again\n`);
      await pause(1000);
    }
  }
}
await redis.close();
books.close();
