// Who sends a request: an API key, a token or a console session, or nobody. A credential that is not
// valid is refused, never taken for "nobody".
//
// Taking a key away works at once: this process forgets what it knew of keys when it removes one, and
// trusts what it knows for no longer than `keyKnownMs`, so that a key revoked beside it (`onhand keys
// revoke` waits that long) is refused too. Without that memory the look-up is a third of a read's whole
// cost: SQLite takes two file locks for it. When a key was last used is written every minute.
//
// A session is a row, read for each request; instances with Redis share what they read for `sessionKnownMs`,
// and tell each other when one ends (cache/redis-sessions.ts).

import type { FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import type { SharedSessions } from "../cache/redis-sessions.ts";
import { type Clock, isRecent } from "../lib/clock.ts";
import { digest, secretPattern, sha256 } from "../lib/ids.ts";
import { cachedKeysMax, keyKnownMs } from "../limits.ts";
import type { ApiKey, Session, Store } from "../store/store.ts";
import type { VerifyToken } from "./jwt.ts";
import { ProblemError, unauthenticated } from "./problem.ts";
import { type Caller, keyCaller, nobody } from "./roles.ts";
import { mustBeSameOrigin, sessionCookieOf, sessionPattern } from "./session.ts";

export interface AuthDeps {
  readonly store: Pick<Store, "keyByHash" | "sessionByHash" | "touchKeys">;
  readonly byToken: VerifyToken;
  readonly now: Clock;
  readonly sessions?: SharedSessions | undefined;
  /** Last use of keys could not be written; it is tried again. */
  readonly failed: (error: unknown) => void;
}

export interface Authenticator {
  /** Throws `unauthenticated` where a credential is given and not valid. */
  identify(request: FastifyRequest): Caller | Promise<Caller>;
  byKey(secret: string): Caller | Promise<Caller>;
  /** Who has this key, where that is known without a look; undefined: `byKey` looks. */
  known(secret: string): Caller | undefined;
  /** A key was removed: nothing that is known of keys, and of sessions, counts any more. */
  forgetKeys(): Promise<void>;
  byToken(token: string): Caller | Promise<Caller>;
  /** Writes when keys were last used. */
  close(): Promise<void>;
}

const flushEveryMs = 60_000;

interface KnownKey {
  readonly caller: Caller;
  readonly readAt: number;
}

function isKnown({ caller, readAt }: KnownKey, at: number): boolean {
  return isRecent(readAt, at, keyKnownMs) && at < (caller.expiresAt ?? Number.POSITIVE_INFINITY);
}

export function openAuthenticator(deps: AuthDeps): Authenticator {
  const { store, byToken, now, sessions, failed } = deps;
  const lastUse = openLastUse(store, failed);

  const known = new LRUCache<string, KnownKey>({
    max: cachedKeysMax,
  });
  /** Look-ups on their way: whoever comes meanwhile joins. */
  const looking = new Map<string, Promise<Caller>>();
  let forgotten = 0;

  /** By the hash of the secret, so that the time of the look-up says nothing about it. */
  function knownBy(hash: string): Caller | undefined {
    const found = known.get(hash);
    const at = now();
    if (found === undefined || !isKnown(found, at)) return undefined;
    lastUse.note(found.caller.keyId ?? "", at);
    return found.caller;
  }

  function byKey(secret: string): Caller | Promise<Caller> {
    const hash = digest(secret);
    const found = knownBy(hash) ?? looking.get(hash);
    if (found !== undefined) return found;
    const looked = lookUp(secret).finally(() => {
      if (looking.get(hash) === looked) looking.delete(hash);
    });
    looking.set(hash, looked);
    return looked;
  }

  async function lookUp(secret: string): Promise<Caller> {
    const before = forgotten;
    const key = secretPattern.test(secret) ? await store.keyByHash(sha256(secret)) : null;
    if (key === null) throw unauthenticated("This API key is not known.");
    const at = now();
    if (key.expiresAt !== null && key.expiresAt <= at) {
      throw unauthenticated("This API key has expired.");
    }
    lastUse.note(key.id, at);
    const caller = callerOf(key);
    // A key that was removed while it was read must not be remembered.
    if (before === forgotten) {
      known.set(digest(secret), { caller, readAt: at });
    }
    return caller;
  }

  function sessionOf(cookie: string): Promise<Session | null> {
    const hash = sha256(cookie);
    const read = (): Promise<Session | null> => store.sessionByHash(hash);
    return sessions === undefined ? read() : sessions.find(hash, read);
  }

  async function bySession(request: FastifyRequest, cookie: string): Promise<Caller> {
    const session = sessionPattern.test(cookie) ? await sessionOf(cookie) : null;
    if (session === null || session.expiresAt <= now()) {
      throw unauthenticated("This session has ended; sign in again.");
    }
    mustBeSameOrigin(request);
    const { caller: id, role, stores, subject, keyId, expiresAt } = session;
    const actor = `${keyId === null ? "user" : "key"}:${subject}`;
    return { id, actor, role, stores, subject, keyId, by: "session", expiresAt };
  }

  return {
    byKey,
    known: (secret) => knownBy(digest(secret)),
    byToken,
    async forgetKeys() {
      forgotten += 1;
      known.clear();
      // Whoever comes from now on must not join one that began before.
      looking.clear();
      await sessions?.endAll();
    },
    identify(request) {
      const { authorization, cookie, "x-api-key": key } = request.headers;
      if (key !== undefined) {
        if (authorization !== undefined) {
          throw unauthenticated("Send X-API-Key or Authorization, not both.");
        }
        return byKey(String(key));
      }
      if (authorization !== undefined) {
        const credential = bearerOf(authorization);
        return credential.startsWith("ohk_") ? byKey(credential) : byToken(credential);
      }
      const session = cookie === undefined ? null : sessionCookieOf(cookie);
      return session === null ? nobody : bySession(request, session);
    },
    close: lastUse.close,
  };
}

function callerOf({ id, name, role, stores, expiresAt }: ApiKey): Caller {
  return {
    id: keyCaller(id),
    actor: `key:${name}`,
    role,
    stores,
    subject: name,
    keyId: id,
    by: "key",
    expiresAt,
  };
}

/** When keys were last used: noted in memory, written every minute and at the end. */
function openLastUse(store: AuthDeps["store"], failed: AuthDeps["failed"]) {
  let used = new Map<string, number>();
  async function flush(): Promise<void> {
    if (used.size === 0) return;
    const noted = used;
    used = new Map();
    try {
      await store.touchKeys(noted);
    } catch (error) {
      used = new Map([...noted, ...used]);
      failed(error);
    }
  }
  const timer = setInterval(() => void flush(), flushEveryMs);
  timer.unref();
  return {
    note(keyId: string, at: number): void {
      used.set(keyId, at);
    },
    close(): Promise<void> {
      clearInterval(timer);
      return flush();
    },
  };
}

function bearerOf(header: string): string {
  const credential = /^bearer +([^\s,]+) *$/i.exec(header)?.[1];
  if (credential === undefined) {
    throw unauthenticated("Authorization must be Bearer and a token or an API key.");
  }
  return credential;
}

export function credentialsNeeded(): ProblemError {
  return new ProblemError("unauthenticated", "Send an API key in X-API-Key, or a Bearer token.", {
    headers: { "www-authenticate": 'Bearer realm="onhand"' },
  });
}
