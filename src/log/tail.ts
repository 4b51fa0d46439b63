// The tail: every event, once, in order of `seq`, to everyone in this process who follows the log
// (cache invalidation, SSE). Fed at once by this instance's own commits; where the next number is not
// the next expected (another instance wrote, or a feed was missed) it reads the log itself.

import { must } from "../lib/assert.ts";
import { tailEventsMax } from "../limits.ts";
import type { LogEvent, Store } from "../store/store.ts";

export type Follower = (events: readonly LogEvent[]) => void;

export interface Tail {
  /** The last seq that followers have seen. */
  seq(): number;
  follow(follower: Follower): () => void;
  /** Events of a commit of this instance, in order. */
  feed(events: readonly LogEvent[]): void;
  /** Reads what others wrote. Resolves when followers have seen the head as it was at the call. */
  pull(): Promise<void>;
}

export interface TailOptions {
  readonly store: Pick<Store, "events">;
  readonly from: number;
  readonly failed: (error: unknown) => void;
}

const everything = {
  limit: tailEventsMax,
  type: null,
  storeId: null,
  productId: null,
  stores: "*",
} as const;

export function openTail({ store, from, failed }: TailOptions): Tail {
  const followers = new Set<Follower>();
  let seq = from;
  let pulling: Promise<void> | null = null;
  let again = false;

  function tell(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    seq = must(events.at(-1), "checked above").seq;
    for (const follower of followers) {
      try {
        follower(events);
      } catch (error) {
        // One follower's bug must not keep the log from the others.
        failed(error);
      }
    }
  }

  async function readOn(): Promise<void> {
    try {
      do {
        again = false;
        for (;;) {
          const page = await store.events({ ...everything, after: seq });
          // A feed may have gone past while the page was read.
          tell(page.items.filter((event) => event.seq > seq));
          if (page.items.length < tailEventsMax) break;
        }
      } while (again);
    } finally {
      // In the same turn as the last look: whoever pulls from here on looks again.
      pulling = null;
    }
  }

  function pull(): Promise<void> {
    // A read in progress may have looked before this call: it looks once more.
    again = true;
    pulling ??= readOn();
    return pulling;
  }

  return {
    seq: () => seq,
    follow(follower) {
      followers.add(follower);
      return () => {
        followers.delete(follower);
      };
    },
    feed(events) {
      const fresh = events[0]?.seq === seq + 1 ? events : events.filter((one) => one.seq > seq);
      const [first] = fresh;
      if (first === undefined) return;
      if (first.seq === seq + 1) tell(fresh);
      else pull().catch(failed);
    },
    pull,
  };
}
