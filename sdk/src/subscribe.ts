// Following the log live. A subscription keeps its place, `<epoch>.<seq>` of the last event that was dealt with,
// and comes back to it whatever breaks: no event is left out and none is told twice. Handlers are called one after
// the other; a promise that one answers is waited for, and only then the place moves on.

import { errorOf } from "./answers.ts";
import { type Connection, sendRequest, urlOf } from "./calls.ts";
import { backOffMs, pause } from "./clock.ts";
import { makeError, OnhandError } from "./errors.ts";
import type { EventType, OnhandEvent } from "./event-words.ts";
import { type Message, messagesOf } from "./sse.ts";

export interface LogReset {
  /** Of the log that is current now. */
  readonly epoch: number;
  /** Its last event; the subscription goes on behind it. */
  readonly head_seq: number;
}

export type SubscriptionState =
  | { readonly state: "connecting" }
  | { readonly state: "open" }
  /** The connection was lost; the next one is tried in so many milliseconds. */
  | { readonly state: "waiting"; readonly retryInMs: number; readonly error: OnhandError | null }
  /** The end: `error` is null where it was closed by its owner. */
  | { readonly state: "closed"; readonly error: unknown };

export interface SubscribeOptions {
  /** Begin behind this place: `<epoch>.<seq>`, or a `seq` of the current log (0: all of it). Without it: at the end of the log. */
  readonly after?: string | number | undefined;
  readonly type?: EventType | undefined;
  readonly store_id?: string | undefined;
  readonly product_id?: string | undefined;
  /** Closes the subscription when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** A connection that says nothing for so many milliseconds is given up; the service says something every 15 s. */
  readonly silenceMsMax?: number | undefined;
  /** Each event once, in order. `place` is what to pass as `after` another time. */
  readonly onEvent: (event: OnhandEvent, place: string) => unknown;
  /** The log was put back to an older state: what is held may be more than what is true. Read the state anew. */
  readonly onReset?: ((reset: LogReset, place: string) => unknown) | undefined;
  readonly onState?: ((state: SubscriptionState) => unknown) | undefined;
}

export interface Subscription {
  /** Ends it. Nothing is told afterwards but that it is closed. */
  close(): void;
  /** What was dealt with last, as `<epoch>.<seq>`; null until it is known. */
  readonly place: string | null;
  readonly state: SubscriptionState["state"];
  /** When it is over: null, or the error that ended it, such as `unauthenticated` or what a handler threw. Never rejects. */
  readonly closed: Promise<unknown>;
}

const silenceMsDefault = 40_000;
const connectMsMax = 10_000;
const retryMsDefault = 2_000;
const retryMsMax = 10_000;

