// All reservations that the person may see, newest first, a page at a time; what is on it follows the events.

import { Button, Group, Skeleton } from "@mantine/core";
import type { QueryOf } from "@onhand/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "../client.ts";
import { useFilters } from "../filters.ts";
import { useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useMay } from "../session.tsx";
import { FilterBar, filterNames, type ReservationFilters } from "./filter-bar.tsx";
import { ReservationTable } from "./table.tsx";
import { reservationWords } from "./words.ts";

type Query = QueryOf<"listReservations">;

export function ReservationList() {
  const say = useWords(reservationWords);
  const filters = useFilters(filterNames);
  const { turn, ...paging } = usePaging(JSON.stringify(filters.values));
  const { data, error, isPlaceholderData } = useReservations(filters.values, paging.cursor);
  return (
    <>
      <PageHead title={say("title")} />
      <FilterBar filters={filters} />
      {error !== null && <Refusal error={error} />}
      {data === undefined && error === null && <Skeleton h={400} />}
      {data?.items.length === 0 && (
        <Nothing text={say(filters.isAny ? "noneFiltered" : "none")}>
          {filters.isAny && (
            <Button variant="light" onClick={filters.clear}>
              {say("clear")}
            </Button>
          )}
        </Nothing>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ReservationTable reservations={data.items} isOld={isPlaceholderData} />
      )}
      <Group justify="center" mt="md" component="nav" aria-label={say("list")}>
        {paging.page > 1 && (
          <Button variant="subtle" onClick={turn.toFirst}>
            {say("newest")}
          </Button>
        )}
        {paging.page > 0 && (
          <Button variant="default" onClick={turn.back}>
            {say("newer")}
          </Button>
        )}
        {typeof data?.next_cursor === "string" && (
          <Button
            variant="default"
            disabled={isPlaceholderData}
            onClick={() => turn.on(data.next_cursor ?? "")}
          >
            {say("older")}
          </Button>
        )}
      </Group>
    </>
  );
}

function useReservations(values: ReservationFilters["values"], cursor: string | null) {
  const isLive = useMay()("events:read");
  return useQuery({
    queryKey: ["reservations", "list", values, cursor],
    queryFn: () => pageWithSome(queryOf(values, cursor)),
    placeholderData: keepPreviousData,
    // Whom no event is told, a customer, asks.
    refetchInterval: isLive ? false : 10_000,
  });
}

function queryOf(values: ReservationFilters["values"], cursor: string | null): Query {
  const { store, product, customer, status } = values;
  return {
    limit: 50,
    ...(store === null ? {} : { store_id: store }),
    ...(product === null ? {} : { product_id: product }),
    ...(customer === null ? {} : { customer_id: customer }),
    ...(status === null ? {} : { status: status as NonNullable<Query["status"]> }),
    ...(cursor === null ? {} : { cursor }),
  };
}

/** A page may be empty and still not be the last one. */
async function pageWithSome(query: Query) {
  let page = await client.reservations.list(query).page();
  while (page.items.length === 0 && page.next_cursor !== null) {
    page = await client.reservations.list({ ...query, cursor: page.next_cursor }).page();
  }
  return page;
}

/** The way from the first page to this one; with other filters it begins anew. */
function usePaging(filtersKey: string) {
  const [way, setWay] = useState<{ readonly of: string; readonly cursors: readonly string[] }>({
    of: filtersKey,
    cursors: [],
  });
  const cursors = way.of === filtersKey ? way.cursors : [];
  const go = (next: readonly string[]) => {
    setWay({ of: filtersKey, cursors: next });
    window.scrollTo({ top: 0 });
  };
  return {
    page: cursors.length,
    cursor: cursors.at(-1) ?? null,
    turn: {
      on: (cursor: string) => go([...cursors, cursor]),
      back: () => go(cursors.slice(0, -1)),
      toFirst: () => go([]),
    },
  };
}
