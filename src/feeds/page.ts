// The log by pages: what a client that asks again and again is answered. Written as text, for an event
// has the same bytes in every channel and is never taken apart on its way.

import { envelopeText } from "../bus/envelope.ts";
import type { LogEvent } from "../store/store.ts";

/** A page of events as JSON text, with what else the answer says (`next_cursor` and the like) after them. */
export function eventsText(
  items: readonly LogEvent[],
  facts: Readonly<Record<string, string | number | null>>,
): string {
  return `{"items":[${items.map(envelopeText).join(",")}],${JSON.stringify(facts).slice(1)}`;
}
