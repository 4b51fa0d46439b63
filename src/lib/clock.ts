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

/** The texts of the times that were asked for last: what one commit did has one time, and its holds end at one or few. */
const texts = new Map<number, string>();
const textsMax = 256;

/** ISO 8601 in UTC with milliseconds, as every answer and event writes time. */
export function isoTime(at: number): string {
  let text = texts.get(at);
  if (text === undefined) {
    if (texts.size === textsMax) texts.clear();
    text = new Date(at).toISOString();
    texts.set(at, text);
  }
  return text;
}
