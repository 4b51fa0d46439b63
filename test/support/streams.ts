// What is in the streams of a Redis, and whether it is what the log has.

import assert from "node:assert/strict";
import type { LogEvent, Store } from "../../src/store/store.ts";
import type { RedisServer } from "./redis.ts";

export interface Entry {
  readonly id: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Entries that are read with one call. */
const pageMax = 5_000;

export async function entriesOf(redis: RedisServer, stream: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let from = "-"; ; from = `(${found.at(-1)?.id}`) {
    const answer = (await redis.ask(
      "XRANGE",
      stream,
      from,
      "+",
      "COUNT",
      String(pageMax),
    )) as readonly (readonly [string, readonly string[]])[];
    for (const [id, flat] of answer) found.push({ id, fields: fieldsOf(flat) });
    if (answer.length < pageMax) return found;
  }
}

const onlyIds = `
  local ids = {}
  for n, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
    ids[n] = entry[1]
  end
  return ids`;

/** The same without the fields, for streams that are long. */
export async function idsOf(redis: RedisServer, stream: string): Promise<string[]> {
  const found: string[] = [];
  for (let from = "-"; ; from = `(${found.at(-1)}`) {
    const answer = await redis.ask("EVAL", onlyIds, "1", stream, from, String(pageMax));
    const ids = answer as readonly string[];
    found.push(...ids);
    if (ids.length < pageMax) return found;
  }
}

function fieldsOf(flat: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) fields[flat[at] ?? ""] = flat[at + 1] ?? "";
  return fields;
}

export async function logOf(store: Pick<Store, "events">): Promise<readonly LogEvent[]> {
  const everything = { type: null, storeId: null, productId: null, stores: "*" } as const;
  return (await store.events({ ...everything, after: 0, limit: 1_000_000 })).items;
}

export const idOf = ({ occurredAt, seq }: LogEvent): string => `${occurredAt}-${seq}`;

/** The whole log is in the stream of everything and, by type, in the others, in the log's order. */
export async function assertComplete(
  redis: RedisServer,
  store: Pick<Store, "events">,
  prefix = "",
): Promise<void> {
  const log = await logOf(store);
  const ids = (stream: string): Promise<string[]> => idsOf(redis, prefix + stream);
  assert.deepEqual(await ids("inventory-events"), log.map(idOf));
  for (const type of new Set(log.map((event) => event.type))) {
    const ofType = log.filter((event) => event.type === type);
    assert.deepEqual(await ids(type), ofType.map(idOf), type);
  }
}
