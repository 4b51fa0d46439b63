// Console sessions that were read from their rows, for `sessionKnownMs`, so that a page with twenty requests
// reads one. The row is the truth. The key is the hash of the cookie, as in the database; no secret is here.
//
// A session that is ended leaves a mark in its place, and one that was read just before does not replace it.
// A key that is taken away ends sessions whose hashes nobody knows: a mark for all is changed, and what was
// read under another counts no more. It is read before the row, so a row that is deleted meanwhile is not
// kept. Where Redis does not hear of an end (it is away, or `onhand keys revoke` works without it), what was
// kept counts until `sessionKnownMs` after it was read, however late it came to Redis; that is told by the
// instances' clocks.

import { isRecent } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { sessionKnownMs } from "../limits.ts";
import type { Role, Session } from "../store/store.ts";
import type { QuickRedis } from "./redis.ts";

export interface SharedSessions {
  /** What was read of it a moment ago, or what `read` says. */
  find(hash: Buffer, read: () => Promise<Session | null>): Promise<Session | null>;
  /** Its row is deleted. Resolves when the other instances have no more of it, or Redis does not say. */
  end(hash: Buffer): Promise<void>;
  /** The same of any number. */
  endAll(): Promise<void>;
}

export interface SharedSessionsOptions {
  readonly redis: QuickRedis;
  readonly prefix: string;
  readonly now: () => number;
}

interface Kept {
  /** That for all, as it was before the row was read. */
  readonly mark: string;
  /** Before the row was read. */
  readonly readAt: number;
  readonly session: Session;
}

const ended = "ended";
const roles: Readonly<Record<Role, true>> = {
  customer: true,
  channel: true,
  vendor: true,
  manager: true,
  admin: true,
};
/** Longer than anything that was read before the end can live. */
const markMs = String(2 * sessionKnownMs);

export function openSharedSessions({ redis, prefix, now }: SharedSessionsOptions): SharedSessions {
  const keyOf = (hash: Buffer): string => `${prefix}session:${hash.toString("hex")}`;
  const markOfAll = `${prefix}session-mark`;

  function keep(key: string, kept: Kept): void {
    const ms = Math.min(sessionKnownMs, kept.session.expiresAt - now());
    if (ms > 0) void redis.call(["SET", key, JSON.stringify(kept), "PX", String(ms), "NX"]);
  }

  return {
    async find(hash, read) {
      const key = keyOf(hash);
      const answer = await redis.call(["MGET", markOfAll, key]);
      if (!Array.isArray(answer)) return read();
      const mark = String(answer[0] ?? "");
      const kept = keptIn(answer[1]);
      const readAt = now();
      if (kept?.mark === mark && isRecent(kept.readAt, readAt, sessionKnownMs)) {
        return kept.session;
      }
      const session = await read();
      if (session !== null) keep(key, { mark, readAt, session });
      return session;
    },
    async end(hash) {
      await redis.call(["SET", keyOf(hash), ended, "PX", markMs]);
    },
    async endAll() {
      await redis.call(["SET", markOfAll, newId(), "PX", markMs]);
    },
  };
}

/** null: no session. What comes from Redis is looked at before it is believed. */
function keptIn(text: unknown): Kept | null {
  if (typeof text !== "string" || text === ended) return null;
  try {
    const { mark, readAt, session }: Record<string, unknown> = JSON.parse(text);
    if (typeof mark !== "string" || typeof readAt !== "number" || !isSession(session)) return null;
    return { mark, readAt, session };
  } catch {
    return null; // Nobody of us wrote that.
  }
}

function isSession(value: unknown): value is Session {
  if (typeof value !== "object" || value === null) return false;
  const { caller, role, stores, subject, keyId, createdAt, expiresAt } = value as Partial<
    Record<keyof Session, unknown>
  >;
  return (
    typeof caller === "string" &&
    typeof role === "string" &&
    Object.hasOwn(roles, role) &&
    (stores === "*" || (Array.isArray(stores) && stores.every((id) => typeof id === "string"))) &&
    typeof subject === "string" &&
    (keyId === null || typeof keyId === "string") &&
    typeof createdAt === "number" &&
    typeof expiresAt === "number"
  );
}
