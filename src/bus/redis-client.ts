// A client of Redis that can be let go at any moment. It makes its connection anew, later and later up to two
// seconds, and nothing waits in a queue for it. What the package itself lacks is the end: told to end while
// it connects, it leaves the socket that opens a moment later to itself, and that keeps a process alive.

import { createClient } from "redis";

export interface RedisClient {
  readonly client: ReturnType<typeof create>;
  /** Gives up a connection that is of no use; there will be a new one, after so many ms. */
  renew(afterMs?: number): void;
  close(): void;
}

const connectMsMax = 2_000;
const reconnectMsMax = 2_000;

function create(url: string) {
  return createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: connectMsMax,
      reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, reconnectMsMax),
    },
  });
}

/** Starts to connect. Who opens it listens for "error", which else would end the process. */
export function openRedisClient(url: string): RedisClient {
  const client = create(url);
  let isClosed = false;
  let later: NodeJS.Timeout | null = null;
  client.on("connect", () => {
    if (isClosed) client.destroy();
  });
  connect();

  function connect(): void {
    // What this rejects with, "error" has told already; the client itself tries again.
    client.connect().catch(() => undefined);
  }

  return {
    client,
    renew(afterMs = 0) {
      // One that is not ready is being made anew already; a second beside it would be left to itself.
      if (isClosed || !client.isReady) return;
      client.destroy();
      if (afterMs === 0) return connect();
      later = setTimeout(connect, afterMs);
      later.unref();
    },
    close() {
      isClosed = true;
      if (later !== null) clearTimeout(later);
      client.destroy();
    },
  };
}
