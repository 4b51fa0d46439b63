// The bus on Redis Streams: a stream per type of event, named as the type, and `inventory-events` with
// everything in order; a prefix stands before each name. Entries carry the fields of the seed and some
// more (docs/events.md). Their ids are <milliseconds>-<seq>, so an id tells the time and the place in the log.
// Everything that must not be seen half done is a script, which Redis runs alone.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isoTime } from "../lib/clock.ts";
import type { LogEvent } from "../store/store.ts";
import { type Bus, type BusState, foreignLog, type LogName, type Replayed } from "./bus.ts";
import { away, type ConnectionOptions, openRedisConnection, scriptOf } from "./redis-connection.ts";

export interface RedisOptions extends ConnectionOptions {
  readonly prefix: string;
  /** Entries are kept at least so long, ms. */
  readonly retentionMs: number;
  readonly now: () => number;
}

function textOf(name: string): string {
  return readFileSync(join(import.meta.dirname, name), "utf8");
}

const entry = textOf("entry.lua");
const appendScript = scriptOf(entry + textOf("append.lua"));
const replayScript = scriptOf(entry + textOf("replay.lua"));
const leaseScript = scriptOf(textOf("lease.lua"));

/** Opens the bus; a Redis that is not there now may come later. */
export function openRedisStreams(options: RedisOptions): Bus {
  const { prefix, retentionMs, now } = options;
  const everything = `${prefix}inventory-events`;
  const stateKey = `${everything}:state`;
  const leaseKey = `${everything}:relay`;
  const { call, run, connected, close } = openRedisConnection(options);
  const lease = async (holder: string, ms: number): Promise<number> =>
    Number(await run(leaseScript, [leaseKey], [holder, String(ms)]));

  return {
    async state() {
      return stateOf(await call(["HMGET", stateKey, "log_id", "epoch", "seq"]));
    },

    async append(log, events) {
      const types = [...new Set(events.map(({ type }) => type))];
      const keys = [stateKey, everything, ...types.map((type) => prefix + type)];
      const oldest = String(Math.max(0, now() - retentionMs));
      const values = [log.logId, String(log.epoch), oldest, prefix, ...valuesOf(events)];
      return seqOf(await run(appendScript, keys, values), log);
    },

    claim: lease,
    async release(holder) {
      await lease(holder, 0);
    },

    async replay(stream, events) {
      return replayedOf(await run(replayScript, [prefix + stream], valuesOf(events)));
    },

    connected,
    close: async () => close(),
  };
}

/** What entry.lua takes: thirteen values of each event, in its order. */
function valuesOf(events: readonly LogEvent[]): string[] {
  const values: string[] = [];
  for (const event of events) {
    values.push(
      String(event.seq),
      String(event.occurredAt),
      event.type,
      event.id,
      event.aggregateId,
      event.aggregateType,
      event.storeId,
      event.productId ?? "",
      event.actor,
      isoTime(event.occurredAt),
      event.requestId,
      event.traceparent ?? "",
      event.payload,
    );
  }
  return values;
}

function stateOf(answer: unknown): BusState | null {
  const [logId, epoch, seq] = Array.isArray(answer) ? answer : [];
  if (typeof logId !== "string") return null;
  return { logId, epoch: Number(epoch), seq: Number(seq) };
}

function seqOf(answer: unknown, log: LogName): number {
  const [kind, first, second, third] = Array.isArray(answer) ? answer : [];
  if (kind === "ok") return Number(first);
  if (kind === "foreign") {
    throw foreignLog(log, { logId: String(first), epoch: Number(second), seq: Number(third) });
  }
  if (kind === "blocked") {
    throw away(`Redis does not take an event into ${String(first)}: ${remedied(String(second))}`);
  }
  throw new Error(`append.lua answered ${JSON.stringify(answer)}`);
}

/** What Redis says of an entry that is in the way, and what is to be done: nothing here mends it by itself. */
function remedied(words: string): string {
  if (!words.includes("equal or smaller")) return words;
  return "it has later entries, and not this one. Either inventory-events:state was lost (evicted, deleted), or somebody else writes there. Delete inventory-events, inventory-events:state and the streams of all types together: they are filled again from the log. Or set REDIS_PREFIX to a new name";
}

function replayedOf(answer: unknown): Replayed {
  const [kind, first, lastId] = Array.isArray(answer) ? answer : [];
  if (kind === "ok") return { added: Number(first) };
  if (kind !== "blocked") throw new Error(`replay.lua answered ${JSON.stringify(answer)}`);
  const words = String(first);
  if (words.includes("equal or smaller")) return { lastId: String(lastId) };
  if (words.includes("WRONGTYPE")) return { lastId: null };
  throw away(`Redis does not take an event: ${words}`);
}
