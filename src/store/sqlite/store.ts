// The SQLite adapter as the port sees it. Four connections to one file:
//   writer thread   the only one that commits (writer.ts)
//   main thread     key reads: one step down a tree, microseconds
//   reader thread   lists, search, history, audits: no scan stops the event loop (reader.ts)
//   checkpoints     a thread that copies the write-ahead log back, so that commits need not (checkpoints.ts)

import { existsSync } from "node:fs";
import { now } from "../../lib/clock.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { openThread, type Thread } from "../../lib/thread.ts";
import { markedEventsMax } from "../../limits.ts";
import { mustBeCurrent } from "../migrate.ts";
import type { EventQuery, Outcome, Store, StoreBeside, StoreOptions } from "../store.ts";
import { openWebhooks } from "../webhook-sql.ts";
import { auditLog, auditRows } from "./audit.ts";
import { copyPages } from "./backup.ts";
import { openCheckpoints } from "./checkpoints.ts";
import * as keys from "./keys.ts";
import { appliedMigrations, migrations, openFile, openForWriting } from "./open.ts";
import { openReadConnection, openReader, type Reader } from "./reader.ts";
import { openReads } from "./reads.ts";
import { openTransactions, runSteps } from "./statements.ts";
import { troubleOf } from "./trouble.ts";
import type { WriterStart } from "./writer.ts";

export async function openStore(
  path: string,
  options: Pick<StoreOptions, "limits">,
): Promise<Store> {
  const start: WriterStart = { path, limits: options.limits };
  const writing = openThread(new URL("./writer.ts", import.meta.url), start);
  // Its modules load while the writer migrates the file.
  const others = [openReader(path, writing), openCheckpoints(path, writing)] as const;
  const [reader, checkpoints] = await Promise.all(others).catch(async (error: unknown) => {
    for (const one of await Promise.allSettled(others)) {
      if (one.status === "fulfilled") await one.value.close();
    }
    await (await writing).close();
    throw error;
  });
  const writer = await writing;
  async function closeThreads(): Promise<void> {
    try {
      await Promise.all([reader.close(), checkpoints.close()]);
    } finally {
      // Copies the rest of the log.
      await writer.close();
    }
  }
  const { db, reads } = await openMain(path).catch(async (error: unknown) => {
    await closeThreads();
    throw error;
  });
  const scan: Reader["call"] = (method, ...args) =>
    reader.call(method, ...args).catch((error: unknown) => {
      throw troubleOf(error);
    });
  return {
    async commit(commands) {
      const answer = await callWriter<string>(writer, "commit", JSON.stringify(commands));
      const outcomes: Outcome[] = JSON.parse(answer);
      return outcomes;
    },
    addKey: (...args) => callWriter(writer, "addKey", ...args),
    removeKey: (...args) => callWriter(writer, "removeKey", ...args),
    touchKeys: (...args) => callWriter(writer, "touchKeys", ...args),
    addSession: (...args) => callWriter(writer, "addSession", ...args),
    removeSession: (...args) => callWriter(writer, "removeSession", ...args),
    prune: (...args) => callWriter(writer, "prune", ...args),
    webhooks: openWebhooks(
      (steps) => callWriter(writer, "runSteps", steps),
      (step) => read(() => runSteps(db, [step])[0] ?? []),
    ),
    markPublished: (seq, at) => callWriter(writer, "markPublished", seq, at, markedEventsMax),

    head: () => read(() => reads.head()),
    time: () => read(() => Math.max(now(), reads.head().at)),
    nextDueAt: () => read(() => reads.nextDueAt()),
    product: (id) => read(() => reads.product(id)),
    productBySku: (sku) => read(() => reads.productBySku(sku)),
    place: (id) => read(() => reads.place(id)),
    places: (query) => read(() => reads.places(query)),
    stock: (productId, storeId) => read(() => reads.stock(productId, storeId)),
    availability: (productId) => read(() => reads.availability(productId)),
    reservation: (id) => read(() => reads.reservation(id)),
    group: (id) => read(() => reads.group(id)),
    totals: () => read(() => reads.totals()),
    // Without a filter: a step down the log's own tree (the tail, feeds that catch up). With one: a scan.
    events: (query) =>
      isFiltered(query) ? scan("events", query) : read(() => reads.events(query)),
    keyByHash: (hash) => read(() => reads.keyByHash(hash)),
    sessionByHash: (hash) => read(() => reads.sessionByHash(hash)),

    products: (query) => scan("products", query),
    stockOfProduct: (productId, query) => scan("stockOfProduct", productId, query),
    stockOfStore: (query) => scan("stockOfStore", query),
    lowStock: (query) => scan("lowStock", query),
    history: (query) => scan("history", query),
    availabilities: (ids) => scan("availabilities", ids),
    availabilityAt: (productId, at) => scan("availabilityAt", productId, at),
    reservations: (query) => scan("reservations", query),
    reservationCount: (query) => scan("reservationCount", query),
    keys: (query) => scan("keys", query),
    auditRows: (query) => scan("auditRows", query),
    auditLog: () => scan("auditLog"),

    backup: (to) => copyPages(db, to),
    // One process serves a file: there is no other instance.
    listen: () => undefined,
    ping: () => read(() => void reads.head()),
    ended: Promise.race([writer.ended, reader.ended, checkpoints.ended]),
    async close() {
      db.close();
      await closeThreads();
    },
  };
}

/** The main thread's own connection. */
async function openMain(path: string) {
  const db = openReadConnection(path);
  return { db, reads: openReads(db) };
}

/** A key read on this thread; what it throws rejects. */
async function read<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw troubleOf(error);
  }
}

function isFiltered({ type, storeId, productId, stores }: EventQuery): boolean {
  return type !== null || storeId !== null || productId !== null || stores !== "*";
}

async function callWriter<T>(
  writer: Thread,
  method: string,
  ...args: readonly unknown[]
): Promise<T> {
  // The thread's methods are the functions named in writer.ts, with their types.
  return (await writer.call(method, args)) as T;
}

/** Opens an existing file without taking it over. Its short writes wait for the service's commits. */
export function openBeside(path: string): StoreBeside {
  if (!existsSync(path)) {
    throw new OperatingError(
      `there is no database at ${path}. Start the service once (npm start), or set DATABASE_URL`,
      { retryable: false },
    );
  }
  const db = openFile(path);
  try {
    mustBeCurrent(migrations, appliedMigrations(db));
  } catch (error) {
    db.close();
    throw error;
  }
  const inTransaction = openTransactions(db);
  const reads = openReads(db);
  return {
    head: () => read(() => reads.head()),
    time: () => read(() => Math.max(now(), reads.head().at)),
    keys: (query) => read(() => reads.keys(query)),
    keyByHash: (hash) => read(() => reads.keyByHash(hash)),
    addKey: async (...args) => inTransaction(() => keys.addKey(db, ...args)),
    removeKey: async (...args) => inTransaction(() => keys.removeKey(db, ...args)),
    auditRows: async (query) => auditRows(db, query),
    auditLog: async () => auditLog(db),
    backup: (to) => copyPages(db, to),
    // Whoever opens the file to write says how it is flushed; it has no settings of its own.
    whyUnsafe: async () => null,
    close: async () => db.close(),
  };
}

/** Brings a file to this version's schema and answers what was applied. */
export function migrateDatabase(path: string, now: number, newId: () => string): readonly string[] {
  const file = openForWriting(path, now, newId);
  file.close();
  return file.migrated;
}
