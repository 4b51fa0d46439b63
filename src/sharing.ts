// What instances share through Redis to spare the database and to count together: documents, sessions and
// rates, on one connection, put together for main.ts. None of it is the truth, and no request needs it.

import type { SharedDocuments } from "./cache/memory.ts";
import type { QuickRedisOptions } from "./cache/redis.ts";
import type { SharedDocumentsOptions } from "./cache/redis-documents.ts";
import type { Sharing } from "./http/deps.ts";
import { now } from "./lib/clock.ts";
import type { Tracing } from "./lib/tracing.ts";
import { tracedRedis } from "./tracing/redis.ts";

export interface OpenSharing extends Sharing {
  readonly documents: SharedDocuments;
  close(): void;
}

export type SharingOptions = QuickRedisOptions &
  Omit<SharedDocumentsOptions, "redis"> & { readonly tracing: Tracing | null };

/**
 * Stands before the names of all that instances share, behind the service's own prefix. Neither a prefix nor the
 * name of a stream may have this character, so nobody who names a stream (POST /events/replay) reaches them.
 */
const mark = "~";

export async function openSharing(options: SharingOptions): Promise<OpenSharing> {
  // Loaded here, so that a service without Redis starts without its client.
  const { openQuickRedis } = await import("./cache/redis.ts");
  const { openSharedDocuments } = await import("./cache/redis-documents.ts");
  const { openSharedRates } = await import("./cache/redis-rates.ts");
  const { openSharedSessions } = await import("./cache/redis-sessions.ts");
  const prefix = options.prefix + mark;
  const quick = openQuickRedis(options);
  const redis = options.tracing === null ? quick : tracedRedis(quick, options.tracing);
  return {
    documents: openSharedDocuments({ ...options, redis, prefix }),
    sessions: openSharedSessions({ redis, prefix, now }),
    rates: openSharedRates(redis, prefix),
    close: redis.close,
  };
}
