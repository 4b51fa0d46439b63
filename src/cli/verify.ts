// onhand verify: checks the invariants I1–I8 and I10 on a live, copied or restored database, and on request sets
// right what an event can set right.

import { parseArgs } from "node:util";
import { configFromEnvironment } from "../config.ts";
import { openBeside } from "../database.ts";
import { auditAll, tellFindings, verdictOf } from "./audit.ts";
import type { CliCommand } from "./command.ts";
import { repairFindings, repairWishOf } from "./repair.ts";

const options = {
  repair: { type: "boolean" },
  write: { type: "boolean" },
  reason: { type: "string" },
} as const;

export const verify: CliCommand = {
  help: `Usage: npm run onhand -- verify [--repair [--write --reason TEXT]]

Reads the whole of DATABASE_URL, also while the service runs, and checks the invariants of
GUARANTEES.md: balances (I1), holds against reservations (I2), rows against the log (I3), versions (I4),
endings of reservations (I5), transfers (I6), numbering of the log (I7), idempotency (I8) and sales from
expired holds (I10). It changes nothing. Exit code: 0 all hold, 1 something does not.

--repair  says what can be set right, and what cannot. The log is what happened and is never edited: stock rows
          and reservations that are not as it says are made as it says, and reserved becomes what the holds
          of the row have, each with an event stock.updated (CORRECTION) on top. Totals of stores are counted
          again. A gap in the log, a reservation that ended twice, a row that is gone: these it can only name.
--write   does it, in one transaction, and looks again. The service must not be running on a database file; on
          PostgreSQL instances may run, and their writes wait. Make a backup first.
--reason  why, for the log: it is the note of each event

Examples:
  npm run onhand -- verify
  DATABASE_URL=sqlite:./inventory-2026-11-24.db npm run onhand -- verify
  npm run onhand -- verify --repair
  npm run onhand -- verify --repair --write --reason "disk fault of 24 November, ticket 4711"
`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options });
    const wish = repairWishOf(values);
    const { database } = configFromEnvironment();
    const audited = await verifyOnce(database);
    if (wish === null || audited.findings.length === 0) return codeOf(audited);
    if (!(await repairFindings(database, audited, wish))) return 1;
    process.stdout.write("\n");
    return codeOf(await verifyOnce(database));
  },
};

type Audited = Awaited<ReturnType<typeof auditAll>>;

const codeOf = ({ findings }: Audited): number => (findings.length === 0 ? 0 : 1);

async function verifyOnce(
  database: ReturnType<typeof configFromEnvironment>["database"],
): Promise<Audited> {
  const store = await openBeside(database);
  try {
    const startedAt = performance.now();
    const audited = await auditAll(store);
    const head = await store.head();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    tellFindings(audited);
    const what = `${audited.rows} stock rows, ${head.seq} events, ${seconds} s`;
    process.stdout.write(`${database.name}: ${verdictOf(audited)} (${what})\n`);
    return audited;
  } finally {
    await store.close();
  }
}
