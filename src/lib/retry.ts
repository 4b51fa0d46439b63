// Runs something again that failed for a moment: bounded tries, doubling pauses with jitter so that
// several instances do not come back in step.

export interface RetryOptions {
  readonly triesMax: number;
  readonly isRetryable: (error: unknown) => boolean;
  readonly pauseMs?: number;
}

export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { triesMax, isRetryable, pauseMs = 10 } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries >= triesMax || !isRetryable(error)) throw error;
      await pause(pauseMs * 2 ** (tries - 1) * (0.5 + Math.random()));
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
