// A webhook as the API shows it: all but its secrets, and how far it is behind the log.

import type { EventType } from "../domain/model.ts";
import { isoTime } from "../lib/clock.ts";
import type { Store } from "../store/store.ts";
import { type Webhook, webhookStates } from "../store/webhook.ts";
import { ProblemError } from "./problem.ts";
import { Answer, Nullable, OneOf, StoreList, Time } from "./schemas.ts";
import { type Static, Type } from "./type.ts";
import { eventTypes } from "./words.ts";

/** The list comes first, as in StoreList. */
export const EventTypeList = Type.Unsafe<string | EventType[]>({
  type: ["array", "string"],
  items: { type: "string", enum: eventTypes },
  description: 'Types of events, or "*" for all of them.',
});
const fields = {
  id: Type.String(),
  url: Type.String(),
  description: Nullable(Type.String()),
  types: EventTypeList,
  stores: StoreList,
  state: OneOf(webhookStates),
  cursor_seq: Type.Integer({ description: "Up to here in the log all is dealt with." }),
  behind_events: Type.Integer({ description: "Events of the log that are not dealt with yet." }),
  failed_attempts: Type.Integer({ description: "Of the event that comes next." }),
  next_attempt_at: Nullable(Time),
  last_error: Nullable(Type.String()),
  old_secret_until: Nullable(Time),
  created_at: Time,
  updated_at: Time,
};
export const WebhookAnswer = Answer("Webhook", fields);
export const NewWebhookAnswer = Answer("NewWebhook", {
  ...fields,
  secret: Type.String({ description: "Signs the deliveries. It is shown once." }),
});

export async function webhookOf(store: Pick<Store, "webhooks">, id: string): Promise<Webhook> {
  return (await store.webhooks.one(id)) ?? noWebhook(id);
}

export function noWebhook(id: string): never {
  throw new ProblemError("webhook_not_found", `There is no webhook ${id}.`);
}

export function webhookAnswer(hook: Webhook, headSeq: number): Static<typeof WebhookAnswer> {
  const timeOf = (at: number | null): string | null => (at === null ? null : isoTime(at));
  return {
    id: hook.id,
    url: hook.url,
    description: hook.description,
    types: hook.types === "*" ? "*" : [...hook.types],
    stores: hook.stores === "*" ? "*" : [...hook.stores],
    state: hook.state,
    cursor_seq: hook.cursor,
    behind_events: Math.max(0, headSeq - hook.cursor),
    failed_attempts: hook.attempts,
    next_attempt_at: timeOf(hook.attempts > 0 && hook.state === "active" ? hook.dueAt : null),
    last_error: hook.trouble,
    old_secret_until: timeOf(hook.oldSecretUntil),
    created_at: isoTime(hook.createdAt),
    updated_at: isoTime(hook.updatedAt),
  };
}
