// Availability documents in process, already serialised. Coherent by version, not by luck:
//  - an event about a product drops its document; an event about a store drops all (names, activity);
//  - a read that was on its way when such an event came is detached: it may answer those who asked
//    before the event, but it is not kept and nobody joins it later. So whoever asks after a commit was
//    answered sees that commit.
// The time to live is only the backstop. Concurrent misses of one product share one read.

import { LRUCache } from "lru-cache";
import { cachedDocumentsMax } from "../limits.ts";
import type { Availability, LogEvent } from "../store/store.ts";

/** A document and its bytes as they are sent. */
export interface AvailabilityDocument {
  readonly availability: Availability;
  readonly body: string;
  readonly etag: string;
}

export interface AvailabilityCache {
  /** What is kept and still counts, at once; undefined: `get` has to read. */
  kept(productId: string): AvailabilityDocument | undefined;
  /** null: no such product (not kept). */
  get(productId: string): Promise<{ document: AvailabilityDocument | null; hit: boolean }>;
  /** Follows the log. */
  invalidate(events: readonly LogEvent[]): void;
}

export interface AvailabilityCacheOptions {
  readonly read: (productId: string) => Promise<Availability | null>;
  readonly render: (availability: Availability) => AvailabilityDocument;
  /** 0: nothing is kept. */
  readonly ttlMs: number;
  readonly now: () => number;
}

export function openAvailabilityCache(options: AvailabilityCacheOptions): AvailabilityCache {
  const { read, render, ttlMs, now } = options;
  const kept = new LRUCache<string, AvailabilityDocument & { until: number }>({
    max: cachedDocumentsMax,
  });
  const loading = new Map<string, Promise<AvailabilityDocument | null>>();

  function load(productId: string): Promise<AvailabilityDocument | null> {
    const rendered = read(productId).then((found) => (found === null ? null : render(found)));
    const reading = rendered.then(
      (document) => {
        if (loading.get(productId) === reading) {
          loading.delete(productId);
          if (document !== null && ttlMs > 0) {
            kept.set(productId, { ...document, until: now() + ttlMs });
          }
        }
        return document;
      },
      (error: unknown) => {
        if (loading.get(productId) === reading) loading.delete(productId);
        throw error;
      },
    );
    loading.set(productId, reading);
    return reading;
  }

  function fresh(productId: string): AvailabilityDocument | undefined {
    const document = kept.get(productId);
    return document !== undefined && document.until > now() ? document : undefined;
  }

  return {
    kept: fresh,
    async get(productId) {
      const document = fresh(productId);
      if (document !== undefined) return { document, hit: true };
      return { document: await (loading.get(productId) ?? load(productId)), hit: false };
    },
    invalidate(events) {
      for (const { productId } of events) {
        if (productId === null) {
          kept.clear();
          loading.clear();
        } else {
          kept.delete(productId);
          loading.delete(productId);
        }
      }
    },
  };
}
