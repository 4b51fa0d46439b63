// onhand backup: everything that was committed, in one file, while the service runs; and then a look at the file.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { configFromEnvironment } from "../config.ts";
import { backupDatabase, openBackup } from "../database.ts";
import { auditAll, tellFindings, verdictOf } from "./audit.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { openProgress } from "./progress.ts";

export const backup: CliCommand = {
  help: `Usage: npm run onhand -- backup --to FILE

Writes everything of one moment of DATABASE_URL to FILE, while the service goes on writing: of a database
file and of a PostgreSQL database alike. FILE is a database of Onhand itself: the command restore puts it back,
verify checks it, and the service can serve it. An existing FILE is not overwritten, and FILE has its
name only when it is whole and on disk. It is then read back and every invariant is checked. Exit code:
0 it is sound, 1 it could not be written, or something in it is not as it should be.

Customers' ids and hashes of keys are in it: only its owner may read it. docs/backup.md says how often to make
one and how to restore.

Examples:
  npm run onhand -- backup --to ./inventory-$(date +%F).db
  DATABASE_URL=postgres://localhost/onhand npm run onhand -- backup --to ./inventory-$(date +%F).db
`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { to: { type: "string" } } });
    if (values.to === undefined) throw new UsageError("backup needs --to FILE");
    const path = resolve(values.to);
    if (existsSync(path)) throw new UsageError(`${path} exists; backup overwrites nothing`);
    const progress = openProgress();
    try {
      await backupDatabase(configFromEnvironment().database, path, {
        // Each row is written, and then read back.
        begin: (rows) => progress.begin("copying", 2 * rows),
        seen: progress.seen,
      });
    } finally {
      progress.end();
    }
    return tell(path);
  },
};

async function tell(path: string): Promise<number> {
  const written = await openBackup(path);
  try {
    const audited = await auditAll(written);
    tellFindings(audited);
    const { epoch, seq } = written.head;
    process.stdout.write(
      `written: ${path}, up to seq ${seq} of epoch ${epoch}: ${verdictOf(audited)}\n`,
    );
    return audited.findings.length === 0 ? 0 : 1;
  } finally {
    written.close();
  }
}
