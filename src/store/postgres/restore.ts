// Puts a backup into a database that is empty, or has nothing but what a first start makes: written, compared,
// audited and given its new epoch in one transaction, so that a restore that is cut off leaves what was there.

import { must } from "../../lib/assert.ts";
import { newId } from "../../lib/ids.ts";
import {
  type Audits,
  mustBeVacant,
  nextEpoch,
  type Restored,
  type Restoring,
  refused,
} from "../restoring.ts";
import { headColumns, headOf } from "../rows.ts";
import type { Head } from "../store.ts";
import { type ReadTable, stateHash, tables } from "../tables.ts";
import { auditLog, auditRows } from "./audit.ts";
import { type Database, openConnections } from "./connections.ts";
import { migrate } from "./schema.ts";
import { inTransaction, type Statements } from "./statements.ts";
import { fillDatabase, readTables } from "./tables.ts";

export async function restore(
  database: Database & { readonly name: string },
  backup: { readonly read: ReadTable },
  { now, seen, accept }: Restoring,
): Promise<Restored> {
  let head: Head | null = null;
  const hash = await fillDatabase(database, backup.read, seen, {
    async vacate(statements) {
      await mustBeUnused(statements, database.name);
      await mustBeVacant(database.name, (sql) => statements.get(sql));
      for (const { name } of tables.toReversed()) await statements.run(`DELETE FROM ${name}`);
    },
    async accept(statements) {
      await accept(auditsOf(statements));
      head = await raise(statements, now);
    },
  });
  return { hash, head: must<Head>(head, "it was accepted") };
}

/** Of a database that was put back by other means, and that no instance works on. */
export async function raiseEpoch(
  database: Database & { readonly name: string },
  { now, seen, accept }: Restoring,
): Promise<Restored> {
  const connections = openConnections(database);
  const options = { pooler: database.pooler, patient: true };
  try {
    await migrate(connections, options, newId);
    return await inTransaction(connections, "READ COMMITTED", options, async (statements) => {
      await statements.run("LOCK TABLE log_head IN ACCESS EXCLUSIVE MODE");
      await mustBeUnused(statements, database.name);
      await accept(auditsOf(statements));
      const hash = await stateHash(readTables(statements), seen);
      return { hash, head: await raise(statements, now) };
    });
  } finally {
    await connections.close();
  }
}

function auditsOf(statements: Statements): Audits {
  return {
    auditRows: (query) => auditRows(statements, query),
    auditLog: () => auditLog(statements),
  };
}

async function raise(statements: Statements, now: number): Promise<Head> {
  const head = async (): Promise<Head> =>
    headOf(
      must(await statements.get(`SELECT ${headColumns} FROM log_head`), "log_head has its row"),
    );
  const epoch = nextEpoch((await head()).epoch, now);
  await statements.run("UPDATE log_head SET epoch = $1 WHERE id = 1", epoch);
  return head();
}

const othersSql = `
  SELECT count(*) FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'onhand' AND pid <> pg_backend_pid()`;

/**
 * Instances that run would go on with the epoch that they began with. They keep connections open, so they are
 * seen; behind a pooler they are not. A connection that has just been closed is still to be seen for a moment.
 */
async function mustBeUnused(statements: Statements, name: string): Promise<void> {
  let others = 0;
  for (let look = 0; look < 20; look += 1) {
    // What was seen of others is else kept to the end of the transaction.
    await statements.get("SELECT pg_stat_clear_snapshot()");
    others = Number((await statements.get(othersSql))?.[0]);
    if (others === 0) return;
    await statements.get("SELECT pg_sleep(0.1)");
  }
  throw refused(
    `${name} is in use: Onhand has ${others} connections to it. Stop every instance first`,
  );
}
