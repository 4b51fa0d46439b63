// The relay: copies the log to the bus, in order and without a gap, and marks what is there. It keeps no
// place of its own: the bus says how far it is, after each start and after each trouble, so a bus that lost
// its end, or everything, is filled again by itself. It is woken by each commit.

import { type Bus, type BusState, foreignLog } from "../bus/bus.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { markEveryMs, relayEventsMax } from "../limits.ts";
import type { Head, Store } from "../store/store.ts";

export interface RelayOptions {
  readonly store: Pick<Store, "head" | "events" | "markPublished">;
  readonly bus: Bus;
  readonly now: () => number;
}

export interface Relay {
  /**
   * Publishes what is not published yet, and answers when it wants to mark it (null: all is marked). Throws
   * `OperatingError` where it cannot, to be tried again.
   */
  tick(): Promise<number | null>;
  /** The last seq that the bus is known to have. */
  published(): number;
  /** When the oldest event that is not published yet happened; null: there is none. */
  oldestWaiting(): Promise<number | null>;
}

const everything = { type: null, storeId: null, productId: null, stores: "*" } as const;

export function openRelay({ store, bus, now }: RelayOptions): Relay {
  /** null: the bus has to be asked. */
  let place: number | null = null;
  let published = 0;
  let marked = 0;
  let markedAt = 0;

  async function start(head: Head): Promise<number> {
    const state = await bus.state();
    if (state !== null) mustBeOurs(head, state);
    published = state?.seq ?? 0;
    return published;
  }

  /** One run of events; false: there was none. */
  async function publish(head: Head, after: number): Promise<boolean> {
    const { items } = await store.events({ ...everything, after, limit: relayEventsMax });
    if (items.length === 0) return false;
    place = await bus.append(head, items);
    published = place;
    return true;
  }

  /** Now and then, in ranges: a mark after each run would double the commits. */
  async function mark(): Promise<void> {
    if (published <= marked || now() - markedAt < markEveryMs) return;
    await store.markPublished(published, now());
    marked = published;
    markedAt = now();
  }

  return {
    async tick() {
      try {
        const head = await store.head();
        place ??= await start(head);
        while (await publish(head, place)) await mark();
        await mark();
      } catch (error) {
        // Whatever it was: the bus may have come further, or lost something, meanwhile.
        place = null;
        throw error;
      }
      return published > marked ? markedAt + markEveryMs : null;
    },
    published: () => published,
    async oldestWaiting() {
      const { items } = await store.events({ ...everything, after: published, limit: 1 });
      return items[0]?.occurredAt ?? null;
    },
  };
}

function mustBeOurs(head: Head, state: BusState): void {
  if (state.logId !== head.logId || state.epoch !== head.epoch) throw foreignLog(head, state);
  if (state.seq > head.seq) {
    throw new OperatingError(
      `the streams end at seq ${state.seq}, the log at ${head.seq}: the database was put back to an older state. Set REDIS_PREFIX to a new name, and tell consumers to begin anew`,
      { retryable: false },
    );
  }
}
