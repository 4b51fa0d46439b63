// The store port: what the service asks of a database, in the words of the domain. Two adapters keep it
// (sqlite/, postgres/) and one contract suite (test/contract) holds both to it. Stock is written by one
// method, `commit`; each adapter loads, decides with domain/decide.ts and saves in one transaction.
// Reads see committed state only; each read is one snapshot. Times are integer UTC milliseconds.

import type { Answered, DomainLimits } from "../domain/decide.ts";
import type {
  Command,
  EventType,
  Store as Place,
  Product,
  Reservation,
  ReservationStatus,
  Stock,
} from "../domain/model.ts";
import type {
  Attempt,
  Webhook,
  WebhookAdvance,
  WebhookChange,
  WebhookLag,
  WebhookRotation,
  WebhooksDue,
} from "./webhook.ts";

/** An event in the log. `payload` is JSON text, the same bytes in every channel. */
export interface LogEvent {
  readonly seq: number;
  readonly id: string;
  readonly type: EventType;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly storeId: string;
  readonly productId: string | null;
  readonly occurredAt: number;
  readonly actor: string;
  readonly requestId: string;
  /** The span of the request that caused it (W3C Trace Context); null: that was not traced. */
  readonly traceparent: string | null;
  readonly payload: string;
}

export interface Outcome extends Answered {
  readonly replayed: boolean;
  /** Events of this command as they stand in the log. Empty for a replay. */
  readonly events: readonly LogEvent[];
}

/** Where the log stands. `epoch` is raised by a restore, so that readers notice. */
export interface Head {
  readonly logId: string;
  readonly epoch: number;
  readonly seq: number;
  readonly at: number;
}

/** A position in an ordered list: the sort key of the last item seen, or null for the start. */
export type After = readonly (string | number)[] | null;

export interface PageQuery {
  readonly after: After;
  readonly limit: number;
}

/** `next` is null at the end. A page may be short, even empty, and still have a `next`. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: After;
}

/** Stores that a caller may see. */
export type StoreScope = readonly string[] | "*";

export interface Availability {
  readonly product: Product;
  readonly asOfSeq: number;
  /** Rows in active stores, by store id. */
  readonly rows: readonly AvailableRow[];
}

export interface AvailableRow {
  readonly storeId: string;
  readonly storeName: string;
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
}

export interface StockOfStoreRow extends Stock {
  readonly sku: string;
  readonly productName: string;
}

export interface StoreTotals {
  readonly storeId: string;
  readonly quantity: number;
  readonly reserved: number;
  readonly rows: number;
  readonly lowRows: number;
  readonly byStatus: Readonly<Record<ReservationStatus, number>>;
}

export interface ProductQuery extends PageQuery {
  readonly search: string | null;
  readonly category: string | null;
}

export interface StoreStockQuery extends PageQuery {
  readonly storeId: string;
  readonly search: string | null;
  /** Only rows at or below their reorder point. */
  readonly low: boolean;
}

export interface LowStockQuery extends PageQuery {
  /** null: each row's own reorder point. */
  readonly threshold: number | null;
  readonly storeId: string | null;
  readonly stores: StoreScope;
}

export interface ReservationQuery extends PageQuery {
  readonly storeId: string | null;
  readonly productId: string | null;
  readonly customerId: string | null;
  readonly status: ReservationStatus | null;
  readonly stores: StoreScope;
}

/**
 * Whether a list of reservations goes by the log, and its place is a `seq`: those of one row, where nothing else
 * narrows them down. All others go by the number of a reservation.
 */
export function goesByLog<Query extends Omit<ReservationQuery, keyof PageQuery>>(
  query: Query,
): query is Query & { readonly productId: string; readonly storeId: string } {
  const { productId, storeId, customerId, status } = query;
  return productId !== null && storeId !== null && customerId === null && status !== "PENDING";
}

export interface HistoryQuery extends PageQuery {
  readonly productId: string;
  readonly storeId: string;
  readonly from: number | null;
  readonly to: number | null;
}

