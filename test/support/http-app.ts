// The HTTP application for tests: real routes, real domain, a store of Maps, a clock that stands still.
// Commands are decided one by one by the memory database. Reads that a test needs are handed in. It opens
// in a quarter of the time that the whole service takes (app.ts), which tests of one request each need.

import type { Command } from "../../src/domain/model.ts";
import { buildApp } from "../../src/http/app.ts";
import type { HttpDeps, HttpSettings } from "../../src/http/deps.ts";
import { sha256 } from "../../src/lib/ids.ts";
import { openLogger } from "../../src/lib/logger.ts";
import { openMetrics } from "../../src/lib/metrics.ts";
import type { ApiKey, LogEvent, Outcome, Role, Session, Store } from "../../src/store/store.ts";
import { commit, emptyDatabase, type MemoryDatabase } from "./memory-database.ts";
import { openSettings } from "./settings.ts";

export type TestApp = Awaited<ReturnType<typeof openTestApp>>;

export interface TestAppOptions {
  readonly settings?: Partial<HttpSettings>;
  readonly store?: Partial<Store>;
  readonly execute?: HttpDeps["execute"];
  readonly logLevel?: "info" | "debug";
  readonly loopDelayMsMax?: number;
  readonly door?: NonNullable<HttpDeps["door"]>;
  readonly vitals?: NonNullable<HttpDeps["vitals"]>;
  readonly consoleFolder?: string;
}

/** When every test begins. */
export const start = Date.UTC(2026, 0, 1);

/** The secret of a key that `openTestApp` knows, by its role. */
export function secretOf(role: Role): string {
  return `ohk_${role.padEnd(43, "0")}`;
}

export function keyOf(role: Role): { "x-api-key": string } {
  return { "x-api-key": secretOf(role) };
}

export async function openTestApp(options: TestAppOptions = {}) {
  const clock = { now: start };
  const lines: string[] = [];
  const database = emptyDatabase();
  const access = accessStore();
  for (const role of ["customer", "channel", "vendor", "manager", "admin"] as const) {
    const stores = role === "vendor" || role === "manager" ? ["MAD-001"] : "*";
    access.keys.set(hex(sha256(secretOf(role))), { ...aKey, id: role, name: role, role, stores });
  }
  const deps: Omit<HttpDeps, "feed" | "cache"> = {
    settings: { ...openSettings, ...options.settings },
    version: "0.0.0-test",
    store: { ...access.store, ...catalogReads(database), ...options.store } as unknown as Store,
    execute: options.execute ?? ((command) => execute(database, command, clock.now)),
    logger: openLogger({
      level: options.logLevel ?? "info",
      sink: { write: (line) => lines.push(line) },
    }),
    metrics: openMetrics({ version: "0.0.0-test", instanceId: "test", runtime: false }),
    now: () => clock.now,
    newId: counter("id"),
    loopDelayMsMax: options.loopDelayMsMax ?? 0,
    ...(options.vitals === undefined ? {} : { vitals: options.vitals }),
    ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
    ...(options.door === undefined ? {} : { door: options.door }),
  };
  const app = await buildApp({ ...deps, ...parts } as unknown as HttpDeps);
  return {
    app,
    clock,
    database,
    access,
    /** Lines of the log so far, parsed. */
    logged: (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line)),
    logText: (): string => lines.join(""),
  };
}

/** Whatever a test of requests and answers does not follow: streams and cached documents. */
const parts = { feed: { recheck: () => undefined }, cache: {} };

const aKey: Omit<ApiKey, "id" | "name" | "role" | "stores"> = {
  createdAt: start,
  expiresAt: null,
  lastUsedAt: null,
};

function counter(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${++count}`;
}

async function execute(database: MemoryDatabase, command: Command, now: number): Promise<Outcome> {
  const first = database.log.length;
  const [outcome] = commit(database, [command], {
    now,
    newId: counter(`event-${first}`),
    isoTime: (ms) => new Date(ms).toISOString(),
    limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 },
  });
  if (outcome === undefined) throw new Error("no outcome");
  const events: LogEvent[] = database.log
    .slice(first)
    .map((event) => ({ ...event, payload: JSON.stringify(event.payload) }));
  return { ...outcome, events };
}

function catalogReads(database: MemoryDatabase): Partial<Store> {
  return {
    product: async (id) => database.products.get(id) ?? null,
    place: async (id) => database.stores.get(id) ?? null,
    places: async ({ limit }) => ({
      items: [...database.stores.values()].slice(0, limit),
      next: database.stores.size > limit ? [limit] : null,
    }),
    stock: async (productId, storeId) =>
      [...database.stock.values()].find(
        (row) => row.productId === productId && row.storeId === storeId,
      ) ?? null,
    reservation: async (id) => database.reservations.get(id) ?? null,
  };
}

/** Keys and sessions, as a database keeps them. */
function accessStore() {
  const keys = new Map<string, ApiKey>();
  const sessions = new Map<string, Session>();
  const touched: ReadonlyMap<string, number>[] = [];
  const store: Partial<Store> = {
    ping: async () => undefined,
    keyByHash: async (hash) => keys.get(hex(hash)) ?? null,
    keys: async ({ limit }) => ({ items: [...keys.values()].slice(0, limit), next: null }),
    addKey: async (key, hash) => {
      keys.set(hex(hash), key);
    },
    removeKey: async (id) => {
      for (const [hash, { keyId }] of sessions) if (keyId === id) sessions.delete(hash);
      const [hash] = [...keys].find(([, key]) => key.id === id) ?? [];
      return hash !== undefined && keys.delete(hash);
    },
    touchKeys: async (used) => {
      touched.push(used);
    },
    sessionByHash: async (hash) => sessions.get(hex(hash)) ?? null,
    addSession: async (session, hash) => {
      sessions.set(hex(hash), session);
    },
    removeSession: async (hash) => {
      sessions.delete(hex(hash));
    },
  };
  return { keys, sessions, touched, store };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
