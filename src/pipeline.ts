// What lies between the requests of one instance and its database, put together for main.ts, and for the
// simulator (sim/): the write path, the tail of the log, and the cache and the live feed that hang on it.

import {
  type AvailabilityCache,
  type AvailabilityDocument,
  openAvailabilityCache,
  type SharedDocuments,
} from "./cache/memory.ts";
import { type Executor, openExecutor, type Told } from "./commands/execute.ts";
import { type Feed, openFeed } from "./feeds/sse.ts";
import { steady } from "./lib/clock.ts";
import { openTail, type Tail } from "./log/tail.ts";
import type { Availability, Head, LogEvent, Outcome, Store } from "./store/store.ts";

export interface Pipeline {
  readonly tail: Tail;
  readonly cache: AvailabilityCache;
  readonly feed: Feed;
  readonly executor: Executor;
}

export interface PipelineOptions {
  readonly store: Pick<Store, "commit" | "events" | "availability">;
  /** Where the log stands as this instance begins to follow it. */
  readonly head: Pick<Head, "seq" | "epoch">;
  readonly render: (availability: Availability) => AvailabilityDocument;
  readonly cacheTtlMs: number;
  /** What instances share; null: there is nothing, or nobody, to share with. */
  readonly shared: SharedDocuments | null;
  /** Other instances commit to the same database. */
  readonly hasOthers: boolean;
  /** Called before the callers of a batch are answered, with its events. */
  readonly committed: (events: readonly LogEvent[]) => void;
  /** Called when holds were made or extended: the first of them is due in so many ms. */
  readonly held: (dueInMs: number) => void;
  readonly measure: (commands: number, startedAt: number) => void;
  /** Called with each batch after it is answered; null: nobody asks. */
  readonly told?: Told | null;
  /** What goes on by itself after it failed is said here. */
  readonly failed: (who: string) => (error: unknown) => void;
}

/**
 * Batches of this instance on their way to the store at once. SQLite has one writer, and a larger batch is a
 * cheaper one. On PostgreSQL a second lane gained nothing: both wait for the log's head (bench/run.ts).
 */
const lanes = 1;

export function openPipeline(options: PipelineOptions): Pipeline {
  const { store, head, shared, failed, told = null } = options;
  const tail = openTail({ store, from: head.seq, failed: failed("a follower of the log") });
  const cache = openAvailabilityCache({
    read: (productId) => store.availability(productId),
    render: options.render,
    ttlMs: options.cacheTtlMs,
    now: steady,
    ...(shared === null ? null : { shared }),
  });
  tail.follow((events) => cache.invalidate(events));
  const feed = openFeed({ tail, store, epoch: head.epoch, failed: failed("the feed") });
  const executor = openExecutor({
    store,
    lanes,
    committed(outcomes) {
      const events = outcomes.flatMap((one) => one.events);
      // Before the tail, which has to read the log first where another instance wrote in between: whoever is
      // answered here reads its own write here.
      cache.committed(events);
      tail.feed(events);
      if (events.length > 0) options.committed(events);
      const dueInMs = firstDue(outcomes);
      if (dueInMs !== null) options.held(dueInMs);
    },
    measure: options.measure,
    ...(told === null ? null : { told }),
    nowMs: () => performance.now(),
  });
  return { tail, cache, feed, executor: options.hasOthers ? caughtUp(executor, tail) : executor };
}

/**
 * An answer that is given again may be of a command that another instance committed a moment ago. Who hears it
 * here may read here at once, so first this instance hears of what it changed. Nobody else of the batch waits.
 */
function caughtUp(executor: Executor, tail: Pick<Tail, "pull">): Executor {
  return {
    ...executor,
    async execute(command) {
      const outcome = await executor.execute(command);
      if (outcome.replayed) await tail.pull();
      return outcome;
    },
  };
}

/** In how many ms the first of the holds that were just made or extended is due, by the time of their commit. */
function firstDue(outcomes: readonly Outcome[]): number | null {
  let due: number | null = null;
  for (const { at, result } of outcomes) {
    if (!("reply" in result)) continue;
    const { reply } = result;
    if (reply.kind !== "reservation" && reply.kind !== "group") continue;
    const held = reply.kind === "group" ? reply.reservations : [reply.reservation];
    for (const { status, expiresAt } of held) {
      if (status === "PENDING" && (due === null || expiresAt - at < due)) due = expiresAt - at;
    }
  }
  return due;
}
