// Connections to PostgreSQL whose transactions stop before each of their parts until they are let on, so that
// a test says in which order the parts of several commits happen. The commit itself is the adapter's own.
//
//   lock    BEGIN and the locks
//   read    what is read under them
//   write   what is written, and COMMIT

import type { PoolClient } from "pg";
import type { Connections } from "../../src/store/postgres/connections.ts";

export const parts = ["lock", "read", "write"] as const;
type Part = (typeof parts)[number];

export interface GatedConnections extends Connections {
  /** Lets on to the next part. */
  letOn(): void;
  /** Waits before a part, or has sent all of them. */
  isWaiting(): boolean;
  /** The server process of the transaction under way. */
  pid(): number | null;
}

export function gatedConnections(connections: Connections): GatedConnections {
  let allowed = 0;
  let waiting: (() => void)[] = [];
  let pid: number | null = null;
  const clients = new WeakMap<PoolClient, PoolClient>();

  function gate(part: Part): Promise<void> | null {
    const index = parts.indexOf(part);
    if (index < allowed) return null;
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  }

  return {
    async take() {
      const client = await connections.take();
      pid = "processID" in client ? Number(client.processID) : null;
      const proxy = new Proxy(client, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (name !== "query") return typeof value === "function" ? value.bind(target) : value;
          return async (journey: { readonly sent: readonly { readonly sql: string }[] }) => {
            await gate(partOf(journey.sent[0]?.sql ?? ""));
            return target.query(journey as never);
          };
        },
      });
      clients.set(proxy, client);
      return proxy;
    },
    // What comes back is the proxy; the pool knows the client.
    release: (client, error) => connections.release(clients.get(client) ?? client, error),
    isCurrent: (client) => connections.isCurrent(clients.get(client) ?? client),
    close: () => connections.close(),
    letOn() {
      allowed += 1;
      const ready = waiting;
      waiting = [];
      for (const go of ready) go();
    },
    isWaiting: () => waiting.length > 0,
    pid: () => pid,
  };
}

/** Of a journey, by its first statement. */
function partOf(sql: string): Part {
  if (/^\s*(?:BEGIN|ROLLBACK)/.test(sql)) return "lock";
  return /^\s*(?:INSERT|UPDATE|COMMIT)/.test(sql) ? "write" : "read";
}
