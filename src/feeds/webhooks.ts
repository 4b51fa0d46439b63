// Sends the log to webhook endpoints. Each endpoint has a cursor and a lane of its own: one delivery at a time, in the
// order of the log, so that of every stock row it hears in order, and a slow one keeps no other waiting. An event is
// dealt with when it was answered with 2xx, or when the endpoint does not want its type or store.
//
// At least once: a cursor is written after some deliveries, not after each, and what was delivered since is delivered
// again when the instance dies. Receivers know it by the event's id. One that fails is tried again after 5 s … 24 h, and
// holds back those after it; after the last time the endpoint is parked as it stands, and nothing is passed over.
//
// Of several instances one delivers: the lease is a row, by the database's clock. One that was paused for longer than it
// lasts may send what another sends too, and finds that the cursor has moved when it wants to write it.

import { envelopeText } from "../bus/envelope.ts";
import { steady } from "../lib/clock.ts";
import {
  webhookLeaseMs,
  webhookLookMs,
  webhookRetryMs,
  webhookRunMax,
  webhookRunMs,
  webhookWakeMs,
} from "../limits.ts";
import type { LogEvent, Store, Webhooks } from "../store/store.ts";
import type { Attempt, Webhook, WebhookAdvance } from "../store/webhook.ts";
import type { Message, Sender, Sent } from "./webhook-send.ts";

const pageEvents = 200;

export interface Delivering {
  /** Begins what is due; answers when to look again (steady ms). */
  tick(): Promise<number>;
  /** When to look for news of the log (steady ms); null: nobody is to hear of them now. */
  newsAt(): number | null;
  /** Ends what is under way and gives the lease back. */
  close(): Promise<void>;
}

export interface DeliveringOptions {
  readonly store: Pick<Store, "events" | "time"> & {
    readonly webhooks: Pick<Webhooks, "advance" | "claim" | "due" | "release">;
  };
  readonly sender: Pick<Sender, "send">;
  /** One name for each instance that there is. */
  readonly holder: string;
  readonly failed: (error: unknown) => void;
  readonly chance?: () => number;
  readonly retryMs?: readonly number[];
}

/** How far an endpoint that wanted none of it is beyond its cursor, and since when that is not written. */
interface Passed {
  readonly of: Webhook;
  readonly to: number;
  readonly since: number;
}

