// onhand migrate: brings the database file to this version's schema, without serving.

import { configFromEnvironment } from "../config.ts";
import { migrateDatabase } from "../database.ts";
import { type CliCommand, refuseArguments } from "./command.ts";

export const migrate: CliCommand = {
  help: `Usage: npm run onhand -- migrate

Applies the missing migrations to DATABASE_URL in one transaction and says which. A database of a newer
Onhand, or of another program, is refused and left as it is. The service must not be running on the file.

Example:
  DATABASE_URL=sqlite:./data/inventory.db npm run onhand -- migrate
`,
  async run(args) {
    refuseArguments(args);
    const { database } = configFromEnvironment();
    const applied = await migrateDatabase(database);
    const done = applied.length === 0 ? "nothing to do" : `applied ${applied.join(", ")}`;
    process.stdout.write(`${database.name}: ${done}\n`);
    return 0;
  },
};
