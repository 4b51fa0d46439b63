// Rates: per address for those who do not say who they are and for wrong credentials, per caller for
// the rest. A limit of 0 is no limit and costs nothing. Answers carry the RateLimit fields of the IETF
// draft; a refused request also Retry-After, and nothing of it was done.
//
// Each instance counts for itself, and where they share a Redis, all together. What is too much already here
// is refused without asking; and where Redis does not say, what was counted here stands. (The plugin's own
// store for Redis wants another client, and has nothing for a Redis that is away.)

import { normalizeIP } from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SharedRate, SharedRates } from "../cache/redis-rates.ts";
import { failedSignInsPerMinuteMax } from "../limits.ts";
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
export function openThrottle(
  app: FastifyInstance,
  settings: ThrottleSettings,
  rates?: SharedRates,
): Throttle {
  // A household has 2^64 addresses of IPv6; they count as one.
  const byAddress = (request: FastifyRequest): string => normalizeIP(request.ip, 64);
  const byCaller = (request: FastifyRequest): string => request.caller.id;
  const limit = (name: string, max: number, keyGenerator: WhoAsks): Check | null =>
    max === 0 ? null : check(app, { name, max, keyGenerator, rates });
  const anonymous = limit("anonymous", settings.rateLimitAnonymous, byAddress);
  const caller = limit("caller", settings.rateLimitCaller, byCaller);
  const failure = limit("failure", failedSignInsPerMinuteMax, byAddress);
  return {
    anonymous: (request, reply) => anonymous?.(request, reply),
    caller: (request, reply) => caller?.(request, reply),
    failure: async (request, reply) => failure?.(request, reply),
  };
}

type Check = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
type WhoAsks = (request: FastifyRequest) => string;

interface Limit {
  readonly name: string;
  readonly max: number;
  readonly keyGenerator: WhoAsks;
  readonly rates: SharedRates | undefined;
}

interface Rate {
  readonly remaining: number;
  readonly ttlInSeconds: number;
  readonly isExceeded: boolean;
}

function check(app: FastifyInstance, { name, max, keyGenerator, rates }: Limit): Check {
  const timeWindow = windowSeconds * 1000;
  const count = app.createRateLimit({ max, timeWindow, keyGenerator });
  const policy = `"minute";q=${max};w=${windowSeconds}`;
  return async (request, reply) => {
    const here = await count(request);
    if (here.isAllowed) return;
    const everywhere =
      rates === undefined || here.isExceeded ? null : await rates.count(name, here.key, timeWindow);
    const rate = everywhere === null ? here : rateOf(everywhere, max);
    reply.header("ratelimit-policy", policy);
    reply.header("ratelimit", `"minute";r=${rate.remaining};t=${rate.ttlInSeconds}`);
    if (rate.isExceeded) {
      throw busy("rate_limited", `More than ${max} requests in a minute.`, rate.ttlInSeconds);
    }
  };
}

function rateOf({ count, leftMs }: SharedRate, max: number): Rate {
  return {
    remaining: Math.max(0, max - count),
    ttlInSeconds: Math.ceil(leftMs / 1000),
    isExceeded: count > max,
  };
}
