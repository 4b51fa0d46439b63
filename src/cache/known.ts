// What this instance knows of the log about a product: the seq of the last event that changed its document.
// Of as many products as fit; of those that were forgotten, or not heard of since the start, it says the
// highest that it might be. So what it says may be too high and is never too low.

import { LRUCache } from "lru-cache";
import type { LogEvent } from "../store/store.ts";

export interface Known {
  hear(events: readonly Pick<LogEvent, "seq" | "productId">[]): void;
  /** A document of this product that was read at a lower seq may be out of date. */
  lastOf(productId: string): number;
}

export function openKnown(fromSeq: number, productsMax: number): Known {
  // Before the start there may have been an event of any product.
  let ofAny = fromSeq;
  const last = new LRUCache<string, number>({
    // Not `max`, with which it takes the room for all of them at once.
    maxSize: productsMax,
    sizeCalculation: () => 1,
    dispose(seq, _productId, reason) {
      if (reason === "evict") ofAny = Math.max(ofAny, seq);
    },
  });
  return {
    hear(events) {
      for (const { seq, productId } of events) {
        // An event of a store: its name and whether it is open are in every document.
        if (productId === null) ofAny = Math.max(ofAny, seq);
        else if (seq > (last.peek(productId) ?? 0)) last.set(productId, seq);
      }
    },
    lastOf: (productId) => Math.max(ofAny, last.peek(productId) ?? 0),
  };
}
