// What the HTTP side is given: the store for reads, the door of the write path, and the tools around
// them. Settings are named here as this side needs them; the service's configuration fits by shape.

import type { AvailabilityCache } from "../cache/memory.ts";
import type { Command } from "../domain/model.ts";
import type { Feed } from "../feeds/sse.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Outcome, Store } from "../store/store.ts";
import type { TokenSettings } from "./jwt.ts";

export interface HttpSettings {
  readonly publicReads: boolean;
  readonly tokens: TokenSettings | null;
  readonly corsOrigins: readonly string[];
  readonly rateLimitAnonymous: number;
  readonly rateLimitCaller: number;
  readonly trustProxy: false | number | readonly string[];
  readonly metricsToken: string | null;
  readonly sessionTtlSeconds: number;
  readonly instanceId: string;
}

/** Resolves when the command is durable. Throws OverloadedError, or OperatingError from the store. */
export type Execute = (command: Command) => Promise<Outcome>;

/** What /health says besides the database. */
export interface Vitals {
  readonly redis: () => "connected" | "disconnected" | "disabled";
  /** Events in the log that are not published yet. */
  readonly eventLag: () => number;
}

export interface HttpDeps {
  readonly settings: HttpSettings;
  readonly version: string;
  readonly store: Store;
  readonly cache: AvailabilityCache;
  readonly execute: Execute;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: Clock;
  readonly newId: () => string;
  /** In place of the limit; 0: none. A test is not to fail because its machine is busy. */
  readonly loopDelayMsMax?: number;
  readonly vitals?: Vitals;
}
