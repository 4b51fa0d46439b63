// What a command of the command line is.

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
