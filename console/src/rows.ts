// The newest state of every stock row that this tab has met, whether a page has read it or an event told it: the higher
// version counts, whatever comes later. A cell that shows a row follows that row alone, so a change in one of thousands
// draws one.

import type { OnhandEvent } from "@onhand/client";
import { useSyncExternalStore } from "react";
import { follow, onReset } from "./live.ts";

export interface RowNumbers {
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
  /** When it last changed while this page was open, on the clock of `performance`; null: it did not. */
  readonly changedAt: number | null;
  /** What was available before that change; null: there was none. */
  readonly availableBefore: number | null;
}

const rows = new Map<string, RowNumbers>();
const watchers = new Map<string, Set<() => void>>();

export const rowKey = (productId: string, storeId: string): string => `${productId}/${storeId}`;

interface Read {
  readonly product_id: string;
  readonly store_id: string;
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
}

/** Keeps what was read from the service. */
export function keepRows(read: readonly Read[]): void {
  for (const row of read) keep(row);
}

function keep(row: Read): void {
  const key = rowKey(row.product_id, row.store_id);
  const known = rows.get(key);
  if (known !== undefined && known.version >= row.version) return;
  const { quantity, reserved, version } = row;
  // What is met for the first time has not changed before anyone's eyes.
  const changedAt = known === undefined ? null : performance.now();
  const availableBefore = known === undefined ? null : known.quantity - known.reserved;
  rows.set(key, { quantity, reserved, version, changedAt, availableBefore });
  for (const watch of watchers.get(key) ?? []) watch();
}

/** Starts to keep what events tell; once. */
export function startRows(): void {
  follow((event) => {
    const change = rowChangeOf(event);
    if (change !== null) keep(change);
  });
  onReset(() => rows.clear());
}

/** The row after an event, where it is of one. */
export function rowChangeOf(event: OnhandEvent): Read | null {
  const { product_id, store_id, payload } = event;
  if (product_id === null || !("stock" in payload)) return null;
  const { after, version } = payload.stock;
  return { product_id, store_id, ...after, version };
}

/** undefined: it was not read yet, or there is none. */
export function useRow(productId: string, storeId: string): RowNumbers | undefined {
  const key = rowKey(productId, storeId);
  return useSyncExternalStore(
    (watch) => {
      const all = watchers.get(key) ?? new Set();
      watchers.set(key, all.add(watch));
      return () => {
        all.delete(watch);
        if (all.size === 0) watchers.delete(key);
      };
    },
    () => rows.get(key),
  );
}
