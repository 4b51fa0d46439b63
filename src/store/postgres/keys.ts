// Writes that are not stock: API keys, console sessions, and the removal of what is past its time. Each
// is a few statements inside a transaction of the caller (statements.ts inTransaction). Secrets are known by
// their hash only. Rows are locked in the order of their keys, so that two instances that do the same at once
// wait for each other and not in a circle.

import { scopeText } from "../rows.ts";
import type { ApiKey, Session } from "../store.ts";
import type { Statements } from "./statements.ts";

/**
 * So many ms ago, by the clock that the times were taken from: an instance whose own clock is ahead must not forget
 * an answer sooner. One moment for the whole statement, so that an index may be asked with it.
 */
const agoSql = "floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint - $1";

export const pruneSql = {
  // `n` is the order of writing and time hardly goes back with it, so the oldest are read by `n` and the
  // walk ends at `limit`, without an index on the time. What is read is an array, which is looked up by the
  // primary key: of `n <= (…)` the planner expects a third of the table, and reads it whole.
  answers: `
    DELETE FROM idempotency WHERE n = ANY (ARRAY(
      SELECT n FROM (SELECT n, created_at FROM idempotency ORDER BY n LIMIT $2) oldest
      WHERE created_at < ${agoSql}))`,
  sessions: `
    DELETE FROM sessions WHERE hash = ANY (ARRAY(
      SELECT hash FROM sessions WHERE expires_at < ${agoSql} LIMIT $2))`,
} as const;

const insertKey = `
  INSERT INTO api_keys (id, name, role, stores, hash, created_at, expires_at, last_used_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
// News that come late do not set a time back, and lock nothing.
const touch = `
  WITH later AS MATERIALIZED (
    SELECT k.n, used.at FROM unnest($1::text[], $2::bigint[]) AS used (id, at)
    JOIN api_keys k ON k.id = used.id AND coalesce(k.last_used_at, 0) < used.at
    ORDER BY k.n FOR NO KEY UPDATE OF k)
  UPDATE api_keys k SET last_used_at = greatest(k.last_used_at, later.at)
  FROM later WHERE k.n = later.n`;
const insertSession = `
  INSERT INTO sessions (hash, caller, role, stores, subject, key_id, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

export async function addKey(statements: Statements, key: ApiKey, hash: Uint8Array): Promise<void> {
  const { id, name, role, stores, createdAt, expiresAt, lastUsedAt } = key;
  await statements.run(
    insertKey,
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
export async function removeKey(statements: Statements, id: string): Promise<boolean> {
  const [, removed] = await Promise.all([
    statements.run("DELETE FROM sessions WHERE key_id = $1", id),
    statements.run("DELETE FROM api_keys WHERE id = $1", id),
  ]);
  return removed === 1;
}

/** Notes when keys were last used; news that come late do not set a time back. */
export async function touchKeys(
  statements: Statements,
  used: ReadonlyMap<string, number>,
): Promise<void> {
  await statements.run(touch, [...used.keys()], [...used.values()]);
}

export async function addSession(
  statements: Statements,
  session: Session,
  hash: Uint8Array,
): Promise<void> {
  const { caller, role, stores, subject, keyId, createdAt, expiresAt } = session;
  await statements.run(
    insertSession,
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

export async function removeSession(statements: Statements, hash: Uint8Array): Promise<void> {
  await statements.run("DELETE FROM sessions WHERE hash = $1", hash);
}

/** Up to `limit` kept answers and up to `limit` ended sessions; says how many of both. */
export async function prune(statements: Statements, ageMs: number, limit: number): Promise<number> {
  const [answers, sessions] = await Promise.all([
    statements.run(pruneSql.answers, ageMs, limit),
    statements.run(pruneSql.sessions, ageMs, limit),
  ]);
  return answers + sessions;
}
