// Tells readers of the streams that the log was restored: one entry `log_reset` at the end of each stream, what
// they read then is of the new epoch. It is asked for by an operator and never done by itself: a copy of the
// database that somebody restored to try something out would else take the streams from the service.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isoTime } from "../lib/clock.ts";
import { OperatingError } from "../lib/operating-error.ts";
import type { Head } from "../store/store.ts";
import { foreignLog } from "./bus.ts";
import { openRedisConnection, scriptOf } from "./redis-connection.ts";

export interface ResetOptions {
  readonly url: string;
  readonly prefix: string;
  readonly head: Head;
  /** No event after the head has an earlier time. */
  readonly time: number;
  /** Of events: each has a stream. */
  readonly types: readonly string[];
}

/** In how many streams it was told; "same": they are of this log and epoch; "none": nothing was published yet. */
export type Reset = { readonly streams: number } | "same" | "none";

const script = scriptOf(readFileSync(join(import.meta.dirname, "reset.lua"), "utf8"));

export async function resetStreams(options: ResetOptions): Promise<Reset> {
  const { url, prefix, head, time, types } = options;
  const { promise: connected, resolve, reject } = Promise.withResolvers<void>();
  const connection = openRedisConnection({
    url,
    ready: resolve,
    // Later ones are no news: the promise is settled by then.
    said: (level, words) => {
      if (level === "warn") reject(refused(words));
    },
  });
  try {
    await connected;
    const everything = `${prefix}inventory-events`;
    const keys = [`${everything}:state`, everything, ...types.map((type) => prefix + type)];
    const log = [head.logId, String(head.epoch), String(head.seq), String(time)];
    return resetOf(await connection.run(script, keys, [...log, ...entryOf(head, time)]), head);
  } finally {
    connection.close();
  }
}

/** The fields of an event's entry, so that whoever reads those reads this. */
function entryOf({ logId, epoch, seq }: Head, time: number): string[] {
  return Object.entries({
    event_id: `log_reset:${epoch}`,
    event_type: "log_reset",
    aggregate_id: logId,
    aggregate_type: "log",
    store_id: "*",
    payload: JSON.stringify({ epoch, head_seq: seq }),
    timestamp: String(Math.floor(time / 1000)),
    seq: String(seq),
    product_id: "",
    actor: "system:restore",
    occurred_at: isoTime(time),
    request_id: "",
  }).flat();
}

function resetOf(answer: unknown, head: Head): Reset {
  const [kind, first, second, third] = Array.isArray(answer) ? answer.map(String) : [];
  switch (kind) {
    case "ok":
      return { streams: Number(first) };
    case "none":
      return "none";
    case "same":
      if (Number(first) <= head.seq) return "same";
      throw refused(
        `the streams end at seq ${first}, the log at ${head.seq}, and both are of epoch ${head.epoch}. Stop the service and raise the epoch first: npm run onhand -- restore --in-place`,
      );
    case "foreign":
      throw foreignLog(head, { logId: String(first), epoch: Number(second), seq: Number(third) });
    case "ahead":
      throw refused(
        `${first} ends at ${isoTime(Number(second))}, and the database's time is not later: its events would be before that. Set the clock, or set REDIS_PREFIX to a name of its own`,
      );
    case "blocked":
      throw refused(
        `${first} is no stream. Delete that key, or set REDIS_PREFIX to a name of its own`,
      );
    default:
      throw new Error(`reset.lua answered ${JSON.stringify(answer)}`);
  }
}

function refused(words: string): OperatingError {
  return new OperatingError(words, { retryable: false });
}
