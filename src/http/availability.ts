// The availability document: the answer to "who has it?", made once per change of a product and sent as
// the same bytes until then. Its ETag is of what it says (names, balances, versions), not of when it was
// read, so a reader that has it keeps it while nothing changes.

import type { AvailabilityDocument, AvailabilityTold } from "../cache/memory.ts";
import { digest } from "../lib/ids.ts";

/** Documents are text already; the framework serialises nothing. */
export const documentType = "application/json; charset=utf-8";
/** Kept by whoever likes, but asked again each time: that costs a 304. */
export const documentCacheControl = "no-cache";

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

function availabilityBody(availability: AvailabilityTold): AvailabilityBody {
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

export function renderAvailability(availability: AvailabilityTold): AvailabilityDocument {
  const body = availabilityBody(availability);
  const said = JSON.stringify([body.product_name, body.stores]);
  const { product, rows, asOfSeq } = availability;
  return {
    availability: { product: { id: product.id, name: product.name }, rows, asOfSeq },
    body: JSON.stringify(body),
    etag: `W/"${digest(said).slice(0, 22)}"`,
  };
}

/** A document of another instance from its bytes. They are read only where somebody asks for some stores. */
export function reviveAvailability(body: string, etag: string): AvailabilityDocument {
  return {
    body,
    etag,
    get availability() {
      return toldIn(JSON.parse(body));
    },
  };
}

function toldIn(body: AvailabilityBody): AvailabilityTold {
  return {
    product: { id: body.product_id, name: body.product_name },
    asOfSeq: body.as_of_seq,
    rows: body.stores.map(({ store_id: storeId, store_name: storeName, ...row }) => {
      const { quantity, reserved, version } = row;
      return { storeId, storeName, quantity, reserved, version };
    }),
  };
}

/** Only the rows of some stores; the totals follow. */
export function inStores(
  availability: AvailabilityTold,
  wanted: (storeId: string) => boolean,
): AvailabilityTold {
  return { ...availability, rows: availability.rows.filter(({ storeId }) => wanted(storeId)) };
}
