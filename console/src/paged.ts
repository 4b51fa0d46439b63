// A list that is read page by page, as far as the person looks. What was shown stays while a new search is on its way.

import type { Page } from "@onhand/client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

export interface Paged<Item> {
  /** undefined: nothing was read yet. */
  readonly items: readonly Item[] | undefined;
  readonly error: unknown;
  readonly isReading: boolean;
  readonly hasMore: boolean;
  readonly readMore: () => void;
}

/** The first word of the key is a topic of queries.ts, whose events make it read again. */
export function usePaged<Item>(
  queryKey: readonly unknown[],
  read: (cursor: { readonly cursor?: string }) => Promise<Page<Item>>,
  isWanted = true,
): Paged<Item> {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => read(pageParam === null ? {} : { cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
    enabled: isWanted,
  });
  return {
    items: query.data?.pages.flatMap(({ items }) => items),
    error: query.error,
    isReading: query.isFetching,
    hasMore: query.hasNextPage,
    readMore: () => void query.fetchNextPage(),
  };
}
