// Signing in to the console: a key or a token is exchanged for a cookie that scripts cannot read. The
// session is a row in the database under the hash of its secret; it ends with its key, its token or
// its own time, whichever is first.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isoTime } from "../../lib/clock.ts";
import { sha256 } from "../../lib/ids.ts";
import { tokenLengthMax } from "../../limits.ts";
import { type Authenticator, credentialsNeeded } from "../auth.ts";
import type { HttpDeps } from "../deps.ts";
import { invalidField } from "../problem.ts";
import { type Caller, scopesOf } from "../roles.ts";
import { route } from "../route.ts";
import { Answer, Body, Nullable, OneOf, RoleName, StoreList, Time } from "../schemas.ts";
import {
  clearSessionCookie,
  mustBeSameOrigin,
  newSessionSecret,
  sessionCookieOf,
  setSessionCookie,
} from "../session.ts";
import { type Static, Type } from "../type.ts";

const Credential = Type.String({ minLength: 1, maxLength: tokenLengthMax });
const SignIn = Body(
  { key: Type.Optional(Credential), token: Type.Optional(Credential) },
  { minProperties: 1, description: "One of the two." },
);
const SessionAnswer = Answer("Session", {
  actor: Type.String(),
  subject: Type.String(),
  role: RoleName,
  stores: StoreList,
  scopes: Type.Array(Type.String(), { description: "What this role may do." }),
  by: OneOf(["key", "token", "session"]),
  expires_at: Nullable(Time),
});

const url = "/api/v1/auth/session";
const shared = { url, scope: "session", tag: "session" } as const;

export function sessionRoutes(
  app: FastifyInstance,
  deps: HttpDeps,
  authenticator: Authenticator,
): void {
  signInRoute(app, deps, authenticator);

  route(app, {
    ...shared,
    method: "GET",
    id: "getSession",
    summary: "Who am I",
    schema: { response: { 200: SessionAnswer } },
    codes: ["unauthenticated", "rate_limited", "overloaded", "database_unavailable"],
    async handler(request, reply) {
      const caller = await known(app, request, reply, () => authenticator.identify(request));
      return sessionAnswer(caller);
    },
  });

  route(app, {
    ...shared,
    method: "DELETE",
    id: "endSession",
    summary: "Signs out",
    idempotency: "refused",
    schema: { response: { 204: Type.Null() } },
    codes: ["forbidden", "database_unavailable"],
    async handler(request, reply) {
      const secret = sessionCookieOf(request.headers.cookie ?? "");
      if (secret !== null) {
        mustBeSameOrigin(request);
        const hash = sha256(secret);
        const session = await deps.store.sessionByHash(hash);
        await deps.store.removeSession(hash);
        await deps.sharing?.sessions.end(hash);
        if (session !== null) deps.feed.recheck(session.caller);
      }
      clearSessionCookie(request, reply);
      return reply.code(204).send();
    },
  });
}

function signInRoute(
  app: FastifyInstance,
  { store, settings, now }: HttpDeps,
  authenticator: Authenticator,
): void {
  route(app, {
    ...shared,
    method: "POST",
    id: "startSession",
    summary: "Signs in: a key or a token becomes an HttpOnly cookie",
    idempotency: "refused",
    schema: { body: SignIn, response: { 201: SessionAnswer } },
    codes: ["unauthenticated", "rate_limited", "overloaded", "database_unavailable"],
    async handler(request, reply) {
      const { key, token } = request.body;
      if (key !== undefined && token !== undefined)
        throw invalidField("/token", "or key, not both");
      const caller = await known(app, request, reply, () =>
        key === undefined ? authenticator.byToken(token ?? "") : authenticator.byKey(key),
      );
      const at = now();
      const until = at + settings.sessionTtlSeconds * 1000;
      const expiresAt = Math.min(until, caller.expiresAt ?? until);
      const { id, role, stores, subject, keyId } = caller;
      if (role === "anonymous") throw credentialsNeeded();
      const secret = newSessionSecret();
      const session = { caller: id, role, stores, subject, keyId, createdAt: at, expiresAt };
      await store.addSession(session, sha256(secret));
      setSessionCookie(request, reply, secret, Math.floor((expiresAt - at) / 1000));
      reply.code(201);
      return sessionAnswer({ ...caller, by: "session", expiresAt });
    },
  });
}

/** Wrong credentials here count against their address like those of any other request. */
async function known(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  check: () => Caller | Promise<Caller>,
): Promise<Caller> {
  try {
    return await check();
  } catch (error) {
    await app.refuse(request, reply, error);
    throw error;
  }
}

function sessionAnswer(caller: Caller): Static<typeof SessionAnswer> {
  const { actor, subject, role, stores, by, expiresAt } = caller;
  if (role === "anonymous" || by === "nothing") throw credentialsNeeded();
  return {
    actor,
    subject,
    role,
    stores: stores === "*" ? "*" : [...stores],
    scopes: [...scopesOf[role]],
    by,
    expires_at: expiresAt === null ? null : isoTime(expiresAt),
  };
}
