// The composition root: configuration → store → log → write path → application → workers, built with
// plain calls in the order of the flow, and stopped in the reverse order. Nothing else in the program
// knows all of these.

import { openAvailabilityCache } from "./cache/memory.ts";
import { type Executor, openExecutor } from "./commands/execute.ts";
import type { Config } from "./config.ts";
import { type Feed, openFeed } from "./feeds/sse.ts";
import { ensureAdminKey, fillEmptyLog } from "./first-start.ts";
import { buildApp } from "./http/app.ts";
import { renderAvailability } from "./http/availability.ts";
import { isoTime, now } from "./lib/clock.ts";
import { addressesOf, endConnections, listenAt } from "./lib/connections.ts";
import { newId } from "./lib/ids.ts";
import { keepFlushed, type Logger, openLogger } from "./lib/logger.ts";
import { type Loop, openLoop } from "./lib/loop.ts";
import { type Metrics, openMetrics } from "./lib/metrics.ts";
import { version } from "./lib/version.ts";
import { clockBehindMsMax } from "./limits.ts";
import { openTail, type Tail } from "./log/tail.ts";
import { openPublishing, type Publishing } from "./publishing.ts";
import { migrateFile, openBeside as openSqliteBeside, openStore } from "./store/sqlite/store.ts";
import type { Finding, Head, Outcome, Store } from "./store/store.ts";
import { openExpire } from "./workers/expire.ts";
import { pruneTick } from "./workers/prune.ts";
import { openReconcile } from "./workers/reconcile.ts";

export { signToken } from "./http/jwt.ts";

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

/** Batches on their way to the store at once. One: SQLite has one writer, and a larger batch is a cheaper one. */
const lanes = 1;

export async function startOnhand(config: Config): Promise<Onhand> {
  const logger = openLogger({
    level: config.logLevel,
    bindings: { instance_id: config.instanceId },
  });
  const stopFlushing = keepFlushed(logger);
  const metrics = openMetrics({ version, instanceId: config.instanceId });
  const store = await openStore(config.database.path, { limits: domainLimits(config) });
  try {
    return await serve(config, store, { logger, metrics, stopFlushing });
  } catch (error) {
    // The first error is the one to be told.
    await store.close().catch(report(logger, "closing the database"));
    stopFlushing();
    throw error;
  }
}

interface Tools {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly stopFlushing: () => void;
}

async function serve(config: Config, store: Store, tools: Tools): Promise<Onhand> {
  const { logger, metrics, stopFlushing } = tools;
  const head = await store.head();
  warnOfClock(head, logger);
  const tail = openTail({ store, from: head.seq, failed: report(logger, "a follower of the log") });
  const cache = openAvailabilityCache({
    read: (productId) => store.availability(productId),
    render: renderAvailability,
    ttlMs: config.cacheTtlSeconds * 1000,
    now,
  });
  tail.follow((events) => cache.invalidate(events));
  const feed = openFeed({ tail, store, epoch: head.epoch, failed: report(logger, "the feed") });
  let expiry: Loop | null = null;
  const executor = openExecutor({
    store,
    lanes,
    committed: (outcomes) => {
      tail.feed(outcomes.flatMap(({ events }) => events));
      const due = earliestDue(outcomes);
      if (due !== null) expiry?.wakeAt(due);
    },
    measure: (commands, startedAt) => {
      metrics.commitBatchSize.observe(commands);
      metrics.commitDuration.observe((performance.now() - startedAt) / 1000);
    },
    nowMs: () => performance.now(),
  });
  const { reservationLifeMs } = domainLimits(config);
  const holdMs = Math.min(reservationLifeMs, 86_400_000);
  await fillEmptyLog(store, executor.execute, config.demo, holdMs);
  const keyFile = await ensureAdminKey(store, config.dataDir, config.adminKey, now());
  measureOnScrape(metrics, executor, tail, feed, store);
  const publishing =
    config.redis === null ? null : await openPublishing(config.redis, store, tail, logger, metrics);
  const app = await buildApp({
    settings: config,
    version,
    store,
    execute: executor.execute,
    logger,
    metrics,
    now,
    newId,
    cache,
    feed,
    ...(publishing === null ? null : { vitals: publishing.vitals }),
  });
  const { url, doors } = await listenAt(app, await addressesOf(config.host), config.port);
  expiry = openExpiry(config, store, executor, metrics, logger);
  const workers = [expiry, openPruning(store, logger), openReconciling(store, metrics, logger)];
  logger.info({ url, database: config.database.path, version }, "listening");
  let stopping: Promise<void> | null = null;
  return {
    url,
    keyFile,
    logger,
    failed: store.ended,
    stop() {
      stopping ??= stop({ app, doors, feed, workers, executor, publishing, store }).finally(
        stopFlushing,
      );
      return stopping;
    },
  };
}

