// Clients for times in which answers fail to come: what is refused with 503, they ask again under the same key
// until they are told something else, or until nobody answers any more.

import { type Client, type Connection, openClient, openConnection, type Shop } from "./ledger.ts";
import { until } from "./until.ts";

export interface Load {
  readonly clients: readonly Client[];
  /** Of each answer, in the order in which they came. */
  readonly statuses: readonly number[];
  /** Answers that were no refusals, from a place in `statuses` on. */
  answered(since?: number): number;
  /** Ends the work, where the service has not ended it, and waits for it. */
  settle(): Promise<void>;
}

/** Longer than anything takes on a busy machine. */
const patienceMs = 60_000;
const pauseMs = 20;

export function openLoad(
  service: Shop,
  { name, width, random }: { name: string; width: number; random: () => number },
): Load {
  const clients = Array.from({ length: width }, (_, n) => openClient(`${name}${n}`, random));
  const statuses: number[] = [];
  let isOver = false;
  const working = clients.map((client) =>
    client.work(service, () => isOver, insisting(openConnection(service), statuses)),
  );
  return {
    clients,
    statuses,
    answered: (since = 0) => statuses.slice(since).filter((one) => one !== 503).length,
    async settle() {
      isOver = true;
      await Promise.all(working);
    },
  };
}

function insisting(inner: Connection, statuses: number[]): Connection {
  return {
    ...inner,
    async post(path, body, key) {
      let reply = await inner.post(path, body, key);
      const isSettled = async (): Promise<boolean> => {
        if (reply.kind !== "told") return true;
        statuses.push(reply.status);
        if (reply.status !== 503) return true;
        // What the service waits for needs the machine too.
        await new Promise((resolve) => {
          setTimeout(resolve, pauseMs);
        });
        reply = await inner.post(path, body, key);
        return false;
      };
      await until(isSettled, `${key} is answered`, patienceMs);
      return reply;
    },
  };
}
