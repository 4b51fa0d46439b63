// onhand verify: checks the invariants I1–I8 and I10 on a live, copied or restored database.

import { configFromEnvironment } from "../config.ts";
import { openBeside } from "../main.ts";
import { auditAll, tellFindings, verdictOf } from "./audit.ts";
import { type CliCommand, refuseArguments } from "./command.ts";

export const verify: CliCommand = {
  name: "verify",
  summary: "check every invariant of the database (exit code 1 if one is broken)",
  help: `Usage: npm run onhand -- verify

Reads the whole of DATABASE_URL, also while the service runs, and checks the invariants of
GUARANTEES.md: balances (I1), holds against reservations (I2), rows against the log (I3), versions (I4),
endings of reservations (I5), transfers (I6), numbering of the log (I7), idempotency (I8) and sales from
expired holds (I10). It changes nothing. Exit code: 0 all hold, 1 something does not.

Examples:
  npm run onhand -- verify
  DATABASE_URL=sqlite:./inventory-2026-11-24.db npm run onhand -- verify
`,
  async run(args) {
    refuseArguments(args);
    const { database } = configFromEnvironment();
    const store = await openBeside(database);
    try {
      const startedAt = performance.now();
      const audited = await auditAll(store);
      const head = await store.head();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      tellFindings(audited);
      const what = `${audited.rows} stock rows, ${head.seq} events, ${seconds} s`;
      process.stdout.write(`${database.name}: ${verdictOf(audited)} (${what})\n`);
      return audited.findings.length === 0 ? 0 : 1;
    } finally {
      await store.close();
    }
  },
};
