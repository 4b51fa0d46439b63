// Events: every change, once and in order. Callers see the events of their stores and those of the whole chain.

import type { Call, CallOptions, Connection } from "./calls.ts";
import type { OnhandEvent } from "./event-words.ts";
import { type List, listAt } from "./pages.ts";
import { type SubscribeOptions, type Subscription, subscribe } from "./subscribe.ts";
import type { AnswerOf, BodyOf, QueryOf, Replay } from "./words.ts";

/** A page of the log: `head_seq` is the last event that there is, `epoch` which life of the log it is. */
export type EventPage = Omit<AnswerOf<"listEvents">, "items"> & { readonly items: OnhandEvent[] };

export interface Events {
  /**
   * The log, oldest first, up to its end; afterwards ask again with `after` as the last page's `head_seq`.
   *
   * Operation: `listEvents`. Errors: those of every call.
   *
   * @example
   * ```ts
   * for await (const event of client.events.list({ after: 0, type: "stock.updated" })) {
   *   if (event.type !== "stock.updated") continue; // tells the compiler, too
   *   console.log(event.seq, event.payload.quantity_change, event.payload.stock.after.quantity);
   * }
   * ```
   */
  list(query?: QueryOf<"listEvents">, options?: CallOptions): List<EventPage>;

  /**
   * Follows the log live. It reconnects by itself (after 2 s, later up to 10 s, or when the service says), goes on at
   * its place without a gap or a repetition, and gives up connections that say nothing for 40 s.
   *
   * Operation: `streamEvents`. Errors: it throws none. `closed` says what ended it, if that was not you:
   * those of every call that asking again cannot mend, or what a handler threw.
   *
   * @example
   * ```ts
   * const subscription = client.events.subscribe({
   *   after: 0,
   *   onEvent(event, place) {
   *     console.log(place, event.type, event.store_id);
   *     if (event.seq === 3) subscription.close(); // keep `place` to go on from there
   *   },
   *   onReset: ({ epoch }) => console.log(`another log, epoch ${epoch}: read everything anew`),
   *   onState: ({ state }) => console.log(state),
   * });
   * const error = await subscription.closed;
   * if (error !== null) throw error;
   * ```
   */
  subscribe(options: SubscribeOptions): Subscription;

  /**
   * Publishes a range of the log again, both ends included, to a Redis stream of its own. The same again adds nothing
   * twice.
   *
   * Operation: `replayEvents`. Errors: `stream_in_use`, `redis_unavailable`, and those of every call.
   *
   * @example
   * ```ts
   * const range = { stream: "orders-rebuild", from_seq: 1, to_seq: 3 };
   * const { published } = await client.events.replay(range);
   * console.log(`${published} entries are new`);
   * ```
   */
  replay(range: BodyOf<"replayEvents">, options?: CallOptions): Promise<Replay>;
}

export function events(call: Call, connection: Connection): Events {
  return {
    list: (query, options) => listAt(call, "/api/v1/events", query, options),
    subscribe: (options) => subscribe(connection, options),
    // Its entries have their places in the log as ids: doing it again is safe without a key.
    replay: async (body, options) =>
      call({ method: "POST", path: "/api/v1/events/replay", kind: "read", body }, options),
  };
}
