// What an event is before it has a place in the log: who did what to which thing, and, where a stock row
// changed, its numbers before and after. The names of events are in model.ts, their payloads in
// docs/events.md; draft.ts makes them.

import type { EventType } from "./model.ts";

/** Numbers of a stock row around one event. */
interface Balance {
  readonly quantity: number;
  readonly reserved: number;
}

/** How an event changed its stock row. The log of these replays to the stock table (I3, I4). */
export interface StockEffect {
  readonly before: Balance;
  readonly after: Balance;
  readonly version: number;
}

/** `payload` is what every channel carries. */
export interface DomainEvent {
  readonly id: string;
  readonly type: EventType;
  readonly aggregateType: "product" | "store" | "stock" | "reservation";
  readonly aggregateId: string;
  /** "*" where the event concerns the whole chain. */
  readonly storeId: string;
  readonly productId: string | null;
  readonly actor: string;
  readonly requestId: string;
  /** The span of the request that caused it; null: that was not traced. */
  readonly traceparent: string | null;
  readonly payload: EventPayload;
}

export type EventPayload = Readonly<Record<string, unknown>> & { readonly stock?: StockEffect };
