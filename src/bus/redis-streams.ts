// The bus on Redis Streams: a stream per type of event, named as the type, and `inventory-events` with
// everything in order; a prefix stands before each name. Entries carry the fields of the seed and some
// more (docs/events.md). Their ids are <milliseconds>-<seq>, so an id tells the time and the place in the log.
//
// A connection that fails is made anew by the client, later and later up to two seconds. Nothing waits in
// a queue for it: a call without a connection fails at once, and a call that hangs fails after `callMsMax`
// and takes the connection with it, since what was sent cannot be called back.

import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createClient } from "redis";
import type { EventType } from "../domain/model.ts";
import { isoTime } from "../lib/clock.ts";
import { OperatingError } from "../lib/operating-error.ts";
import type { LogEvent } from "../store/store.ts";
import { type Bus, type BusState, foreignLog, type LogName } from "./bus.ts";

export interface RedisOptions {
  /** redis:// or rediss://, with user, password and database number as usual. */
  readonly url: string;
  readonly prefix: string;
  /** Entries are kept at least so long, ms. */
  readonly retentionMs: number;
  readonly now: () => number;
  /** What an operator should know; the same may be said again and again. */
  readonly said: (level: "info" | "warn", words: string) => void;
  /** There is a connection, the first or a new one. */
  readonly ready: () => void;
}

const callMsMax = 2_000;
const reconnectMsMax = 2_000;

const script = readFileSync(join(import.meta.dirname, "append.lua"), "utf8");
const scriptSha = hash("sha1", script);

/** Opens the bus; a Redis that is not there now may come later. */
export function openRedisStreams(options: RedisOptions): Bus {
  const { url, prefix, retentionMs, now, said, ready } = options;
  const stateKey = `${prefix}inventory-events:state`;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: callMsMax,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, reconnectMsMax),
    },
  });
  client.on("error", (error: unknown) => said("warn", `Redis is away: ${wordsOf(error, url)}`));
  client.on("ready", () => {
    said("info", "Redis is connected");
    void warnOfEviction();
    ready();
  });
  connect();

  function connect(): void {
    // What this rejects with, "error" has told already; the client itself tries again.
    client.connect().catch(() => undefined);
  }

  /** Gives up a connection on which nothing is answered: until there is a new one, Redis counts as away. */
  function reconnect(): void {
    if (!client.isOpen) return;
    client.destroy();
    connect();
  }

  async function call(args: readonly string[]): Promise<unknown> {
    if (!client.isReady) throw away("Redis is not connected");
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(away("Redis does not answer"));
      reconnect();
    }, callMsMax);
    try {
      return await Promise.race([client.sendCommand([...args]), late.promise]);
    } catch (error) {
      throw error instanceof OperatingError ? error : away(wordsOf(error, url), error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function run(args: readonly string[]): Promise<unknown> {
    try {
      return await call(["EVALSHA", scriptSha, ...args]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("NOSCRIPT")) throw error;
      return call(["EVAL", script, ...args]);
    }
  }

  /** Redis may drop keys of its own accord where it is set up as a cache: a stream would lose events. */
  async function warnOfEviction(): Promise<void> {
    // Where a provider does not let anyone ask, nothing is known, and nothing is said.
    const answer = await call(["CONFIG", "GET", "maxmemory-policy"]).catch(() => null);
    const policy = Array.isArray(answer) ? String(answer[1]) : "noeviction";
    if (policy !== "noeviction") {
      said(
        "warn",
        `Redis has maxmemory-policy ${policy} and may drop events when its memory is full; set it to noeviction`,
      );
    }
  }

  return {
    async state() {
      return stateOf(await call(["HMGET", stateKey, "log_id", "epoch", "seq"]));
    },

    async append(log, events) {
      const types = [...new Set(events.map(({ type }) => type))];
      const keys = [stateKey, `${prefix}inventory-events`, ...types.map((type) => prefix + type)];
      const values = events.flatMap((event) => entryOf(event, types));
      const answer = await run([
        String(keys.length),
        ...keys,
        log.logId,
        String(log.epoch),
        String(Math.max(0, now() - retentionMs)),
        String(entryWidth),
        ...values,
      ]);
      return seqOf(answer, log);
    },

    connected: () => client.isReady,

    async close() {
      if (client.isOpen) client.destroy();
    },
  };
}

/** Values of one event in a call of append.lua: three for the script, then the entry. */
function entryOf(event: LogEvent, types: readonly EventType[]): string[] {
  const { seq, id, type, aggregateId, aggregateType, storeId, productId, occurredAt } = event;
  return [
    String(seq),
    `${occurredAt}-${seq}`,
    String(types.indexOf(type) + 3),
    "event_id",
    id,
    "event_type",
    type,
    "aggregate_id",
    aggregateId,
    "aggregate_type",
    aggregateType,
    "store_id",
    storeId,
    "payload",
    event.payload,
    // Unix seconds, as the seed has it.
    "timestamp",
    String(Math.floor(occurredAt / 1000)),
    "seq",
    String(seq),
    "product_id",
    productId ?? "",
    "actor",
    event.actor,
    "occurred_at",
    isoTime(occurredAt),
    "request_id",
    event.requestId,
  ];
}

const entryWidth = 3 + 2 * 12;

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
    throw away(`Redis does not take an event into ${String(first)}: ${String(second)}`);
  }
  throw new Error(`append.lua answered ${JSON.stringify(answer)}`);
}

function away(words: string, cause?: unknown): OperatingError {
  return new OperatingError(words, { retryable: true, cause });
}

/** An error's words, without the password of the address. */
function wordsOf(error: unknown, url: string): string {
  const words =
    error instanceof AggregateError
      ? error.errors.map(String).join("; ")
      : error instanceof Error
        ? error.message
        : String(error);
  const password = URL.parse(url)?.password ?? "";
  return password === "" ? words : words.replaceAll(password, "***");
}
