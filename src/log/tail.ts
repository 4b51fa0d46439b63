// The tail: every event, once, in order of `seq`, to everyone in this process who follows the log
// (cache invalidation, SSE). Fed at once by this instance's own commits; where the next number is not
// the next expected (another instance wrote, or a feed was missed) it reads the log itself.
//
// A database may be set back beneath it: by a failover that lost commits, or by a backup. What followers were told
// is then not in the log any more, and its numbers are given again. So each read begins with the last event that
// was seen; where that is another one or none, the tail has ended, and with it its instance.

import { must } from "../lib/assert.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { tailEventsMax } from "../limits.ts";
import { type LogEvent, type Store, wholeLog } from "../store/store.ts";

export type Follower = (events: readonly LogEvent[]) => void;

export interface Tail {
  /** The last seq that followers have seen. */
  seq(): number;
  follow(follower: Follower): () => void;
  /** Events of a commit of this instance, in order. */
  feed(events: readonly LogEvent[]): void;
  /** Reads what others wrote. Resolves when followers have seen the head as it was at the call. */
  pull(): Promise<void>;
  /** Resolves with the reason when the log is not the one that was followed. */
  readonly ended: Promise<Error>;
}

export interface TailOptions {
  readonly store: Pick<Store, "events">;
  readonly from: number;
  readonly failed: (error: unknown) => void;
}

export function openTail({ store, from, failed }: TailOptions): Tail {
  const followers = new Set<Follower>();
  const ended = Promise.withResolvers<Error>();
  let last: Seen = { seq: from, id: null };
  let pulling: Promise<void> | null = null;
  let again = false;

  function tell(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    last = must(events.at(-1), "checked above");
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
          const seen = last;
          const after = Math.max(seen.seq - 1, 0);
          const { items } = await store.events({ ...wholeLog, after, limit: tailEventsMax });
          mustGoOn(seen, items[0]);
          // A feed may have gone past while the page was read.
          tell(items.filter(({ seq }) => seq > last.seq));
          if (items.length < tailEventsMax) break;
        }
      } while (again);
    } finally {
      // In the same turn as the last look: whoever pulls from here on looks again.
      pulling = null;
    }
  }

  function mustGoOn(seen: Seen, found: LogEvent | undefined): void {
    if (seen.seq === 0) return;
    if (found?.seq !== seen.seq || (seen.id !== null && found.id !== seen.id)) {
      const error = setBack(seen.seq);
      ended.resolve(error);
      throw error;
    }
    if (last === seen) last = found;
  }

  function pull(): Promise<void> {
    // A read in progress may have looked before this call: it looks once more.
    again = true;
    pulling ??= readOn();
    return pulling;
  }

  return {
    seq: () => last.seq,
    follow(follower) {
      followers.add(follower);
      return () => {
        followers.delete(follower);
      };
    },
    feed(events) {
      if (events[0]?.seq === last.seq + 1) tell(events);
      else if (events.some(({ seq }) => seq > last.seq)) pull().catch(failed);
    },
    pull,
    ended: ended.promise,
  };
}

/** The last event that followers have seen; of the one that the tail began after the id is not known at first. */
interface Seen {
  readonly seq: number;
  readonly id: string | null;
}

function setBack(seq: number): OperatingError {
  return new OperatingError(
    `the log was set back: event ${seq}, which this instance has told, is not in it any more (a failover that lost commits, or a backup that was restored). It has to start anew`,
    { retryable: false },
  );
}
