// Everything that is read from the database: the reads of the port, over the connections of the pool. SQL is
// in the files by noun; here they are put together and held to the port. No read takes a lock that a commit
// would wait for.

import type { ReadName, Store } from "../store.ts";
import { openAvailabilityReads } from "./reads-availability.ts";
import { openCatalogReads } from "./reads-catalog.ts";
import { openEventReads, openLogClock } from "./reads-events.ts";
import { openReservationReads } from "./reads-reservations.ts";
import { openStockReads } from "./reads-stock.ts";
import type { Statements } from "./statements.ts";

export type Reads = {
  readonly [Name in ReadName | "time"]: (
    ...args: Parameters<Store[Name]>
  ) => ReturnType<Store[Name]>;
};

export function openReads(statements: Statements): Reads {
  const clock = openLogClock(statements);
  return {
    ...openCatalogReads(statements),
    ...openStockReads(statements),
    ...openAvailabilityReads(statements, clock),
    ...openReservationReads(statements),
    ...openEventReads(statements, clock),
  };
}
