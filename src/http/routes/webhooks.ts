// Webhook endpoints, for admins: where events are sent to, which, and with what secret they are signed. A secret is
// shown once, in the answer that made it, so these answers are never kept under an Idempotency-Key.

import type { FastifyInstance } from "fastify";
import { type Static, Type } from "typebox";
import type { EventType } from "../../domain/model.ts";
import { refuseUrl } from "../../feeds/webhook-address.ts";
import { newWebhookSecret } from "../../feeds/webhook-signature.ts";
import { isoTime } from "../../lib/clock.ts";
import { pageLimitDefault, webhookOldSecretMs } from "../../limits.ts";
import type { Store, StoreScope, Webhook, WebhookChange } from "../../store/store.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField, ProblemError } from "../problem.ts";
import { route } from "../route.ts";
import {
  Answer,
  Body,
  Id,
  idPattern,
  lineText,
  Nullable,
  OneOf,
  PageOf,
  Parts,
  paging,
  StoreList,
  Time,
} from "../schemas.ts";
import { eventTypes } from "../words.ts";

const hooksCursor = cursorKind("webhooks", ["number"]);
const storeIdPattern = new RegExp(idPattern, "u");

const Url = Type.String({
  pattern: lineText,
  minLength: 1,
  maxLength: 2_000,
  description:
    "https://, and a public address: what is private, of this machine or of a link is refused.",
});
const Types = Type.Unsafe<string | EventType[]>({
  type: ["array", "string"],
  items: { type: "string", enum: eventTypes },
  description: 'Types of events, or "*" for all of them.',
});
const fields = {
  id: Type.String(),
  url: Type.String(),
  description: Nullable(Type.String()),
  types: Types,
  stores: StoreList,
  state: OneOf(["active", "paused", "parked", "gone"] as const),
  cursor_seq: Type.Integer({ description: "Up to here in the log all is dealt with." }),
  failed_attempts: Type.Integer({ description: "Of the event that comes next." }),
  next_attempt_at: Nullable(Time),
  last_error: Nullable(Type.String()),
  old_secret_until: Nullable(Time),
  created_at: Time,
  updated_at: Time,
};
const WebhookAnswer = Answer("Webhook", fields);
const NewWebhookAnswer = Answer("NewWebhook", {
  ...fields,
  secret: Type.String({ description: "Signs the deliveries. It is shown once." }),
});
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
      return pageAnswer(page, hooksCursor, answerOf);
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
      return answerOf(await webhookIn(store, id));
    },
  });
}

function create(app: FastifyInstance, { store, settings, now, newId }: HttpDeps): void {
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
        types: Type.Optional(Types),
        stores: Type.Optional(StoreList),
        after_seq: Type.Optional(
          Type.Integer({ minimum: 0, description: "Begin behind this event, not at the end." }),
        ),
      }),
      response: { 201: NewWebhookAnswer },
    },
    async handler({ body }, reply) {
      mustBeUrl(body.url, settings.webhooksAllowPrivate);
      const secret = newWebhookSecret();
      const hook: Webhook = {
        id: newId(),
        url: body.url,
        description: body.description ?? null,
        types: typesOf(body.types ?? "*"),
        stores: storesOf(body.stores ?? "*"),
        secret,
        oldSecret: null,
        oldSecretUntil: null,
        state: "active",
        cursor: await placeOf(store, body.after_seq),
        attempts: 0,
        dueAt: 0,
        trouble: null,
        createdAt: now(),
        updatedAt: now(),
      };
      await store.webhooks.add(hook);
      reply.code(201).header("location", `/api/v1/webhooks/${hook.id}`);
      return { ...answerOf(hook), secret };
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
        types: Type.Optional(Types),
        stores: Type.Optional(StoreList),
        state: Type.Optional(OneOf(["active", "paused"] as const)),
        after_seq: Type.Optional(
          Type.Integer({
            minimum: 0,
            description: "Go on behind this event: back, or over what it refuses.",
          }),
        ),
      }),
      response: { 200: WebhookAnswer },
    },
    codes: ["webhook_not_found"],
    async handler({ params: { id }, body }) {
      if (body.url !== undefined) mustBeUrl(body.url, settings.webhooksAllowPrivate);
      const hook = await webhookIn(store, id);
      const changed: WebhookChange = {
        url: body.url ?? hook.url,
        description: body.description === undefined ? hook.description : body.description,
        types: body.types === undefined ? hook.types : typesOf(body.types),
        stores: body.stores === undefined ? hook.stores : storesOf(body.stores),
        secret: hook.secret,
        oldSecret: hook.oldSecret,
        oldSecretUntil: hook.oldSecretUntil,
        state: body.state ?? hook.state,
        cursor: body.after_seq === undefined ? null : await placeOf(store, body.after_seq),
        updatedAt: now(),
      };
      return answerOf((await store.webhooks.change(id, changed)) ?? missing(id));
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
      if (!(await store.webhooks.remove(id))) missing(id);
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
    schema: {
      params: Parts({ id: Id }),
      body: Body({ end_old: Type.Optional(Type.Boolean()) }),
      response: { 200: NewWebhookAnswer },
    },
    codes: ["webhook_not_found"],
    async handler({ params: { id }, body }) {
      const hook = await webhookIn(store, id);
      const secret = newWebhookSecret();
      const isKept = body.end_old !== true;
      const rotated = await store.webhooks.change(id, {
        ...hook,
        cursor: null,
        secret,
        oldSecret: isKept ? hook.secret : null,
        oldSecretUntil: isKept ? now() + webhookOldSecretMs : null,
        updatedAt: now(),
      });
      return { ...answerOf(rotated ?? missing(id)), secret };
    },
  });
}

export async function webhookIn(store: Pick<Store, "webhooks">, id: string): Promise<Webhook> {
  return (await store.webhooks.one(id)) ?? missing(id);
}

function missing(id: string): never {
  throw new ProblemError("webhook_not_found", `There is no webhook ${id}.`);
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

function storesOf(stores: string | readonly string[]): StoreScope {
  if (stores === "*") return "*";
  if (typeof stores === "string" || stores.length === 0 || stores.length > 1_000) {
    throw invalidField("/stores", 'must be a list of 1 to 1000 ids, or "*"');
  }
  const wrong = stores.findIndex((id) => !storeIdPattern.test(id));
  if (wrong !== -1) throw invalidField(`/stores/${wrong}`, "is no id of a store");
  return [...new Set(stores)];
}

async function placeOf(store: Pick<Store, "head">, afterSeq: number | undefined): Promise<number> {
  const { seq } = await store.head();
  if (afterSeq !== undefined && afterSeq > seq) {
    throw invalidField("/after_seq", `must be at most ${seq}, the end of the log`);
  }
  return afterSeq ?? seq;
}

function answerOf(hook: Webhook): Static<typeof WebhookAnswer> {
  const timeOf = (at: number | null): string | null => (at === null ? null : isoTime(at));
  return {
    id: hook.id,
    url: hook.url,
    description: hook.description,
    types: hook.types === "*" ? "*" : [...hook.types],
    stores: hook.stores === "*" ? "*" : [...hook.stores],
    state: hook.state,
    cursor_seq: hook.cursor,
    failed_attempts: hook.attempts,
    next_attempt_at: timeOf(hook.attempts > 0 && hook.state === "active" ? hook.dueAt : null),
    last_error: hook.trouble,
    old_secret_until: timeOf(hook.oldSecretUntil),
    created_at: isoTime(hook.createdAt),
    updated_at: isoTime(hook.updatedAt),
  };
}
