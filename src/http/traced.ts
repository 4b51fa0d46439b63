// The span of each request to a route of the API, from its head to the end of its answer. Probes, metrics and files
// are not traced, and live streams neither: they last for hours and say nothing until they end.

import type { FastifyInstance } from "fastify";
import type { Tracing } from "../lib/tracing.ts";
import { isOpen } from "./roles.ts";
import type { DeclaredRoute } from "./route.ts";

/** Before all other hooks of a request. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook("onRequest", (request, reply, done) => {
    const declared = request.routeOptions.config.declared ?? null;
    if (declared === null || !isTraced(declared)) return done();
    const { method, protocol, id, headers } = request;
    const trace = tracing.begin({
      method,
      route: declared.url,
      scheme: protocol,
      requestId: id,
      headers,
    });
    request.trace = trace;
    if (trace === null) return done();
    // Not onResponse: that does not come where the client goes away first.
    reply.raw.once("close", () => {
      const status = reply.raw.writableFinished ? reply.statusCode : null;
      trace.end({ status, problem: request.problem, replayed: request.replayed });
    });
    tracing.within(trace, done);
  });
  // The body was read on behalf of its socket.
  app.addHook("preValidation", (request, _reply, done) => tracing.within(request.trace, done));
}

/**
 * Behind the door, where a request may have waited: that is told, and what comes next is for this request again, and
 * not for the one whose timer has let it in.
 */
export function resumeBehindDoor(app: FastifyInstance, tracing: Tracing): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { trace } = request;
    const to = performance.now();
    if (trace !== null && to - trace.from > toldFromMs) {
      tracing.tell(trace.traceparent, { name: "door", kind: "internal", from: trace.from, to });
    }
    tracing.within(trace, done);
  });
}

/** Who did not wait at the door was before it for less, ms. */
const toldFromMs = 1;

function isTraced({ scope, produces }: DeclaredRoute): boolean {
  return !isOpen(scope) && produces !== "text/event-stream";
}
