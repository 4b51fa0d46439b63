// Time and chance, as arguments: tests bring their own.

export interface Clock {
  /** Milliseconds; only differences mean something. */
  now(): number;
  /** Runs `action` after so many milliseconds, unless the function that it answers is called before. */
  after(ms: number, action: () => void): () => void;
  /** From 0 up to, not including, 1. */
  random(): number;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Resolves after so many milliseconds; rejects with the signal's reason if that is aborted before. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const aborted = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener("abort", aborted);
      resolve();
    });
    signal.addEventListener("abort", aborted, { once: true });
  });
}

/** `firstMs`, twice that, four times … up to `mostMs`, of each a random half taken off so that many do not come as one. */
export function backOffMs(clock: Clock, attempt: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** attempt) * (0.5 + clock.random() / 2);
}
