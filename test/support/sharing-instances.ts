// Some instances of the application on one store and one Redis, as main.ts puts them together: each has a
// tail, a cache and a throttle of its own, and hears of the others' commits when it pulls. One key for each
// role; the limits of a test are its own.

import type { FastifyInstance } from "fastify";
import { openAvailabilityCache } from "../../src/cache/memory.ts";
import type { Unanswered } from "../../src/cache/redis.ts";
import { openExecutor } from "../../src/commands/execute.ts";
import type { Command } from "../../src/domain/model.ts";
import { buildApp } from "../../src/http/app.ts";
import { renderAvailability, reviveAvailability } from "../../src/http/availability.ts";
import type { HttpDeps, HttpSettings } from "../../src/http/deps.ts";
import { now } from "../../src/lib/clock.ts";
import { newId, newSecret, sha256 } from "../../src/lib/ids.ts";
import { openLogger } from "../../src/lib/logger.ts";
import { type Metrics, openMetrics } from "../../src/lib/metrics.ts";
import { openTail, type Tail } from "../../src/log/tail.ts";
import { openSharing } from "../../src/sharing.ts";
import type { Outcome, Store } from "../../src/store/store.ts";
import { openSettings } from "./settings.ts";
import { openTestStore } from "./test-store.ts";
import { until } from "./until.ts";

export interface SharingInstance {
  readonly app: FastifyInstance;
  readonly tail: Tail;
  readonly metrics: Metrics;
  readonly execute: (command: Command) => Promise<Outcome>;
  /** Calls to Redis that went on without its answer. */
  readonly unanswered: Readonly<Record<Unanswered, number>>;
  close(): Promise<void>;
}

export interface InstanceOptions {
  readonly settings?: Partial<HttpSettings>;
  /** Without it as long as a busy machine may take. */
  readonly answerMsMax?: number;
}

export interface SharedStore {
  readonly store: Store;
  /** Of an admin. */
  readonly secret: string;
  /** Makes another key. */
  addKey(): Promise<{ readonly id: string; readonly secret: string }>;
  open(options?: InstanceOptions): Promise<SharingInstance>;
  close(): Promise<void>;
}

const limits = {
  reservationsPerCustomer: 0,
  unitsPerCustomer: 0,
  reservationLifeMs: 86_400_000,
};

export async function openSharedStore(redisUrl: string): Promise<SharedStore> {
  const { store, close } = await openTestStore({ limits });
  const instances: SharingInstance[] = [];
  async function addKey(): Promise<{ readonly id: string; readonly secret: string }> {
    const [id, secret] = [newId(), newSecret()];
    const times = { createdAt: now(), expiresAt: null, lastUsedAt: null };
    await store.addKey({ id, name: id, role: "admin", stores: "*", ...times }, sha256(secret));
    return { id, secret };
  }
  return {
    store,
    secret: (await addKey()).secret,
    addKey,
    async open(options = {}) {
      const instance = await openInstance(store, redisUrl, options);
      instances.push(instance);
      return instance;
    },
    async close() {
      await Promise.all(instances.map((one) => one.close()));
      await close();
    },
  };
}

function fail(error: unknown): never {
  throw error;
}

async function openInstance(
  store: Store,
  url: string,
  { settings, answerMsMax = 5_000 }: InstanceOptions,
): Promise<SharingInstance> {
  const head = await store.head();
  const tail = openTail({ store, from: head.seq, failed: fail });
  const unanswered = { away: 0, late: 0, refused: 0 };
  const sharing = await openSharing({
    url,
    prefix: "{onhand}:",
    head,
    ttlMs: 30_000,
    revive: reviveAvailability,
    said: () => undefined,
    tracing: null,
    unanswered: (why) => {
      unanswered[why] += 1;
    },
    answerMsMax,
  });
  const answers = async (): Promise<boolean> =>
    (await sharing.rates.count("start", newId(), 1_000)) !== null;
  await until(answers, "Redis answers");
  const cache = openAvailabilityCache({
    read: (productId) => store.availability(productId),
    render: renderAvailability,
    ttlMs: 30_000,
    now,
    shared: sharing.documents,
  });
  tail.follow((events) => cache.invalidate(events));
  const executor = openExecutor({
    store,
    lanes: 1,
    committed(outcomes) {
      const events = outcomes.flatMap((one) => one.events);
      cache.committed(events);
      tail.feed(events);
    },
    measure: () => undefined,
    nowMs: () => performance.now(),
  });
  const metrics = openMetrics({ version: "test", instanceId: "test", runtime: false });
  const app = await buildApp({
    settings: { ...openSettings, ...settings },
    version: "test",
    store,
    execute: executor.execute,
    cache,
    // Nobody follows the stream here.
    feed: { recheck: () => undefined } as unknown as HttpDeps["feed"],
    logger: openLogger({ level: "silent" }),
    metrics,
    now,
    newId,
    loopDelayMsMax: 0,
    sharing,
  });
  return {
    app,
    tail,
    metrics,
    execute: executor.execute,
    unanswered,
    async close() {
      await app.close();
      await executor.drain();
      sharing.close();
    },
  };
}
