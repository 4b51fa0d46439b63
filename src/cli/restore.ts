// onhand restore: puts a backup in the place of a database that was lost, and tells readers of the log, by its
// epoch, that what they heard after the backup was made is no longer true.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { configFromEnvironment } from "../config.ts";
import { openBackup, raiseEpoch, restoreDatabase } from "../database.ts";
import { OperatingError } from "../lib/operating-error.ts";
import type { Store } from "../store/store.ts";
import { auditAll, tellFindings } from "./audit.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { databaseNamedBy, inWordsOf } from "./named-database.ts";
import { openProgress, type Progress } from "./progress.ts";

const options = {
  from: { type: "string" },
  to: { type: "string" },
  "in-place": { type: "boolean" },
  "with-findings": { type: "boolean" },
} as const;

export const restore: CliCommand = {
  help: `Usage: npm run onhand -- restore --from FILE [--to URL] [--with-findings]
       npm run onhand -- restore --in-place [--with-findings]

Puts the backup FILE into the database --to, without it DATABASE_URL: a file or PostgreSQL, wherever the backup
is from. The service must not be running on it, and it must be empty, or have nothing but what a first start
makes by itself: the four stores, the demo catalogue with its holds, an admin key. Anything else is refused and
left as it is; move a damaged database away first. The copy is compared with FILE by a hash of its whole state,
every invariant is checked, and the epoch of the log is raised: readers that were further are told to begin
anew. Only then it takes its place. A restore that is cut off, or that finds something wrong, leaves everything
as it was. FILE is not changed.

--in-place       the database was put back by other means (pg_restore, a base backup, a snapshot of a disk):
                 checks it and raises its epoch, which those means cannot do
--with-findings  keeps it even where an invariant does not hold; then see: npm run onhand -- verify --repair

If events are published to Redis, go on with: npm run onhand -- streams --reset. See docs/backup.md.

Examples:
  npm run onhand -- restore --from ./inventory-2026-11-24.db
  npm run onhand -- restore --from ./inventory-2026-11-24.db --to postgres://localhost/onhand
  DATABASE_URL=postgres://localhost/onhand npm run onhand -- restore --in-place
`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options });
    const {
      from,
      to,
      "in-place": isInPlace = false,
      "with-findings": withFindings = false,
    } = values;
    if (isInPlace === (from !== undefined)) {
      throw new UsageError("restore needs either --from FILE or --in-place");
    }
    if (isInPlace && to !== undefined) throw new UsageError("--in-place is about DATABASE_URL");
    const database =
      to === undefined ? configFromEnvironment().database : databaseNamedBy("--to", to);
    const progress = openProgress();
    const accept = openAcceptance(progress, withFindings);
    try {
      const { hash, head } =
        from === undefined
          ? await raiseEpoch(database, { accept, seen: progress.seen })
          : await restoreFile(resolve(from.replace(/^sqlite:/, "")), database, progress, accept);
      progress.end();
      process.stdout.write(
        `${database.name}: restored up to seq ${head.seq}, state ${hash}, and its epoch is now ${head.epoch}\n`,
      );
      process.stdout.write(
        "Events in Redis? Then tell its readers: npm run onhand -- streams --reset\n",
      );
      return 0;
    } catch (error) {
      throw to === undefined ? error : inWordsOf("--to", database.name, error);
    } finally {
      progress.end();
    }
  },
};

type Database = ReturnType<typeof databaseNamedBy>;
type Accept = (audits: Pick<Store, "auditRows" | "auditLog">) => Promise<void>;

async function restoreFile(path: string, database: Database, progress: Progress, accept: Accept) {
  const backup = await openBackup(path).catch((error: unknown) => {
    throw inWordsOf("--from", path, error);
  });
  try {
    // Each row is read, and read back.
    progress.begin("copying", 2 * backup.rows);
    return await restoreDatabase(backup, database, { accept, seen: progress.seen });
  } finally {
    backup.close();
  }
}

function openAcceptance(progress: Progress, withFindings: boolean): Accept {
  return async (audits) => {
    progress.end();
    const audited = await auditAll(audits);
    tellFindings(audited);
    if (audited.findings.length === 0 || withFindings) return;
    throw new OperatingError(
      `${audited.findings.length} findings; nothing was kept. Restore another backup, or this one with --with-findings and see verify --repair`,
      { retryable: false },
    );
  };
}
