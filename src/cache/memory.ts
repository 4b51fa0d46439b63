// Availability documents, already serialised: in process, and where there is one, in what instances share
// (redis-documents.ts). Coherent by version, not by luck:
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
  readonly availability: AvailabilityTold;
  readonly body: string;
  readonly etag: string;
}

/** What a document says. */
export interface AvailabilityTold extends Pick<Availability, "asOfSeq" | "rows"> {
  readonly product: Pick<Availability["product"], "id" | "name">;
}

/** What other instances have read, and what they are told. */
export interface SharedDocuments {
  /** Leaves out what is not there, or might be older than what this instance knows of. */
  get(productIds: readonly string[]): Promise<ReadonlyMap<string, SharedDocument>>;
  put(document: AvailabilityDocument): void;
  /** Events that this instance knows of from now on. */
  hear(events: readonly LogEvent[]): void;
  /** Events that this instance has committed: what others read before them is not to be kept. */
  mark(events: readonly LogEvent[]): void;
}

export interface SharedDocument {
  readonly document: AvailabilityDocument;
  /** For how long it may be kept. */
  readonly leftMs: number;
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
  /** Events of this instance's own: the same, and other instances are told. */
  committed(events: readonly LogEvent[]): void;
}

/** Leaves out what does not exist. */
export type ReadMany = (productIds: readonly string[]) => Promise<readonly Availability[]>;

export interface AvailabilityCacheOptions {
  readonly read: (productId: string) => Promise<Availability | null>;
  readonly render: (availability: Availability) => AvailabilityDocument;
  /** 0: nothing is kept. */
  readonly ttlMs: number;
  /** A clock that is not set: ages are measured by it. */
  readonly now: () => number;
  readonly shared?: SharedDocuments;
}

interface Found extends Cached {
  readonly leftMs: number;
}

export function openAvailabilityCache(options: AvailabilityCacheOptions): AvailabilityCache {
  const { read, render, ttlMs, now, shared } = options;
  const kept = new LRUCache<string, { document: AvailabilityDocument; until: number }>({
    maxSize: cachedDocumentBytesMax,
    sizeCalculation: bytesOf,
  });
  const loading = new Map<string, Promise<Cached>>();

  /** A read that is on its way: from now on others join it, until it ends or an event detaches it. */
  function load(productId: string, finding: Promise<Found>): Promise<Cached> {
    const reading = finding.then(
      (found) => {
        if (loading.get(productId) === reading) {
          loading.delete(productId);
          keep(productId, found);
        }
        return found;
      },
      (error: unknown) => {
        if (loading.get(productId) === reading) loading.delete(productId);
        throw error;
      },
    );
    loading.set(productId, reading);
    return reading;
  }

  function keep(productId: string, { document, hit, leftMs }: Found): void {
    if (document === null || leftMs <= 0) return;
    kept.set(productId, { document, until: now() + leftMs });
    if (!hit) shared?.put(document);
  }

  function found(one: Availability | null): Found {
    return { document: one === null ? null : render(one), hit: false, leftMs: ttlMs };
  }

  function taken(one: SharedDocument): Found {
    return { ...one, hit: true };
  }

  function find(productId: string): Promise<Found> {
    const alone = (): Promise<Found> => read(productId).then(found);
    if (shared === undefined) return alone();
    return shared.get([productId]).then((there) => {
      const one = there.get(productId);
      return one === undefined ? alone() : taken(one);
    });
  }

  /** In small reads, so that neither a thread nor the event loop is held for all of them at once. */
  function loadMany(productIds: readonly string[], readMany: ReadMany): void {
    for (let at = 0; at < productIds.length; at += availabilityReadMax) {
      loadSome(productIds.slice(at, at + availabilityReadMax), readMany);
    }
  }

  function loadSome(productIds: readonly string[], readMany: ReadMany): void {
    const findings = findSome(productIds, readMany);
    for (const id of productIds) {
      const finding = findings.then((all) => all.get(id) ?? found(null));
      void load(id, finding);
    }
  }

  function findSome(
    productIds: readonly string[],
    readMany: ReadMany,
  ): Promise<ReadonlyMap<string, Found>> {
    const together = (ids: readonly string[]): Promise<Map<string, Found>> =>
      readMany(ids).then((all) => new Map(all.map((one) => [one.product.id, found(one)])));
    if (shared === undefined) return together(productIds);
    return shared.get(productIds).then(async (there) => {
      const missing = productIds.filter((id) => !there.has(id));
      const all = missing.length === 0 ? new Map<string, Found>() : await together(missing);
      for (const [id, one] of there) all.set(id, taken(one));
      return all;
    });
  }

  function fresh(productId: string): AvailabilityDocument | undefined {
    const one = kept.get(productId);
    return one !== undefined && one.until > now() ? one.document : undefined;
  }

  async function get(productId: string): Promise<Cached> {
    const document = fresh(productId);
    if (document !== undefined) return { document, hit: true };
    return loading.get(productId) ?? load(productId, find(productId));
  }

  function invalidate(events: readonly LogEvent[]): void {
    shared?.hear(events);
    for (const { productId } of events) {
      if (productId === null) {
        kept.clear();
        loading.clear();
      } else {
        kept.delete(productId);
        loading.delete(productId);
      }
    }
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
    invalidate,
    committed(events) {
      invalidate(events);
      shared?.mark(events);
    },
  };
}

/** As measured, rounded up: the body, its rows as values, what is the same for each. */
function bytesOf({ document: { body } }: { readonly document: AvailabilityDocument }): number {
  return 1_000 + 3 * body.length;
}
