// The words of webhooks: what an endpoint is, what may be changed of it, and what becomes of a delivery. What is asked
// of a database about them is in the port (store.ts); their statements are in webhook-sql.ts.

import type { EventType } from "../domain/model.ts";

/**
 * active: events are sent to it. paused: by its owner. parked: the last try of an event failed. gone: it said so (410).
 * Whatever it is, its cursor stays where it is until it is active again.
 */
export const webhookStates = ["active", "paused", "parked", "gone"] as const;
export type WebhookState = (typeof webhookStates)[number];

/** Where events are sent to. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: readonly EventType[] | "*";
  readonly stores: readonly string[] | "*";
  readonly secret: string;
  /** Signs too, until its time is over. */
  readonly oldSecret: string | null;
  readonly oldSecretUntil: number | null;
  readonly state: WebhookState;
  /** The seq up to which all is dealt with. */
  readonly cursor: number;
  /** Failed ones since, of the event that comes next. */
  readonly attempts: number;
  readonly dueAt: number;
  /** Why the last attempt failed. */
  readonly trouble: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a change writes; what it does not name stays as it is, whoever changes that at the same time. */
export interface WebhookChange {
  readonly url?: string | undefined;
  readonly description?: string | null | undefined;
  readonly types?: Webhook["types"] | undefined;
  readonly stores?: Webhook["stores"] | undefined;
  readonly state?: "active" | "paused" | undefined;
  readonly cursor?: number | undefined;
  readonly updatedAt: number;
}

export interface WebhookRotation {
  readonly secret: string;
  /** How long the one before signs too; null: no more. */
  readonly oldUntil: number | null;
  readonly updatedAt: number;
}

/** One try to send something to an endpoint. */
export interface Attempt {
  readonly id: string;
  /** null: it was a test. */
  readonly seq: number | null;
  readonly eventId: string;
  readonly eventType: string;
  readonly at: number;
  readonly durationMs: number;
  /** null: there was no answer. */
  readonly status: number | null;
  /** Why it does not count as delivered; null: it was. */
  readonly error: string | null;
}

export interface WebhookAdvance
  extends Pick<Webhook, "id" | "attempts" | "dueAt" | "state" | "trouble"> {
  readonly from: number;
  readonly to: number;
  readonly tried: readonly Attempt[];
}

export interface WebhooksDue {
  /** Those to which something of the log may be sent now. */
  readonly hooks: readonly Webhook[];
  /** How many may be sent something, or could if there were anything. */
  readonly ready: number;
}

export interface WebhookLag {
  readonly id: string;
  readonly state: WebhookState;
  /** Events of the log that are not dealt with. */
  readonly events: number;
  /** When the first of them happened; null: there are none. */
  readonly since: number | null;
}
