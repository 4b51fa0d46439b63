// What this process measures, for Prometheus: one registry, made once and handed down. Units are base
// units and part of the name. Labels are closed sets (route templates, store ids that exist), so that
// no client can make series: never a SKU, a customer or a raw path.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { openDurations } from "./durations.ts";

export type Metrics = ReturnType<typeof openMetrics>;

export interface MetricsOptions {
  readonly version: string;
  readonly instanceId: string;
  /** Node's own metrics; off where many registries live in one process (tests). */
  readonly runtime?: boolean;
}

export function openMetrics({ version, instanceId, runtime = true }: MetricsOptions) {
  const registry = new Registry();
  const registers = [registry];
  if (runtime) collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: "onhand_build_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "node", "instance_id"] as const,
    registers,
  });
  build.set({ version, node: process.version, instance_id: instanceId }, 1);
  const beforeScrape: (() => Promise<void>)[] = [];
  return {
    registry,
    /** Runs before each answer to Prometheus: for gauges that cost something to read. */
    onScrape(read: () => Promise<void>): void {
      beforeScrape.push(read);
    },
    async text(): Promise<string> {
      // What cannot be read keeps its last value: the rest is needed most when something is away.
      await Promise.allSettled(beforeScrape.map((read) => read()));
      return registry.metrics();
    },
    ...requestMetrics(registers),
    ...writeMetrics(registers),
    ...logMetrics(registers),
    ...webhookMetrics(registers),
    ...loopMetrics(registers),
  };
}

function requestMetrics(registers: Registry[]) {
  return {
    requestDuration: openDurations({
      name: "http_request_duration_seconds",
      help: "Time from a request's head to the end of its answer.",
      labelNames: ["method", "endpoint", "status"],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
      registers,
    }),
    stockOperations: new Counter({
      name: "stock_operations_total",
      help: "Writes by operation, store and what came of them (ok, or the code of the refusal).",
      labelNames: ["operation", "store_id", "status"] as const,
      registers,
    }),
    cacheRequests: new Counter({
      name: "cache_requests_total",
      help: "Availability reads by where they were answered from (hit, miss).",
      labelNames: ["result"] as const,
      registers,
    }),
    redisUnanswered: new Counter({
      name: "onhand_redis_unanswered_total",
      help: "Calls of requests to Redis that went on without its answer, by why (away, late, refused).",
      labelNames: ["why"] as const,
      registers,
    }),
    sseClients: new Gauge({
      name: "onhand_sse_clients",
      help: "Clients that follow the event stream of this instance.",
      registers,
    }),
  };
}

function writeMetrics(registers: Registry[]) {
  return {
    commitBatchSize: new Histogram({
      name: "onhand_commit_batch_commands",
      help: "Commands that shared one commit.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    commitDuration: new Histogram({
      name: "onhand_commit_duration_seconds",
      help: "Time of one commit, load and decision included.",
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    queuedCommands: new Gauge({
      name: "onhand_queued_commands",
      help: "Commands that wait for a commit, at the door or behind it.",
      registers,
    }),
    pendingReservations: new Gauge({
      name: "onhand_pending_reservations",
      help: "Reservations that hold units now.",
      registers,
    }),
    expiryLag: new Gauge({
      name: "onhand_expiry_lag_seconds",
      help: "How long the oldest due hold has waited for the expiry worker.",
      registers,
    }),
    reconcileFindings: new Counter({
      name: "onhand_reconcile_findings_total",
      help: "Invariants found broken, by invariant. Anything but 0 is an alarm.",
      labelNames: ["invariant"] as const,
      registers,
    }),
  };
}

function logMetrics(registers: Registry[]) {
  return {
    logHead: new Gauge({
      name: "onhand_log_head_seq",
      help: "Number of the last event in the log.",
      registers,
    }),
    eventLag: new Gauge({
      name: "onhand_event_lag_events",
      help: "Events in the log that are not published yet.",
      registers,
    }),
    eventAge: new Gauge({
      name: "onhand_event_age_seconds",
      help: "Age of the oldest event that is not published yet.",
      registers,
    }),
    spansDropped: new Counter({
      name: "onhand_spans_dropped_total",
      help: "Spans of traces that their receiver did not take, or not in time.",
      registers,
    }),
  };
}

/** By webhook where an operator has to find the one; there are few of them (`webhooksMax`), and only admins make them. */
function webhookMetrics(registers: Registry[]) {
  const webhookDelivery = new Histogram({
    name: "onhand_webhook_delivery_duration_seconds",
    help: "Attempts to deliver to webhooks, by what came of them (delivered, refused, unanswered).",
    labelNames: ["outcome"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  return {
    webhookSent({ status, error, durationMs }: WebhookAttempt): void {
      const failed = status === null ? "unanswered" : "refused";
      webhookDelivery.observe(
        { outcome: error === null ? "delivered" : failed },
        durationMs / 1000,
      );
    },
    webhooks: new Gauge({
      name: "onhand_webhooks",
      help: "Webhooks by state (active, paused, parked, gone).",
      labelNames: ["state"] as const,
      registers,
    }),
    webhookLag: new Gauge({
      name: "onhand_webhook_lag_events",
      help: "Events of the log that are not dealt with, by webhook.",
      labelNames: ["webhook"] as const,
      registers,
    }),
    webhookAge: new Gauge({
      name: "onhand_webhook_age_seconds",
      help: "Age of the oldest event that is not dealt with, by active webhook.",
      labelNames: ["webhook"] as const,
      registers,
    }),
  };
}

interface WebhookAttempt {
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

/** Delay of the event loop since the last scrape; a busy loop is the first sign of overload. */
function loopMetrics(registers: Registry[]) {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  return {
    loopDelay: new Gauge({
      name: "onhand_event_loop_delay_seconds",
      help: "99th percentile of the event loop's delay since the last scrape.",
      registers,
      collect() {
        this.set(delays.percentile(99) / 1e9);
        delays.reset();
      },
    }),
  };
}
