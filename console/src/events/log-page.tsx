// A place in the log: the events up to a number, newest first, and the ways on from there.

import { Button, Group, Skeleton } from "@mantine/core";
import type { OnhandEvent } from "@onhand/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { type EventFilter, headSeq, readBack } from "../log.ts";
import { Refusal } from "../parts/refusal.tsx";
import { EventTable } from "./event-table.tsx";
import { type FeedProps, pageLength } from "./live-feed.tsx";
import { LookedTo, NoEvents } from "./no-events.tsx";
import { eventWords } from "./words.ts";

export function LogPage({ at, filter, go, clear }: FeedProps & { readonly at: number }) {
  const say = useWords(eventWords);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["log", "page", filter, at],
    queryFn: () => readPage(at, filter),
    placeholderData: keepPreviousData,
    // What was written stays as it was.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const newer = useNewer(filter, go);
  const events = data?.events;
  return (
    <>
      {error !== null && <Refusal error={error} />}
      {events === undefined && error === null && <Skeleton h={400} />}
      {events?.length === 0 && <NoEvents filter={filter} clear={clear} />}
      {events !== undefined && events.length > 0 && (
        <EventTable events={events} isOld={isPlaceholderData} marked={at} />
      )}
      <LookedTo from={data?.from ?? 1} isShort={(events?.length ?? pageLength) < pageLength} />
      <Group justify="center" mt="md" component="nav" aria-label={say("pages")}>
        <Button variant="subtle" onClick={() => go(null)}>
          {say("toLive")}
        </Button>
        <Button
          variant="default"
          loading={newer.isRunning}
          disabled={data === undefined}
          onClick={() => void newer.run(events?.[0]?.seq ?? at)}
        >
          {say("newer")}
        </Button>
        <Button
          variant="default"
          disabled={data === undefined || isPlaceholderData || data.from <= 1}
          onClick={() => go((data?.from ?? 1) - 1)}
        >
          {say("older")}
        </Button>
      </Group>
      <Refusal error={newer.error} />
    </>
  );
}

interface LogStretch {
  readonly events: readonly OnhandEvent[];
  /** Everything from this seq on is on the page. */
  readonly from: number;
}

async function readPage(at: number, filter: EventFilter): Promise<LogStretch> {
  const last = Math.min(at, await headSeq());
  const found = await readBack(last, filter, ({ length }) => length >= pageLength);
  if (found.events.length <= pageLength) return found;
  const events = found.events.slice(0, pageLength);
  return { events, from: events.at(-1)?.seq ?? 1 };
}

/** Goes to the page that ends where this one begins; behind the last one comes what is live. */
function useNewer(filter: EventFilter, go: FeedProps["go"]) {
  return useIntent(async (top: number) => {
    const found: OnhandEvent[] = [];
    const list = client.events.list({ ...filter, after: top, limit: pageLength });
    for await (const { items } of list.pages()) {
      found.push(...items);
      if (found.length >= pageLength) break;
    }
    const next = found[pageLength - 1];
    go(next === undefined ? null : next.seq);
  });
}
