// The HTTP application: limits, hooks and routes put together. A request goes through one hook that
// marks the answer (id, security headers), its route's own hook that lets it in (who, may it, how
// often), validation, the handler; and at the end one that measures and logs. Nothing here knows
// what stock is.

import type { IncomingMessage } from "node:http";
import cors from "@fastify/cors";
import rateLimit from "@fastify/rate-limit";
import underPressure from "@fastify/under-pressure";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Door } from "../commands/door.ts";
import type { RequestTrace } from "../lib/tracing.ts";
import { batchBodyBytesMax, loopDelayMsMax } from "../limits.ts";
import { admission, type Refuse, refusal } from "./admission.ts";
import { openAuthenticator } from "./auth.ts";
import { registerConsole } from "./console.ts";
import type { HttpDeps } from "./deps.ts";
import { registerDocs } from "./docs.ts";
import type { VerifyToken } from "./jwt.ts";
import { asksForUpgrade, mark, markUnrouted } from "./mark.ts";
import { answerUnknownMethods } from "./methods.ts";
import { type Business, observation } from "./observe.ts";
import { registerOpenapi } from "./openapi.ts";
import {
  busy,
  type ErrorHandler,
  errorHandler,
  type ProblemCode,
  ProblemError,
  unauthenticated,
} from "./problem.ts";
import { answerQuickly } from "./quick-reads.ts";
import { RateStore } from "./rate-store.ts";
import { type Caller, isOpen } from "./roles.ts";
import type { Admit, DeclaredRoute } from "./route.ts";
import { availabilityRoutes } from "./routes/availability.ts";
import { eventReplayRoute } from "./routes/event-replay.ts";
import { eventRoutes } from "./routes/events.ts";
import { exportRoutes } from "./routes/exports.ts";
import { importRoutes } from "./routes/imports.ts";
import { keyRoutes } from "./routes/keys.ts";
import { productRoutes } from "./routes/products.ts";
import { reservationGroupRoutes } from "./routes/reservation-groups.ts";
import { reservationRoutes } from "./routes/reservations.ts";
import { sessionRoutes } from "./routes/session.ts";
import { stockMoveRoutes } from "./routes/stock-moves.ts";
import { stockReadRoutes } from "./routes/stock-reads.ts";
import { stockSummaryRoutes } from "./routes/stock-summary.ts";
import { stockWriteRoutes } from "./routes/stock-writes.ts";
import { storeRoutes } from "./routes/stores.ts";
import { systemRoutes } from "./routes/system.ts";
import { webhookDeliveryRoutes } from "./routes/webhook-deliveries.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { hostFault, ignoreExpectations, jsonParser, serverOptions } from "./server.ts";
import { openThrottle } from "./throttle.ts";
import { resumeBehindDoor, traceRequests } from "./traced.ts";
import { answerSerializer, requestValidator } from "./validation.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly routeTable: DeclaredRoute[];
    readonly admit: Admit;
    readonly refuse: Refuse;
    /** True from the beginning of a stop: answers ask clients to reconnect, and /readyz says no. */
    draining: boolean;
    /** The framework has it, and its types do not say so. */
    readonly genReqId: (request: IncomingMessage) => string;
  }
  interface FastifyRequest {
    /** The route that was found; null for 404 and 405. */
    declared: DeclaredRoute | null;
    caller: Caller;
    business: Business | null;
    /** null: it is not traced. */
    trace: RequestTrace | null;
    /** The code of the problem that was answered. */
    problem: ProblemCode | null;
    replayed: boolean;
    /** The body as it came, for whoever must know how a value was written. */
    bodyText: string;
  }
}

export async function buildApp(deps: HttpDeps): Promise<FastifyInstance> {
  const { settings, logger } = deps;
  const app = openShell(deps);
  // Before whatever refuses: a page may read why.
  if (settings.corsOrigins.length > 0) await openToOrigins(app, settings.corsOrigins);
  refuseUnknownAddresses(app);
  await refuseUnderPressure(app, deps.loopDelayMsMax ?? loopDelayMsMax);
  if (deps.door !== undefined) waitUnread(app, deps.door);
  if (deps.tracing !== undefined) resumeBehindDoor(app, deps.tracing);
  await app.register(rateLimit, { global: false, store: RateStore });
  const authenticator = openAuthenticator({
    store: deps.store,
    byToken: await tokenCheck(deps),
    now: deps.now,
    sessions: deps.sharing?.sessions,
    failed: (error) => logger.warn({ err: error }, "last use of keys could not be written"),
  });
  app.addHook("onClose", () => authenticator.close());
  const throttle = openThrottle(app, settings, deps.sharing?.rates);
  app.decorate("admit", admission(throttle, authenticator, settings));
  app.decorate("refuse", refusal(throttle));
  await registerOpenapi(app, deps.version);
  systemRoutes(app, deps);
  sessionRoutes(app, deps, authenticator);
  keyRoutes(app, deps, authenticator);
  storeRoutes(app, deps);
  productRoutes(app, deps);
  availabilityRoutes(app, deps);
  stockReadRoutes(app, deps);
  stockSummaryRoutes(app, deps);
  stockWriteRoutes(app, deps);
  stockMoveRoutes(app, deps);
  reservationRoutes(app, deps);
  reservationGroupRoutes(app, deps);
  eventRoutes(app, deps, authenticator);
  eventReplayRoute(app, deps);
  webhookRoutes(app, deps);
  webhookDeliveryRoutes(app, deps);
  await importRoutes(app, deps);
  exportRoutes(app, deps);
  registerDocs(app);
  if (deps.consoleFolder !== undefined) await registerConsole(app, deps.consoleFolder);
  answerUnknownMethods(app);
  answerQuickly(app, deps, authenticator);
  return app;
}

