// The workers of this instance, each with its pace, put together for main.ts: expiry, pruning, reconciliation,
// and, where others write to the same database, the look at what they have committed.

import type { Executor } from "./commands/execute.ts";
import type { Config } from "./config.ts";
import { openSender } from "./feeds/webhook-send.ts";
import { openDelivering } from "./feeds/webhooks.ts";
import { now, steady } from "./lib/clock.ts";
import { newId } from "./lib/ids.ts";
import type { Logger } from "./lib/logger.ts";
import { type Loop, openLoop } from "./lib/loop.ts";
import type { Metrics } from "./lib/metrics.ts";
import type { Tracing } from "./lib/tracing.ts";
import { expiryLookMs, tailPollMs, webhookLookMs } from "./limits.ts";
import type { Tail } from "./log/tail.ts";
import type { Finding, Store } from "./store/store.ts";
import { type WebhookLag, webhookStates } from "./store/webhook.ts";
import { tracedSender } from "./tracing/webhooks.ts";
import { openExpire } from "./workers/expire.ts";
import { pruneTick } from "./workers/prune.ts";
import { openReconcile } from "./workers/reconcile.ts";

/** Says in the log that something has failed which goes on by itself. */
export function report(logger: Logger, who: string): (error: unknown) => void {
  return (error) => logger.error({ err: error }, `${who} failed`);
}

export function openExpiry(
  config: Config,
  store: Store,
  { execute }: Executor,
  metrics: Metrics,
  logger: Logger,
): Loop {
  const lag = (ms: number): void => metrics.expiryLag.set(ms / 1000);
  const found = alarm(metrics, logger);
  return openLoop({
    tick: openExpire({ store, execute, now: steady, newRequestId: newId, lag, found }),
    pauseMsMax: expiryPauseMs(config),
    now: steady,
    failed: report(logger, "the expiry worker"),
  });
}

/** Of holds that another instance made, this one is not told when they are due: it looks once a second. */
function expiryPauseMs({ database, expiryIntervalSeconds }: Config): number {
  const longest = expiryIntervalSeconds * 1000;
  return database.kind === "sqlite" ? longest : Math.min(longest, expiryLookMs);
}

/**
 * Other instances' commits: heard of through the database or Redis, and looked for besides. A hold that one of
 * them made, and did not live to end, is found by this instance's expiry worker.
 */
export function openWatching(tail: Tail, logger: Logger): Loop {
  let trouble = "";
  return openLoop({
    async tick() {
      await tail.pull();
      if (trouble !== "") logger.info("the log can be read again");
      trouble = "";
      return null;
    },
    pauseMsMax: tailPollMs,
    now: steady,
    failed(error) {
      // Four times a second: said once, until it is well again.
      if (String(error) !== trouble) report(logger, "reading the log")(error);
      trouble = String(error);
    },
  });
}

/** Deliveries to webhooks, at once when the log has news; of several instances that look, one delivers. */
export function openHooking(
  config: Config,
  store: Store,
  tail: Pick<Tail, "follow">,
  metrics: Metrics,
  logger: Logger,
  tracing: Tracing | null,
): Pick<Loop, "stop"> {
  const allowPrivate = config.webhooksAllowPrivate;
  const plain = openSender({ allowPrivate, now, newId, sent: metrics.webhookSent });
  const sender = tracing === null ? plain : tracedSender(plain, tracing);
  let trouble = "";
  const failed = (error: unknown): void => {
    // Twice a second: said once, until it is well again.
    if (String(error) !== trouble) report(logger, "delivering to webhooks")(error);
    trouble = String(error);
  };
  const delivering = openDelivering({ store, sender, holder: newId(), failed });
  const tick = async (): Promise<number> => {
    const next = await delivering.tick();
    if (trouble !== "") logger.info("webhooks are looked after again");
    trouble = "";
    return next;
  };
  const loop = openLoop({ tick, pauseMsMax: webhookLookMs, now: steady, failed });
  const unfollow = tail.follow(() => {
    const at = delivering.newsAt();
    if (at !== null) loop.wakeAt(at);
  });
  metrics.onScrape(async () => measureWebhooks(metrics, await store.webhooks.lags()));
  return {
    async stop() {
      unfollow();
      await loop.stop();
      await delivering.close();
      sender.close();
    },
  };
}

function measureWebhooks(metrics: Metrics, lags: readonly WebhookLag[]): void {
  metrics.webhookLag.reset();
  metrics.webhookAge.reset();
  for (const state of webhookStates) {
    metrics.webhooks.set({ state }, lags.filter((one) => one.state === state).length);
  }
  for (const { id, state, events, since } of lags) {
    metrics.webhookLag.set({ webhook: id }, events);
    if (state !== "active") continue;
    const ageMs = since === null ? 0 : Math.max(0, now() - since);
    metrics.webhookAge.set({ webhook: id }, ageMs / 1000);
  }
}

export function openPruning(store: Store, logger: Logger): Loop {
  return openLoop({
    tick: () => pruneTick(store, steady),
    pauseMsMax: 3_600_000,
    now: steady,
    failed: report(logger, "the pruning worker"),
  });
}

export function openReconciling(store: Store, metrics: Metrics, logger: Logger): Loop {
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
      logger.fatal({ invariant, detail }, "an invariant is broken: npm run onhand -- verify");
    }
  };
}
