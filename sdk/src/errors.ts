// Errors, told apart by `code`. Everything that a call can fail with is an OnhandError, except what the caller's
// own signal gives as the reason of its abort. A code has facts of its own, typed in facts.ts; the codes that
// callers act on most have a class.

import type { FactsOf, FieldProblem } from "./facts.ts";

/** Every code of the service, and three for calls that had no answer of the service at all. */
export type ErrorCode = keyof FactsOf;

export interface ErrorDetails<Code extends ErrorCode = ErrorCode> {
  readonly code: Code;
  readonly status: number;
  readonly message: string;
  readonly requestId: string | null;
  readonly facts: FactsOf[Code];
  readonly mayHaveHappened: boolean;
  readonly retryAfterMs: number | null;
  readonly cause?: unknown;
}

export class OnhandError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = "OnhandError";
  /** What went wrong; stable, decide by it. A service newer than this client may have codes that are not listed. */
  readonly code: Code;
  /** The HTTP status; 0 where there was no answer. */
  readonly status: number;
  /** What to quote when asking for help; null where there was no answer. */
  readonly requestId: string | null;
  /** What belongs to the code, such as `available` of `insufficient_stock`, named as the API names it. */
  readonly facts: FactsOf[Code];
  /** Whether a write may have been done all the same: its answer was lost. The same idempotency key will tell. */
  readonly mayHaveHappened: boolean;
  /** How long the service asked to wait, in milliseconds; null where it did not say. */
  readonly retryAfterMs: number | null;

  constructor(details: ErrorDetails<Code>) {
    super(details.message, "cause" in details ? { cause: details.cause } : {});
    this.code = details.code;
    this.status = details.status;
    this.requestId = details.requestId;
    this.facts = details.facts;
    this.mayHaveHappened = details.mayHaveHappened;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Fewer units are available than were asked for. */
export class InsufficientStock extends OnhandError<"insufficient_stock"> {
  override readonly name = "InsufficientStock";
  /** Units that could be had. */
  get available(): number {
    return this.facts.available;
  }
  /** Units that were asked for. */
  get requested(): number {
    return this.facts.requested;
  }
}

/** Somebody changed it since it was read: read again, decide again. */
export class VersionMismatch extends OnhandError<"version_mismatch"> {
  override readonly name = "VersionMismatch";
  /** The version that it has now; 0: it does not exist yet. */
  get currentVersion(): number {
    return this.facts.current_version;
  }
  get expectedVersion(): number | "*" {
    return this.facts.expected_version;
  }
}

/** A field is missing, wrong, unknown or out of bounds. */
export class ValidationFailed extends OnhandError<"validation_failed"> {
  override readonly name = "ValidationFailed";
  /** Which fields, each with its path and what is wrong with it; empty where the request as a whole is at fault. */
  get errors(): readonly FieldProblem[] {
    return this.facts.errors ?? [];
  }
}

/** The reservation had ended before the call came. */
export class ReservationExpired extends OnhandError<"reservation_expired"> {
  override readonly name = "ReservationExpired";
  get expiredAt(): Date {
    return new Date(this.facts.expired_at);
  }
}

/** The credential is missing, unknown, expired or withdrawn. */
export class Unauthenticated extends OnhandError<"unauthenticated"> {
  override readonly name = "Unauthenticated";
}

/** The role may not do this, or not in that store or for that customer. */
export class Forbidden extends OnhandError<"forbidden"> {
  override readonly name = "Forbidden";
}

/**
 * Whether `error` is an OnhandError, of one of `codes` where some are given; its facts then have their types.
 *
 * @example
 * ```ts
 * try {
 *   await client.products.create({ sku: "MUG-1", name: "Mug", price: 9.5 });
 * } catch (error) {
 *   if (!isOnhandError(error, "sku_taken")) throw error;
 *   console.log(`that is ${error.facts.product_id}`);
 * }
 * ```
 */
export function isOnhandError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is OnhandError<Code> {
  if (!(error instanceof OnhandError)) return false;
  return codes.length === 0 || codes.some((code) => code === error.code);
}

const classes: {
  readonly [Code in ErrorCode]?: new (
    details: ErrorDetails<Code>,
  ) => OnhandError<Code>;
} = {
  insufficient_stock: InsufficientStock,
  version_mismatch: VersionMismatch,
  validation_failed: ValidationFailed,
  reservation_expired: ReservationExpired,
  unauthenticated: Unauthenticated,
  forbidden: Forbidden,
};

/** The error of its code's class. */
export function makeError<Code extends ErrorCode>(details: ErrorDetails<Code>): OnhandError<Code> {
  const Class = Object.hasOwn(classes, details.code) ? classes[details.code] : undefined;
  return Class === undefined ? new OnhandError(details) : new Class(details);
}
