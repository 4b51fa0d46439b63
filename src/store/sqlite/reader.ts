// The reader thread: lists, searches, history and audits run on a connection of their own, away from the
// event loop. This file is both ends of it: `openReader` for the main thread, and, when it is itself
// started as that thread, the serving side. Calls are answered one after another, so whoever runs an
// audit of a large database beside a service opens a reader for it.

import { DatabaseSync } from "node:sqlite";
import { workerData } from "node:worker_threads";
import { openThread, serveThread } from "../../lib/thread.ts";
import { busyTimeoutMs } from "../../limits.ts";
import { auditLog, auditRows } from "./audit.ts";
import { openReads } from "./reads.ts";

/** A connection that cannot write, whatever it is told. */
export function openReadConnection(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
  db.exec("PRAGMA query_only = ON; PRAGMA cache_size = -12288");
  return db;
}

function openMethods(db: DatabaseSync) {
  const reads = openReads(db);
  return {
    products: reads.products,
    stockOfProduct: reads.stockOfProduct,
    stockOfStore: reads.stockOfStore,
    lowStock: reads.lowStock,
    history: reads.history,
    availabilities: reads.availabilities,
    availabilityAt: reads.availabilityAt,
    reservations: reads.reservations,
    reservationCount: reads.reservationCount,
    events: reads.events,
    keys: reads.keys,
    auditRows: (query: Parameters<typeof auditRows>[1]) => auditRows(db, query),
    auditLog: () => auditLog(db),
  };
}

type Methods = ReturnType<typeof openMethods>;

export interface Reader {
  /** Rejects with what the thread threw, or, when the thread has ended, with that. */
  call<Name extends keyof Methods>(
    method: Name,
    ...args: Parameters<Methods[Name]>
  ): Promise<ReturnType<Methods[Name]>>;
  /** See Thread. */
  readonly ended: Promise<Error>;
  /** Ends the thread when it has answered what it was asked before. */
  close(): Promise<void>;
}

interface ReaderStart {
  readonly readerOf: string;
}

/** Opens the file when `after` resolves. */
export async function openReader(path: string, after?: Promise<unknown>): Promise<Reader> {
  const start: ReaderStart = { readerOf: path };
  const thread = await openThread(new URL("./reader.ts", import.meta.url), start, after);
  return {
    ended: thread.ended,
    async call<Name extends keyof Methods>(method: Name, ...args: Parameters<Methods[Name]>) {
      // The thread runs the functions of `openMethods`, whose types these are.
      return (await thread.call(method, args)) as ReturnType<Methods[Name]>;
    },
    close: () => thread.close(),
  };
}

function isReaderStart(given: unknown): given is ReaderStart {
  return typeof given === "object" && given !== null && "readerOf" in given;
}

if (isReaderStart(workerData)) {
  const { readerOf } = workerData;
  serveThread(() => {
    const db = openReadConnection(readerOf);
    return { methods: openMethods(db), close: () => db.close() };
  });
}
