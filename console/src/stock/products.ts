// The rows of the grid: products, page by page as one scrolls, each page with its numbers. What changes a product is
// told by events and put into the pages that are here; new and archived ones, and what begins to run low, are read
// again, gathered, so that an import of thousands asks a few times and not thousands of times.

import type { OnhandEvent, Product, Store } from "@onhand/client";
import { type InfiniteData, keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { client } from "../client.ts";
import { useEvents } from "../live.ts";
import { allOf, queries, useStores } from "../queries.ts";
import { keepRows, rowKey } from "../rows.ts";
import { useSession } from "../session.tsx";
import type { Filters } from "./address.ts";

interface ProductPage {
  readonly items: readonly Product[];
  readonly next_cursor: string | null;
  /** Rows that run low, by their keys; empty where that is not asked. */
  readonly low: ReadonlySet<string>;
}

const pageSize = 100;
/** Where most are left out, larger pages: what is left is few. */
const lowPageSize = 500;
const readAgainMs = 3_000;

/** The columns that there may be: open stores that the person sees. */
export function useColumns() {
  const stores = useStores();
  const { stores: mine } = useSession();
  return useMemo(
    () => stores.filter(({ id, active }) => active && (mine === "*" || mine.includes(id))),
    [stores, mine],
  );
}

/** What the grid shows. */
export function useShown(filters: Filters, stores: readonly Store[]) {
  const columns = useMemo(() => {
    const chosen = stores.filter(({ id }) => filters.stores.includes(id));
    return chosen.length === 0 ? stores : chosen;
  }, [stores, filters.stores]);
  const query = useProductPages(
    filters,
    columns.map(({ id }) => id),
  );
  const { data, hasNextPage, fetchNextPage } = query;
  const products = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  // The newest page knows best: all of them have read the same list.
  const low = data?.pages.at(-1)?.low ?? none.keys;
  const isWhole = data !== undefined && !hasNextPage;
  const readMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  const mustGoOn =
    products.length === 0 && hasNextPage && !query.isFetching && query.error === null;
  useEffect(() => {
    // A page of which all is left out by "only low" leaves nothing to scroll to.
    if (mustGoOn) readMore();
  }, [mustGoOn, readMore]);
  return { products, columns, low, isWhole, query, readMore };
}

function useProductPages(filters: Filters, storeIds: readonly string[]) {
  const { search, category, low } = filters;
  const { stores: mine } = useSession();
  const key = ["grid", search, category, low ? storeIds : null];
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam, signal }): Promise<ProductPage> => {
      const asked = {
        limit: low ? lowPageSize : pageSize,
        ...(search === "" ? {} : { search }),
        ...(category === "" ? {} : { category }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      const [page, lowRows] = await Promise.all([
        client.products.list(asked, { signal }).page(),
        low ? readLow(storeIds) : none,
      ]);
      const items = low ? page.items.filter(({ id }) => lowRows.products.has(id)) : page.items;
      await readNumbers(items, mine, signal);
      return { items, next_cursor: page.next_cursor, low: lowRows.keys };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    enabled: storeIds.length > 0,
  });
  useNews(low);
  return query;
}

async function readNumbers(
  products: readonly Product[],
  mine: readonly string[] | string,
  signal: AbortSignal,
): Promise<void> {
  if (products.length === 0) return;
  const scope = typeof mine === "string" ? {} : { store_ids: [...mine] };
  const asked = { product_ids: products.map(({ id }) => id), ...scope };
  const { items } = await client.products.availabilities(asked, { signal });
  for (const { product_id, stores } of items) {
    keepRows(stores.map((row) => ({ ...row, product_id })));
  }
}

interface LowRows {
  readonly products: ReadonlySet<string>;
  readonly keys: ReadonlySet<string>;
}

const none: LowRows = { products: new Set(), keys: new Set() };

/** Which rows of these stores run low: all of them, for a product is on no page in particular. */
async function readLow(storeIds: readonly string[]): Promise<LowRows> {
  const [only] = storeIds;
  const one = storeIds.length === 1 && only !== undefined ? { store_id: only } : {};
  const rows = await queries.fetchQuery({
    queryKey: ["grid-low", one],
    queryFn: () => allOf(client.stock.low({ limit: 500, ...one })),
    staleTime: readAgainMs,
  });
  keepRows(rows);
  const seen = rows.filter(({ store_id }) => storeIds.includes(store_id));
  return {
    products: new Set(seen.map(({ product_id }) => product_id)),
    keys: new Set(seen.map(({ product_id, store_id }) => rowKey(product_id, store_id))),
  };
}

/** Keeps the pages true. */
function useNews(low: boolean): void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
      timer.current = null;
    },
    [],
  );
  useEvents((event) => {
    if (event.type === "product.updated") rename(event);
    const isNew = event.type === "product.created" || event.type === "product.archived";
    if (!isNew && !(low && "stock" in event.payload)) return;
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void queries.invalidateQueries({ queryKey: ["grid"] }, { cancelRefetch: false });
    }, readAgainMs);
  });
}

type Pages = InfiniteData<ProductPage, string | null>;

function rename({ product_id, payload }: Extract<OnhandEvent, { type: "product.updated" }>): void {
  const renamed = (product: Product): Product =>
    product.id === product_id ? { ...product, ...payload } : product;
  queries.setQueriesData<Pages>({ queryKey: ["grid"] }, (data) =>
    data === undefined
      ? data
      : {
          ...data,
          pages: data.pages.map((page) =>
            page.items.some(({ id }) => id === product_id)
              ? { ...page, items: page.items.map(renamed) }
              : page,
          ),
        },
  );
}
