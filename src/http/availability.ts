// The availability document: the answer to "who has it?", made once per change of a product and sent as
// the same bytes until then. Its ETag is of what it says (names, balances, versions), not of when it was
// read, so a reader that has it keeps it while nothing changes.

import type { AvailabilityDocument } from "../cache/memory.ts";
import { digest } from "../lib/ids.ts";
import type { Availability } from "../store/store.ts";

interface AvailabilityBody {
  readonly product_id: string;
  readonly product_name: string;
  readonly total_quantity: number;
  readonly total_reserved: number;
  readonly total_available: number;
  readonly as_of_seq: number;
  readonly stores: {
    readonly store_id: string;
    readonly store_name: string;
    readonly quantity: number;
    readonly reserved: number;
    readonly available: number;
    readonly version: number;
  }[];
}

function availabilityBody(availability: Availability): AvailabilityBody {
  const { product, rows, asOfSeq } = availability;
  let quantity = 0;
  let reserved = 0;
  for (const row of rows) {
    quantity += row.quantity;
    reserved += row.reserved;
  }
  return {
    product_id: product.id,
    product_name: product.name,
    total_quantity: quantity,
    total_reserved: reserved,
    total_available: quantity - reserved,
    as_of_seq: asOfSeq,
    stores: rows.map((row) => ({
      store_id: row.storeId,
      store_name: row.storeName,
      quantity: row.quantity,
      reserved: row.reserved,
      available: row.quantity - row.reserved,
      version: row.version,
    })),
  };
}

export function renderAvailability(availability: Availability): AvailabilityDocument {
  const body = availabilityBody(availability);
  const said = JSON.stringify([body.product_name, body.stores]);
  return {
    availability,
    body: JSON.stringify(body),
    etag: `W/"${digest(said).slice(0, 22)}"`,
  };
}

/** Only the rows of some stores; the totals follow. */
export function inStores(
  availability: Availability,
  wanted: (storeId: string) => boolean,
): Availability {
  return { ...availability, rows: availability.rows.filter(({ storeId }) => wanted(storeId)) };
}
