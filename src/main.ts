// The composition root: configuration → store → log → write path → application → workers, built with
// plain calls in the order of the flow, and stopped in the reverse order. Nothing else in the program
// knows all of these.

import { openAvailabilityCache } from "./cache/memory.ts";
import { type Executor, openExecutor } from "./commands/execute.ts";
import type { Config } from "./config.ts";
import { openDatabase } from "./database.ts";
import { type Feed, openFeed } from "./feeds/sse.ts";
import { ensureAdminKey, fillEmptyLog } from "./first-start.ts";
import { buildApp } from "./http/app.ts";
import { renderAvailability, reviveAvailability } from "./http/availability.ts";
import { isoTime, now } from "./lib/clock.ts";
import { addressesOf, endConnections, listenAt } from "./lib/connections.ts";
import { newId } from "./lib/ids.ts";
import { keepFlushed, type Logger, openLogger } from "./lib/logger.ts";
import { type Loop, openLoop } from "./lib/loop.ts";
import { type Metrics, openMetrics } from "./lib/metrics.ts";
import { OperatingError } from "./lib/operating-error.ts";
import { retry } from "./lib/retry.ts";
import { version } from "./lib/version.ts";
import { clockBehindMsMax, expiryLookMs, tailPollMs } from "./limits.ts";
import { openTail, type Tail } from "./log/tail.ts";
import { openPublishing, type Publishing } from "./publishing.ts";
import { type OpenSharing, openSharing } from "./sharing.ts";
import type { Finding, Head, Outcome, Store } from "./store/store.ts";
import { openExpire } from "./workers/expire.ts";
import { pruneTick } from "./workers/prune.ts";
import { openReconcile } from "./workers/reconcile.ts";

export { copyDatabase, migrateDatabase, openBeside } from "./database.ts";
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

/**
 * Batches of this instance on their way to the store at once. SQLite has one writer, and a larger batch is a
 * cheaper one. On PostgreSQL a second lane gained nothing: both wait for the log's head (bench/run.ts).
 */
const lanes = 1;

export async function startOnhand(config: Config): Promise<Onhand> {
  const logger = openLogger({
    level: config.logLevel,
    bindings: { instance_id: config.instanceId },
  });
  const stopFlushing = keepFlushed(logger);
  const metrics = openMetrics({ version, instanceId: config.instanceId });
  const store = await openDatabase(config.database, {
    limits: domainLimits(config),
    notify: config.redis === null,
  });
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
  const sharing = await openSharingOf(config, head, tools);
  const cache = openAvailabilityCache({
    read: (productId) => store.availability(productId),
    render: renderAvailability,
    ttlMs: config.cacheTtlSeconds * 1000,
    now,
    ...(sharing === null ? null : { shared: sharing.documents }),
  });
  tail.follow((events) => cache.invalidate(events));
  const feed = openFeed({ tail, store, epoch: head.epoch, failed: report(logger, "the feed") });
  let expiry: Loop | null = null;
  let publishing: Publishing | null = null;
  const executor = openExecutor({
    store,
    lanes,
    committed: (outcomes) => {
      const events = outcomes.flatMap((one) => one.events);
      // Before the tail, which has to read the log first where another instance wrote in between: whoever is
      // answered here reads its own write here.
      cache.committed(events);
      tail.feed(events);
      if (events.length > 0 && config.database.kind === "postgres") publishing?.committed();
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
  // Of several instances that begin at once, one adds the key, and the others find it.
  const keyFile = await retry(() => ensureAdminKey(store, config.dataDir, config.adminKey, now()), {
    triesMax: 5,
    isRetryable: isPassing,
  });
  measureOnScrape(metrics, executor, tail, feed, store);
  const watching = config.database.kind === "sqlite" ? null : openWatching(tail, logger);
  const heard = (): void => watching?.wakeAt(now());
  if (config.redis === null) store.listen(heard);
  publishing =
    config.redis === null
      ? null
      : await openPublishing(config.redis, store, tail, logger, metrics, heard);
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
    ...(publishing === null ? null : { vitals: publishing.vitals, replay: publishing.replay }),
    ...(sharing === null ? null : { sharing }),
  });
  const { url, doors } = await listenAt(app, await addressesOf(config.host), config.port);
  expiry = openExpiry(config, store, executor, metrics, logger);
  const workers = [expiry, openPruning(store, logger), openReconciling(store, metrics, logger)];
  if (watching !== null) workers.push(watching);
  logger.info({ url, database: config.database.name, version }, "listening");
  let stopping: Promise<void> | null = null;
  return {
    url,
    keyFile,
    logger,
    failed: store.ended,
    stop() {
      stopping ??= stop({
        app,
        doors,
        feed,
        workers,
        executor,
        publishing,
        sharing,
        store,
      }).finally(stopFlushing);
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
  readonly sharing: OpenSharing | null;
  readonly store: Store;
}

/** In the reverse order of the flow: no new requests, no new work, then what was accepted, then the file. */
async function stop(parts: Parts): Promise<void> {
  const { app, doors, feed, workers, executor, publishing, sharing, store } = parts;
  app.draining = true;
  feed.close();
  await endConnections(app.server, () => app.close(), doors);
  await Promise.all(workers.map((worker) => worker.stop()));
  await executor.drain();
  await publishing?.close();
  sharing?.close();
  await store.close();
}

/** null: there is no Redis, or nobody to share with: a file has one instance. */
async function openSharingOf(
  { redis, database, cacheTtlSeconds }: Config,
  head: Head,
  { logger, metrics }: Tools,
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

function isPassing(error: unknown): boolean {
  return error instanceof OperatingError && error.retryable;
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
    pauseMsMax: expiryPauseMs(config),
    now,
    failed: report(logger, "the expiry worker"),
  });
}

/**
 * Other instances' commits: heard of through the database or Redis, and looked for besides. A hold that one of
 * them made, and did not live to end, is found by this instance's expiry worker.
 */
function openWatching(tail: Tail, logger: Logger): Loop {
  let trouble = "";
  return openLoop({
    async tick() {
      await tail.pull();
      trouble = "";
      return null;
    },
    pauseMsMax: tailPollMs,
    now,
    failed(error) {
      // Four times a second: said once, until it is well again.
      if (String(error) !== trouble) report(logger, "reading the log")(error);
      trouble = String(error);
    },
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

/** Of holds that another instance made, this one is not told when they are due: it looks once a second. */
function expiryPauseMs({ database, expiryIntervalSeconds }: Config): number {
  const longest = expiryIntervalSeconds * 1000;
  return database.kind === "sqlite" ? longest : Math.min(longest, expiryLookMs);
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
