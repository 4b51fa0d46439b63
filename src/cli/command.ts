// What a command of the command line is, and how it says that it was not understood or did not work.

import { parseArgs } from "node:util";

/** What the overview says of a command, and where it is. */
export interface Listed {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CliCommand>;
}

export interface CliCommand {
  /** What it does, its options and examples that can be pasted. */
  readonly help: string;
  /** Answers the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** The command was not understood: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What scripts may decide by. docs/cli.md explains them. */
export const exitCodes = {
  done: 0,
  failed: 1,
  notUnderstood: 2,
  /** Done, but not all of it: rows that were refused, or warnings. */
  partly: 3,
  /** The service did not answer or is busy: the same may work later. */
  noAnswer: 4,
} as const;

/** It did not work, for a reason that the words say: nothing to report as a bug. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;
  constructor(message: string, exitCode: number = exitCodes.failed, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}

/** For commands without options: a word that would do nothing is a mistake, not to be passed over. */
export function refuseArguments(args: readonly string[]): void {
  parseArgs({ args: [...args], options: {} });
}
