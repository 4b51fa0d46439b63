// What is seen of each request: one duration in the metrics and, for writes and for everything that
// was refused, one line in the log. Series are looked up once per (route, status) and kept, for making
// label sets costs more than counting.

import type { FastifyReply, FastifyRequest } from "fastify";
import type { Observer } from "../lib/durations.ts";
import type { Logger } from "../lib/logger.ts";
import type { Metrics } from "../lib/metrics.ts";
import { namesOf } from "../lib/tracing.ts";
import { type ProblemCode, pathOf } from "./problem.ts";
import type { DeclaredRoute } from "./route.ts";

/** What a write was about, in the words of the log; the route sets it before it executes. */
export interface Business {
  readonly operation: string;
  readonly store_id?: string;
  readonly product_id?: string;
  readonly quantity?: number;
}

/** Refusals after which we know that the store exists, so that it may be a label. */
const storeIsReal: ReadonlySet<ProblemCode> = new Set([
  "insufficient_stock",
  "quantity_below_reserved",
  "version_mismatch",
  "store_inactive",
  "stock_not_found",
  "stock_exists",
  "customer_limit_reached",
  "id_taken",
] as const);

export type Observation = (request: FastifyRequest, reply: FastifyReply) => void;

export function observation(metrics: Metrics, logger: Logger): Observation {
  const observe = durations(metrics);
  const logsReads = logger.isLevelEnabled("debug");
  return (request, reply) => {
    const { statusCode } = reply;
    const ms = reply.elapsedTime;
    observe(request, statusCode, ms);
    if (request.business !== null) count(metrics, request, request.business);
    if (statusCode >= 400 || request.declared?.isWrite === true) {
      const level = isAlarming(statusCode) ? "warn" : "info";
      logger[level](line(request, reply, ms), "request");
    } else if (logsReads) {
      logger.debug(line(request, reply, ms), "request");
    }
  };
}

/** Failures of ours, and people at the door. */
function isAlarming(status: number): boolean {
  return status >= 500 || status === 401 || status === 403 || status === 429;
}

function line(request: FastifyRequest, reply: FastifyReply, ms: number): object {
  const { statusCode } = reply;
  return {
    method: request.method,
    route: request.declared?.url ?? pathOf(request.url).slice(0, 200),
    status: statusCode,
    duration_ms: Math.round(ms * 1000) / 1000,
    ...namesOf(request),
    caller: request.caller.actor,
    ...(request.problem === null ? null : { code: request.problem }),
    ...(request.replayed ? { replayed: true } : null),
    ...(isAlarming(statusCode) ? { address: request.ip } : null),
    ...request.business,
  };
}

type Observe = (request: FastifyRequest, status: number, ms: number) => void;

function durations({ requestDuration }: Metrics): Observe {
  // By route, then by method and status: a look-up per request, no text made.
  const byRoute = new Map<DeclaredRoute | null, Map<number, Observer>>();
  return ({ declared, method }, status, ms) => {
    let byStatus = byRoute.get(declared);
    if (byStatus === undefined) {
      byStatus = new Map();
      byRoute.set(declared, byStatus);
    }
    const isHead = declared !== null && method === "HEAD";
    const key = isHead ? -status : status;
    let observer = byStatus.get(key);
    if (observer === undefined) {
      observer = requestDuration.series({
        method: isHead ? "HEAD" : (declared?.method ?? "any"),
        endpoint: declared?.url ?? "unmatched",
        status: String(status),
      });
      byStatus.set(key, observer);
    }
    observer.observe(ms / 1000);
  };
}

function count(metrics: Metrics, request: FastifyRequest, business: Business): void {
  const { problem } = request;
  const isReal = problem === null || storeIsReal.has(problem);
  metrics.stockOperations.inc({
    operation: business.operation,
    store_id: isReal ? (business.store_id ?? "") : "",
    status: problem ?? (request.replayed ? "replayed" : "ok"),
  });
}
