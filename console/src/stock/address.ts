// What is seen of the stock, as the address says it: /stock/<product>/<store>?search=&category=&low=1&stores=A,B.
// Filters replace each other, so that "back" leaves the page; an open row is a step of its own.

import { useMemo } from "react";
import { useLocation, useRoute, useSearch } from "wouter";

export interface Filters {
  readonly search: string;
  readonly category: string;
  readonly low: boolean;
  /** Those whose columns are shown; none: all. */
  readonly stores: readonly string[];
}

export const noFilters: Filters = { search: "", category: "", low: false, stores: [] };

export function useFilters(): [Filters, (change: Partial<Filters>) => void] {
  const text = useSearch();
  const [path, go] = useLocation();
  const filters = useMemo(() => filtersOf(text), [text]);
  return [
    filters,
    (change) => go(withQuery(path, textOf({ ...filters, ...change })), { replace: true }),
  ];
}

export interface RowPlace {
  readonly productId: string;
  readonly storeId: string;
}

/** The row that is open, and how to open and close one; the filters stay. */
export function useOpenRow(): [RowPlace | null, (place: RowPlace | null) => void] {
  const [, params] = useRoute("/stock/:productId/:storeId");
  const text = useSearch();
  const [, go] = useLocation();
  const place = params === null ? null : { productId: params.productId, storeId: params.storeId };
  return [
    place,
    (next) =>
      go(withQuery(next === null ? "/stock" : `/stock/${next.productId}/${next.storeId}`, text)),
  ];
}

function filtersOf(text: string): Filters {
  const query = new URLSearchParams(text);
  return {
    search: query.get("search") ?? "",
    category: query.get("category") ?? "",
    low: query.get("low") === "1",
    stores: (query.get("stores") ?? "").split(",").filter((id) => id !== ""),
  };
}

function textOf({ search, category, low, stores }: Filters): string {
  const query = new URLSearchParams();
  if (search !== "") query.set("search", search);
  if (category !== "") query.set("category", category);
  if (low) query.set("low", "1");
  if (stores.length > 0) query.set("stores", stores.join(","));
  return query.toString();
}

function withQuery(path: string, text: string): string {
  return text === "" ? path : `${path}?${text}`;
}
