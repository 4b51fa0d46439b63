// Webhook endpoints, for admins: where events are sent to, which, and with what secret they are signed. A secret is
// shown once, in the answer that made it, so these answers are never kept under an Idempotency-Key.

import type { FastifyInstance } from "fastify";
import type { EventType } from "../../domain/model.ts";
import { refuseUrl } from "../../feeds/webhook-address.ts";
import { newWebhookSecret } from "../../feeds/webhook-signature.ts";
import {
  pageLimitDefault,
  webhookOldSecretMs,
  webhooksMax as webhooksMaxDefault,
} from "../../limits.ts";
import type { Webhook } from "../../store/webhook.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField, ProblemError } from "../problem.ts";
import { route } from "../route.ts";
import {
  Body,
  Id,
  lineText,
  Nullable,
  OneOf,
  PageOf,
  Parts,
  paging,
  StoreList,
} from "../schemas.ts";
import { Type } from "../type.ts";
import { storesNamed } from "../values.ts";
import {
  EventTypeList,
  NewWebhookAnswer,
  noWebhook,
  WebhookAnswer,
  webhookAnswer,
  webhookOf,
} from "../webhook.ts";

const hooksCursor = cursorKind("webhooks", ["number"]);

const Url = Type.String({
  pattern: lineText,
  minLength: 1,
  maxLength: 2_000,
  description:
    "https://, and a public address: what is private, of this machine or of a link is refused.",
});
const AfterSeq = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description }));
const Description = Type.Optional(
  Nullable(Type.String({ pattern: lineText, minLength: 1, maxLength: 200 })),
);

export function webhookRoutes(app: FastifyInstance, deps: HttpDeps): void {
  reads(app, deps);
  create(app, deps);
  change(app, deps);
  rotate(app, deps);
}

function reads(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    method: "GET",
    url: "/api/v1/webhooks",
    scope: "webhooks:admin",
    id: "listWebhooks",
    tag: "webhooks",
    summary: "Lists the webhooks, without their secrets",
    schema: { querystring: Parts(paging), response: { 200: PageOf("WebhookPage", WebhookAnswer) } },
    async handler({ query }) {
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.webhooks.list({ after: hooksCursor.read(query.cursor), limit });
      const { seq } = await store.head();
      return pageAnswer(page, hooksCursor, (hook) => webhookAnswer(hook, seq));
    },
  });

  route(app, {
    method: "GET",
    url: "/api/v1/webhooks/:id",
    scope: "webhooks:admin",
    id: "getWebhook",
    tag: "webhooks",
    summary: "A webhook: what it wants, and how far it is",
    schema: { params: Parts({ id: Id }), response: { 200: WebhookAnswer } },
    codes: ["webhook_not_found"],
    async handler({ params: { id } }) {
      return webhookAnswer(await webhookOf(store, id), (await store.head()).seq);
    },
  });
}

function create(app: FastifyInstance, deps: HttpDeps): void {
  const { store, settings, now, newId, webhooksMax = webhooksMaxDefault } = deps;
  route(app, {
    method: "POST",
    url: "/api/v1/webhooks",
    scope: "webhooks:admin",
    id: "createWebhook",
    tag: "webhooks",
    summary: "Sends events from now on to a URL; the secret is in this answer only",
    idempotency: "refused",
    schema: {
      body: Body({
        url: Url,
        description: Description,
        types: Type.Optional(EventTypeList),
        stores: Type.Optional(StoreList),
        after_seq: AfterSeq("Begin behind this event, not at the end."),
      }),
      response: { 201: NewWebhookAnswer },
    },
    codes: ["webhook_limit_reached"],
    async handler({ body }, reply) {
      mustBeUrl(body.url, settings.webhooksAllowPrivate);
      const { seq } = await store.head();
      const secret = newWebhookSecret();
      const hook: Webhook = {
        id: newId(),
        url: body.url,
        description: body.description ?? null,
        types: typesOf(body.types ?? "*"),
        stores: storesNamed(body.stores ?? "*"),
        secret,
        oldSecret: null,
        oldSecretUntil: null,
        state: "active",
        cursor: body.after_seq === undefined ? seq : placeOf(seq, body.after_seq),
        attempts: 0,
        dueAt: 0,
        trouble: null,
        createdAt: now(),
        updatedAt: now(),
      };
      if (!(await store.webhooks.add(hook, webhooksMax))) {
        throw new ProblemError(
          "webhook_limit_reached",
          `There are ${webhooksMax} webhooks, and there can be no more: take one away first.`,
          { facts: { limit: webhooksMax } },
        );
      }
      reply.code(201).header("location", `/api/v1/webhooks/${hook.id}`);
      return { ...webhookAnswer(hook, seq), secret };
    },
  });
}

