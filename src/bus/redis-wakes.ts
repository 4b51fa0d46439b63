// Instances wake each other through Redis (publish and subscribe): whoever committed says so, and the others
// read the log. A hint and never relied on: what is lost is found by the tail's own looks.

import { openRedisClient } from "./redis-client.ts";
import { openRedisConnection } from "./redis-connection.ts";

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
  /** Connects anew: the others may be at another Redis by now. */
  renew(): void;
  close(): void;
}

export function openRedisWakes({ url, prefix, holder, heard }: WakesOptions): Wakes {
  const channel = `${prefix}inventory-events:wake`;
  const teller = openRedisConnection({ url, said: () => undefined, ready: () => undefined });
  const { client: hearer, renew, close } = openRedisClient(url);
  // The relay's connection says that Redis is away; this one tries again by itself.
  hearer.on("error", () => undefined);
  hearer.on("ready", () => void hear());
  let isHearing = false;

  /** Subscribes once: from then on the client itself does with each new connection, before it is ready. */
  async function hear(): Promise<void> {
    const listener = (from: string): void => {
      if (from !== holder) heard();
    };
    if (!isHearing) {
      isHearing = true;
      await hearer.subscribe(channel, listener).catch(() => {
        // The connection broke under it: the next one tries again.
        isHearing = false;
      });
    }
    // What was told while nobody heard.
    heard();
  }

  let isTelling = false;
  let again = false;

  async function tellAll(): Promise<void> {
    isTelling = true;
    do {
      again = false;
      // Nobody waits for it, and nothing is lost with it.
      await teller.call(["PUBLISH", channel, holder]).catch(() => undefined);
    } while (again);
    isTelling = false;
  }

  return {
    tell() {
      again = true;
      if (!isTelling) void tellAll();
    },
    renew() {
      teller.renew();
      renew();
    },
    close() {
      teller.close();
      close();
    },
  };
}
