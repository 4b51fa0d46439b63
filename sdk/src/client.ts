// @onhand/client: the typed client of Onhand. Made once for one service and one credential; the nouns of the API
// are its parts, and everything that a caller may name is exported here.

import { type Connection, openCalls } from "./calls.ts";
import { type Clock, realClock } from "./clock.ts";
import { type Events, events } from "./events.ts";
import { type Exports, exports } from "./exports.ts";
import { type Groups, groups } from "./groups.ts";
import { type HealthChecks, healthChecks } from "./health.ts";
import { type Imports, imports } from "./imports.ts";
import type { ApiKeys } from "./keys.ts";
import { apiKeys } from "./keys.ts";
import { type Products, products } from "./products.ts";
import { type Reservations, reservations } from "./reservations.ts";
import { type Sessions, sessions } from "./session.ts";
import { type StockRows, stockRows } from "./stock.ts";
import { type Stores, stores } from "./stores.ts";
import type { Webhooks } from "./webhooks.ts";
import { webhooks } from "./webhooks.ts";

export type { CallOptions, VersionedOptions, WriteOptions } from "./calls.ts";
export {
  type ErrorCode,
  Forbidden,
  InsufficientStock,
  isOnhandError,
  OnhandError,
  ReservationExpired,
  Unauthenticated,
  ValidationFailed,
  VersionMismatch,
} from "./errors.ts";
export type { EventOf, EventType, OnhandEvent, Payloads, RowChange } from "./event-words.ts";
export type { Events } from "./events.ts";
export type { ExportOptions, Exports } from "./exports.ts";
export type { BatchLine, FactsOf, FieldProblem } from "./facts.ts";
export type { components, operations, paths } from "./generated.ts";
export type { Groups } from "./groups.ts";
export type { HealthChecks } from "./health.ts";
export type { ImportFile, ImportOptions, ImportQuery, Imports } from "./imports.ts";
export type { ApiKeys } from "./keys.ts";
export type { List, Page } from "./pages.ts";
export type { Products } from "./products.ts";
export type { Reservations } from "./reservations.ts";
export type { Sessions } from "./session.ts";
export type { StockRows } from "./stock.ts";
export type { Stores } from "./stores.ts";
export type { LogReset, SubscribeOptions, Subscription, SubscriptionState } from "./subscribe.ts";
export type { Webhooks } from "./webhooks.ts";
export type {
  AnswerOf,
  ApiKey,
  Availability,
  BodyOf,
  Health,
  ImportLine,
  NewApiKey,
  NewGroup,
  NewProduct,
  NewReservation,
  NewStore,
  NewWebhook,
  Product,
  ProductChanges,
  QueryOf,
  Reason,
  Replay,
  Reservation,
  ReservationGroup,
  ReservationStatus,
  Role,
  Session,
  Stock,
  StockAdjustment,
  StockChange,
  StockCount,
  StockOfStore,
  StockSummary,
  StockTransfer,
  Store,
  StoreChanges,
  Transfer,
  Webhook,
  WebhookDelivery,
} from "./words.ts";

/** A text, or what gives it for each request: for tokens that are renewed. */
export type Secret = string | (() => string | Promise<string>);

export interface ClientOptions {
  /** Where the service is, such as `https://stock.example.com`. In a page that the service serves it may be left out. */
  readonly baseUrl?: string | undefined;
  /** An API key. One of the two, or neither: then the browser's session cookie says who asks. */
  readonly apiKey?: Secret | undefined;
  /** A JWT of your identity provider. */
  readonly token?: Secret | undefined;
  /** For a call with all its retries, in milliseconds; 30,000 where nothing is said. */
  readonly timeoutMs?: number | undefined;
  /** For one try of a call, in milliseconds; 10,000 where nothing is said. */
  readonly attemptTimeoutMs?: number | undefined;
  /** How often a call is tried again at most, where that is safe; 4 where nothing is said. */
  readonly retries?: number | undefined;
  /** In place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

export interface Client {
  readonly products: Products;
  readonly stores: Stores;
  readonly stock: StockRows;
  readonly reservations: Reservations;
  readonly groups: Groups;
  readonly events: Events;
  readonly imports: Imports;
  readonly exports: Exports;
  readonly keys: ApiKeys;
  readonly webhooks: Webhooks;
  readonly session: Sessions;
  readonly health: HealthChecks;
}

/**
 * Makes a client. It keeps no connection and no timer of its own, so there is nothing to close.
 *
 * Errors: `TypeError` where the options cannot be meant.
 *
 * @example
 * ```ts
 * import { createClient } from "@onhand/client";
 *
 * const till = createClient({ baseUrl: "http://127.0.0.1:8080", apiKey: process.env.ONHAND_API_KEY });
 * const { total_available } = await till.products.availability("mug");
 * console.log(`${total_available} mugs in all stores`);
 * ```
 */
export function createClient(options: ClientOptions = {}): Client {
  return connect(options, realClock);
}

/** The same with a clock of the caller's; for tests. */
export function connect(options: ClientOptions, clock: Clock): Client {
  const connection: Connection = {
    baseUrl: checkedUrl(options.baseUrl ?? ""),
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    clock,
    newKey: randomKey,
    credentials: credentialsOf(options),
    timeoutMs: options.timeoutMs ?? 30_000,
    attemptTimeoutMs: options.attemptTimeoutMs ?? 10_000,
    retries: options.retries ?? 4,
  };
  const call = openCalls(connection);
  return {
    products: products(call),
    stores: stores(call),
    stock: stockRows(call),
    reservations: reservations(call),
    groups: groups(call),
    events: events(call, connection),
    imports: imports(connection),
    exports: exports(connection),
    keys: apiKeys(call),
    webhooks: webhooks(call),
    session: sessions(call),
    health: healthChecks(call),
  };
}

function checkedUrl(text: string): string {
  if (text === "") return "";
  if (/^\/(?!\/)/.test(text)) return text.replace(/\/+$/, "");
  const url = new URL(text);
  const isPlain = `${url.username}${url.password}${url.search}${url.hash}` === "";
  // Addresses end up in logs and histories.
  if (!isPlain) throw new TypeError("baseUrl must hold neither credentials nor a query");
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("baseUrl must begin with http");
  return url.href.replace(/\/+$/, "");
}

function credentialsOf({ apiKey, token }: ClientOptions): Connection["credentials"] {
  if (apiKey !== undefined && token !== undefined) {
    throw new TypeError("give apiKey or token, not both");
  }
  if (apiKey !== undefined) return async () => ({ "x-api-key": await textOf(apiKey) });
  if (token !== undefined) return async () => ({ authorization: `Bearer ${await textOf(token)}` });
  return async () => ({});
}

function textOf(secret: Secret): string | Promise<string> {
  return typeof secret === "string" ? secret : secret();
}

/** 128 bits. Not `randomUUID`: browsers have that on secure origins only. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
