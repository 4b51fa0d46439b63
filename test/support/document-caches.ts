// Availability caches of several instances on one Redis, over a database that is a number: each write is an
// event, and what a product is called says the last event that a reader must have seen. Calls to Redis may be
// held back or lost, and an instance hears of the others' events when the test says so.

import { openAvailabilityCache } from "../../src/cache/memory.ts";
import { openQuickRedis, type QuickRedis } from "../../src/cache/redis.ts";
import { openSharedDocuments } from "../../src/cache/redis-documents.ts";
import { renderAvailability, reviveAvailability } from "../../src/http/availability.ts";
import { must } from "../../src/lib/assert.ts";
import type { Availability, LogEvent } from "../../src/store/store.ts";
import { mugFields } from "./commands.ts";
import { logEvents } from "./log-events.ts";
import { until } from "./until.ts";

export type NumberDatabase = ReturnType<typeof openNumberDatabase>;
export type CachingInstance = Awaited<ReturnType<typeof openCachingInstance>>;

export function openNumberDatabase(logId = "00000000-0000-0000-0000-00000000000a") {
  const events: LogEvent[] = [];
  const lastOf = (productId: string): number =>
    events.findLast((one) => one.productId === productId || one.productId === null)?.seq ?? 0;
  const database = {
    events,
    reads: 0,
    head: () => ({ logId, epoch: 1, seq: events.length }),
    /** null: an event of a store. */
    write(productId: string | null): LogEvent {
      const event = must(logEvents(events.length + 1, events.length + 1)[0], "one");
      const written = { ...event, productId };
      events.push(written);
      return written;
    },
    read(productId: string): Availability {
      database.reads += 1;
      const times = { createdAt: 0, updatedAt: 0, archivedAt: null };
      const product = { ...mugFields, id: productId, name: String(lastOf(productId)), version: 1 };
      return { product: { ...product, ...times }, asOfSeq: events.length, rows: [] };
    },
  };
  return database;
}

/** What becomes of calls that nobody waits for. */
export interface Fate {
  marks: "sent" | "lost";
  sets: "sent" | "held";
}

export interface InstanceOptions {
  readonly ttlMs?: number;
  /** When a read of the database answers. */
  readonly reading?: () => Promise<void>;
}

export async function openCachingInstance(
  url: string,
  database: NumberDatabase,
  { ttlMs = 30_000, reading }: InstanceOptions = {},
) {
  const redis = openQuickRedis({
    url,
    said: () => undefined,
    unanswered: () => undefined,
    answerMsMax: 5_000,
  });
  await until(async () => (await redis.call(["PING"])) === "PONG", "Redis answers");
  const fate: Fate = { marks: "sent", sets: "sent" };
  const held: (() => Promise<unknown>)[] = [];
  const fated: QuickRedis = {
    ...redis,
    async run(script, keys, values) {
      const send = (): Promise<unknown> => redis.run(script, keys, values);
      const isSet = script.text.startsWith("-- Keeps");
      const isMark = script.text.startsWith("-- Marks");
      if (isMark && fate.marks === "lost") return undefined;
      if (!isSet || fate.sets === "sent") return send();
      held.push(send);
      return undefined;
    },
  };
  const shared = openSharedDocuments({
    redis: fated,
    prefix: "",
    head: database.head(),
    ttlMs,
    revive: reviveAvailability,
  });
  const cache = openAvailabilityCache({
    async read(productId) {
      const found = database.read(productId);
      await reading?.();
      return found;
    },
    render: renderAvailability,
    ttlMs,
    now: () => Date.now(),
    shared,
  });
  let heard = database.head().seq;
  return {
    cache,
    fate,
    /** Sets that are on their way, to be let go by the test. */
    held,
    /** The last event that it has told of, and whether it was kept somewhere. */
    async get(productId = "mug"): Promise<readonly [lastSeq: number, "hit" | "miss"]> {
      const { document, hit } = await cache.get(productId);
      const name = must(document, "every product is there").availability.product.name;
      return [Number(name), hit ? "hit" : "miss"];
    },
    /** Writes here: it is answered when this returns. */
    write(productId: string | null = "mug"): number {
      const event = database.write(productId);
      cache.committed([event]);
      return event.seq;
    },
    /** Hears of all that was written, as from its tail. */
    hear(): void {
      cache.invalidate(database.events.slice(heard));
      heard = database.head().seq;
    },
    close: redis.close,
  };
}
