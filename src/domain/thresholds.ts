// What a decision does to the thresholds of a row, as events: nothing is left (`stock.out`), there is something
// again (`stock.back`), it has come down to its reorder point (`stock.low`). A row is compared as it was before the
// decision and as it is after, the end of holds that were due included: what a batch, a basket or an expiry passes
// through in between nobody could have bought, and is not told. So no state is kept for it, and `stock.low` does
// not come again until the row has been above its point.
//
// They change no row: they carry no `stock`, and the row's version stays (I4). Where nothing is crossed, as in
// nearly every decision, it costs a few comparisons a row.

import { type Draft, emit } from "./draft.ts";
import type { EventType, Stock } from "./model.ts";
import type { RowKey } from "./slice.ts";

/** At or below its reorder point; a row without one is never low. */
export function isLow(row: Stock): boolean {
  return row.reorderPoint !== null && row.quantity - row.reserved <= row.reorderPoint;
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
    if (isLow(row) && (was === undefined || !isLow(was))) tell(draft, "stock.low", row);
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