export function subscribe(connection: Connection, options: SubscribeOptions): Subscription {
  const { clock } = connection;
  const { onEvent, onReset, onState, signal, silenceMsMax = silenceMsDefault } = options;
  const ending = new AbortController();
  const close = (): void => ending.abort();
  let place: string | null = options.after === undefined ? null : String(options.after);
  let state: SubscriptionState["state"] = "connecting";
  let retryMs = retryMsDefault;
  /** Connections in a row that said nothing. */
  let failures = 0;

  function tell(next: SubscriptionState): void {
    state = next.state;
    onState?.(next);
  }

  async function deal({ id, event, data }: Message): Promise<void> {
    if (data !== null && event === "log_reset") {
      await onReset?.(JSON.parse(data) as LogReset, id);
    } else if (data !== null && isAhead(id, place)) {
      await onEvent(JSON.parse(data) as OnhandEvent, id);
    }
    if (event === "log_reset" || isAhead(id, place)) place = id;
  }

  /** Until the connection ends; throws why, if there is a reason. */
  async function listen(): Promise<void> {
    const watch = watchdog(connection, ending.signal);
    try {
      watch.within(connectMsMax);
      const body = await open(watch.signal);
      watch.within(silenceMsMax);
      tell({ state: "open" });
      for await (const message of messagesOf(body, () => watch.within(silenceMsMax))) {
        failures = 0;
        retryMs = message.retryMs ?? retryMs;
        // A handler may take its time: what counts is how long the service says nothing while we listen.
        watch.pause();
        await inHandler(() => deal(message));
        if (ending.signal.aborted) return;
        watch.within(silenceMsMax);
      }
    } finally {
      watch.end();
    }
  }

  async function open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { type, store_id, product_id } = options;
    const path = "/api/v1/events/stream";
    const query = { after: place ?? undefined, type, store_id, product_id };
    const headers = { accept: "text/event-stream", ...(await inHandler(connection.credentials)) };
    const url = urlOf(connection.baseUrl, { path, query });
    const response = await sendRequest(connection, url, { headers, signal, cache: "no-store" });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    if (!response.ok || !isStream || response.body === null) throw await errorOf(response, false);
    return response.body;
  }

  async function follow(): Promise<unknown> {
    for (;;) {
      tell({ state: "connecting" });
      let error: OnhandError | null = null;
      try {
        await listen();
      } catch (thrown) {
        if (ending.signal.aborted) return null;
        if (thrown instanceof HandlerError) return thrown.cause;
        error = thrown instanceof OnhandError ? thrown : lost(thrown);
        if (isFinal(error)) return error;
      }
      if (ending.signal.aborted) return null;
      const ownMs = backOffMs(clock, failures, retryMs, Math.max(retryMs, retryMsMax));
      const retryInMs = Math.max(error?.retryAfterMs ?? 0, ownMs);
      failures += 1;
      tell({ state: "waiting", retryInMs, error });
      await pause(clock, retryInMs, ending.signal).catch(() => undefined);
      if (ending.signal.aborted) return null;
    }
  }

  if (signal?.aborted === true) close();
  signal?.addEventListener("abort", close, { once: true });
  // In a turn of its own: the caller has the subscription before anything is told of it.
  const closed = Promise.resolve()
    .then(() => (ending.signal.aborted ? null : follow()))
    .catch((error: unknown) => error) // What onState threw.
    .then((error) => {
      signal?.removeEventListener("abort", close);
      ending.abort();
      try {
        tell({ state: "closed", error });
      } catch (thrown) {
        return error ?? thrown;
      }
      return error;
    });

  return {
    close,
    closed,
    get place() {
      return place;
    },
    get state() {
      return state;
    },
  };
}

/** What the caller's own function threw: that ends the subscription, and is not a lost connection. */
class HandlerError extends Error {
  override readonly name = "HandlerError";
}

async function inHandler<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw new HandlerError("a handler failed", { cause });
  }
}

/** Whether asking again as it is cannot help: refused for who asks or for what is asked. */
function isFinal({ status }: OnhandError): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

function lost(cause: unknown): OnhandError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return makeError({
    code: "no_answer",
    message: `The connection was lost: ${why}.`,
    status: 0,
    requestId: null,
    facts: {},
    mayHaveHappened: false,
    retryAfterMs: null,
    cause,
  });
}

const placePattern = /^(\d+)\.(\d+)$/;

/**
 * Whether a place is later in the log than what was dealt with. One of another epoch is not: only `log_reset` leads
 * there, and whoever lost the connection just before it has to be told again.
 */
function isAhead(id: string, place: string | null): boolean {
  const [, epoch, seq] = placePattern.exec(id) ?? [];
  if (epoch === undefined) return false;
  if (place === null) return true;
  const [, dealtEpoch, dealtSeq] = placePattern.exec(place) ?? [];
  // A bare seq, as the caller may give it, is of the current log.
  return (dealtEpoch ?? epoch) === epoch && Number(seq) > Number(dealtSeq ?? place);
}

/** A signal that is aborted when its time is over, which is set anew whenever something is heard. */
function watchdog({ clock }: Connection, outer: AbortSignal) {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(outer.reason);
  let cancel = (): void => undefined;
  outer.addEventListener("abort", giveUp, { once: true });
  const end = (): void => {
    cancel();
    outer.removeEventListener("abort", giveUp);
    controller.abort();
  };
  return {
    signal: controller.signal,
    within(ms: number): void {
      cancel();
      cancel = clock.after(ms, () => controller.abort(new Error(`nothing was heard for ${ms} ms`)));
    },
    pause: (): void => cancel(),
    end,
  };
}
