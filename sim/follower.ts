// A client of the live feed: connects, hears, loses its connection with what was on its way, and comes back where it
// was, at whichever instance. It checks that it hears each event that it asked for once, in order, as the log has
// it.

import type { FeedClient, FeedFilter } from "../src/feeds/sse.ts";
import type { LogEvent } from "../src/store/store.ts";
import { must } from "./auditor.ts";
import type { Chance } from "./chance.ts";
import type { Instance } from "./instance.ts";
import type { Time } from "./time.ts";

export interface Follower {
  /** Up to where it has heard all that it asked for. */
  cursor(): number;
  isConnected(): boolean;
  connect(instance: Instance): void;
  cut(): void;
}

export interface FollowerOptions {
  readonly time: Time;
  readonly chance: Chance;
  readonly storeId: string | null;
  readonly log: readonly LogEvent[];
  /** A piece on its way, typically. */
  readonly journeyMs: number;
}

export function openFollower({ time, chance, storeId, log, journeyMs }: FollowerOptions): Follower {
  const filter: FeedFilter = { type: null, storeId, productId: null, stores: "*" };
  let cursor = 0;
  /** The connection that counts; what comes over an earlier one is lost. */
  let current = 0;
  let disconnect: (() => void) | null = null;

  function isMeant({ storeId: of }: LogEvent): boolean {
    return storeId === null || of === storeId;
  }

  function hear(text: string): void {
    for (const frame of text.split("\n\n")) {
      const seq = Number(/^id: \d+\.(\d+)$/m.exec(frame)?.[1] ?? Number.NaN);
      if (Number.isNaN(seq)) continue;
      const data = /^data: (.*)$/m.exec(frame)?.[1];
      must(seq <= log.length, "I7: a client hears what is in the log", () => frame);
      const passed = log.slice(cursor, data === undefined ? seq : seq - 1);
      must(!passed.some(isMeant), "I7: a client hears each event", () => [cursor, frame]);
      if (data !== undefined) {
        must(seq > cursor, "I7: a client hears an event once", () => [cursor, frame]);
        const { id }: { id: string } = JSON.parse(data);
        must(log[seq - 1]?.id === id, "I7: a client hears what is in the log", () => frame);
      }
      cursor = Math.max(cursor, seq);
    }
  }

  function drop(): void {
    current += 1;
    disconnect = null;
  }

  return {
    cursor: () => cursor,
    isConnected: () => disconnect !== null,
    connect(instance) {
      current += 1;
      const own = current;
      const onItsWay: string[] = [];
      let waiting: (() => void)[] = [];
      const client: FeedClient = {
        filter,
        start: { kind: "after", seq: cursor },
        write(text) {
          onItsWay.push(text);
          time.after(chance.wait(journeyMs), () => {
            // In the order in which they were written, whichever timer comes first.
            const next = onItsWay.shift();
            if (own === current && next !== undefined) hear(next);
            if (onItsWay.length > 0) return;
            for (const resolve of waiting) resolve();
            waiting = [];
          });
        },
        buffered: () => onItsWay.reduce((sum, text) => sum + text.length, 0),
        drained: () =>
          onItsWay.length === 0
            ? Promise.resolve()
            : new Promise((resolve) => {
                waiting.push(resolve);
              }),
        caller: "follower",
        isAllowed: async () => true,
        end: () => (own === current ? drop() : undefined),
        cut: () => (own === current ? drop() : undefined),
      };
      disconnect = () => undefined;
      const dropped = instance.connect(client);
      if (disconnect !== null) disconnect = dropped;
      void instance.gone.then(() => (own === current ? drop() : undefined));
    },
    cut() {
      disconnect?.();
      drop();
    },
  };
}
