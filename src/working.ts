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
import { expiryLookMs, tailPollMs, webhookLookMs } from "./limits.ts";
import type { Tail } from "./log/tail.ts";
import type { Finding, Store } from "./store/store.ts";
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

/** Deliveries to webhooks; of several instances that look, one delivers. */
export function openHooking(config: Config, store: Store, logger: Logger) {
  const sender = openSender({ allowPrivate: config.webhooksAllowPrivate, now, newId });
  const failed = report(logger, "delivering to webhooks");
  const delivering = openDelivering({ store, sender, holder: newId(), failed });
  const loop = openLoop({
    tick: delivering.tick,
    pauseMsMax: webhookLookMs,
    now: steady,
    failed,
  });
  return {
    async stop(): Promise<void> {
      await loop.stop();
      await delivering.close();
      sender.close();
    },
  };
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
      logger.fatal({ invariant, detail }, "an invariant is broken: run `onhand verify`");
    }
  };
}
