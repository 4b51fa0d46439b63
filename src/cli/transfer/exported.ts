// The rows of an export, by kind: read page by page, never all at once.

import type { Client } from "../../../sdk/src/client.ts";
import { columnsOf } from "../../transfer/columns.ts";
import { UsageError } from "../command.ts";

export interface Exported {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<object>;
}

interface Filters {
  readonly store?: string | undefined;
  readonly after?: string | undefined;
}

const limit = 500;

export function exportedOf(kind: string, client: Client, filters: Filters): Exported {
  const { store, after } = filters;
  if (after !== undefined && kind !== "events") throw new UsageError("--after is for events");
  if (store !== undefined && (kind === "products" || kind === "stores")) {
    throw new UsageError(`--store is not for ${kind}`);
  }
  switch (kind) {
    case "products":
      return { columns: columnsOf.products, rows: client.products.list({ limit }) };
    case "stores":
      return { columns: columnsOf.stores, rows: client.stores.list({ limit }) };
    case "stock":
      return { columns: columnsOf.stock, rows: stockRows(client, store) };
    case "reservations": {
      const rows = client.reservations.list({ store_id: store, limit });
      return { columns: columnsOf.reservations, rows };
    }
    case "events": {
      const rows = client.events.list({ after: seqOf(after), store_id: store, limit });
      return { columns: columnsOf.events, rows };
    }
    default:
      throw new UsageError(
        `export knows products, stock, stores, reservations and events, not "${kind}"`,
      );
  }
}

async function* stockRows(client: Client, only: string | undefined): AsyncGenerator<object> {
  if (only !== undefined) {
    yield* client.stock.ofStore(only, { limit });
    return;
  }
  const { stores } = await client.session.get();
  if (stores === "*") {
    for await (const { id } of client.stores.list({ limit })) {
      yield* client.stock.ofStore(id, { limit });
    }
    return;
  }
  for (const id of [stores].flat()) yield* client.stock.ofStore(id, { limit });
}

function seqOf(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  const seq = Number(after);
  if (Number.isInteger(seq) && seq >= 0) return seq;
  throw new UsageError("--after is the number of an event");
}
