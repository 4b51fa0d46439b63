// The log read backwards, newest first. The service tells it forwards, from a place on: so it is read in stretches that
// end where the one before began, each longer than the last where little is found in them.

import type { OnhandEvent, QueryOf } from "@onhand/client";
import { client } from "./client.ts";

export type EventFilter = Pick<QueryOf<"listEvents">, "type" | "store_id" | "product_id">;

export interface Stretch {
  /** Newest first. */
  readonly events: readonly OnhandEvent[];
  /** Everything from this seq on was looked at; 1: to the beginning. */
  readonly from: number;
}

/** The last seq in the log. */
export async function headSeq(): Promise<number> {
  // Behind the end of the log there is nothing but the answer's own fields.
  const page = await client.events.list({ after: Number.MAX_SAFE_INTEGER, limit: 1 }).page();
  return page.head_seq;
}

/**
 * Up to `last`, until `isEnough` is satisfied or the log has begun. In no more than `stretches`: where what is looked
 * for is rare, `from` says where to go on.
 */
export async function readBack(
  last: number,
  filter: EventFilter,
  isEnough: (found: readonly OnhandEvent[]) => boolean,
  stretches = 16,
): Promise<Stretch> {
  const events: OnhandEvent[] = [];
  let from = last + 1;
  for (let done = 0; done < stretches && from > 1 && !isEnough(events); done += 1) {
    const to = from - 1;
    from = Math.max(1, from - Math.min(lengthMax, lengthMin * 2 ** done));
    const stretch = await readBetween(from, to, filter);
    events.push(...stretch.reverse());
  }
  return { events, from };
}

const lengthMin = 250;
const lengthMax = 5_000;

async function readBetween(from: number, to: number, filter: EventFilter): Promise<OnhandEvent[]> {
  const found: OnhandEvent[] = [];
  const query = { ...filter, after: from - 1, limit: 500 };
  for await (const { items } of client.events.list(query).pages()) {
    found.push(...items.filter(({ seq }) => seq <= to));
    if ((items.at(-1)?.seq ?? 0) >= to) break;
  }
  return found;
}
