// What can be had of a product, now and as the log had it. A document and the `seq` it is true at come
// from one snapshot: caches compare these numbers. Now is read from the stock table; the past from the
// log alone, one look-up per stock row: the last event of the row at or before that place carries the
// balance after it. Names, prices and the state of stores are those of that time too.

import type { Product } from "../../domain/model.ts";
import { withoutNumbers } from "../filters.ts";
import { productTold, storeNameTold } from "../past.ts";
import { availableRowOf, productColumns, productOf, text } from "../rows.ts";
import type { Availability, AvailableRow } from "../store.ts";
import type { LogClock } from "./reads-events.ts";
import type { Statements } from "./statements.ts";

export const availabilitySql = {
  product: `SELECT ${productColumns} FROM products WHERE id = ? AND archived_at IS NULL`,
  rows: `
    SELECT s.store_id, t.name, s.quantity, s.reserved, s.version
    FROM stock s CROSS JOIN stores t ON t.id = s.store_id
    WHERE s.product_id = ? AND t.active = 1 AND t.archived_at IS NULL ORDER BY s.store_id`,
  // The catalogue events of a product are filed under store "*", those of a store under no product.
  productThen: `
    SELECT event_type, payload, created_at FROM events
    WHERE product_id = ? AND store_id = '*' AND seq <= ? ORDER BY seq DESC LIMIT 1`,
  storeThen: `
    SELECT event_type, payload FROM events
    WHERE product_id IS NULL AND store_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1`,
  // The last event that changed the row's balance: not all events of a row do.
  rowThen: `
    SELECT json_extract(payload, '$.stock.after.quantity'),
      json_extract(payload, '$.stock.after.reserved'), json_extract(payload, '$.stock.version')
    FROM events
    WHERE product_id = ? AND store_id = ? AND seq <= ? AND event_type NOT IN (${withoutNumbers})
    ORDER BY seq DESC LIMIT 1`,
  everProduct: `SELECT ${productColumns} FROM products WHERE id = ?`,
  everRows: `
    SELECT s.store_id, t.name FROM stock s CROSS JOIN stores t ON t.id = s.store_id
    WHERE s.product_id = ? ORDER BY s.store_id`,
} as const;

function productThen(statements: Statements, productId: string, seq: number): Product | null {
  const row = statements.get(availabilitySql.everProduct, productId);
  const then = statements.get(availabilitySql.productThen, productId, seq);
  return row === undefined || then === undefined ? null : productTold(productOf(row), then);
}

/** The name a store had then; null: it was inactive or archived. */
function storeNameThen(
  statements: Statements,
  storeId: string,
  nameNow: string,
  seq: number,
): string | null {
  const then = statements.get(availabilitySql.storeThen, storeId, seq);
  // A store that was there before the log began, and of which nothing had been told by then.
  return then === undefined ? nameNow : storeNameTold(then);
}

export function openAvailabilityReads(statements: Statements, clock: LogClock) {
  function current(productId: string, asOfSeq: number): Availability | null {
    const product = statements.get(availabilitySql.product, productId);
    if (product === undefined) return null;
    const rows = statements.all(availabilitySql.rows, productId).map(availableRowOf);
    return { product: productOf(product), asOfSeq, rows };
  }

  return {
    availability(productId: string): Availability | null {
      return statements.snapshot(() => current(productId, clock.headSeq()));
    },

    /** In the order of the ids, without those that are not there. */
    availabilities(productIds: readonly string[]): readonly Availability[] {
      return statements.snapshot(() => {
        const seq = clock.headSeq();
        return productIds.map((id) => current(id, seq)).filter((found) => found !== null);
      });
    },

    availabilityAt(
      productId: string,
      at: { readonly seq: number } | { readonly time: number },
    ): Availability | null {
      return statements.snapshot(() => {
        const head = clock.headSeq();
        const seq = "seq" in at ? Math.min(at.seq, head) : clock.seqAtTime(at.time, head);
        const product = productThen(statements, productId, seq);
        if (product === null) return null;
        const rows: AvailableRow[] = [];
        for (const [id, nameNow] of statements.all(availabilitySql.everRows, productId)) {
          const storeId = text(id);
          const then = statements.get(availabilitySql.rowThen, productId, storeId, seq);
          if (then === undefined) continue;
          const name = storeNameThen(statements, storeId, text(nameNow), seq);
          if (name !== null) rows.push(availableRowOf([storeId, name, ...then]));
        }
        return { product, asOfSeq: seq, rows };
      });
    },
  };
}
