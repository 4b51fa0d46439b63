// The PostgreSQL adapter as the port sees it. Any number of instances work on one database: nothing is kept
// here between two calls but open connections and prepared statements.

import { newId } from "../../lib/ids.ts";
import { OperatingError } from "../../lib/operating-error.ts";
import { openThread } from "../../lib/thread.ts";
import { markedEventsMax } from "../../limits.ts";
import { mustBeCurrent } from "../migrate.ts";
import type { Outcome, Store, StoreBeside, StoreOptions } from "../store.ts";
import { openWebhooks } from "../webhook-sql.ts";
import { auditLog, auditRows } from "./audit.ts";
import { type Connections, type Database, noTimelineSeen, openConnections } from "./connections.ts";
import * as keys from "./keys.ts";
import { type Listening, openListening } from "./listen.ts";
import { markPublished } from "./published.ts";
import { openReads } from "./reads.ts";
import { appliedOf, migrate, migrations, whyUnsafe } from "./schema.ts";
import { inTransaction, openStatements, type Statements } from "./statements.ts";
import type { WriterStart } from "./writer.ts";

export async function openStore(
  database: Database,
  options: Pick<StoreOptions, "limits"> & { readonly notify?: boolean },
): Promise<Store> {
  const { limits, notify = true } = options;
  const { pooler } = database;
  const seen = noTimelineSeen();
  const connections = openConnections(database, seen);
  await migrate(connections, { pooler }, newId).catch(async (error: unknown) => {
    await connections.close();
    throw error;
  });
  const statements = openStatements(connections, { pooler });
  const self = newId();
  const start: WriterStart = { database, limits, seen, notify: notify ? self : null };
  const writer = await openThread(new URL("./writer.ts", import.meta.url), start).catch(
    async (error: unknown) => {
      await connections.close();
      throw error;
    },
  );
  const reads = openReads(statements);
  const { within, audits } = tools(connections, pooler);
  let listening: Listening | null = null;
  return {
    ...reads,
    async commit(commands) {
      const answer = String(await writer.call("commit", [JSON.stringify(commands)]));
      const outcomes: Outcome[] = JSON.parse(answer);
      return outcomes;
    },
    addKey: (...args) => within((one) => keys.addKey(one, ...args)),
    removeKey: (...args) => within((one) => keys.removeKey(one, ...args)),
    touchKeys: (...args) => within((one) => keys.touchKeys(one, ...args)),
    addSession: (...args) => within((one) => keys.addSession(one, ...args)),
    removeSession: (...args) => within((one) => keys.removeSession(one, ...args)),
    prune: (...args) => within((one) => keys.prune(one, ...args)),
    webhooks: openWebhooks(
      (steps) =>
        within((one) => Promise.all(steps.map(({ sql, bound }) => one.all(sql, ...bound)))),
      ({ sql, bound }) => statements.all(sql, ...bound),
    ),
    markPublished: (seq, at) => within((one) => markPublished(one, seq, at, markedEventsMax)),
    ...audits,
    backup: refuseBackup,
    listen(wake) {
      listening ??= openListening(database, self, wake);
    },
    async ping() {
      await reads.head();
    },
    // Connections break and are made anew; a thread is not.
    ended: writer.ended,
    async close() {
      await listening?.close();
      await writer.close();
      await connections.close();
    },
  };
}

function tools(connections: Connections, pooler: boolean) {
  const patient = openStatements(connections, { pooler, patient: true });
  return {
    within: <T>(work: (statements: Statements) => Promise<T>): Promise<T> =>
      inTransaction(connections, "READ COMMITTED", { pooler }, work),
    audits: {
      auditRows: (query: Parameters<Store["auditRows"]>[0]) => auditRows(patient, query),
      auditLog: () => auditLog(patient),
    },
  };
}

async function refuseBackup(): Promise<never> {
  throw new OperatingError(
    "a PostgreSQL database is backed up with npm run onhand -- backup, or PostgreSQL's own tools (pg_dump, or a base backup and its WAL)",
    { retryable: false },
  );
}

/** Opens a database that is there without changing its schema, beside the service. */
export async function openBeside(database: Database): Promise<StoreBeside> {
  const { pooler } = database;
  const connections = openConnections(database);
  const statements = openStatements(connections, { pooler });
  try {
    mustBeCurrent(migrations, await appliedOf(statements));
  } catch (error) {
    await connections.close();
    throw error;
  }
  const reads = openReads(statements);
  const { within, audits } = tools(connections, pooler);
  return {
    head: reads.head,
    time: reads.time,
    keys: reads.keys,
    keyByHash: reads.keyByHash,
    addKey: (...args) => within((one) => keys.addKey(one, ...args)),
    removeKey: (...args) => within((one) => keys.removeKey(one, ...args)),
    ...audits,
    backup: refuseBackup,
    whyUnsafe: () => whyUnsafe(statements),
    close: () => connections.close(),
  };
}

/** Brings a database to this version's schema and answers what was applied. */
export async function migrateDatabase(database: Database): Promise<readonly string[]> {
  const connections = openConnections(database);
  try {
    return await migrate(connections, { pooler: database.pooler }, newId);
  } finally {
    await connections.close();
  }
}
