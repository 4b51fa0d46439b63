// Asks Redis once whether it is there and fit to hold the log's copy: for who looks after an installation, not for
// the service, which keeps connections of its own.

import { OperatingError } from "../lib/operating-error.ts";
import { openRedisConnection } from "./redis-connection.ts";

/** One that takes a connection and says nothing would be waited for for ever, ms. */
const greetedMsMax = 5_000;

/** What is to be mended there, or null; throws where Redis cannot be reached. */
export async function pingRedis(url: string): Promise<string | null> {
  const { promise: connected, resolve, reject } = Promise.withResolvers<void>();
  let advice: string | null = null;
  const connection = openRedisConnection({
    url,
    ready: resolve,
    said: (level, words) => {
      if (level !== "warn") return;
      // After it is connected the promise is settled, and what is said is about how it is set up.
      advice = words;
      reject(new OperatingError(words, { retryable: true }));
    },
  });
  const late = setTimeout(() => {
    reject(new OperatingError("Redis does not answer", { retryable: true }));
  }, greetedMsMax);
  try {
    await connected;
    // How it is set up was asked before the first of them; the second is asked when that has been answered.
    await connection.call(["PING"]);
    await connection.call(["PING"]);
    return advice;
  } finally {
    clearTimeout(late);
    connection.close();
  }
}
