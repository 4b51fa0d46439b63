// Everything that is read from the database, as synchronous functions over one connection: the reads of
// the port, without their promises. The main thread and the reader thread each open their own. SQL is in
// the files by noun; here they are put together and held to the port.

import type { DatabaseSync } from "node:sqlite";
import type { ReadName, Store } from "../store.ts";
import { openAvailabilityReads } from "./reads-availability.ts";
import { openCatalogReads } from "./reads-catalog.ts";
import { openEventReads, openLogClock } from "./reads-events.ts";
import { openReservationReads } from "./reads-reservations.ts";
import { openStockReads } from "./reads-stock.ts";
import { openStatements } from "./statements.ts";

export type Reads = {
  readonly [Name in ReadName]: (
    ...args: Parameters<Store[Name]>
  ) => Awaited<ReturnType<Store[Name]>>;
};

export function openReads(db: DatabaseSync): Reads {
  const statements = openStatements(db);
  const clock = openLogClock(statements);
  return {
    ...openCatalogReads(statements),
    ...openStockReads(statements),
    ...openAvailabilityReads(statements, clock),
    ...openReservationReads(statements),
    ...openEventReads(statements, clock),
  };
}
