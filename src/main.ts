// The composition root: configuration → store → log → write path → application → workers, built with
// plain calls in the order of the flow, and stopped in the reverse order. Nothing else in the program
// knows all of these.

import { join } from "node:path";
import { openDoor } from "./commands/door.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./database.ts";
import type { Feed } from "./feeds/sse.ts";
import { ensureAdminKey, fillEmptyLog } from "./first-start.ts";
import { buildApp } from "./http/app.ts";
import { renderAvailability, reviveAvailability } from "./http/availability.ts";
import { isoTime, now, steady } from "./lib/clock.ts";
import { addressesOf, endConnections, listenAt } from "./lib/connections.ts";
import { newId } from "./lib/ids.ts";
import { keepFlushed, type Logger, openLogger } from "./lib/logger.ts";
import type { Loop } from "./lib/loop.ts";
import { type Metrics, openMetrics } from "./lib/metrics.ts";
import { OperatingError } from "./lib/operating-error.ts";
import { retry } from "./lib/retry.ts";
import type { Tracing } from "./lib/tracing.ts";
import { version } from "./lib/version.ts";
import { clockBehindMsMax } from "./limits.ts";
import type { Tail } from "./log/tail.ts";
import { openPipeline } from "./pipeline.ts";
import { openPublishing, type Publishing } from "./publishing.ts";
import { type OpenSharing, openSharing } from "./sharing.ts";
import type { Head, Store } from "./store/store.ts";
import { commitTeller, tracedStore } from "./tracing/database.ts";
import {
  openExpiry,
  openHooking,
  openPruning,
  openReconciling,
  openWatching,
  report,
} from "./working.ts";

/** A started instance. */
export interface Onhand {
  /** Where it listens. */
  readonly url: string;
  /** The file with the admin key, if this data folder has one. */
  readonly keyFile: string | null;
  readonly logger: Logger;
  /** Resolves with the reason when it can serve no more; it is still to be stopped. */
  readonly failed: Promise<Error>;
  /** Finishes what was accepted, then ends everything. Safe to call twice. */
  stop(): Promise<void>;
}

export async function startOnhand(config: Config): Promise<Onhand> {
  const logger = openLogger({
    level: config.logLevel,
    bindings: { instance_id: config.instanceId },
  });
  // Whatever has been opened is closed in the reverse order: at a stop, and when a start fails half way.
  const opened = new AsyncDisposableStack();
  opened.defer(keepFlushed(logger));
  const metrics = openMetrics({ version, instanceId: config.instanceId });
  try {
    const tracing = await openTracing(config, logger, metrics);
    opened.defer(() => tracing?.close());
    const store = await openDatabase(config.database, {
      limits: domainLimits(config),
      notify: config.redis === null,
    });
    opened.defer(() => store.close());
    return await serve(config, store, { logger, metrics, tracing, opened });
  } catch (error) {
    // The first error is the one to be told.
    await opened.disposeAsync().catch(report(logger, "closing what had been opened"));
    throw error;
  }
}

interface Tools {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** null: nothing is traced. */
  readonly tracing: Tracing | null;
  readonly opened: AsyncDisposableStack;
}

