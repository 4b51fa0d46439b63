// The writer thread: it decides and commits. A commit is three journeys to the server, and on the main thread
// each answer would wait for the requests that are being read and answered there: measured at 64 clients, a
// commit of 20 reservations took 14 ms there, of which 5 ms were PostgreSQL's. A batch of commands crosses as
// one message.

import { workerData } from "node:worker_threads";
import type { Command } from "../../domain/model.ts";
import { newId } from "../../lib/ids.ts";
import { serveThread } from "../../lib/thread.ts";
import type { StoreOptions } from "../store.ts";
import { openCommit } from "./commit.ts";
import { type Database, openConnections, type TimelineSeen } from "./connections.ts";

/** What the thread is started with; ids are made here, since functions do not cross. */
export interface WriterStart {
  readonly database: Database;
  readonly limits: StoreOptions["limits"];
  readonly seen: TimelineSeen;
  /** See SaveOptions. */
  readonly notify: string | null;
}

serveThread(() => {
  const { database, limits, seen, notify }: WriterStart = workerData;
  // One commit at a time; the other connection asks what became of one whose answer was lost.
  const connections = openConnections({ ...database, poolMin: 1, poolMax: 2 }, seen);
  const commit = openCommit(connections, { pooler: database.pooler, notify, limits, newId });
  return {
    methods: {
      // Text both ways, as the SQLite adapter's: JSON crosses in a third of the time of structured clones.
      async commit(text: string) {
        const commands: readonly Command[] = JSON.parse(text);
        return JSON.stringify(await commit(commands));
      },
    },
    close: () => connections.close(),
  };
});
