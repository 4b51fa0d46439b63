// Repairs a database in one transaction, in which nobody else commits: the table of stock is locked against all
// who would change it, and whoever commits waits at its first journey. Reads go on.

import { type Context, repairRow } from "../../domain/decide.ts";
import { isoTime } from "../../lib/clock.ts";
import { type Repairing, type Repairs, repairAll } from "../repairing.ts";
import { integer } from "../rows.ts";
import { totalsSql } from "./audit-sql.ts";
import { type Database, openConnections } from "./connections.ts";
import { inTransaction, type Statements } from "./statements.ts";

export interface RepairOptions extends Repairing {
  readonly newId: () => string;
}

export async function repair(database: Database, options: RepairOptions): Promise<Repairs> {
  const connections = openConnections(database);
  const patient = { pooler: database.pooler, patient: true };
  try {
    const isolation = options.write ? "READ COMMITTED" : "REPEATABLE READ READ ONLY";
    return await inTransaction(connections, isolation, patient, async (statements) => {
      if (options.write) await statements.run("LOCK TABLE stock IN EXCLUSIVE MODE");
      return repairWith(statements, options);
    });
  } finally {
    await connections.close();
  }
}

const nowSql = `
  SELECT greatest(at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM log_head`;

async function repairWith(statements: Statements, options: RepairOptions): Promise<Repairs> {
  const now = integer((await statements.get(nowSql))?.[0]);
  const context = contextOf(now, options.newId);
  const issued = { actor: options.actor, requestId: "repair", once: null };
  return repairAll({
    ...options,
    now,
    hands: { all: (sql, ...bound) => statements.all(sql, ...bound) },
    totals: async () => ({
      stored: await statements.all(totalsSql.stored),
      stock: await statements.all(totalsSql.stock),
      reservations: await statements.all(totalsSql.reservations),
    }),
    decide: (evidence) => repairRow(evidence, context, issued, options.reason),
  });
}

/** No limit is asked for a repair. */
function contextOf(now: number, newId: () => string): Context {
  const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 0 };
  return { now, newId, isoTime, limits };
}
