// A client of Redis that can be let go at any moment. It makes its connection anew, later and later up to two
// seconds, and nothing waits in a queue for it. What the package itself lacks is the end: told to end while
// it connects, it leaves the socket that opens a moment later to itself, and that keeps a process alive.

import { createClient } from "redis";

export interface RedisClient {
  readonly client: ReturnType<typeof create>;
  /** Gives up a connection on which nothing is answered; there will be a new one. */
  renew(): void;
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
    renew() {
      // One that is not ready is being made anew already; a second beside it would be left to itself.
      if (isClosed || !client.isReady) return;
      client.destroy();
      connect();
    },
    close() {
      isClosed = true;
      client.destroy();
    },
  };
}
