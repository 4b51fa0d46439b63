// A part of the log, published again to a stream of its own: for a consumer that begins late or begins anew.
// In steps, so that neither Redis nor this thread is busy with it for long. What ends it early does no harm:
// the same again goes on where it was, because an entry that is there is not added twice.

import type { Bus } from "../bus/bus.ts";
import type { EventType } from "../domain/model.ts";
import { assert } from "../lib/assert.ts";
import { OperatingError } from "../lib/operating-error.ts";
import { relayEventsMax } from "../limits.ts";
import type { LogEvent, Store, StoreScope } from "../store/store.ts";

export interface Range {
  readonly stream: string;
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly type: EventType | null;
  readonly storeId: string | null;
  readonly stores: StoreScope;
}

export type Outcome = { readonly added: number } | { readonly lastId: string | null } | "away";

export interface ReplayOptions {
  readonly store: Pick<Store, "events">;
  readonly bus: Pick<Bus, "replay">;
}

export function openReplay({ store, bus }: ReplayOptions): (range: Range) => Promise<Outcome> {
  return async ({ stream, fromSeq, toSeq, ...filter }) => {
    let added = 0;
    let after = fromSeq - 1;
    while (after < toSeq) {
      const limit = Math.min(relayEventsMax, toSeq - after);
      const query = { ...filter, productId: null, after, limit };
      const { items, scanned } = await store.events(query);
      assert(scanned > after, "the log reaches to the end of the range");
      const step = await append(
        stream,
        items.filter(({ seq }) => seq <= toSeq),
      );
      if (step === "away" || "lastId" in step) return step;
      added += step.added;
      after = scanned;
    }
    return { added };
  };

  async function append(stream: string, events: readonly LogEvent[]): Promise<Outcome> {
    if (events.length === 0) return { added: 0 };
    try {
      return await bus.replay(stream, events);
    } catch (error) {
      // Told apart from a database that is away, which is the same kind of error.
      if (error instanceof OperatingError) return "away";
      throw error;
    }
  }
}