/** Loaded only where tokens are accepted. */
async function tokenCheck({ settings: { tokens }, now }: HttpDeps): Promise<VerifyToken> {
  if (tokens === null) {
    return () => {
      throw unauthenticated("Tokens are not accepted here; use an API key.");
    };
  }
  const { tokenVerifier } = await import("./jwt.ts");
  return tokenVerifier(tokens, now);
}

const pressureSampleMs = 500;

/**
 * Refuses work when the event loop is late; probes and metrics still answer. Starting up blocks the
 * loop too, so the first samples say nothing of the load.
 */
async function refuseUnderPressure(app: FastifyInstance, delayMsMax: number): Promise<void> {
  let countsFrom = Number.POSITIVE_INFINITY;
  app.addHook("onReady", (done) => {
    countsFrom = performance.now() + 2 * pressureSampleMs;
    done();
  });
  await app.register(underPressure, {
    maxEventLoopDelay: delayMsMax,
    sampleInterval: pressureSampleMs,
    pressureHandler: (request) => {
      const declared = request.routeOptions.config.declared ?? null;
      // Files of the console cost little, and a page that was let in without one of them stays broken.
      if (performance.now() < countsFrom || declared === null || isOpen(declared.scope)) return;
      // Commands have a door of their own, which refuses what is too much and no more.
      if (declared.idempotency === "kept") return;
      request.declared = declared;
      return Promise.reject(busy("overloaded", "The service is too busy to answer in time.", 2));
    },
  });
}

/** Commands come in through the door. One whose client has gone meanwhile is not read: nobody hears what becomes of it. */
function waitUnread(app: FastifyInstance, door: Pick<Door, "enter">): void {
  // Made once: the place where an error comes from costs more to find out than all the rest of a refusal.
  const refused = busy("overloaded", "Too much is waiting; nothing was done.", 1);
  app.addHook("onRequest", (request, _reply, done) => {
    const declared = request.routeOptions.config.declared ?? null;
    if (declared?.idempotency !== "kept") return done();
    door.enter((isLetIn) => {
      if (isLetIn && !request.raw.socket.destroyed) return done();
      request.declared = declared;
      done(refused);
    });
  });
}

/** The server with its hooks and handlers, before any plugin or route. */
function openShell({ settings, logger, metrics, tracing }: HttpDeps): FastifyInstance {
  const sendError = errorHandler(logger);
  const observe = observation(metrics, logger);
  const unrouted: ErrorHandler = (error, request, reply) => {
    // An address that cannot be routed: no hook has run, and none will.
    markUnrouted(request, reply);
    sendError(error, request, reply);
    observe(request, reply);
  };
  const app = fastify(serverOptions(settings, logger, unrouted));
  ignoreExpectations(app);
  app.decorate("routeTable", []);
  app.decorate("draining", false);
  app.decorateRequest("declared", null);
  app.decorateRequest("business", null);
  app.decorateRequest("problem", null);
  app.decorateRequest("replayed", false);
  app.decorateRequest("bodyText", "");
  app.decorateRequest("trace", null);
  app.decorateRequest("caller");
  app.setValidatorCompiler(requestValidator());
  app.setSerializerCompiler(answerSerializer());
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(() => {
    throw noSuchAddress();
  });
  app.removeContentTypeParser("text/plain");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, jsonParser(app));
  app.addHook("onRequest", (request, reply, done) => {
    mark(request, reply);
    done(hostFault(request.raw) ?? emptyPart(request));
  });
  if (tracing !== undefined) traceRequests(app, tracing);
  // At the end, so that what was under way when a stop began says it too.
  app.addHook("onSend", (request, reply, _payload, done) => {
    if (app.draining) reply.header("connection", "close");
    // The framework would close a connection on which a body is still coming, which resets it: a proxy then has
    // no answer to pass on, and takes this instance for dead. What a proxy lets through is read and dropped.
    else if (reply.statusCode === 413 && settings.trustProxy !== false && mayGoOn(request)) {
      reply.removeHeader("connection");
    }
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    observe(request, reply);
    done();
  });
  return app;
}

function mayGoOn(request: FastifyRequest): boolean {
  const length = Number(request.headers["content-length"]);
  return length <= batchBodyBytesMax && !asksForUpgrade(request);
}

function noSuchAddress(): ProblemError {
  return new ProblemError("route_not_found", "There is no such address here.");
}

/** Before the body is read: what is in it does not matter then. */
function refuseUnknownAddresses(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    done(request.is404 ? noSuchAddress() : undefined);
  });
}

/** `/products/` names no product, so it is no address; to the router it is one with an empty id. */
function emptyPart({ params }: FastifyRequest): ProblemError | undefined {
  const parts = params as Readonly<Record<string, string>>;
  for (const name in parts) if (parts[name] === "") return noSuchAddress();
  return undefined;
}

/** Browsers of these origins may call the API with a key or token; cookies stay at home. */
async function openToOrigins(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  await app.register(cors, {
    origin: [...origins],
    credentials: false,
    strictPreflight: false,
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders: [
      "authorization",
      "content-type",
      "idempotency-key",
      "if-match",
      "if-none-match",
      "last-event-id",
      "traceparent",
      "tracestate",
      "x-api-key",
      "x-request-id",
    ],
    exposedHeaders: [
      "etag",
      "idempotent-replayed",
      "location",
      "ratelimit",
      "ratelimit-policy",
      "retry-after",
      "x-cache",
      "x-request-id",
    ],
    maxAge: 600,
  });
}
