// Rates: per address for those who do not say who they are and for wrong credentials, per caller for
// the rest. A limit of 0 is no limit and costs nothing. Answers carry the RateLimit fields of the IETF
// draft; a refused request also Retry-After, and nothing of it was done.

import { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { failedSignInsPerMinuteMax, ratesKept } from "../limits.ts";
import { busy } from "./problem.ts";

export interface Throttle {
  /** undefined: there is no limit to check. Throws `rate_limited`. */
  anonymous(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined;
  caller(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined;
  /** Counts a wrong credential. */
  failure(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export interface ThrottleSettings {
  readonly rateLimitAnonymous: number;
  readonly rateLimitCaller: number;
}

const windowSeconds = 60;

/** `app` has @fastify/rate-limit registered. */
export function openThrottle(app: FastifyInstance, settings: ThrottleSettings): Throttle {
  // A household has 2^64 addresses of IPv6; they count as one.
  const byAddress = (request: FastifyRequest): string => normalizeIP(request.ip, 64);
  const byCaller = (request: FastifyRequest): string => request.caller.id;
  const anonymous = limit(app, settings.rateLimitAnonymous, byAddress);
  const caller = limit(app, settings.rateLimitCaller, byCaller);
  const failure = limit(app, failedSignInsPerMinuteMax, byAddress);
  return {
    anonymous: (request, reply) => anonymous?.(request, reply),
    caller: (request, reply) => caller?.(request, reply),
    failure: async (request, reply) => failure?.(request, reply),
  };
}

type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

function limit(
  app: FastifyInstance,
  max: number,
  keyGenerator: (request: FastifyRequest) => string,
): Check | null {
  if (max === 0) return null;
  const timeWindow = windowSeconds * 1000;
  const options = { max, timeWindow, keyGenerator, cache: ratesKept };
  const count = app.createRateLimit(options);
  const policy = `"minute";q=${max};w=${windowSeconds}`;
  return async (request, reply) => {
    const rate = await count(request);
    if (rate.isAllowed) return;
    reply.header("ratelimit-policy", policy);
    reply.header("ratelimit", `"minute";r=${rate.remaining};t=${rate.ttlInSeconds}`);
    if (rate.isExceeded) {
      throw busy("rate_limited", `More than ${max} requests in a minute.`, rate.ttlInSeconds);
    }
  };
}