export interface EventQuery {
  /** Events with a larger seq. */
  readonly after: number;
  readonly limit: number;
  readonly type: EventType | null;
  readonly storeId: string | null;
  readonly productId: string | null;
  /** Chain-wide events ("*") are seen by everyone. */
  readonly stores: StoreScope;
}

/** What a reader of the whole log asks for: events of all stores and products, of every type. */
export const wholeLog: Omit<EventQuery, "after" | "limit"> = {
  type: null,
  storeId: null,
  productId: null,
  stores: "*",
};

/** `scanned` is the last seq that was looked at: where to go on, even if nothing matched. */
export interface EventPage {
  readonly items: readonly LogEvent[];
  readonly scanned: number;
}

export type Role = "customer" | "channel" | "vendor" | "manager" | "admin";

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly stores: StoreScope;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

/** A console session: who signed in, found again by the hash of its cookie. */
export interface Session {
  readonly caller: string;
  readonly role: Role;
  readonly stores: StoreScope;
  readonly subject: string;
  /** The API key it was opened with; the session ends with it. */
  readonly keyId: string | null;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What the port has for webhooks; their words are in webhook.ts. */
export interface Webhooks {
  one(id: string): Promise<Webhook | null>;
  list(query: PageQuery): Promise<Page<Webhook>>;
  due(at: number): Promise<WebhooksDue>;
  /** How far each is behind the log. */
  lags(): Promise<readonly WebhookLag[]>;
  /** false: there are `max` already. Where others add at the same time, there may be some more. */
  add(hook: Webhook, max: number): Promise<boolean>;
  /** What had failed is tried anew. null: there is none. */
  change(id: string, change: WebhookChange): Promise<Webhook | null>;
  /** null: there is none. */
  rotate(id: string, rotation: WebhookRotation): Promise<Webhook | null>;
  remove(id: string): Promise<boolean>;
  /**
   * null: it is not there any more, or its cursor is not at `from`; nothing moved then. One that is not active any
   * more stays what it is, and its cursor moves.
   */
  advance(advance: WebhookAdvance): Promise<Webhook | null>;
  note(id: string, attempt: Attempt): Promise<void>;
  /** Newest first, as many as are kept. */
  deliveries(id: string, query: PageQuery): Promise<Page<Attempt>>;
  /** Takes or prolongs the lease on delivering; false: another has it. */
  claim(holder: string, at: number, ms: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

/** An invariant that does not hold, in words. */
export interface Finding {
  readonly invariant: string;
  readonly detail: string;
}

export interface Store {
  /**
   * Decides and stores commands in order, in one transaction, and answers each. Durable when it
   * resolves. Throws `OperatingError` when the database is not there, else whatever went wrong: then
   * nothing of the list was stored.
   */
  commit(commands: readonly Command[]): Promise<Outcome[]>;

  head(): Promise<Head>;
  /**
   * The time by which a commit would be decided now: the database's clock, or the last commit's where that is
   * ahead. The clock of an instance may say something else.
   */
  time(): Promise<number>;
  /** When the next pending reservation is due; null: none is pending. */
  nextDueAt(): Promise<number | null>;

  product(id: string): Promise<Product | null>;
  productBySku(sku: string): Promise<Product | null>;
  products(query: ProductQuery): Promise<Page<Product>>;
  place(id: string): Promise<Place | null>;
  places(query: PageQuery): Promise<Page<Place>>;

  stock(productId: string, storeId: string): Promise<Stock | null>;
  stockOfProduct(
    productId: string,
    query: PageQuery & { stores: StoreScope },
  ): Promise<Page<Stock>>;
  stockOfStore(query: StoreStockQuery): Promise<Page<StockOfStoreRow>>;
  lowStock(query: LowStockQuery): Promise<Page<StockOfStoreRow>>;
  totals(): Promise<readonly StoreTotals[]>;
  history(query: HistoryQuery): Promise<Page<LogEvent>>;

  availability(productId: string): Promise<Availability | null>;
  availabilities(productIds: readonly string[]): Promise<readonly Availability[]>;
  /** As the log had it: at a seq, or at a time. null: no such product then. */
  availabilityAt(
    productId: string,
    at: { readonly seq: number } | { readonly time: number },
  ): Promise<Availability | null>;

  reservation(id: string): Promise<Reservation | null>;
  reservations(query: ReservationQuery): Promise<Page<Reservation>>;
  /** How many reservations a `reservations` query matches in all. */
  reservationCount(query: Omit<ReservationQuery, keyof PageQuery>): Promise<number>;
  group(id: string): Promise<readonly Reservation[]>;

  events(query: EventQuery): Promise<EventPage>;

  /**
   * Marks some of the log as published, none of it after `seq`, and answers up to where it is marked now; what is
   * marked is always its beginning.
   */
  markPublished(seq: number, at: number): Promise<number>;

  /** Secrets never reach the store: keys and sessions are found by a SHA-256 hash. */
  keyByHash(hash: Uint8Array): Promise<ApiKey | null>;
  keys(query: PageQuery): Promise<Page<ApiKey>>;
  addKey(key: ApiKey, hash: Uint8Array): Promise<void>;
  /** False: there is no such key. Its sessions end too. */
  removeKey(id: string): Promise<boolean>;
  touchKeys(used: ReadonlyMap<string, number>): Promise<void>;
  sessionByHash(hash: Uint8Array): Promise<Session | null>;
  addSession(session: Session, hash: Uint8Array): Promise<void>;
  removeSession(hash: Uint8Array): Promise<void>;

  readonly webhooks: Webhooks;

  /**
   * Deletes up to `limit` idempotency records that are older than `ageMs` by the database's clock, and as many
   * sessions that have ended so long ago; says how many.
   */
  prune(ageMs: number, limit: number): Promise<number>;
  /**
   * I1–I4 of up to `limit` rows after `after`, as many as have `eventsMax` events together (null: any
   * number); a row that has more by itself is passed over.
   */
  auditRows(query: PageQuery & { eventsMax: number | null }): Promise<{
    readonly checked: number;
    readonly findings: readonly Finding[];
    readonly next: After;
  }>;
  /** I5–I8 and I10 over the whole log. */
  auditLog(): Promise<readonly Finding[]>;
  /** A consistent copy of the whole database, made while it is written to. */
  backup(path: string): Promise<void>;

  /**
   * Calls `wake` when another instance may have committed: sooner than polling, and not surely. Ends with the
   * store.
   */
  listen(wake: () => void): void;

  ping(): Promise<void>;
  /** Resolves with the reason when the store can serve no more though nobody closed it. */
  readonly ended: Promise<Error>;
  close(): Promise<void>;
}

/** What is read from the database, and only read. */
export type ReadName =
  | "head"
  | "nextDueAt"
  | "product"
  | "productBySku"
  | "products"
  | "place"
  | "places"
  | "stock"
  | "stockOfProduct"
  | "stockOfStore"
  | "lowStock"
  | "totals"
  | "history"
  | "availability"
  | "availabilities"
  | "availabilityAt"
  | "reservation"
  | "reservations"
  | "reservationCount"
  | "group"
  | "events"
  | "keyByHash"
  | "keys"
  | "sessionByHash";

/** What works on a database beside the service that serves it: reads, audits, backups and keys. */
export interface StoreBeside
  extends Pick<
    Store,
    | "head"
    | "time"
    | "keys"
    | "keyByHash"
    | "addKey"
    | "removeKey"
    | "auditRows"
    | "auditLog"
    | "backup"
    | "close"
  > {
  /** Why the service would refuse to start on its server, and what to set there; null: it would not. */
  whyUnsafe(): Promise<string | null>;
}

export interface StoreOptions {
  readonly limits: DomainLimits;
  readonly newId: () => string;
  readonly now: () => number;
}
