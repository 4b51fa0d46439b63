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
}

export interface Script {
  readonly text: string;
  readonly sha: string;
}

export interface RedisConnection {
  call(args: readonly string[]): Promise<unknown>;
  run(script: Script, keys: readonly string[], values: readonly string[]): Promise<unknown>;
  connected(): boolean;
  close(): void;
}

const policyName = "maxmemory-policy";
const callMsMax = 2_000;

export function scriptOf(text: string): Script {
  return { text, sha: hash("sha1", text) };
}

/** Opens the connection; a Redis that is not there now may come later. */
export function openRedisConnection({ url, said, ready }: ConnectionOptions): RedisConnection {
  const { client, renew, close } = openRedisClient(url);
  client.on("error", (error: unknown) => said("warn", `Redis is away: ${wordsOf(error, url)}`));
  client.on("ready", () => {
    said("info", "Redis is connected");
    void warnOfEviction();
    ready();
  });

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
      throw error instanceof OperatingError ? error : away(wordsOf(error, url), error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Redis may drop keys of its own accord where it is set up as a cache: a stream would lose events. */
  async function warnOfEviction(): Promise<void> {
    // Where a provider does not let anyone ask, nothing is known, and nothing is said.
    const answer = await call(["CONFIG", "GET", policyName]).catch(() => null);
    const policy = policyIn(answer) ?? "noeviction";
    if (policy !== "noeviction") {
      said(
        "warn",
        `Redis has maxmemory-policy ${policy} and may drop events when its memory is full; set it to noeviction`,
      );
    }
  }

  return {
    call,
    async run({ text, sha }, keys, values) {
      const args = [String(keys.length), ...keys, ...values];
      try {
        return await call(["EVALSHA", sha, ...args]);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes("NOSCRIPT")) throw error;
        return call(["EVAL", text, ...args]);
      }
    },
    connected: () => client.isReady,
    close,
  };
}

/** Names and values: a list in the older of Redis' protocols, a map in the newer. */
function policyIn(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null) return null;
  const found: unknown = Array.isArray(answer) ? answer[1] : Reflect.get(answer, policyName);
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
