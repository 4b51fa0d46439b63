// A database that an option names, such as --to: what is wrong with it is said of the option, and not of DATABASE_URL, which
// names all others.

import { ConfigError, loadConfig } from "../config.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { Failure, UsageError } from "./command.ts";
import { isOfSqlite, unusable } from "./trouble.ts";

export function databaseNamedBy(option: string, url: string) {
  try {
    return loadConfig({ DATABASE_URL: url }).database;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const words = error.faults.map(({ reason }) => `${option} ${reason}`);
    throw new UsageError(words.join("\n"), { cause: error });
  }
}

/** The same trouble, of the database `name` that the option names. */
export function inWordsOf(option: string, name: string, error: unknown): unknown {
  if (isOfSqlite(error)) return new Failure(unusable(error, name, option), undefined, error);
  if (!(error instanceof OperatingError)) return error;
  const words = error.message.replaceAll("DATABASE_URL", option);
  return new OperatingError(words, { retryable: error.retryable, cause: error });
}
