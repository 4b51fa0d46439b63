// Writes that are not stock: API keys, console sessions, and the removal of what is past its time. Each
// is a few statements inside a transaction of the caller (statements.ts openTransactions). Secrets are known by
// their hash only.

import type { DatabaseSync } from "node:sqlite";
import { scopeText } from "../rows.ts";
import type { ApiKey, Session } from "../store.ts";

export const pruneSql = {
  // `n` is the order of writing and time does not go back with it, so the oldest are read by `n` and the
  // walk ends at `limit`, without an index on the time. Seen from there, everything before is older too.
  answers: `
    DELETE FROM idempotency WHERE n <= (
      SELECT max(n) FROM (SELECT n, created_at FROM idempotency ORDER BY n LIMIT ?)
      WHERE created_at < ?)`,
  sessions: `
    DELETE FROM sessions WHERE hash IN (
      SELECT hash FROM sessions WHERE expires_at < ? LIMIT ?)`,
} as const;

export function addKey(db: DatabaseSync, key: ApiKey, hash: Uint8Array): void {
  const { id, name, role, stores, createdAt, expiresAt, lastUsedAt } = key;
  db.prepare(`
    INSERT INTO api_keys (id, name, role, stores, hash, created_at, expires_at, last_used_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`).run(
    id,
    name,
    role,
    scopeText(stores),
    hash,
    createdAt,
    expiresAt,
    lastUsedAt,
  );
}

/** False: there is no such key. Sessions that were opened with it end with it. */
export function removeKey(db: DatabaseSync, id: string): boolean {
  db.prepare("DELETE FROM sessions WHERE key_id = ?").run(id);
  return db.prepare("DELETE FROM api_keys WHERE id = ?").run(id).changes === 1;
}

/** Notes when keys were last used; news that come late do not set a time back. */
export function touchKeys(db: DatabaseSync, used: ReadonlyMap<string, number>): void {
  const touch = db.prepare(
    "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?",
  );
  for (const [id, at] of used) touch.run(at, id);
}

export function addSession(db: DatabaseSync, session: Session, hash: Uint8Array): void {
  const { caller, role, stores, subject, keyId, createdAt, expiresAt } = session;
  db.prepare(`
    INSERT INTO sessions (hash, caller, role, stores, subject, key_id, created_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`).run(
    hash,
    caller,
    role,
    scopeText(stores),
    subject,
    keyId,
    createdAt,
    expiresAt,
  );
}

export function removeSession(db: DatabaseSync, hash: Uint8Array): void {
  db.prepare("DELETE FROM sessions WHERE hash = ?").run(hash);
}

/** Up to `limit` kept answers and up to `limit` ended sessions; says how many of both. */
export function prune(db: DatabaseSync, now: number, ageMs: number, limit: number): number {
  const before = now - ageMs;
  const answers = db.prepare(pruneSql.answers).run(limit, before).changes;
  const sessions = db.prepare(pruneSql.sessions).run(before, limit).changes;
  return Number(answers) + Number(sessions);
}
