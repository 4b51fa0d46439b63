// What a batch of commands is decided on: the part of the database that it needs, loaded before anything
// is decided, and the context (time, ids, limits). An adapter fills a Slice with what keys.ts names;
// a command writes into a draft over it (draft.ts), and what is accepted is merged (changes.ts), so that
// the next command of the batch sees it.

import type { Product, Reservation, Stock, Store } from "./model.ts";
import type { Answered } from "./outcome.ts";

/** The key of a stock row. Sorts like (product_id, store_id) in byte order: the separator is below any id character. */
export type RowKey = string;
export function rowKey(productId: string, storeId: string): RowKey {
  return `${productId}\n${storeId}`;
}

/** Live holds of one customer: what the limits against hoarding count. */
export interface Holding {
  readonly count: number;
  readonly units: number;
}

/** A remembered answer of an idempotency key: the first outcome, to be given again as it was. */
export interface KeptAnswer {
  readonly fingerprint: string;
  readonly outcome: Answered;
}

/** Loaded state. Every map holds exactly what exists; what is not in a map does not exist. */
export interface Slice {
  readonly products: Map<string, Product>;
  readonly stores: Map<string, Store>;
  readonly stock: Map<RowKey, Stock>;
  readonly reservations: Map<string, Reservation>;
  /** group id → ids of its reservations, in the order in which they were made. */
  readonly groups: Map<string, readonly string[]>;
  /** SKU → the product, not archived, that has it. */
  readonly skuOwners: Map<string, string>;
  /** Sums, read only for what the keys of the batch name; what is not in the map is zero. */
  readonly holdings: Map<string, Holding>;
  readonly storeUnits: Map<string, number>;
  /** Row → ids of its PENDING reservations with `expires_at` <= now, oldest first, loaded in `reservations`. */
  readonly due: Map<RowKey, string[]>;
  /** Rows that have more due holds than were loaded. */
  readonly dueTruncated: Set<RowKey>;
  /** caller + "\n" + key → the kept answer. */
  readonly answers: Map<string, KeptAnswer>;
}

export function emptySlice(): Slice {
  return {
    products: new Map(),
    stores: new Map(),
    stock: new Map(),
    reservations: new Map(),
    groups: new Map(),
    skuOwners: new Map(),
    holdings: new Map(),
    storeUnits: new Map(),
    due: new Map(),
    dueTruncated: new Set(),
    answers: new Map(),
  };
}

/** What a decision may not invent: time, ids and the configured limits. */
export interface Context {
  readonly now: number;
  readonly newId: () => string;
  /** Milliseconds to ISO 8601 UTC: payloads carry times as the API does. */
  readonly isoTime: (ms: number) => string;
  readonly limits: DomainLimits;
}

export interface DomainLimits {
  /** Live reservations and held units of one customer; 0: no limit. */
  readonly reservationsPerCustomer: number;
  readonly unitsPerCustomer: number;
  /** Longest total life of a reservation, ms. */
  readonly reservationLifeMs: number;
}
