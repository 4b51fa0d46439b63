// What is to be seen: search, category, stores, and only what runs low. All of it stands in the address.

import { Autocomplete, Button, Group, MultiSelect, Switch, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import type { Product, Store } from "@onhand/client";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useWords } from "../i18n.ts";
import { type Filters, noFilters } from "./address.ts";
import { stockWords } from "./words.ts";

export interface StockFiltersProps {
  readonly filters: Filters;
  readonly change: (change: Partial<Filters>) => void;
  readonly stores: readonly Store[];
  /** What has been read: its categories are offered. */
  readonly products: readonly Product[];
}

export function StockFilters({ filters, change, stores, products }: StockFiltersProps) {
  const say = useWords(stockWords);
  const [search, setSearch] = useTyped(filters.search, (text) => change({ search: text }));
  const [category, setCategory] = useTyped(filters.category, (text) => change({ category: text }));
  const categories = useCategories(products);
  const isFiltered =
    filters.search !== "" || filters.category !== "" || filters.low || filters.stores.length > 0;
  return (
    <Group gap="sm" align="flex-end" mb="sm" role="search">
      <TextInput
        type="search"
        label={say("search")}
        placeholder={say("searchHint")}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        maxLength={200}
        w={200}
      />
      <Autocomplete
        label={say("category")}
        data={categories}
        value={category}
        onChange={setCategory}
        maxLength={100}
        clearable
        w={180}
      />
      <MultiSelect
        label={say("stores")}
        placeholder={filters.stores.length === 0 ? say("allStores") : ""}
        data={stores.map(({ id, name }) => ({ value: id, label: name }))}
        value={[...filters.stores]}
        onChange={(chosen) => change({ stores: chosen })}
        searchable
        clearable
        hidePickedOptions
        miw={220}
        maw={420}
        flex="1 1 220px"
      />
      <Switch
        label={say("onlyLow")}
        checked={filters.low}
        onChange={(event) => change({ low: event.currentTarget.checked })}
        mb={8}
      />
      {isFiltered && (
        <Button variant="subtle" onClick={() => change(noFilters)}>
          {say("clear")}
        </Button>
      )}
    </Group>
  );
}

const typingMs = 250;

/** What is being typed, sent on when it rests; and what the address says, when that changes by itself. */
function useTyped(said: string, send: (text: string) => void): [string, (text: string) => void] {
  const [text, setText] = useState(said);
  const sent = useRef(said);
  const sendLater = useDebouncedCallback((next: string) => {
    sent.current = next.trim();
    send(sent.current);
  }, typingMs);
  useEffect(() => {
    // What comes back from the address while somebody types on is no news.
    if (said !== sent.current) setText(said);
    sent.current = said;
  }, [said]);
  return [
    text,
    (next) => {
      setText(next);
      sendLater(next);
    },
  ];
}

/** Those that have been met; once met they stay, also while one of them is chosen. */
function useCategories(products: readonly Product[]): string[] {
  const [met, setMet] = useState<ReadonlySet<string>>(new Set());
  const here = useMemo(() => {
    const names = products.map(({ category }) => category).filter((name) => name !== null);
    return [...new Set(names)];
  }, [products]);
  useEffect(() => {
    setMet((known) =>
      here.every((name) => known.has(name)) ? known : new Set([...known, ...here]),
    );
  }, [here]);
  return [...met].sort((one, other) => one.localeCompare(other));
}
