// What a command of the command line is, and how it says that it was not understood.

import { parseArgs } from "node:util";

export interface CliCommand {
  readonly name: string;
  readonly summary: string;
  /** What it does, its options and examples that can be pasted. */
  readonly help: string;
  /** Answers the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** The command was not understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** For commands without options: a word that would do nothing is a mistake, not to be passed over. */
export function refuseArguments(args: readonly string[]): void {
  parseArgs({ args: [...args], options: {} });
}
