// The command line: a table of commands, their help, and one place where errors become words and exit
// codes (command.ts; docs/cli.md says when which).

import { ConfigError } from "../config.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { version } from "../lib/version.ts";
import { Failure, type Listed, UsageError } from "./command.ts";
import { completionOf } from "./completion.ts";
import { troubleIn } from "./trouble.ts";

// Each is loaded when it is asked for: who lists some products does not wait for the server's packages.

/** What runs the service and works on its database. */
const operating: readonly Listed[] = [
  {
    name: "serve",
    summary: "run the service",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "migrate",
    summary: "bring the database to this version's schema (serve does it too)",
    load: async () => (await import("./migrate.ts")).migrate,
  },
  {
    name: "keys",
    summary: "create, list and revoke API keys",
    load: async () => (await import("./keys.ts")).keys,
  },
  {
    name: "token",
    summary: "mint a JWT for trying out (needs JWT_SECRET)",
    load: async () => (await import("./token.ts")).token,
  },
  {
    name: "verify",
    summary: "check every invariant of the database (exit code 1 if one is broken)",
    load: async () => (await import("./verify.ts")).verify,
  },
  {
    name: "backup",
    summary: "copy the database to a file, while the service runs",
    load: async () => (await import("./backup.ts")).backup,
  },
  {
    name: "restore",
    summary: "put a backup in the place of a lost database",
    load: async () => (await import("./restore.ts")).restore,
  },
  {
    name: "streams",
    summary: "tell readers of the events in Redis that the log was restored",
    load: async () => (await import("./streams.ts")).streams,
  },
  {
    name: "copy",
    summary: "move a database file to PostgreSQL, with its log",
    load: async () => (await import("./copy.ts")).copy,
  },
  {
    name: "doctor",
    summary: "look for what is wrong with an installation, and say what to do",
    load: async () => (await import("./doctor.ts")).doctor,
  },
];
/** What asks a running service. */
const asking: readonly Listed[] = [
  {
    name: "products",
    summary: "list, show and change products of a running service",
    load: async () => (await import("./products.ts")).products,
  },
  {
    name: "stores",
    summary: "list, show and change stores of a running service",
    load: async () => (await import("./stores.ts")).stores,
  },
  {
    name: "stock",
    summary: "show and change what stores have on hand, at a running service",
    load: async () => (await import("./stock.ts")).stock,
  },
  {
    name: "reservations",
    summary: "list, make and end reservations at a running service",
    load: async () => (await import("./reservations.ts")).reservations,
  },
  {
    name: "events",
    summary: "show what happened at a running service, also live",
    load: async () => (await import("./events.ts")).events,
  },
  {
    name: "webhooks",
    summary: "list and change where a running service sends events, and try it",
    load: async () => (await import("./webhooks.ts")).webhooks,
  },
  {
    name: "import",
    summary: "read products, stock or stores from CSV or JSON lines; can be undone",
    load: async () => (await import("./import.ts")).importing,
  },
  {
    name: "export",
    summary: "write products, stock, stores, reservations, webhooks or events as CSV or JSON lines",
    load: async () => (await import("./export.ts")).exporting,
  },
];
const completion: Listed = {
  name: "completion",
  summary: "print what makes your shell complete commands and options",
  load: async () => completionOf(() => commands),
};
export const commands: readonly Listed[] = [...operating, ...asking, completion];

function overview(): string {
  const listed = (some: readonly Listed[]): string =>
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
  if (name === "help" && rest.length === 1) return run([...rest, "--help"]);
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version}\n`);
    return 0;
  }
  const listed = commands.find((one) => one.name === name);
  if (listed === undefined) throw new UsageError(`there is no command "${name}"`);
  const command = await listed.load();
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
