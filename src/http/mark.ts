// What every answer carries, whatever becomes of the request: its id, and headers that keep browsers
// from making more of it than data. Answers run nothing, embed nothing and are kept by nobody, unless
// a route says otherwise by setting the header again.

import type { FastifyReply, FastifyRequest } from "fastify";
import { nobody } from "./roles.ts";

export const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

export function mark(request: FastifyRequest, reply: FastifyReply): void {
  request.caller = nobody;
  reply.headers(securityHeaders);
  reply.header("x-request-id", request.id);
  if (asksForUpgrade(request)) reply.header("connection", "close");
}

/**
 * No protocol but ours is spoken here. Node drops what came in one packet behind such a request: a proxy that sends
 * requests ahead would take the next answer for that of the dropped one. So the connection ends with its answer.
 */
export function asksForUpgrade({ headers }: FastifyRequest): boolean {
  return headers.upgrade !== undefined;
}

/** What the framework hands over before routing has none of our fields yet. */
export function markUnrouted(request: FastifyRequest, reply: FastifyReply): void {
  request.declared = null;
  request.business = null;
  request.problem = null;
  request.replayed = false;
  mark(request, reply);
}
