// What a decision does to the thresholds of a row, as events: nothing is left (`stock.out`), there is something
// again (`stock.back`), it has come down to its reorder point (`stock.low`). A row is compared as it was before the
// decision and as it is after, the end of holds that were due included: what a batch, a basket or an expiry passes
// through in between nobody could have bought, and is not told.
//
// `stock.low` has hysteresis: a unit that is held and let go again at the point would tell it each time. So a row
// remembers that it was told (`lowTold`), until it has been clear of its point.
//
// They carry no `stock`, and the row's version stays (I4). Where nothing is crossed, as in nearly every decision,
// it costs a few comparisons a row.

import { type Draft, emit } from "./draft.ts";
import type { EventType, Stock } from "./model.ts";
import type { RowKey } from "./slice.ts";

/** At or below its reorder point; a row without one is never low. */
export function isLow(row: Stock): boolean {
  return row.reorderPoint !== null && row.quantity - row.reserved <= row.reorderPoint;
}

/** Above its point by more than a tenth of it, and by more than one unit; or without a point. */
function isClear({ quantity, reserved, reorderPoint }: Stock): boolean {
  if (reorderPoint === null) return true;
  return quantity - reserved > reorderPoint + Math.max(1, reorderPoint / 10);
}

/**
 * Of these rows, as they are now; `before` has those that were looked at before the slice took them on. Comes after
 * the events of the changes: those of a transfer stay next to each other.
 */
export function tellThresholds(
  draft: Draft,
  rows: ReadonlyMap<RowKey, Stock>,
  before: ReadonlyMap<RowKey, Stock>,
): void {
  for (const [key, row] of rows) {
    const was = before.get(key) ?? draft.slice.stock.get(key);
    const available = row.quantity - row.reserved;
    // A row that is made had nothing, and is not back.
    const had = was === undefined ? available : was.quantity - was.reserved;
    const lowTold = row.lowTold ? !isClear(row) : isLow(row);
    if (lowTold !== row.lowTold) {
      draft.stock.set(key, { ...row, lowTold });
      if (lowTold) tell(draft, "stock.low", row);
    }
    if (had > 0 && available === 0) tell(draft, "stock.out", row);
    else if (had === 0 && available > 0) tell(draft, "stock.back", row);
  }
}

function tell(draft: Draft, type: EventType, row: Stock): void {
  const { id, productId, storeId, quantity, reserved, reorderPoint, version } = row;
  emit(
    draft,
    type,
    { aggregateType: "stock", aggregateId: id, storeId, productId },
    {
      available: quantity - reserved,
      quantity,
      reserved,
      reorder_point: reorderPoint,
      row_version: version,
    },
  );
}
