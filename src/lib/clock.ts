// The clock of this process. Everything takes `now` as an argument, so that a test can own time; only
// the composition root hands out this one.

export type Clock = () => number;

/** UTC milliseconds. */
export const now: Clock = () => Date.now();

/** ISO 8601 in UTC with milliseconds, as every answer and event writes time. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