interface Parts {
  readonly app: Awaited<ReturnType<typeof buildApp>>;
  readonly doors: Awaited<ReturnType<typeof listenAt>>["doors"];
  readonly feed: Feed;
  readonly workers: readonly Loop[];
  readonly executor: Executor;
  readonly publishing: Publishing | null;
  readonly store: Store;
}

/** In the reverse order of the flow: no new requests, no new work, then what was accepted, then the file. */
async function stop(parts: Parts): Promise<void> {
  const { app, doors, feed, workers, executor, publishing, store } = parts;
  app.draining = true;
  feed.close();
  await endConnections(app.server, () => app.close(), doors);
  await Promise.all(workers.map((worker) => worker.stop()));
  await executor.drain();
  await publishing?.close();
  await store.close();
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

/** When the first of the holds that were just made or extended is due. */
function earliestDue(outcomes: readonly Outcome[]): number | null {
  let due: number | null = null;
  for (const { result } of outcomes) {
    if (!("reply" in result)) continue;
    const { reply } = result;
    if (reply.kind !== "reservation" && reply.kind !== "group") continue;
    const held = reply.kind === "group" ? reply.reservations : [reply.reservation];
    for (const { status, expiresAt } of held) {
      if (status === "PENDING" && (due === null || expiresAt < due)) due = expiresAt;
    }
  }
  return due;
}

function report(logger: Logger, who: string): (error: unknown) => void {
  return (error) => logger.error({ err: error }, `${who} failed`);
}

function openExpiry(
  config: Config,
  store: Store,
  { execute }: Executor,
  metrics: Metrics,
  logger: Logger,
): Loop {
  const lag = (ms: number): void => metrics.expiryLag.set(ms / 1000);
  const found = alarm(metrics, logger);
  return openLoop({
    tick: openExpire({ store, execute, now, newRequestId: newId, lag, found }),
    pauseMsMax: config.expiryIntervalSeconds * 1000,
    now,
    failed: report(logger, "the expiry worker"),
  });
}

function openPruning(store: Store, logger: Logger): Loop {
  return openLoop({
    tick: () => pruneTick(store, now),
    pauseMsMax: 3_600_000,
    now,
    failed: report(logger, "the pruning worker"),
  });
}

function openReconciling(store: Store, metrics: Metrics, logger: Logger): Loop {
  return openLoop({
    tick: openReconcile({ store, now, found: alarm(metrics, logger) }),
    pauseMsMax: 3_600_000,
    now,
    failed: report(logger, "the reconcile worker"),
  });
}

/** What a worker does about rows in which an invariant is broken: it is said, never mended. */
function alarm(metrics: Metrics, logger: Logger): (findings: readonly Finding[]) => void {
  return (findings) => {
    for (const { invariant, detail } of findings) {
      metrics.reconcileFindings.inc({ invariant });
      logger.fatal({ invariant, detail }, "an invariant is broken: run `onhand verify`");
    }
  };
}

/** Gauges that cost something are read when Prometheus asks. */
function measureOnScrape(
  metrics: Metrics,
  executor: Executor,
  tail: Tail,
  feed: Feed,
  store: Pick<Store, "totals">,
): void {
  metrics.onScrape(async () => {
    metrics.queuedCommands.set(executor.queued());
    metrics.logHead.set(tail.seq());
    metrics.sseClients.set(feed.clients());
    const totals = await store.totals();
    const pending = totals.reduce((sum, { byStatus }) => sum + byStatus.PENDING, 0);
    metrics.pendingReservations.set(pending);
  });
}

/** Works beside a running service: reads, audits, backups and keys. */
export function openBeside(database: Config["database"]): ReturnType<typeof openSqliteBeside> {
  return openSqliteBeside(database.path);
}

export async function migrateDatabase(database: Config["database"]): Promise<readonly string[]> {
  return migrateFile(database.path, now(), newId);
}
