// Counts of requests in this instance, for @fastify/rate-limit. The package's own store answers one object to
// all who ask and goes on counting in it: of requests that are let in together (they waited for one look-up of
// their key) each then sees the count of the last, and all are refused where only the excess should be.

import type { FastifyRateLimitOptions, FastifyRateLimitStore } from "@fastify/rate-limit";
import { LRUCache } from "lru-cache";
import { steady } from "../lib/clock.ts";
import { ratesKept } from "../limits.ts";

interface Window {
  count: number;
  readonly endsAt: number;
}

type Told = Parameters<FastifyRateLimitStore["incr"]>[1];

export class RateStore implements FastifyRateLimitStore {
  readonly #windows = new LRUCache<string, Window>({ max: ratesKept });

  incr(who: string, told: Told, windowMs: number): void {
    const at = steady();
    let window = this.#windows.get(who);
    if (window === undefined || window.endsAt <= at) {
      window = { count: 0, endsAt: at + windowMs };
      this.#windows.set(who, window);
    }
    window.count += 1;
    told(null, { current: window.count, ttl: window.endsAt - at });
  }

  /** Each limit counts for itself. */
  child(_options: FastifyRateLimitOptions): FastifyRateLimitStore {
    return new RateStore();
  }
}
