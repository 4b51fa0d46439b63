// A relay as a process of its own, beside whoever writes the log: for tests that kill it. It is started with
// the database file, the address of the Redis and how long its lease lasts; 0: it thinks that it always has it.

import { openRedisStreams } from "../../src/bus/redis-streams.ts";
import { now } from "../../src/lib/clock.ts";
import { newId } from "../../src/lib/ids.ts";
import { openLoop } from "../../src/lib/loop.ts";
import { openRelay } from "../../src/log/relay.ts";
import { openTail } from "../../src/log/tail.ts";
import { openFile } from "../../src/store/sqlite/open.ts";
import { markPublished } from "../../src/store/sqlite/published.ts";
import { openReads } from "../../src/store/sqlite/reads.ts";
import { openTransactions } from "../../src/store/sqlite/statements.ts";
import type { EventQuery } from "../../src/store/store.ts";

const [path = "", url = "", lease = ""] = process.argv.slice(2);
const leaseMs = Number(lease);
const db = openFile(path);
const inTransaction = openTransactions(db);
const reads = openReads(db);
const store = {
  head: async () => reads.head(),
  events: async (query: EventQuery) => reads.events(query),
  markPublished: async (seq: number, at: number): Promise<number> =>
    inTransaction(() => markPublished(db, seq, at, seq)),
};
const tail = openTail({ store, from: reads.head().seq, failed: () => undefined });
const streams = openRedisStreams({
  url,
  prefix: "",
  retentionMs: 3_600_000,
  now,
  said: () => undefined,
  ready: () => loop.wakeAt(now()),
});
const bus = leaseMs > 0 ? streams : { ...streams, claim: async () => 0 };
const relay = openRelay({
  store,
  bus,
  tail,
  holder: newId(),
  now,
  steady: now,
  leaseMs: leaseMs || 1_000,
});
tail.follow((events) => {
  if (relay.feed(events)) loop.wakeAt(now());
});
const loop = openLoop({
  async tick() {
    // What is written beside this process, as an instance looks for the others' commits.
    await tail.pull();
    return relay.tick();
  },
  pauseMsMax: 100,
  now,
  failed: () => undefined,
});
// The loop alone keeps no process alive.
setInterval(() => undefined, 60_000);
