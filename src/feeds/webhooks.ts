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
} from "../limits.ts";
import type { Attempt, LogEvent, Store, Webhook, WebhookAdvance } from "../store/store.ts";
import type { Sender } from "./webhook-send.ts";

const pageEvents = 200;

export interface Delivering {
  /** Begins what is due; answers when to look again (steady ms). */
  tick(): Promise<number>;
  /** Ends what is under way and gives the lease back. */
  close(): Promise<void>;
}

export interface DeliveringOptions {
  readonly store: Pick<Store, "events" | "time" | "webhooks">;
  readonly sender: Pick<Sender, "send">;
  /** One name for each instance that there is. */
  readonly holder: string;
  readonly failed: (error: unknown) => void;
  readonly chance?: () => number;
  readonly retryMs?: readonly number[];
}

export function openDelivering(options: DeliveringOptions): Delivering {
  const { store, sender, holder, failed, chance = Math.random, retryMs = webhookRetryMs } = options;
  const { webhooks } = store;
  const lanes = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let claimedAt = Number.NEGATIVE_INFINITY;
  let held = false;

  /** Asked three times in its life. */
  async function hold(at: number): Promise<void> {
    const now = steady();
    if (held && now < claimedAt + webhookLeaseMs / 3) return;
    held = await webhooks.claim(holder, at, webhookLeaseMs);
    claimedAt = now;
  }

  function mayGoOn(): boolean {
    return held && !stopping.signal.aborted && steady() < claimedAt + webhookLeaseMs;
  }

  async function lane(hook: Webhook): Promise<void> {
    let at: Webhook | null = hook;
    while (at !== null && mayGoOn()) {
      const run = await send(at);
      if (run.to === at.cursor && run.tried.length === 0) return;
      at = await webhooks.advance(run);
      if (run.attempts > 0) return;
    }
  }

  /** Some of what comes next, until the first that fails. */
  async function send(hook: Webhook): Promise<WebhookAdvance> {
    const until = steady() + webhookRunMs;
    const everything = { type: null, storeId: null, productId: null, stores: "*" } as const;
    const page = await store.events({ ...everything, after: hook.cursor, limit: pageEvents });
    const tried: Attempt[] = [];
    let to = hook.cursor;
    for (const event of page.items) {
      if (wants(hook, event)) {
        if (!mayGoOn() || tried.length >= webhookRunMax || steady() > until) {
          return { ...fine(hook), to, tried };
        }
        const attempt = await sender.send(hook, messageOf(event), stopping.signal);
        // Cut off by a stop: nothing is known of it, and it is sent again.
        if (attempt.error !== null && stopping.signal.aborted) return { ...fine(hook), to, tried };
        tried.push(attempt);
        if (attempt.error !== null) {
          const failures = to === hook.cursor ? hook.attempts + 1 : 1;
          return { ...fine(hook), ...(await after(attempt, failures)), to, tried };
        }
      }
      to = event.seq;
    }
    return { ...fine(hook), to: Math.max(to, page.scanned), tried };
  }

  async function after({ status, error }: Attempt, attempts: number) {
    const wait = retryMs[attempts - 1];
    const lost = wait === undefined ? "parked" : "active";
    const state = status === 410 ? "gone" : lost;
    const dueAt = (await store.time()) + Math.round((wait ?? 0) * (0.8 + 0.4 * chance()));
    return { attempts, state, dueAt, trouble: error } as const;
  }

  return {
    async tick() {
      const at = await store.time();
      const due = await webhooks.due(at);
      if (due.length > 0 || lanes.size > 0) await hold(at);
      for (const hook of due) {
        if (lanes.has(hook.id) || !mayGoOn()) continue;
        const going = lane(hook)
          .catch(failed)
          .finally(() => lanes.delete(hook.id));
        lanes.set(hook.id, going);
      }
      return steady() + webhookLookMs;
    },
    async close() {
      stopping.abort();
      await Promise.all(lanes.values());
      if (held) await webhooks.release(holder);
    },
  };
}

/** All is well, and nothing has moved yet. */
function fine({ id, cursor }: Webhook) {
  const well = { attempts: 0, dueAt: 0, state: "active", trouble: null } as const;
  return { id, from: cursor, ...well };
}

export function wants({ types, stores }: Webhook, { type, storeId }: LogEvent): boolean {
  if (types !== "*" && !types.includes(type)) return false;
  return stores === "*" || storeId === "*" || stores.includes(storeId);
}

export function messageOf(event: LogEvent) {
  return { id: event.id, seq: event.seq, type: event.type, body: envelopeText(event) };
}
