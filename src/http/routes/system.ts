// What operators and their tools ask: is the process alive, may it get traffic, how is everything,
// what are the numbers. `livez` depends on nothing; `readyz` on the database and on not being about
// to stop; `health` tells more and is down only when the database is.

import type { FastifyInstance } from "fastify";
import { isoTime } from "../../lib/clock.ts";
import { sameSecret } from "../../lib/ids.ts";
import type { Store } from "../../store/store.ts";
import type { HttpDeps } from "../deps.ts";
import { unauthenticated } from "../problem.ts";
import { route } from "../route.ts";
import { Answer, Nullable, OneOf, Time } from "../schemas.ts";
import { type Static, Type } from "../type.ts";

const StatusAnswer = Answer("Status", { status: Type.String() });
const HealthAnswer = Answer("Health", {
  status: OneOf(["healthy", "degraded", "unavailable"]),
  database: OneOf(["connected", "disconnected"]),
  redis: OneOf(["connected", "disconnected", "disabled"]),
  timestamp: Time,
  version: Type.String(),
  instance_id: Type.String(),
  event_lag: Nullable(
    Type.Integer({
      description: "Events in the log that are not published yet; null until Redis was reached.",
    }),
  ),
});

// Probes come with marks of their makers (`?t=…` against caches): nothing is gained by refusing those.
const shared = { method: "GET", scope: "system", tag: "system", anyQuery: true } as const;

export function systemRoutes(app: FastifyInstance, deps: HttpDeps): void {
  probeRoutes(app, deps);
  metricsRoute(app, deps);

  route(app, {
    ...shared,
    url: "/health",
    id: "getHealth",
    summary: "How the service and what it relies on are",
    schema: { response: { 200: HealthAnswer, 503: HealthAnswer } },
    async handler(_request, reply) {
      const health = await healthOf(deps);
      reply.code(health.status === "unavailable" ? 503 : 200);
      return health;
    },
  });
}

function probeRoutes(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...shared,
    url: "/livez",
    id: "getLiveness",
    summary: "The process runs",
    schema: { response: { 200: StatusAnswer } },
    handler: () => ({ status: "live" }),
  });

  route(app, {
    ...shared,
    url: "/readyz",
    id: "getReadiness",
    summary: "The service may get traffic",
    schema: { response: { 200: StatusAnswer, 503: StatusAnswer } },
    async handler(_request, reply) {
      const status = app.draining ? "stopping" : (await answers(store)) ? "ready" : "no database";
      reply.code(status === "ready" ? 200 : 503);
      return { status };
    },
  });
}

function metricsRoute(app: FastifyInstance, { metrics, settings }: HttpDeps): void {
  const { metricsToken } = settings;
  route(app, {
    ...shared,
    scope: "metrics",
    url: "/metrics",
    id: "getMetrics",
    summary: "Metrics in the format of Prometheus",
    produces: "text/plain",
    schema: { response: { 200: Type.String() } },
    codes: ["unauthenticated"],
    async handler({ headers }, reply) {
      if (
        metricsToken !== null &&
        !sameSecret(headers.authorization ?? "", `Bearer ${metricsToken}`)
      ) {
        throw unauthenticated(
          "The metrics need their token: Authorization: Bearer <METRICS_TOKEN>.",
        );
      }
      reply.header("content-type", metrics.registry.contentType);
      return metrics.text();
    },
  });
}

async function healthOf(deps: HttpDeps): Promise<Static<typeof HealthAnswer>> {
  const isConnected = await answers(deps.store);
  const redis = deps.vitals?.redis() ?? "disabled";
  const isPublishing = deps.vitals?.isPublishing() ?? true;
  const whole = redis === "disconnected" || !isPublishing ? "degraded" : "healthy";
  return {
    status: isConnected ? whole : "unavailable",
    database: isConnected ? "connected" : "disconnected",
    redis,
    timestamp: isoTime(deps.now()),
    version: deps.version,
    instance_id: deps.settings.instanceId,
    event_lag: deps.vitals === undefined ? 0 : deps.vitals.eventLag(),
  };
}

/** A database that hangs is as good as gone: a probe must not hang with it. */
const pingMsMax = 2_000;

async function answers(store: Pick<Store, "ping">): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), pingMsMax);
  store.ping().then(
    () => resolve(true),
    () => resolve(false),
  );
  const answered = await promise;
  clearTimeout(timer);
  return answered;
}
