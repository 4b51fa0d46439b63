// Instances wake each other through Redis (publish and subscribe): whoever committed says so, and the others
// read the log. A hint and never relied on: what is lost is found by the tail's own looks.

import { createClient } from "redis";

export interface WakesOptions {
  readonly url: string;
  readonly prefix: string;
  /** Names this instance among those that hear each other. */
  readonly holder: string;
  /** Another instance has committed. */
  readonly heard: () => void;
}

export interface Wakes {
  /** This instance has committed. Said once for all commits while one message is on its way. */
  tell(): void;
  close(): void;
}

const reconnectMsMax = 2_000;

export function openRedisWakes({ url, prefix, holder, heard }: WakesOptions): Wakes {
  const channel = `${prefix}inventory-events:wake`;
  const options = {
    url,
    disableOfflineQueue: true,
    socket: { reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, reconnectMsMax) },
  };
  const [teller, hearer] = [createClient(options), createClient(options)];
  for (const client of [teller, hearer]) {
    // The relay's connection says that Redis is away; this one tries again by itself.
    client.on("error", () => undefined);
    client.connect().catch(() => undefined);
  }
  // Once: the client subscribes again by itself whenever it has a new connection.
  hearer.once("ready", () => {
    hearer
      .subscribe(channel, (from) => {
        if (from !== holder) heard();
      })
      .catch(() => undefined);
  });
  let telling = false;
  let again = false;

  async function tellAll(): Promise<void> {
    telling = true;
    do {
      again = false;
      // Nobody waits for it, and nothing is lost with it.
      if (teller.isReady) await teller.publish(channel, holder).catch(() => undefined);
    } while (again);
    telling = false;
  }

  return {
    tell() {
      again = true;
      if (!telling) void tellAll();
    },
    close() {
      for (const client of [teller, hearer]) if (client.isOpen) client.destroy();
    },
  };
}
