// The row that is open, live: its numbers come from rows.ts, what only a read tells (the reorder point) is read again
// when an event of this row comes.

import type { OnhandEvent, Stock } from "@onhand/client";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";
import { useEvents } from "../live.ts";
import { queries } from "../queries.ts";
import { keepRows, useRow } from "../rows.ts";
import type { RowPlace } from "./address.ts";

/** What the forms of a row start from. */
export interface OpenRow extends RowPlace {
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
  readonly reorderPoint: number | null;
}

export interface RowState {
  /** undefined: not read yet; null: the store does not have the product. */
  readonly row: OpenRow | null | undefined;
  readonly error: unknown;
}

export function useRowState({ productId, storeId }: RowPlace): RowState {
  const { data: read, error } = useQuery({
    queryKey: ["row", productId, storeId],
    queryFn: async (): Promise<Stock | null> => {
      // Among the product's rows, for not to have one is no error.
      for await (const stock of client.stock.ofProduct(productId, { limit: 500 })) {
        if (stock.store_id !== storeId) continue;
        keepRows([stock]);
        return stock;
      }
      return null;
    },
  });
  const live = useRow(productId, storeId);
  useEvents((event) => {
    if (!isOf(event, productId, storeId)) return;
    void queries.invalidateQueries({ queryKey: ["row", productId, storeId] });
    void queries.invalidateQueries({ queryKey: ["row-history", productId, storeId] });
  });
  if (read === undefined) return { row: undefined, error };
  const numbers = live ?? read;
  if (numbers === null) return { row: null, error };
  const { quantity, reserved, version } = numbers;
  const reorderPoint = read?.reorder_point ?? null;
  return { row: { productId, storeId, quantity, reserved, version, reorderPoint }, error };
}

function isOf(event: OnhandEvent, productId: string, storeId: string): boolean {
  return event.product_id === productId && event.store_id === storeId;
}

/** After a write: its answer counts at once, the event comes a moment later. */
export function keepStock(stock: Stock): void {
  keepRows([stock]);
  queries.setQueryData(["row", stock.product_id, stock.store_id], stock);
}

/** The events of the row, newest first. */
export function useHistory({ productId, storeId }: RowPlace) {
  return useInfiniteQuery({
    queryKey: ["row-history", productId, storeId],
    queryFn: ({ pageParam }) =>
      client.stock
        .history(productId, storeId, {
          limit: 20,
          ...(pageParam === null ? {} : { cursor: pageParam }),
        })
        .page(),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
