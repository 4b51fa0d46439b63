// What can be had of a product, now and as the log had it. A document and the `seq` it is true at come
// from one statement and so from one snapshot: caches compare these numbers. Now is read from the stock
// table; the past from the log alone, one look-up per stock row: the last event of the row at or before that
// place carries the balance after it. Names, prices and the state of stores are those of that time too.
//
// Look-ups are subqueries that depend on the row they are for: no plan can join them the other way round.
// Those of the log name the whole order of events_by_row, see reads-events.ts.

import { assert } from "../../lib/assert.ts";
import { withoutNumbers } from "../filters.ts";
import { productTold, storeNameTold } from "../past.ts";
import {
  availableRowOf,
  columnsOf,
  integer,
  productColumns,
  productOf,
  text,
  type Values,
} from "../rows.ts";
import type { Availability, AvailableRow } from "../store.ts";
import type { LogClock } from "./reads-events.ts";
import type { Statements } from "./statements.ts";

// The stock rows come as one JSON list: as rows of the answer each would carry the product's words again.
const document = `
    SELECT ${columnsOf("p", productColumns)}, (SELECT seq FROM log_head WHERE id = 1), (
      SELECT json_agg(
        json_build_array(s.store_id, t.name, s.quantity, s.reserved, s.version) ORDER BY s.store_id)
      FROM stock s CROSS JOIN LATERAL (
        SELECT name FROM stores
        WHERE id = s.store_id AND active = 1 AND archived_at IS NULL OFFSET 0) t
      WHERE s.product_id = p.id)`;

export const availabilitySql = {
  one: `${document}
    FROM products p WHERE p.id = $1 AND p.archived_at IS NULL`,
  several: `${document}
    FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, place)
    JOIN products p ON p.id = asked.id AND p.archived_at IS NULL ORDER BY asked.place`,
  // The catalogue events of a product are filed under store "*", those of a store under no product.
  productThen: `
    SELECT ${columnsOf("p", productColumns)}, part.last, e.event_type, e.payload, e.created_at
    FROM (SELECT least(seq, $2) AS last FROM log_head WHERE id = 1) part
    CROSS JOIN LATERAL (
      SELECT event_type, payload, created_at FROM events
      WHERE (product_id, store_id, seq) > ($1, '*', 0)
        AND (product_id, store_id, seq) <= ($1, '*', part.last)
      ORDER BY product_id DESC, store_id DESC, seq DESC LIMIT 1) e
    JOIN products p ON p.id = $1`,
  // The last event that changed the row's balance: not all events of a row do. A store that was there
  // before the log began, and of which nothing had been told by then, has no `told`.
  rowsThen: `
    SELECT s.store_id, t.name, (e.payload::json #>> '{stock,after,quantity}')::bigint,
      (e.payload::json #>> '{stock,after,reserved}')::bigint,
      (e.payload::json #>> '{stock,version}')::bigint, told.event_type, told.payload
    FROM stock s
    CROSS JOIN LATERAL (SELECT name FROM stores WHERE id = s.store_id OFFSET 0) t
    CROSS JOIN LATERAL (
      SELECT payload FROM events
      WHERE (product_id, store_id, seq) > ($1, s.store_id, 0)
        AND (product_id, store_id, seq) <= ($1, s.store_id, $2)
        AND event_type NOT IN (${withoutNumbers})
      ORDER BY product_id DESC, store_id DESC, seq DESC LIMIT 1) e
    LEFT JOIN LATERAL (
      SELECT event_type, payload FROM events
      WHERE product_id IS NULL AND store_id = s.store_id AND seq <= $2
      ORDER BY product_id DESC, store_id DESC, seq DESC LIMIT 1) told ON TRUE
    WHERE s.product_id = $1 ORDER BY s.store_id`,
} as const;

const productWidth = productColumns.split(", ").length;

/** Of `document`: the product, the head's seq and the list of rows, null when there are none. */
function documentOf(values: Values): Availability {
  const [asOfSeq, rows] = values.slice(productWidth);
  assert(rows === null || Array.isArray(rows), "the rows of a document are a list");
  const listed = (rows ?? []) as readonly Values[];
  return {
    product: productOf(values),
    asOfSeq: integer(asOfSeq),
    rows: listed.map(availableRowOf),
  };
}

/** Of `rowsThen`; null: the store was not open then. */
function rowThen([storeId, nameNow, ...then]: Values): AvailableRow | null {
  const told = then.slice(3);
  const name = told[0] === null ? text(nameNow) : storeNameTold(told);
  return name === null ? null : availableRowOf([storeId, name, ...then]);
}

export function openAvailabilityReads(statements: Statements, clock: LogClock) {
  return {
    async availability(productId: string): Promise<Availability | null> {
      const row = await statements.get(availabilitySql.one, productId);
      return row === undefined ? null : documentOf(row);
    },

    /** In the order of the ids, without those that are not there. */
    async availabilities(productIds: readonly string[]): Promise<readonly Availability[]> {
      return (await statements.all(availabilitySql.several, productIds)).map(documentOf);
    },

    /** The log up to a place does not change, so what is read of it is of one moment without a snapshot. */
    async availabilityAt(
      productId: string,
      at: { readonly seq: number } | { readonly time: number },
    ): Promise<Availability | null> {
      const place = "seq" in at ? at.seq : await clock.seqAtTime(at.time);
      const found = await statements.get(availabilitySql.productThen, productId, place);
      if (found === undefined) return null;
      const [asOfSeq, ...told] = found.slice(productWidth);
      const product = productTold(productOf(found), told);
      if (product === null) return null;
      const seq = integer(asOfSeq);
      const rows = await statements.all(availabilitySql.rowsThen, productId, seq);
      return { product, asOfSeq: seq, rows: rows.map(rowThen).filter((row) => row !== null) };
    },
  };
}
