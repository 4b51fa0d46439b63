// What the HTTP side is given: the store for reads, the door of the write path, and the tools around
// them. Settings are named here as this side needs them; the service's configuration fits by shape.

import type { AvailabilityCache } from "../cache/memory.ts";
import type { SharedRates } from "../cache/redis-rates.ts";
import type { SharedSessions } from "../cache/redis-sessions.ts";
import type { Door } from "../commands/door.ts";
import type { Command, EventType } from "../domain/model.ts";
import type { Feed } from "../feeds/sse.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Tracing } from "../lib/tracing.ts";
import type { Outcome, Store, StoreScope } from "../store/store.ts";
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
  /** For development: webhooks may go to this machine and its network, and without TLS. */
  readonly webhooksAllowPrivate: boolean;
}

/** Resolves when the command is durable. Throws OverloadedError, or OperatingError from the store. */
export type Execute = (command: Command) => Promise<Outcome>;

/** What /health says besides the database. */
export interface Vitals {
  readonly redis: () => "connected" | "disconnected" | "disabled";
  /** Whether the last try to publish came to its end: Redis may be there and hold another log's streams. */
  readonly isPublishing: () => boolean;
  /** Events in the log that are not published yet; null: Redis has not said yet what it has. */
  readonly eventLag: () => number | null;
}

/** What instances share besides the database, and can do without. */
export interface Sharing {
  readonly sessions: SharedSessions;
  readonly rates: SharedRates;
}

/** A part of the log, to be published again. */
export interface ReplayRange {
  readonly stream: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  /** null: of every type, of every store. */
  readonly type: EventType | null;
  readonly storeId: string | null;
  /** Whose events the caller may see. */
  readonly stores: StoreScope;
}

export type ReplayOutcome =
  /** How many entries are new in the stream. */
  | { readonly added: number }
  /** The id of the entry that is in their way; null: what has that name is no stream. */
  | { readonly lastId: string | null }
  | "away";

export type Replay = (range: ReplayRange) => Promise<ReplayOutcome>;

export interface HttpDeps {
  readonly settings: HttpSettings;
  readonly version: string;
  readonly store: Store;
  readonly cache: AvailabilityCache;
  readonly execute: Execute;
  /** Where commands wait before they are read. Without it each is read as it comes. */
  readonly door?: Pick<Door, "enter">;
  readonly feed: Feed;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly now: Clock;
  readonly newId: () => string;
  /** In place of the limit; 0: none. A test is not to fail because its machine is busy. */
  readonly loopDelayMsMax?: number;
  /** In place of the limit: a test uses up more than there may be. */
  readonly webhooksMax?: number;
  readonly vitals?: Vitals;
  /** Without it this instance counts for itself and reads each session. */
  readonly sharing?: Sharing;
  /** Without it nothing is published anywhere. */
  readonly replay?: Replay;
  /** Without it no request is traced. */
  readonly tracing?: Tracing;
  /** Where the built console is; without it there is no page at `/`. */
  readonly consoleFolder?: string;
}
