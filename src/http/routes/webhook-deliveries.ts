// What was sent to a webhook, for admins: the last attempts, a test, and one event again. These two are sent at once by
// the instance that is asked, beside the log's order; the cursor stays where it is.

import type { FastifyInstance } from "fastify";
import { type Message, openSender } from "../../feeds/webhook-send.ts";
import { messageOf } from "../../feeds/webhooks.ts";
import { isoTime } from "../../lib/clock.ts";
import { pageLimitDefault, webhookAskedMsMax } from "../../limits.ts";
import { wholeLog } from "../../store/store.ts";
import type { Attempt } from "../../store/webhook.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField } from "../problem.ts";
import { route } from "../route.ts";
import { Answer, Body, Id, Nullable, PageOf, Parts, paging, Time } from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { webhookOf } from "../webhook.ts";

const deliveriesCursor = cursorKind("webhook-deliveries", ["id"]);

const DeliveryAnswer = Answer("WebhookDelivery", {
  id: Type.String(),
  seq: Nullable(Type.Integer({ description: "null: it was a test." })),
  event_id: Type.String(),
  event_type: Type.String(),
  at: Time,
  duration_ms: Type.Integer(),
  status: Nullable(Type.Integer({ description: "null: there was no answer." })),
  delivered: Type.Boolean(),
  error: Nullable(Type.String()),
});

export function webhookDeliveryRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { store, settings, newId, now, metrics } = deps;
  const allowPrivate = settings.webhooksAllowPrivate;
  const answerMsMax = webhookAskedMsMax;
  const sender = openSender({ allowPrivate, now, newId, answerMsMax, sent: metrics.webhookSent });
  app.addHook("onClose", () => sender.close());

  async function sendNow(id: string, message: (() => Message) | Message) {
    const hook = await webhookOf(store, id);
    const attempt = await sender.send(hook, typeof message === "function" ? message() : message);
    await store.webhooks.note(id, attempt);
    return answerOf(attempt);
  }

  route(app, {
    method: "GET",
    url: "/api/v1/webhooks/:id/deliveries",
    scope: "webhooks:admin",
    id: "listWebhookDeliveries",
    tag: "webhooks",
    summary: "The last attempts of a webhook, newest first; some hundred are kept",
    schema: {
      params: Parts({ id: Id }),
      querystring: Parts(paging),
      response: { 200: PageOf("WebhookDeliveryPage", DeliveryAnswer) },
    },
    codes: ["webhook_not_found"],
    async handler({ params: { id }, query }) {
      await webhookOf(store, id);
      const limit = query.limit ?? pageLimitDefault;
      const after = deliveriesCursor.read(query.cursor);
      const page = await store.webhooks.deliveries(id, { after, limit });
      return pageAnswer(page, deliveriesCursor, answerOf);
    },
  });

  route(app, {
    method: "POST",
    url: "/api/v1/webhooks/:id/test",
    scope: "webhooks:admin",
    id: "testWebhook",
    tag: "webhooks",
    summary: "Sends a test (`webhook.test`) and answers what became of it",
    idempotency: "refused",
    emptyBody: true,
    schema: { params: Parts({ id: Id }), body: Body({}), response: { 200: DeliveryAnswer } },
    codes: ["webhook_not_found"],
    handler({ params: { id } }) {
      return sendNow(id, () => {
        const test = { id: newId(), seq: null, type: "webhook.test" };
        const body = JSON.stringify({ ...test, occurred_at: isoTime(now()), payload: {} });
        return { ...test, body, traceparent: null };
      });
    },
  });

  route(app, {
    method: "POST",
    url: "/api/v1/webhooks/:id/deliveries",
    scope: "webhooks:admin",
    id: "redeliverToWebhook",
    tag: "webhooks",
    summary: "Sends one event of the log again, at once, and answers what became of it",
    idempotency: "refused",
    schema: {
      params: Parts({ id: Id }),
      body: Body({ seq: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) }),
      response: { 200: DeliveryAnswer },
    },
    codes: ["webhook_not_found"],
    async handler({ params: { id }, body: { seq } }) {
      await webhookOf(store, id);
      const { items } = await store.events({ ...wholeLog, after: seq - 1, limit: 1 });
      const [event] = items;
      if (event === undefined) throw invalidField("/seq", "is not in the log");
      return sendNow(id, messageOf(event));
    },
  });
}

function answerOf(attempt: Attempt): Static<typeof DeliveryAnswer> {
  const { id, seq, eventId, eventType, at, durationMs, status, error } = attempt;
  return {
    id,
    seq,
    event_id: eventId,
    event_type: eventType,
    at: isoTime(at),
    duration_ms: durationMs,
    status,
    delivered: error === null,
    error,
  };
}