export function openDelivering(options: DeliveringOptions): Delivering {
  const { store, sender, holder, failed, chance = Math.random, retryMs = webhookRetryMs } = options;
  const { webhooks } = store;
  const lanes = new Map<string, Promise<void>>();
  const passed = new Map<string, Passed>();
  const stopping = new AbortController();
  let [askedAt, lookedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let held = false;
  let ready = 0;

  /** Asked three times in its life; of another's, at each look that was not for news. */
  async function hold(): Promise<void> {
    const now = steady();
    if (now < askedAt + (held ? webhookLeaseMs / 3 : webhookLookMs)) return;
    // Read after this clock: here it ends sooner than there.
    held = await webhooks.claim(holder, await store.time(), webhookLeaseMs);
    askedAt = now;
  }

  function mayGoOn(): boolean {
    return held && !stopping.signal.aborted && steady() < askedAt + webhookLeaseMs;
  }

  async function lane(hook: Webhook): Promise<void> {
    let at: Webhook | null = hook;
    while (at?.state === "active" && mayGoOn()) {
      const run: WebhookAdvance | null = await send(at);
      if (run === null) return;
      at = await webhooks.advance(run);
      passed.delete(hook.id);
      if (run.attempts > 0) return;
    }
  }

  /** Some of what comes next, until the first that fails. null: nothing of it has to be written now. */
  async function send(hook: Webhook): Promise<WebhookAdvance | null> {
    const until = steady() + webhookRunMs;
    const before = passedBy(hook);
    const tried: Attempt[] = [];
    let to = before?.to ?? hook.cursor;
    for (let isMore = true; isMore && steady() < until && mayGoOn(); ) {
      const page = await store.events({ ...everything, after: to, limit: pageEvents });
      for (const event of page.items) {
        if (wants(hook, event)) {
          const isEnough = tried.length >= webhookRunMax || steady() > until || !mayGoOn();
          if (isEnough) return runUpTo(hook, to, tried);
          const sent = await sender.send(hook, messageOf(event), stopping.signal);
          // Cut off by a stop: nothing is known of it, and it is sent again.
          if (sent.error !== null && stopping.signal.aborted) return runUpTo(hook, to, tried);
          const { retryAfterMs, ...attempt } = sent;
          tried.push(attempt);
          if (sent.error !== null) {
            const failures = to === hook.cursor ? hook.attempts + 1 : 1;
            return { ...runOf(hook, to, tried), ...(await afterFailure(sent, failures)) };
          }
        }
        to = event.seq;
      }
      to = Math.max(to, page.scanned);
      isMore = page.items.length === pageEvents;
    }
    const since = before?.since ?? steady();
    if (tried.length > 0 || steady() >= since + webhookRunMs) return runUpTo(hook, to, tried);
    // A write for each event that nobody wants would be too many.
    if (to > hook.cursor) passed.set(hook.id, { of: hook, to, since });
    return null;
  }

  function passedBy({ id, cursor, updatedAt }: Webhook): Passed | null {
    const found = passed.get(id);
    // Who changed it may want what it did not want, from where it stands.
    return found?.of.cursor === cursor && found.of.updatedAt === updatedAt ? found : null;
  }

  async function afterFailure({ status, error, retryAfterMs }: Sent, attempts: number) {
    const wait = retryMs[attempts - 1];
    const lost = wait === undefined ? "parked" : "active";
    const state = status === 410 ? "gone" : lost;
    const waitMs = Math.max((wait ?? 0) * (0.8 + 0.4 * chance()), retryAfterMs);
    const dueAt = (await store.time()) + Math.round(waitMs);
    return { attempts, state, dueAt, trouble: error } as const;
  }

  return {
    async tick() {
      lookedAt = steady();
      // What is read while a lane goes on may be of before its last delivery, and would be delivered again.
      const going = new Set(lanes.keys());
      const due = await webhooks.due(await store.time());
      ready = due.ready;
      if (due.hooks.length > 0 || lanes.size > 0) await hold();
      for (const hook of due.hooks) {
        if (going.has(hook.id) || !mayGoOn()) continue;
        const begun = lane(hook)
          .catch(failed)
          .finally(() => lanes.delete(hook.id));
        lanes.set(hook.id, begun);
      }
      return steady() + webhookLookMs;
    },
    newsAt: () => (ready === 0 ? null : Math.max(steady(), lookedAt + webhookWakeMs)),
    async close() {
      stopping.abort();
      await Promise.all(lanes.values());
      // Where it cannot be given back, it ends by itself.
      if (held) await webhooks.release(holder).catch(failed);
    },
  };
}

const everything = { type: null, storeId: null, productId: null, stores: "*" } as const;

/** null: nothing was tried, and it stands where it stood. */
function runUpTo(hook: Webhook, to: number, tried: readonly Attempt[]): WebhookAdvance | null {
  return to === hook.cursor && tried.length === 0 ? null : runOf(hook, to, tried);
}

/** So far, and all is well. */
function runOf(hook: Webhook, to: number, tried: readonly Attempt[]): WebhookAdvance {
  const well = { attempts: 0, dueAt: 0, state: "active", trouble: null } as const;
  return { id: hook.id, from: hook.cursor, ...well, to, tried };
}

export function wants({ types, stores }: Webhook, { type, storeId }: LogEvent): boolean {
  if (types !== "*" && !types.includes(type)) return false;
  return stores === "*" || storeId === "*" || stores.includes(storeId);
}

export function messageOf(event: LogEvent): Message {
  const { id, seq, type, traceparent } = event;
  return { id, seq, type, body: envelopeText(event), traceparent };
}
