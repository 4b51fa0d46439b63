// onhand copy: moves a chain that began with a file to PostgreSQL, with its log, so that streams and readers
// of events go on where they were.

import { parseArgs } from "node:util";
import { copyDatabase } from "../database.ts";
import { type CliCommand, UsageError } from "./command.ts";
import { databaseNamedBy, inWordsOf } from "./named-database.ts";
import { openProgress } from "./progress.ts";

export const copy: CliCommand = {
  help: `Usage: npm run onhand -- copy --from sqlite:FILE --to postgres://USER@HOST/DATABASE

Copies everything: catalogue, stock, reservations, the whole log with its numbers, kept answers, keys and
sessions. The service must not be running on the file, and the database must be empty (its schema is made).
All of it is one transaction, committed only when the copy has been read back and has the same hash as the
file; a copy that is cut off leaves nothing. The file is left as it is. Then start the service with
DATABASE_URL set to the new database: events go on with the next number.

Example:
  createdb --encoding=UTF8 --template=template0 onhand
  npm run onhand -- copy --from sqlite:./data/inventory.db --to postgres://localhost/onhand
`,
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { from: { type: "string" }, to: { type: "string" } },
    });
    if (values.from === undefined || values.to === undefined) {
      throw new UsageError("copy needs --from and --to");
    }
    const from = databaseNamedBy("--from", values.from);
    const to = databaseNamedBy("--to", values.to);
    if (from.kind !== "sqlite" || to.kind !== "postgres") {
      throw new UsageError("--from is sqlite:FILE and --to is postgres://USER@HOST/DATABASE");
    }
    const progress = openProgress();
    // The file is opened and counted first; from then on it is PostgreSQL that may refuse.
    let named: readonly [string, string] = ["--from", from.name];
    const { hash, rows } = await copyDatabase(from, to, {
      begin(rows) {
        named = ["--to", to.name];
        // Each row is written, and then read back.
        progress.begin("copying", 2 * rows);
      },
      seen: progress.seen,
    })
      .catch((error: unknown) => {
        throw inWordsOf(...named, error);
      })
      .finally(progress.end);
    process.stdout.write(`${to.name}: ${rows} rows, state ${hash}\n`);
    return 0;
  },
};
