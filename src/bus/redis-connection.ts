// One connection to Redis for work that nobody waits for. When it fails the client makes it anew
// (redis-client.ts). A call without a connection fails at once, and a call that hangs fails after `callMsMax`
// and takes the connection with it, since what was sent cannot be called back. Whatever goes wrong is an
// `OperatingError`, without the password of the address.

import { hash } from "node:crypto";
import { OperatingError } from "../lib/operating-error.ts";
import { openRedisClient } from "./redis-client.ts";

export interface ConnectionOptions {
  /** redis:// or rediss://, with user, password and database number as usual. */
  readonly url: string;
  /** What an operator should know; the same may be said again and again. */
  readonly said: (level: "info" | "warn", words: string) => void;
  /** There is a connection, the first or a new one. */
  readonly ready: () => void;
  /** After a replica there is a primary again: others that were made to the same address may still lead elsewhere. */
  readonly moved?: () => void;
}

export interface Script {
  readonly text: string;
  readonly sha: string;
}

export interface RedisConnection {
  call(args: readonly string[]): Promise<unknown>;
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  /** To one that takes writes, as far as is known. */
  connected(): boolean;
  /** Gives up the connection and makes it anew. */
  renew(): void;
  close(): void;
}

const againMsMin = 100;
const againMsMax = 2_000;
const policyName = "maxmemory-policy";
const callMsMax = 2_000;

export function scriptOf(text: string): Script {
  return { text, sha: hash("sha1", text) };
}

/** Opens the connection; a Redis that is not there now may come later. */
export function openRedisConnection(options: ConnectionOptions): RedisConnection {
  const { url, said, ready, moved } = options;
  const { client, renew, close } = openRedisClient(url);
  /** How often in a row a replica was met; a script that ran ends it. */
  let met = 0;
  let isGreeted = false;
  client.on("error", (error: unknown) => said("warn", `Redis is away: ${wordsOf(error, url)}`));
  client.on("ready", () => {
    isGreeted = false;
    void greet();
  });

  async function greet(): Promise<void> {
    // Who does not know the word, or may not ask, is taken for a primary until it refuses a write.
    const answer = await call(["HELLO"]).catch(() => null);
    if (!client.isReady) return;
    if (fieldIn(answer, "role") === "replica") return giveUp();
    isGreeted = true;
    if (met === 0) said("info", "Redis is connected");
    void warnOfEviction();
    ready();
  }

  function giveUp(): void {
    isGreeted = false;
    said("warn", "Redis takes no writes: it is a replica. Connecting anew until it is a primary");
    renew(Math.min(againMsMin * 2 ** met, againMsMax));
    met += 1;
  }

  async function call(args: readonly string[]): Promise<unknown> {
    if (!client.isReady) throw away("Redis is not connected");
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(away("Redis does not answer"));
      renew();
    }, callMsMax);
    try {
      return await Promise.race([client.sendCommand([...args]), late.promise]);
    } catch (error) {
      if (error instanceof OperatingError) throw error;
      const words = wordsOf(error, url);
      // Of several calls that it refuses, the first has given it up.
      if (words.includes("READONLY") && isGreeted) giveUp();
      throw away(words, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function runOnce({ text, sha }: Script, args: readonly string[]): Promise<unknown> {
    try {
      return await call(["EVALSHA", sha, ...args]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("NOSCRIPT")) throw error;
      return call(["EVAL", text, ...args]);
    }
  }

  /** Redis may drop keys of its own accord where it is set up as a cache: a stream would lose events. */
  async function warnOfEviction(): Promise<void> {
    // Where a provider does not let anyone ask, nothing is known, and nothing is said.
    const answer = await call(["CONFIG", "GET", policyName]).catch(() => null);
    const policy = fieldIn(answer, policyName) ?? "noeviction";
    if (policy !== "noeviction") {
      said(
        "warn",
        `Redis has maxmemory-policy ${policy} and may drop events when its memory is full; set it to noeviction`,
      );
    }
  }

  return {
    call,
    async run(script, keys, values) {
      const answer = await runOnce(script, [String(keys.length), ...keys, ...values]);
      if (met > 0) {
        met = 0;
        said("info", "Redis is connected");
        moved?.();
      }
      return answer;
    },
    connected: () => client.isReady && isGreeted,
    renew,
    close,
  };
}

/** Names and values: a list in the older of Redis' protocols, a map in the newer. */
function fieldIn(answer: unknown, name: string): string | null {
  if (typeof answer !== "object" || answer === null) return null;
  const at = Array.isArray(answer) ? answer.indexOf(name) : -1;
  const found: unknown = Reflect.get(answer, at === -1 ? name : at + 1);
  return typeof found === "string" ? found : null;
}

/** Redis cannot be reached or does not do its work now. */
export function away(words: string, cause?: unknown): OperatingError {
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
