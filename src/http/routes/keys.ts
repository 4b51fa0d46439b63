// API keys, for admins. A key's secret is shown once, in the answer that made it; afterwards there is
// only its hash. So these answers are never kept under an Idempotency-Key.

import type { FastifyInstance } from "fastify";
import { isoTime } from "../../lib/clock.ts";
import { newSecret, sha256 } from "../../lib/ids.ts";
import { pageLimitDefault } from "../../limits.ts";
import type { ApiKey, StoreScope } from "../../store/store.ts";
import type { Authenticator } from "../auth.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField, ProblemError } from "../problem.ts";
import { keyCaller } from "../roles.ts";
import { route } from "../route.ts";
import {
  Answer,
  Body,
  Id,
  lineText,
  Nullable,
  PageOf,
  Parts,
  paging,
  RoleName,
  StoreList,
  Time,
  TimeIso,
} from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { storesNamed, timeAt } from "../values.ts";

const keysCursor = cursorKind("keys", ["number"]);

const KeyName = Type.String({
  pattern: lineText,
  minLength: 1,
  maxLength: 100,
  description: "Shown in the log of changes as key:<name>.",
});
const keyFields = {
  id: Type.String(),
  name: Type.String(),
  role: RoleName,
  stores: StoreList,
  created_at: Time,
  expires_at: Nullable(Time),
  last_used_at: Nullable(Time),
};
const KeyAnswer = Answer("ApiKey", keyFields);
const NewKeyAnswer = Answer("NewApiKey", {
  ...keyFields,
  key: Type.String({ description: "The secret. It is shown once and not kept." }),
});

export function keyRoutes(
  app: FastifyInstance,
  deps: HttpDeps,
  authenticator: Pick<Authenticator, "forgetKeys">,
): void {
  listAndDelete(app, deps, authenticator);
  create(app, deps);
}

function listAndDelete(
  app: FastifyInstance,
  { store, feed }: HttpDeps,
  authenticator: Pick<Authenticator, "forgetKeys">,
): void {
  route(app, {
    method: "GET",
    url: "/api/v1/api-keys",
    scope: "keys:admin",
    id: "listApiKeys",
    tag: "keys",
    summary: "Lists the API keys, without their secrets",
    schema: { querystring: Parts(paging), response: { 200: PageOf("ApiKeyPage", KeyAnswer) } },
    async handler({ query }) {
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.keys({ after: keysCursor.read(query.cursor), limit });
      return pageAnswer(page, keysCursor, keyAnswer);
    },
  });

  route(app, {
    method: "DELETE",
    url: "/api/v1/api-keys/:id",
    scope: "keys:admin",
    id: "deleteApiKey",
    tag: "keys",
    summary: "Takes an API key away, and the sessions opened with it; works at once",
    idempotency: "refused",
    schema: { params: Parts({ id: Id }), response: { 204: Type.Null() } },
    codes: ["key_not_found"],
    async handler({ params: { id } }, reply) {
      if (!(await store.removeKey(id))) {
        throw new ProblemError("key_not_found", `There is no API key ${id}.`);
      }
      await authenticator.forgetKeys();
      feed.recheck(keyCaller(id));
      return reply.code(204).send();
    },
  });
}

function create(app: FastifyInstance, { store, now, newId }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/api-keys",
    scope: "keys:admin",
    id: "createApiKey",
    tag: "keys",
    summary: "Makes an API key; its secret is in this answer only",
    idempotency: "refused",
    schema: {
      body: Body({
        name: KeyName,
        role: RoleName,
        stores: Type.Optional(StoreList),
        expires_at: Type.Optional(Nullable(TimeIso)),
      }),
      response: { 201: NewKeyAnswer },
    },
    async handler({ body }, reply) {
      const at = now();
      const secret = newSecret();
      const key: ApiKey = {
        id: newId(),
        name: body.name,
        role: body.role,
        stores: storesOf(body),
        createdAt: at,
        expiresAt: endOf(body.expires_at, at),
        lastUsedAt: null,
      };
      await store.addKey(key, sha256(secret));
      reply.code(201).header("location", `/api/v1/api-keys/${key.id}`);
      return { ...keyAnswer(key), key: secret };
    },
  });
}

interface KeyBody {
  readonly role: ApiKey["role"];
  readonly stores?: string | string[];
}

/** Admins work in all stores, and customers where none are named; other roles must be given theirs. */
function storesOf({ role, stores }: KeyBody): StoreScope {
  if (stores === undefined) {
    if (role === "admin" || role === "customer") return "*";
    throw invalidField("/stores", `is required for the role ${role}: a list of ids, or "*"`);
  }
  const named = storesNamed(stores);
  if (role === "admin" && named !== "*") throw invalidField("/stores", 'must be "*" for an admin');
  return named;
}

function endOf(text: string | null | undefined, at: number): number | null {
  if (text === null || text === undefined) return null;
  const end = timeAt(text, "/expires_at");
  if (end <= at) throw invalidField("/expires_at", "must be in the future");
  return end;
}

function keyAnswer(key: ApiKey): Static<typeof KeyAnswer> {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    stores: key.stores === "*" ? "*" : [...key.stores],
    created_at: isoTime(key.createdAt),
    expires_at: key.expiresAt === null ? null : isoTime(key.expiresAt),
    last_used_at: key.lastUsedAt === null ? null : isoTime(key.lastUsedAt),
  };
}
