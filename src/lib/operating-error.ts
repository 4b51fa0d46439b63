// The second of the three kinds of error: something outside this program failed. Refusals are values of
// domain/rejection.ts, bugs are assertions.

/** The database is away, busy or full. Retried in one place (commands/batch.ts); 503 for the caller. */
export class OperatingError extends Error {
  override readonly name = "OperatingError";
  /** Nothing was stored, and the same again may work in a moment. */
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
  }
}
