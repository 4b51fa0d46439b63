// Availability documents in process, already serialised. Coherent by version, not by luck:
//  - an event about a product drops its document; an event about a store drops all (names, activity);
//  - a read that was on its way when such an event came is detached: it may answer those who asked
//    before the event, but it is not kept and nobody joins it later. So whoever asks after a commit was
//    answered sees that commit.
// The time to live is only the backstop. Concurrent misses of one product share one read, whether they
// ask for it alone or among many.

import { LRUCache } from "lru-cache";
import { availabilityReadMax, cachedDocumentBytesMax } from "../limits.ts";
import type { Availability, LogEvent } from "../store/store.ts";

/** A document and its bytes as they are sent. */
export interface AvailabilityDocument {
  readonly availability: Availability;
  readonly body: string;
  readonly etag: string;
}

/** What was found, and whether it was kept; null: no such product (not kept). */
export interface Cached {
  readonly document: AvailabilityDocument | null;
  readonly hit: boolean;
}

export interface AvailabilityCache {
  /** What is kept and still counts, at once; undefined: `get` has to read. */
  kept(productId: string): AvailabilityDocument | undefined;
  get(productId: string): Promise<Cached>;
  /** In the order of the ids. What nobody is reading yet is read at once, by `readMany`. */
  getMany(productIds: readonly string[], readMany: ReadMany): Promise<readonly Cached[]>;
  /** Follows the log. */
  invalidate(events: readonly LogEvent[]): void;
}

/** Leaves out what does not exist. */
export type ReadMany = (productIds: readonly string[]) => Promise<readonly Availability[]>;

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
    maxSize: cachedDocumentBytesMax,
    sizeCalculation: bytesOf,
  });
  const loading = new Map<string, Promise<AvailabilityDocument | null>>();

  /** A read that is on its way: from now on others join it, until it ends or an event detaches it. */
  function load(
    productId: string,
    found: Promise<Availability | null>,
  ): Promise<AvailabilityDocument | null> {
    const rendered = found.then((one) => (one === null ? null : render(one)));
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

  /** In small reads, so that neither a thread nor the event loop is held for all of them at once. */
  function loadMany(productIds: readonly string[], readMany: ReadMany): void {
    for (let at = 0; at < productIds.length; at += availabilityReadMax) {
      loadSome(productIds.slice(at, at + availabilityReadMax), readMany);
    }
  }

  function loadSome(productIds: readonly string[], readMany: ReadMany): void {
    const byId = readMany(productIds).then(
      (found) => new Map(found.map((one) => [one.product.id, one])),
    );
    for (const id of productIds) {
      const found = byId.then((all) => all.get(id) ?? null);
      void load(id, found);
    }
  }

  function fresh(productId: string): AvailabilityDocument | undefined {
    const document = kept.get(productId);
    return document !== undefined && document.until > now() ? document : undefined;
  }

  async function get(productId: string): Promise<Cached> {
    const document = fresh(productId);
    if (document !== undefined) return { document, hit: true };
    const reading = loading.get(productId) ?? load(productId, read(productId));
    return { document: await reading, hit: false };
  }

  return {
    kept: fresh,
    get,
    getMany(productIds, readMany) {
      const missing = productIds.filter((id) => fresh(id) === undefined && !loading.has(id));
      if (missing.length > 0) loadMany(missing, readMany);
      // Each is kept or being read by now.
      return Promise.all(productIds.map(get));
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

/** As measured, rounded up: the body, its rows as values, what is the same for each; a description. */
function bytesOf({ availability, body }: AvailabilityDocument): number {
  return 1_000 + 3 * body.length + 2 * (availability.product.description?.length ?? 0);
}
