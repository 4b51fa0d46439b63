// Assertions that stay on in production. A failed one is a bug of ours, never a user's mistake: the
// request that met it answers 500 with its request id and nothing of it is stored.

/** A broken assumption: a bug in this program. */
export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** The value, which the caller knows to be there. */
export function must<T>(value: T | null | undefined, message: string): T {
  if (value === null || value === undefined) throw new AssertionFailure(message);
  return value;
}

/** The end of a switch over a closed union: a new member becomes a type error here. */
export function unreachable(value: never, message = "unreachable"): never {
  throw new AssertionFailure(`${message}: ${JSON.stringify(value)}`);
}
