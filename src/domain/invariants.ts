// Invariants asserted after each decision, in production too. I1 is asserted where a row changes
// (`changeStock`); here is what only the whole decision can show. `onhand verify` checks the same on a
// database: the names are those of GUARANTEES.md.

import { assert, must } from "../lib/assert.ts";
import type { Draft } from "./draft.ts";
import type { DomainEvent } from "./event.ts";
import type { Reservation } from "./model.ts";
import { type RowKey, rowKey } from "./slice.ts";

const terminal: ReadonlySet<string> = new Set([
  "reservation.confirmed",
  "reservation.cancelled",
  "reservation.expired",
]);

export function assertDecision(draft: Draft): void {
  if (draft.events.length === 0) {
    assert(
      draft.stock.size === 0 && draft.reservations.size === 0,
      "rule 2: every change has its event",
    );
    return;
  }
  assertReservedMatchesHolds(draft);
  assertEventsReplay(draft);
  assertOneEnding(draft);
  assertTransfersConserve(draft.events);
}

/** I2, as a change: `reserved` moves by what the pending reservations of the row move. */
function assertReservedMatchesHolds(draft: Draft): void {
  const moved = new Map<RowKey, number>();
  for (const [id, after] of draft.reservations) {
    const before = draft.slice.reservations.get(id);
    const key = rowKey(after.productId, after.storeId);
    const change = pendingUnits(after) - (before === undefined ? 0 : pendingUnits(before));
    moved.set(key, (moved.get(key) ?? 0) + change);
  }
  for (const [key, row] of draft.stock) {
    const change = row.reserved - (draft.slice.stock.get(key)?.reserved ?? 0);
    assert(change === (moved.get(key) ?? 0), "I2: reserved moves with the pending reservations");
    moved.delete(key);
  }
  for (const change of moved.values()) assert(change === 0, "I2: a hold changed without its row");
}

function pendingUnits(reservation: Reservation): number {
  return reservation.status === "PENDING" ? reservation.quantity : 0;
}

/** I3, I4: the events of a row lead from the loaded row to the new one, one version at a time. */
function assertEventsReplay(draft: Draft): void {
  const reached = new Map<RowKey, { quantity: number; reserved: number; version: number }>();
  for (const { payload, productId, storeId } of draft.events) {
    if (payload.stock === undefined) continue;
    const key = rowKey(must(productId, "a stock event has a product"), storeId);
    const at = reached.get(key) ??
      draft.slice.stock.get(key) ?? { quantity: 0, reserved: 0, version: 0 };
    const { before, after, version } = payload.stock;
    assert(
      before.quantity === at.quantity && before.reserved === at.reserved,
      "I3: an event starts where the one before it ended",
    );
    assert(version === at.version + 1, "I4: versions rise by one");
    reached.set(key, { ...after, version });
  }
  assert(reached.size === draft.stock.size, "I3: each changed row has its events");
  for (const [key, at] of reached) {
    const row = must(draft.stock.get(key), "I3: an event of a row that did not change");
    assert(
      row.quantity === at.quantity && row.reserved === at.reserved && row.version === at.version,
      "I3: the events of a row lead to its new state",
    );
  }
}

/** I5: at most one ending of each reservation, and only of one that was pending. */
function assertOneEnding(draft: Draft): void {
  const ended = new Set<string>();
  for (const { type, aggregateId } of draft.events) {
    if (!terminal.has(type)) continue;
    assert(!ended.has(aggregateId), "I5: a reservation ends once");
    const before = draft.slice.reservations.get(aggregateId);
    assert(before === undefined || before.status === "PENDING", "I5: only pending ones end");
    ended.add(aggregateId);
  }
}

/** I6: what leaves one store arrives in another. */
function assertTransfersConserve(events: readonly DomainEvent[]): void {
  let sum = 0;
  for (const { type, payload } of events) {
    if (type !== "stock.transferred") continue;
    const effect = must(payload.stock, "a transfer touches a row");
    sum += effect.after.quantity - effect.before.quantity;
  }
  assert(sum === 0, "I6: a transfer conserves units");
}
