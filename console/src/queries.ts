// What was read from the service, and which events make it old. Reading again is gathered: a busy log must not make
// each tab ask for each event, so what is touched is asked for again at most twice a second. Stock rows are not here:
// they are told by the events themselves (rows.ts).

import type { OnhandEvent, Product, Store } from "@onhand/client";
import { QueryClient, useQuery } from "@tanstack/react-query";
import { client } from "./client.ts";
import { follow, onReset } from "./live.ts";
import { useIsSignedIn } from "./session.tsx";

export const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 60_000, retry: false, refetchOnWindowFocus: false },
    // The client tries again by itself, with one key for all tries.
    mutations: { retry: false },
  },
});

/** What a query is about is the first word of its key; these are the words and what makes them old. */
const touchedBy = {
  stores: (event) => event.aggregate_type === "store",
  products: (event) => event.aggregate_type === "product",
  summary: (event) => event.product_id !== null,
  "low-stock": (event) => event.aggregate_type === "stock" || "stock" in event.payload,
  reservations: (event) => event.aggregate_type === "reservation",
  stats: (event) => event.aggregate_type === "reservation",
  history: (event) => "stock" in event.payload,
  "store-stock": (event) => event.type === "stock.created" || event.aggregate_type === "product",
} satisfies Record<string, (event: OnhandEvent) => boolean>;

export type Topic = keyof typeof touchedBy;

const gatherMs = 500;

/** Starts to read again what events make old; once. */
export function startQueries(): void {
  const touched = new Set<string>();
  let isWaiting = false;
  const readAgain = (): void => {
    isWaiting = false;
    for (const topic of touched) void queries.invalidateQueries({ queryKey: [topic] });
    touched.clear();
  };
  follow((event) => {
    for (const [topic, isTouched] of Object.entries(touchedBy)) {
      if (isTouched(event)) touched.add(topic);
    }
    if (isWaiting) return;
    isWaiting = true;
    setTimeout(readAgain, gatherMs);
  });
  onReset(() => void queries.invalidateQueries());
}

/** Every store, archived ones left out; few enough to be kept whole. */
export function useStoresQuery() {
  return useQuery({
    queryKey: ["stores"],
    queryFn: () => allOf(client.stores.list({ limit: 500 })),
    enabled: useIsSignedIn(),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** None, too, until they are read. */
export function useStores(): readonly Store[] {
  return useStoresQuery().data ?? none;
}

const none: readonly Store[] = [];

/** Whether no stores means that there are none. */
export function areStoresRead(): boolean {
  return queries.getQueryData(["stores"]) !== undefined;
}

/** What a store is called; its id until that is known. */
export function useStoreName(): (storeId: string) => string {
  const stores = useStores();
  return (storeId) => stores.find(({ id }) => id === storeId)?.name ?? storeId;
}

/** undefined: not read yet, or there is none. */
export function useProduct(productId: string | null): Product | undefined {
  const { data } = useQuery({
    queryKey: ["products", "one", productId],
    queryFn: () => client.products.get(productId ?? ""),
    enabled: productId !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
