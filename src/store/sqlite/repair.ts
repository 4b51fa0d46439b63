// Repairs a file that no service has open, in one transaction; or says, beside a service, what it would do.

import type { DatabaseSync } from "node:sqlite";
import { type Context, repairRow } from "../../domain/decide.ts";
import { isoTime } from "../../lib/clock.ts";
import { type Repairing, type Repairs, repairAll } from "../repairing.ts";
import { integer } from "../rows.ts";
import { totalsSql } from "./audit-sql.ts";
import { openFile, openForWriting } from "./open.ts";
import { prepare } from "./statements.ts";

export interface RepairOptions extends Repairing {
  readonly now: number;
  readonly newId: () => string;
}

export async function repair(path: string, options: RepairOptions): Promise<Repairs> {
  if (!options.write) {
    const db = openFile(path);
    try {
      return await within(db, "BEGIN", options);
    } finally {
      db.close();
    }
  }
  const { db, close } = openForWriting(path, options.now, options.newId);
  try {
    return await within(db, "BEGIN IMMEDIATE", options);
  } finally {
    close();
  }
}

async function within(db: DatabaseSync, begin: string, options: RepairOptions): Promise<Repairs> {
  db.exec(begin);
  try {
    const [at] = prepare(db, "SELECT at FROM log_head").get() ?? [];
    // Time in the log never goes back.
    const now = Math.max(options.now, integer(at));
    const context = contextOf(now, options.newId);
    const issued = { actor: options.actor, requestId: "repair", once: null };
    const repairs = await repairAll({
      ...options,
      now,
      hands: {
        all: async (sql, ...bound) => prepare(db, sql.replaceAll(/\$(\d)/g, "?$1")).all(...bound),
      },
      totals: async () => ({
        stored: prepare(db, totalsSql.stored).all(),
        stock: prepare(db, totalsSql.stock).all(),
        reservations: prepare(db, totalsSql.reservations).all(),
      }),
      decide: (evidence) => repairRow(evidence, context, issued, options.reason),
    });
    db.exec(options.write ? "COMMIT" : "ROLLBACK");
    return repairs;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** No limit is asked for a repair. */
function contextOf(now: number, newId: () => string): Context {
  const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 0 };
  return { now, newId, isoTime, limits };
}
