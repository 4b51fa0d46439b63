// What a reader of the whole log asks for: events of all stores and products, of every type.

import type { EventQuery } from "../store/store.ts";

export const everything: Omit<EventQuery, "after" | "limit"> = {
  type: null,
  storeId: null,
  productId: null,
  stores: "*",
};
