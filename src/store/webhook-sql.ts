// Webhook endpoints in the database, for both adapters: what they are, how far each is, what was tried last, and
// which instance delivers. Each write is one transaction of a few statements, which an adapter runs; values
// are bound as $1, $2 ….
//
// `advance` moves a cursor only from where the caller found it: of two instances that both think that they deliver,
// one is told that it does not.

import { webhookDeliveriesKept } from "../limits.ts";
import { afterNumber, lastColumn, pageOf } from "./pages.ts";
import {
  integer,
  integerOrNull,
  scopeOf,
  scopeText,
  text,
  textOrNull,
  type Values,
} from "./rows.ts";
import type { Webhooks } from "./store.ts";
import type { Attempt, Webhook, WebhookChange, WebhookLag } from "./webhook.ts";

export type WebhookBound = string | number | null;
export interface WebhookStep {
  readonly sql: string;
  readonly bound: readonly WebhookBound[];
}
/** Runs statements in one transaction, and answers the rows of each. */
export type RunSteps = (steps: readonly WebhookStep[]) => Promise<readonly (readonly Values[])[]>;
/** Runs one statement that only reads, and keeps no writer waiting. */
export type ReadStep = (step: WebhookStep) => Promise<readonly Values[]>;

const columns =
  "id, url, description, types, stores, secret, old_secret, old_secret_until, state, cursor, attempts, due_at, trouble, created_at, updated_at";
const cursorColumn = columns.split(", ").indexOf("cursor");
const attemptColumns = "id, seq, event_id, event_type, at, duration_ms, status, error";

