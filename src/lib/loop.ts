// One loop for everything that runs again and again: a tick function that says when it wants to run
// next. Ticks never overlap; a failing tick is reported and tried again a second later; `wakeAt`
// brings the next tick forward; `stop` waits for the tick in progress.

const failedPauseMs = 1_000;

export interface Loop {
  /** Runs a tick not later than this time (UTC ms). */
  wakeAt(at: number): void;
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** Does one piece of work; answers when the next is due (UTC ms), or null: after the longest pause. */
  readonly tick: () => Promise<number | null>;
  readonly pauseMsMax: number;
  readonly now: () => number;
  readonly failed: (error: unknown) => void;
}

export function openLoop({ tick, pauseMsMax, now, failed }: LoopOptions): Loop {
  let timer: NodeJS.Timeout | null = null;
  let due = Number.POSITIVE_INFINITY;
  let running: Promise<void> | null = null;
  let stopped = false;

  function arm(): void {
    if (stopped || running !== null) return;
    if (timer !== null) clearTimeout(timer);
    const pause = Math.min(Math.max(due - now(), 0), pauseMsMax);
    timer = setTimeout(() => {
      running = run();
    }, pause);
    // A waiting loop must not keep a process alive.
    timer.unref();
  }

  async function run(): Promise<void> {
    timer = null;
    due = Number.POSITIVE_INFINITY;
    try {
      const next = await tick();
      due = Math.min(due, next ?? now() + pauseMsMax);
    } catch (error) {
      failed(error);
      due = Math.min(due, now() + Math.min(failedPauseMs, pauseMsMax));
    }
    running = null;
    arm();
  }

  function wakeAt(at: number): void {
    if (at >= due) return;
    due = at;
    arm();
  }

  wakeAt(now());
  return {
    wakeAt,
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
