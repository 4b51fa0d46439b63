// Hears of other instances' commits (LISTEN, one NOTIFY for each commit). It has a connection of its own,
// which a pooler by transaction cannot give: there it goes past the pooler, or does not listen at all. It is a
// hint and never relied on: the tail looks by itself a few times a second.

import type { PoolClient } from "pg";
import { openLoop } from "../../lib/loop.ts";
import { listenRetryMs } from "../../limits.ts";
import { type Database, openConnections } from "./connections.ts";
import { logChannel } from "./save.ts";
import { lost } from "./statements.ts";

export interface Listening {
  close(): Promise<void>;
}

/** `self`: who this instance says it is; its own commits it knows. */
export function openListening(database: Database, self: string, wake: () => void): Listening {
  const direct = database.pooler ? database.directUrl : database.url;
  if (direct === null) return { close: async () => undefined };
  const connections = openConnections({ ...database, url: direct, pooler: false, poolMax: 1 });
  let listening: PoolClient | null = null;

  function lose(client: PoolClient): void {
    if (listening !== client) return;
    listening = null;
    connections.release(client, lost);
  }

  const loop = openLoop({
    async tick() {
      if (listening !== null) {
        // A server that went away without a word tells nobody who only listens.
        await listening.query("SELECT 1");
        return null;
      }
      const client = await connections.take();
      listening = client;
      client.on("notification", ({ payload }) => {
        if (payload !== self) wake();
      });
      client.on("error", () => lose(client));
      client.on("end", () => lose(client));
      await client.query(`LISTEN ${logChannel}`);
      // What was committed while nobody listened.
      wake();
      return null;
    },
    pauseMsMax: listenRetryMs,
    now: Date.now,
    // The tail's own looks go on; the next try is in a moment.
    failed: () => {
      if (listening !== null) lose(listening);
    },
  });
  return {
    async close() {
      await loop.stop();
      if (listening !== null) lose(listening);
      await connections.close();
    },
  };
}
