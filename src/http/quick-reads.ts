// The question that customers ask all day, answered before the framework sees it: who has this product, from the
// cache, for a caller who is known. Routing, hooks and a reply of the framework cost as much as all the rest of such a
// request (docs/decisions/0020-availability-before-the-framework.md). A request that is in any way unlike that goes the
// whole way, and an answer is the same whichever way it went: test/http/quick-reads.test.ts compares them.

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { must } from "../lib/assert.ts";
import type { Observer } from "../lib/durations.ts";
import type { Authenticator } from "./auth.ts";
import { documentCacheControl, documentType } from "./availability.ts";
import { matches } from "./conditional.ts";
import type { HttpDeps } from "./deps.ts";
import { securityHeaders } from "./mark.ts";
import { allows, type Caller, nobody } from "./roles.ts";

/** Answers what it can; false: nothing was done, and the request goes the whole way. */
type Quick = (request: IncomingMessage, response: ServerResponse) => boolean;

export function answerQuickly(
  app: FastifyInstance,
  deps: HttpDeps,
  authenticator: Pick<Authenticator, "known">,
): void {
  // What each request is asked or told beside its answer, where that is set up.
  const { settings, tracing, logger } = deps;
  if (settings.corsOrigins.length > 0) return;
  if (tracing !== undefined || logger.isLevelEnabled("debug")) return;
  const quick = openQuick(app, deps, authenticator);
  const { server } = app;
  const whole = must(server.listeners("request")[0], "the framework listens") as RequestListener;
  server.off("request", whole);
  server.on("request", (request, response) => {
    if (!quick(request, response)) whole(request, response);
  });
}

const before = "/api/v1/products/";
const after = "/availability";

function openQuick(
  app: FastifyInstance,
  { cache, metrics, settings }: HttpDeps,
  authenticator: Pick<Authenticator, "known">,
): Quick {
  const hits = metrics.cacheRequests.labels({ result: "hit" });
  const marks = Object.entries({
    ...securityHeaders,
    "cache-control": documentCacheControl,
    "x-cache": "hit",
  }).flat();
  const bodyMarks = [...marks, "content-type", documentType];

  const durations: Record<200 | 304, Observer | undefined> = { 200: undefined, 304: undefined };
  /** A series is there when there is something in it. */
  function durationOf(status: 200 | 304): Observer {
    durations[status] ??= metrics.requestDuration.series({
      method: "GET",
      endpoint: `${before}:id${after}`,
      status: String(status),
    });
    return durations[status];
  }

  /** Who may ask as often as they like; undefined: that is to be looked into. */
  function callerOf({
    "x-api-key": key,
    authorization,
    cookie,
  }: IncomingMessage["headers"]): Caller | undefined {
    if (authorization !== undefined) return undefined;
    if (typeof key === "string") {
      return settings.rateLimitCaller === 0 ? authenticator.known(key) : undefined;
    }
    const isFree = settings.publicReads && settings.rateLimitAnonymous === 0;
    return isFree && cookie === undefined ? nobody : undefined;
  }

  return (request, response) => {
    const { url = "", headers } = request;
    if (request.method !== "GET" || !url.startsWith(before) || !url.endsWith(after)) return false;
    if (app.draining || app.isUnderPressure() || isUnusual(request)) return false;
    const startedAt = performance.now();
    // Names that are kept are of products that exist: whatever else stands there is not among them.
    const document = cache.kept(url.slice(before.length, -after.length));
    if (document === undefined) return false;
    const caller = callerOf(headers);
    if (caller === undefined || !allows(caller, "public:read")) return false;
    const { etag, body } = document;
    const asked = headers["if-none-match"];
    const isNotModified = asked !== undefined && matches(asked, etag);
    const status = isNotModified ? 304 : 200;
    const own = ["etag", etag, "x-request-id", app.genReqId(request)];
    if (isNotModified) response.writeHead(status, [...marks, ...own]).end();
    else {
      own.push("content-length", String(Buffer.byteLength(body)));
      response.writeHead(status, [...bodyMarks, ...own]).end(body);
    }
    hits.inc();
    durationOf(status).observe((performance.now() - startedAt) / 1000);
    return true;
  };
}

/** What asks for more than the answer, or brings more than the question. */
function isUnusual({ headers, httpVersion }: IncomingMessage): boolean {
  return (
    headers["cache-control"] !== undefined ||
    headers.upgrade !== undefined ||
    headers["content-length"] !== undefined ||
    headers["transfer-encoding"] !== undefined ||
    headers.host === undefined ||
    headers.host.includes(",") ||
    httpVersion !== "1.1"
  );
}
