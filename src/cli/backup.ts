// onhand backup: a consistent copy of the database, while the service runs.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { configFromEnvironment } from "../config.ts";
import { openBeside } from "../main.ts";
import { type CliCommand, UsageError } from "./command.ts";

export const backup: CliCommand = {
  name: "backup",
  summary: "copy the database to a file, while the service runs",
  help: `Usage: npm run onhand -- backup --to FILE

Writes a consistent copy of DATABASE_URL to FILE (SQLite's online backup). The service may go on
writing; the copy holds everything that was committed when it was made. An existing FILE is not
overwritten. Check a copy with: DATABASE_URL=sqlite:FILE npm run onhand -- verify

Example:
  npm run onhand -- backup --to ./inventory-$(date +%F).db
`,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { to: { type: "string" } } });
    if (values.to === undefined) throw new UsageError("backup needs --to FILE");
    const path = resolve(values.to);
    if (existsSync(path)) throw new UsageError(`${path} exists; backup overwrites nothing`);
    const store = await openBeside(configFromEnvironment().database);
    try {
      await store.backup(path);
    } finally {
      await store.close();
    }
    process.stdout.write(`written: ${path}\n`);
    return 0;
  },
};
