// The whole service but its process, for tests: a real adapter (test-store.ts) on a database of its own, the write
// path, the log's tail, the feed and the application, put together as main.ts does. There is a key for
// each role; those of channel, vendor and manager are of the store MAD only.

import assert from "node:assert/strict";
import type { FastifyInstance } from "fastify";
import { openAvailabilityCache } from "../../src/cache/memory.ts";
import { type Executor, openExecutor } from "../../src/commands/execute.ts";
import type { DomainLimits } from "../../src/domain/decide.ts";
import type { Action } from "../../src/domain/model.ts";
import { type Feed, openFeed } from "../../src/feeds/sse.ts";
import { buildApp } from "../../src/http/app.ts";
import { renderAvailability } from "../../src/http/availability.ts";
import type { Execute, HttpSettings } from "../../src/http/deps.ts";
import { now } from "../../src/lib/clock.ts";
import { newId, newSecret, sha256 } from "../../src/lib/ids.ts";
import { type LogSink, openLogger } from "../../src/lib/logger.ts";
import { type Metrics, openMetrics } from "../../src/lib/metrics.ts";
import { openReplay } from "../../src/log/replay.ts";
import { openTail, type Tail } from "../../src/log/tail.ts";
import type { ApiKey, Outcome, Role, Store } from "../../src/store/store.ts";
import { openMemoryBus } from "./memory-bus.ts";
import { openSettings } from "./settings.ts";
import { openTestStore, type TestStore } from "./test-store.ts";

export interface TestAppOptions {
  readonly settings?: Partial<HttpSettings>;
  readonly limits?: Partial<DomainLimits>;
  readonly heartbeatMs?: number;
  readonly webhooksMax?: number;
  /** Where lines of the log go; without it nowhere. */
  readonly log?: LogSink;
}

export interface Call {
  /** A role, for its key, or another secret; null: nobody. Without it: admin. */
  readonly as?: string | null;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface TestApp {
  readonly app: FastifyInstance;
  readonly store: Store;
  readonly tail: Tail;
  readonly feed: Feed;
  readonly metrics: Metrics;
  /** Secrets by role. */
  readonly keys: Readonly<Record<Role, string>>;
  readonly execute: Execute;
  readonly executor: Executor;
  readonly keeps: TestStore["keeps"];
  addKey(over: Partial<ApiKey> & Pick<ApiKey, "role">): Promise<{ id: string; secret: string }>;
  call(method: string, url: string, call?: Call): Promise<Answer>;
  /** A command by the test itself; it must be accepted. */
  given(...actions: readonly Action[]): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

const roles = ["customer", "channel", "vendor", "manager", "admin"] as const;
const ownStores = ["MAD"];

export async function openTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const limits = { reservationsPerCustomer: 20, unitsPerCustomer: 100, reservationLifeMs: day };
  const opened = await openTestStore({ limits: { ...limits, ...options.limits } });
  try {
    return await serve(opened, options);
  } catch (error) {
    // Its threads would keep the process alive: a test that cannot begin must fail, not hang.
    await opened.close();
    throw error;
  }
}

async function serve(opened: TestStore, options: TestAppOptions): Promise<TestApp> {
  const { store, keeps } = opened;
  const { tail, feed, cache, executor } = await openFlow(store, options.heartbeatMs);
  const metrics = openMetrics({ version: "test", instanceId: "test", runtime: false });
  const app = await buildApp({
    settings: { ...openSettings, ...options.settings },
    version: "test",
    store,
    execute: executor.execute,
    cache,
    feed,
    logger: openLogger(
      options.log === undefined ? { level: "silent" } : { level: "debug", sink: options.log },
    ),
    metrics,
    now,
    newId,
    loopDelayMsMax: 0,
    ...(options.webhooksMax === undefined ? {} : { webhooksMax: options.webhooksMax }),
    replay: openReplay({ store, bus: openMemoryBus(now) }),
  });
  const addKey = keyMaker(store);
  const keys: Record<string, string> = {};
  for (const role of roles) keys[role] = (await addKey({ role })).secret;
  return {
    app,
    store,
    tail,
    feed,
    metrics,
    keys: keys as Record<Role, string>,
    execute: executor.execute,
    executor,
    keeps,
    addKey,
    call: (method, url, call = {}) => inject(app, keys, method, url, call),
    async given(...actions) {
      const outcomes = await Promise.all(
        actions.map((one) => executor.execute({ ...byTest, ...one })),
      );
      for (const { result } of outcomes) assert.ok("reply" in result, JSON.stringify(result));
      return outcomes;
    },
    async close() {
      feed.close();
      await app.close();
      await executor.drain();
      await opened.close();
    },
  };
}

/** The write path and what follows the log. */
async function openFlow(store: Store, heartbeatMs?: number) {
  const failed = (error: unknown): void => {
    throw error;
  };
  const { seq, epoch } = await store.head();
  const tail = openTail({ store, from: seq, failed });
  const pace = heartbeatMs === undefined ? {} : { heartbeatMs };
  const feed = openFeed({ tail, store, epoch, failed, ...pace });
  const cache = openAvailabilityCache({
    read: (productId) => store.availability(productId),
    render: renderAvailability,
    ttlMs: 30_000,
    now,
  });
  tail.follow((events) => cache.invalidate(events));
  const executor = openExecutor({
    store,
    lanes: 2,
    committed: (outcomes) => tail.feed(outcomes.flatMap(({ events }) => events)),
    measure: () => undefined,
    nowMs: () => performance.now(),
  });
  return { tail, feed, cache, executor };
}

function keyMaker(store: Store): TestApp["addKey"] {
  return async (over) => {
    const secret = newSecret();
    const id = over.id ?? newId();
    const stores = over.role === "admin" || over.role === "customer" ? "*" : ownStores;
    const times = { createdAt: now(), expiresAt: null, lastUsedAt: null };
    await store.addKey({ name: over.role, stores, ...times, ...over, id }, sha256(secret));
    return { id, secret };
  };
}

const day = 86_400_000;
const byTest = { actor: "test", requestId: "test", once: null } as const;

async function inject(
  app: FastifyInstance,
  keys: Readonly<Record<string, string>>,
  method: string,
  url: string,
  { as = "admin", body, headers }: Call,
): Promise<Answer> {
  const credentials = as === null ? {} : { "x-api-key": keys[as] ?? as };
  const answer = await app.inject({
    method: method as "GET",
    url: url.startsWith("/api/") ? url : `/api/v1${url}`,
    headers: {
      ...credentials,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: body }),
  });
  const { statusCode: status, payload: text } = answer;
  const isJson = text !== "" && /[/+]json/.test(String(answer.headers["content-type"]));
  return { status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : {} };
}
