// What the load generator is asked to do and what it answers: the two values that travel between it and whoever
// started it, as JSON.

/** Where requests go: all combinations are stock rows. One product and one store: all on one row. */
export interface Rows {
  readonly products: number;
  readonly stores: readonly string[];
}

export type Work =
  /** Holds of one unit; with more `lines`, baskets of so many rows. */
  | { readonly kind: "reserve"; readonly rows: Rows; readonly lines?: number }
  /** A hold, and when it is answered its sale: one operation of two requests. */
  | { readonly kind: "reserve-confirm"; readonly rows: Rows }
  /** Where a product is to be had, in all stores. */
  | { readonly kind: "availability"; readonly rows: Rows }
  /** Four of these reads, then one hold. */
  | { readonly kind: "mixed"; readonly rows: Rows }
  /** One address, as it is. */
  | { readonly kind: "get"; readonly path: string };

export type Loop =
  /** Each connection sends its next request when the answer to its last one is whole. */
  | { readonly kind: "closed" }
  /**
   * Operations begin at a pace, whatever the answers do; what finds no free connection waits, and its latency
   * counts from when it should have been sent. After `patienceMs` it is given up unsent.
   */
  | { readonly kind: "open"; readonly perSecond: number; readonly patienceMs: number };

export interface LoadPlan {
  /** Connections are spread over them. */
  readonly ports: readonly number[];
  readonly connections: number;
  readonly seconds: number;
  /** Not counted: just-in-time compilation and caches. */
  readonly warmupSeconds: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly work: Work;
  readonly loop: Loop;
}

/** Of requests, ms. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Operations that were answered as wanted, in a second of the window. */
  readonly perSecond: number;
  /** Of requests that were answered as wanted: reserve, confirm, read. */
  readonly latency: Readonly<Record<string, Latency>>;
  /** Of all others. */
  readonly refused: Latency;
  /** Answers by status; "closed" for a connection that ended without one. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of 429 and 503, those that do not say when to come again. */
  readonly withoutRetryAfter: number;
  /** Open loop: operations that should have begun in the window, and those of them that were given up unsent. */
  readonly offered: number;
  readonly givenUp: number;
  /** All that was sent, with the warm-up. */
  readonly requestsInAll: number;
  /** Processor time of the generator in the window, seconds. */
  readonly cpuSeconds: number;
}
