// The clock of this process. Everything takes `now` as an argument, so that a test can own time; only
// the composition root hands out this one.

export type Clock = () => number;

/** UTC milliseconds. */
export const now: Clock = () => Date.now();

/** Milliseconds that never go back and never leap, whatever is done to the clock: for pauses and for ages. */
export const steady: Clock = () => performance.now();

/** Whether it was at most so long ago; a clock that was set back meanwhile makes nothing count for longer. */
export function isRecent(then: number, at: number, ms: number): boolean {
  return Math.abs(at - then) < ms;
}

/** ISO 8601 in UTC with milliseconds, as every answer and event writes time. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}