function change(app: FastifyInstance, { store, settings, now }: HttpDeps): void {
  route(app, {
    method: "PATCH",
    url: "/api/v1/webhooks/:id",
    scope: "webhooks:admin",
    id: "changeWebhook",
    tag: "webhooks",
    summary: "Changes a webhook, pauses it, or lets it go on; what had failed is tried anew",
    idempotency: "refused",
    schema: {
      params: Parts({ id: Id }),
      body: Body({
        url: Type.Optional(Url),
        description: Description,
        types: Type.Optional(EventTypeList),
        stores: Type.Optional(StoreList),
        state: Type.Optional(OneOf(["active", "paused"] as const)),
        after_seq: AfterSeq("Go on behind this event: back, or over what it refuses."),
      }),
      response: { 200: WebhookAnswer },
    },
    codes: ["webhook_not_found"],
    async handler({ params: { id }, body }) {
      if (body.url !== undefined) mustBeUrl(body.url, settings.webhooksAllowPrivate);
      const { seq } = await store.head();
      const changed = await store.webhooks.change(id, {
        url: body.url,
        description: body.description,
        types: body.types === undefined ? undefined : typesOf(body.types),
        stores: body.stores === undefined ? undefined : storesNamed(body.stores),
        state: body.state,
        cursor: body.after_seq === undefined ? undefined : placeOf(seq, body.after_seq),
        updatedAt: now(),
      });
      return webhookAnswer(changed ?? noWebhook(id), seq);
    },
  });

  route(app, {
    method: "DELETE",
    url: "/api/v1/webhooks/:id",
    scope: "webhooks:admin",
    id: "deleteWebhook",
    tag: "webhooks",
    summary: "Takes a webhook away, with its deliveries",
    idempotency: "refused",
    schema: { params: Parts({ id: Id }), response: { 204: Type.Null() } },
    codes: ["webhook_not_found"],
    async handler({ params: { id } }, reply) {
      if (!(await store.webhooks.remove(id))) noWebhook(id);
      return reply.code(204).send();
    },
  });
}

function rotate(app: FastifyInstance, { store, now }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/webhooks/:id/secret",
    scope: "webhooks:admin",
    id: "rotateWebhookSecret",
    tag: "webhooks",
    summary: "A new secret; the old one signs too for a day, unless it is to end at once",
    idempotency: "refused",
    emptyBody: true,
    schema: {
      params: Parts({ id: Id }),
      body: Body({ end_old: Type.Optional(Type.Boolean()) }),
      response: { 200: NewWebhookAnswer },
    },
    codes: ["webhook_not_found"],
    async handler({ params: { id }, body }) {
      const secret = newWebhookSecret();
      const { seq } = await store.head();
      const oldUntil = body.end_old === true ? null : now() + webhookOldSecretMs;
      const rotated = await store.webhooks.rotate(id, { secret, oldUntil, updatedAt: now() });
      return { ...webhookAnswer(rotated ?? noWebhook(id), seq), secret };
    },
  });
}

function mustBeUrl(url: string, allowPrivate: boolean): void {
  const refusal = refuseUrl(url, allowPrivate);
  if (refusal !== null) throw invalidField("/url", refusal);
}

function typesOf(types: string | EventType[]): Webhook["types"] {
  if (types === "*") return "*";
  if (typeof types === "string" || types.length === 0) {
    throw invalidField("/types", 'must be a list of types of events, or "*"');
  }
  return [...new Set(types)];
}

function placeOf(headSeq: number, afterSeq: number): number {
  if (afterSeq <= headSeq) return afterSeq;
  throw invalidField("/after_seq", `must be at most ${headSeq}, the end of the log`);
}
