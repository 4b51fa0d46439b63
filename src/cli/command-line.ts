// The command line: a table of commands, their help, and one place where errors become words and exit
// codes (command.ts; docs/cli.md says when which).

import { ConfigError } from "../config.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { version } from "../lib/version.ts";
import { backup } from "./backup.ts";
import { type CliCommand, Failure, UsageError } from "./command.ts";
import { completionOf } from "./completion.ts";
import { copy } from "./copy.ts";
import { doctor } from "./doctor.ts";
import { events } from "./events.ts";
import { exporting } from "./export.ts";
import { importing } from "./import.ts";
import { keys } from "./keys.ts";
import { migrate } from "./migrate.ts";
import { products } from "./products.ts";
import { reservations } from "./reservations.ts";
import { restore } from "./restore.ts";
import { serve } from "./serve.ts";
import { stock } from "./stock.ts";
import { stores } from "./stores.ts";
import { streams } from "./streams.ts";
import { token } from "./token.ts";
import { troubleIn } from "./trouble.ts";
import { verify } from "./verify.ts";
import { webhooks } from "./webhooks.ts";

/** What runs the service and works on its database. */
const operating: readonly CliCommand[] = [
  serve,
  migrate,
  keys,
  token,
  verify,
  backup,
  restore,
  streams,
  copy,
  doctor,
];
/** What asks a running service. */
const asking: readonly CliCommand[] = [
  products,
  stores,
  stock,
  reservations,
  events,
  webhooks,
  importing,
  exporting,
];
const completion = completionOf(() => commands);
const commands: readonly CliCommand[] = [...operating, ...asking, completion];

function overview(): string {
  const listed = (some: readonly CliCommand[]): string =>
    some.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}`).join("\n");
  return `Onhand: the stock and reservation service of a retail chain.

Usage: npm run onhand -- <command> [options]

The service and its database:
${listed(operating)}

A running service, wherever it is (ONHAND_URL and ONHAND_API_KEY say where, and with which key):
${listed(asking)}

For your shell:
${listed([completion])}

  npm run onhand -- <command> --help   what a command does, its options and examples
  npm run onhand -- --version          which version this is

Configuration comes from the environment; README.md lists it. The usual ones:
  DATABASE_URL     sqlite:./data/inventory.db   the database: a file, or postgres://…
  ONHAND_DATA_DIR  ./data                       where admin.key is written
  HOST, PORT       127.0.0.1, 8080              where to listen
`;
}

/** Runs what the arguments ask for; resolves to the exit code. */
export function runCommandLine(args: readonly string[]): Promise<number> {
  return run(args).catch((error: unknown) => explain(error, args));
}

async function run(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw new UsageError(`there is no command "${name}"`);
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(rest);
}

function explain(error: unknown, args: readonly string[]): number {
  const mistake = mistakeIn(error);
  if (mistake !== null) {
    const command = commands.some(({ name }) => name === args[0]) ? `${args[0]} ` : "";
    process.stderr.write(`onhand: ${mistake}\nTry: npm run onhand -- ${command}--help\n`);
    return 2;
  }
  if (error instanceof Failure) {
    process.stderr.write(`onhand: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof ConfigError || error instanceof OperatingError) {
    process.stderr.write(`onhand: ${error.message}\n`);
    return 1;
  }
  const trouble = troubleIn(error, args);
  if (trouble !== null) {
    process.stderr.write(`onhand: ${trouble}\n`);
    return 1;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`onhand: this is a bug, please report it:\n${text}\n`);
  return 1;
}

/** How the command was written wrongly; null: that is not it. */
function mistakeIn(error: unknown): string | null {
  if (error instanceof UsageError) return error.message;
  if (!isParseError(error)) return null;
  // Node adds how to write an argument that begins with a dash, which is hardly ever what was meant.
  return error.message.split(". ", 1)[0] ?? error.message;
}

/** What node:util parseArgs throws on an unknown or incomplete option. */
function isParseError(error: unknown): error is Error {
  return (
    error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_")
  );
}
