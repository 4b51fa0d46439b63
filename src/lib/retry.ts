// Runs something again that failed for a moment: bounded tries in a bounded time, doubling pauses with jitter so
// that several instances do not come back in step.

import { steady } from "./clock.ts";
import { pause } from "./waiting.ts";

export interface RetryOptions {
  readonly triesMax: number;
  readonly isRetryable: (error: unknown) => boolean;
  readonly pauseMs?: number;
  /** No try begins later than this after the first one did. */
  readonly laterMsMax?: number;
}

export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { triesMax, isRetryable, pauseMs = 10, laterMsMax = Number.POSITIVE_INFINITY } = options;
  const begunAt = steady();
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const ms = pauseMs * 2 ** (tries - 1) * (0.5 + Math.random());
      const isLate = steady() + ms - begunAt > laterMsMax;
      if (tries >= triesMax || isLate || !isRetryable(error)) throw error;
      await pause(ms);
    }
  }
}