export const webhookSql = {
  one: `SELECT ${columns} FROM webhooks WHERE id = $1`,
  list: `SELECT ${columns}, n FROM webhooks WHERE n > $1 ORDER BY n LIMIT $2`,
  due: `
    SELECT ${columns}, (SELECT seq FROM log_head) FROM webhooks
    WHERE state = 'active' AND due_at <= $1 ORDER BY n`,
  lags: `
    SELECT w.id, w.state, h.seq - w.cursor, e.created_at
    FROM log_head h CROSS JOIN webhooks w LEFT JOIN events e ON e.seq = w.cursor + 1 ORDER BY w.n`,
  // Until the transaction ends nobody else counts them: two at once would each find room for the last.
  alone: "UPDATE log_head SET seq = seq",
  add: `
    INSERT INTO webhooks (${columns})
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
    WHERE (SELECT count(*) FROM webhooks) < $16 RETURNING id`,
  change: `
    UPDATE webhooks SET url = coalesce($2, url),
      description = CASE WHEN $3 = 'yes' THEN $4 ELSE description END,
      types = coalesce($5, types), stores = coalesce($6, stores), state = coalesce($7, state),
      cursor = coalesce($8, cursor), attempts = 0, due_at = 0,
      trouble = CASE WHEN $7 = 'active' THEN NULL ELSE trouble END, updated_at = $9
    WHERE id = $1 RETURNING ${columns}`,
  rotate: `
    UPDATE webhooks SET old_secret = CASE WHEN $3 = 'yes' THEN secret END, secret = $2,
      old_secret_until = $4, updated_at = $5
    WHERE id = $1 RETURNING ${columns}`,
  remove: "DELETE FROM webhooks WHERE id = $1 RETURNING id",
  advance: `
    UPDATE webhooks SET cursor = $3, attempts = $4, due_at = $5,
      state = CASE WHEN state = 'active' THEN $6 ELSE state END, trouble = $7
    WHERE id = $1 AND cursor = $2 RETURNING ${columns}`,
  // One that was deleted meanwhile has no log any more.
  note: `
    INSERT INTO webhook_deliveries (webhook_id, ${attemptColumns})
    SELECT w.id, $2, $3, $4, $5, $6, $7, $8, $9 FROM webhooks w WHERE w.id = $1`,
  forget: `
    DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND id <= (
      SELECT id FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`,
  deliveries: `
    SELECT ${attemptColumns} FROM webhook_deliveries
    WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
  claim: `
    INSERT INTO webhook_lease (id, holder, until) VALUES (1, $1, $3)
    ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE webhook_lease.holder = excluded.holder OR webhook_lease.until <= $2 RETURNING holder`,
  release: "DELETE FROM webhook_lease WHERE id = 1 AND holder = $1",
} as const;

/** After every id there is. */
const last = "~";

export function openWebhooks(run: RunSteps, read: ReadStep): Webhooks {
  const readRows = (sql: string, ...bound: readonly WebhookBound[]) => read({ sql, bound });
  const rowsOf = async (sql: string, ...bound: readonly WebhookBound[]) =>
    (await run([{ sql, bound }]))[0] ?? [];
  const oneOf = (rows: readonly Values[]): Webhook | null => {
    const [row] = rows;
    return row === undefined ? null : webhookOf(row);
  };
  return {
    async one(id) {
      return oneOf(await readRows(webhookSql.one, id));
    },
    async list({ after, limit }) {
      const rows = await readRows(webhookSql.list, afterNumber(after, 0), limit + 1);
      return pageOf(rows, limit, webhookOf, lastColumn);
    },
    async due(at) {
      const rows = await readRows(webhookSql.due, at);
      const behind = rows.filter((row) => integer(row[cursorColumn]) < integer(row.at(-1)));
      return { hooks: behind.map(webhookOf), ready: rows.length };
    },
    async lags() {
      return (await readRows(webhookSql.lags)).map(lagOf);
    },
    async add(hook, max) {
      const alone = { sql: webhookSql.alone, bound: [] };
      const [, added] = await run([
        alone,
        { sql: webhookSql.add, bound: [...valuesOf(hook), max] },
      ]);
      return added?.length === 1;
    },
    async change(id, change) {
      return oneOf(await rowsOf(webhookSql.change, ...changeOf(id, change)));
    },
    async rotate(id, { secret, oldUntil, updatedAt }) {
      const isKept = yesOrNo(oldUntil !== null);
      return oneOf(await rowsOf(webhookSql.rotate, id, secret, isKept, oldUntil, updatedAt));
    },
    async remove(id) {
      return (await rowsOf(webhookSql.remove, id)).length === 1;
    },
    async advance({ id, from, to, attempts, dueAt, state, trouble, tried }) {
      const moved = [id, from, to, attempts, dueAt, state, trouble];
      const steps = [{ sql: webhookSql.advance, bound: moved }, ...notes(id, tried)];
      return oneOf((await run(steps))[0] ?? []);
    },
    async note(id, attempt) {
      await run(notes(id, [attempt]));
    },
    async deliveries(id, { after, limit }) {
      const before = typeof after?.[0] === "string" ? after[0] : last;
      const rows = await readRows(webhookSql.deliveries, id, before, limit + 1);
      return pageOf(rows, limit, attemptOf, ([first]) => [text(first)]);
    },
    async claim(holder, at, ms) {
      return (await rowsOf(webhookSql.claim, holder, at, at + ms)).length === 1;
    },
    async release(holder) {
      await rowsOf(webhookSql.release, holder);
    },
  };
}

function notes(webhookId: string, tried: readonly Attempt[]): WebhookStep[] {
  if (tried.length === 0) return [];
  const steps: WebhookStep[] = tried.map((one) => {
    const { id, seq, eventId, eventType, at, durationMs, status, error } = one;
    const bound = [webhookId, id, seq, eventId, eventType, at, durationMs, status, error];
    return { sql: webhookSql.note, bound };
  });
  return [...steps, { sql: webhookSql.forget, bound: [webhookId, webhookDeliveriesKept] }];
}

function valuesOf(hook: Webhook): WebhookBound[] {
  return [
    ...[hook.id, hook.url, hook.description, listText(hook.types), scopeText(hook.stores)],
    ...[hook.secret, hook.oldSecret, hook.oldSecretUntil, hook.state, hook.cursor],
    ...[hook.attempts, hook.dueAt, hook.trouble, hook.createdAt, hook.updatedAt],
  ];
}

function changeOf(id: string, change: WebhookChange): WebhookBound[] {
  const { url, description, types, stores, state, cursor, updatedAt } = change;
  return [
    ...[id, url ?? null, yesOrNo(description !== undefined), description ?? null],
    ...[
      types === undefined ? null : listText(types),
      stores === undefined ? null : scopeText(stores),
    ],
    ...[state ?? null, cursor ?? null, updatedAt],
  ];
}

function yesOrNo(isSo: boolean): "yes" | "no" {
  return isSo ? "yes" : "no";
}

function listText(types: Webhook["types"]): string {
  return types === "*" ? types : JSON.stringify(types);
}

function webhookOf(row: Values): Webhook {
  const [id, url, description, types, stores, secret, oldSecret, oldSecretUntil, ...rest] = row;
  const [state, cursor, attempts, dueAt, trouble, createdAt, updatedAt] = rest;
  return {
    id: text(id),
    url: text(url),
    description: textOrNull(description),
    types: types === "*" ? "*" : JSON.parse(text(types)),
    stores: scopeOf(text(stores)),
    secret: text(secret),
    oldSecret: textOrNull(oldSecret),
    oldSecretUntil: integerOrNull(oldSecretUntil),
    state: text(state) as Webhook["state"],
    cursor: integer(cursor),
    attempts: integer(attempts),
    dueAt: integer(dueAt),
    trouble: textOrNull(trouble),
    createdAt: integer(createdAt),
    updatedAt: integer(updatedAt),
  };
}

function lagOf([id, state, events, since]: Values): WebhookLag {
  return {
    id: text(id),
    state: text(state) as Webhook["state"],
    events: integer(events),
    since: integerOrNull(since),
  };
}

function attemptOf([id, seq, eventId, eventType, at, durationMs, status, error]: Values): Attempt {
  return {
    id: text(id),
    seq: integerOrNull(seq),
    eventId: text(eventId),
    eventType: text(eventType),
    at: integer(at),
    durationMs: integer(durationMs),
    status: integerOrNull(status),
    error: textOrNull(error),
  };
}