async function serve(config: Config, store: Store, tools: Tools): Promise<Onhand> {
  const { logger, metrics, tracing, opened } = tools;
  const { kind } = config.database;
  /** As requests see it. What this instance does by itself is nobody's request. */
  const asked = tracing === null ? store : tracedStore(store, kind, tracing);
  const head = await store.head();
  warnOfClock(head, logger);
  const sharing = await openSharingOf(config, head, tools);
  opened.defer(() => sharing?.close());
  let watching: Loop | null = null;
  let expiry: Loop | null = null;
  let publishing: Publishing | null = null;
  const { tail, cache, feed, executor } = openPipeline({
    store: { ...store, availability: asked.availability },
    head,
    render: renderAvailability,
    cacheTtlMs: config.cacheTtlSeconds * 1000,
    shared: sharing?.documents ?? null,
    hasOthers: config.database.kind === "postgres",
    committed() {
      if (config.database.kind === "postgres") publishing?.committed();
    },
    held: (dueInMs) => expiry?.wakeAt(steady() + dueInMs),
    measure: (commands, startedAt) => {
      metrics.commitBatchSize.observe(commands);
      metrics.commitDuration.observe((performance.now() - startedAt) / 1000);
    },
    told: tracing === null ? null : commitTeller(kind, tracing),
    failed: (who) => report(logger, who),
  });
  const heard = (): void => watching?.wakeAt(steady());
  if (config.redis === null) store.listen(heard);
  else {
    const { redis } = config;
    publishing = await openPublishing(redis, store, tail, logger, metrics, heard, tracing);
  }
  opened.defer(async () => publishing?.close());
  opened.defer(() => executor.drain());
  const { reservationLifeMs } = domainLimits(config);
  const holdMs = Math.min(reservationLifeMs, 86_400_000);
  await fillEmptyLog(store, executor.execute, config.demo, holdMs);
  // Of several instances that begin at once, one adds the key, and the others find it at their next try.
  const keyFile = await retry(() => ensureAdminKey(store, config.dataDir, config.adminKey, now()), {
    triesMax: 5,
    isRetryable: isPassing,
  });
  const door = openDoor({ room: executor.room, nowMs: steady });
  measureOnScrape(metrics, () => executor.queued() + door.waiting(), tail, feed, store);
  const workers: Pick<Loop, "stop">[] = [];
  opened.defer(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  });
  if (config.database.kind === "postgres") {
    watching = openWatching(tail, logger);
    workers.push(watching);
  }
  const app = await buildApp({
    settings: config,
    version,
    store: asked,
    execute: executor.execute,
    door,
    logger,
    metrics,
    now,
    newId,
    cache,
    feed,
    consoleFolder: join(import.meta.dirname, "../console/dist"),
    ...(publishing === null ? null : { vitals: publishing.vitals, replay: publishing.replay }),
    ...(sharing === null ? null : { sharing }),
    ...(tracing === null ? null : { tracing }),
  });
  const { url, doors } = await listenAt(app, await addressesOf(config.host), config.port);
  // No new requests and no new work; then the workers, and what was accepted.
  opened.defer(async () => {
    await endConnections(app.server, {
      doors,
      drain() {
        app.draining = true;
        feed.close();
      },
      close: () => app.close(),
    });
  });
  expiry = openExpiry(config, store, executor, metrics, logger);
  workers.push(expiry, openPruning(store, logger), openReconciling(store, metrics, logger));
  workers.push(openHooking(config, store, tail, metrics, logger, tracing));
  logger.info({ url, database: config.database.name, version }, "listening");
  let stopping: Promise<void> | null = null;
  return {
    url,
    keyFile,
    logger,
    failed: Promise.race([store.ended, tail.ended]),
    stop() {
      stopping ??= opened.disposeAsync();
      return stopping;
    },
  };
}

/** null: there is no Redis, or nobody to share with: a file has one instance. */
async function openSharingOf(
  { redis, database, cacheTtlSeconds }: Config,
  head: Head,
  { logger, metrics, tracing }: Tools,
): Promise<OpenSharing | null> {
  if (redis === null || database.kind === "sqlite") return null;
  return openSharing({
    url: redis.url,
    prefix: redis.prefix,
    head,
    ttlMs: cacheTtlSeconds * 1000,
    revive: reviveAvailability,
    said: (level, words) => logger[level](words),
    unanswered: (why) => metrics.redisUnanswered.inc({ why }),
    tracing,
  });
}

/** Loaded here, so that a service that is not traced starts without all that, and works without a look at it. */
async function openTracing(
  { tracing, instanceId }: Config,
  logger: Logger,
  metrics: Metrics,
): Promise<Tracing | null> {
  if (tracing === null) return null;
  const { openCollector } = await import("./tracing/collector.ts");
  return openCollector({
    ...tracing,
    version,
    instanceId,
    said: (level, words) => logger[level](words),
    dropped: (spans) => metrics.spansDropped.inc(spans),
  });
}

function domainLimits(config: Config) {
  return {
    reservationsPerCustomer: config.reservationMaxPerCustomer,
    unitsPerCustomer: config.reservationMaxUnitsPerCustomer,
    reservationLifeMs: config.reservationMaxLifeSeconds * 1000,
  };
}

/**
 * Times in the log never go back, so a clock that is behind it (now wrong, or wrong once before) makes time
 * stand still for holds. That is said and the service goes on: no decision is wrong by it, and a shop that
 * does not start would lose more than one whose holds last too long.
 */
function warnOfClock(head: Head, logger: Logger): void {
  const clock = now();
  if (head.at - clock <= clockBehindMsMax) return;
  logger.error(
    { clock: isoTime(clock), log: isoTime(head.at) },
    "the clock is behind the time of the last commit: until it has caught up, no hold expires. Set this machine's clock; if it is right, it was ahead once: cancel the holds that should end sooner",
  );
}

function isPassing(error: unknown): boolean {
  return error instanceof OperatingError && error.retryable;
}

/** Gauges that cost something are read when Prometheus asks. */
function measureOnScrape(
  metrics: Metrics,
  waiting: () => number,
  tail: Tail,
  feed: Feed,
  store: Pick<Store, "totals">,
): void {
  metrics.onScrape(async () => {
    metrics.queuedCommands.set(waiting());
    metrics.logHead.set(tail.seq());
    metrics.sseClients.set(feed.clients());
    const totals = await store.totals();
    const pending = totals.reduce((sum, { byStatus }) => sum + byStatus.PENDING, 0);
    metrics.pendingReservations.set(pending);
  });
}
