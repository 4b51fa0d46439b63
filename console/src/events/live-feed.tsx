// The newest events: what the log has, and on top of it what comes. No more than `kept` are on the page; a pause holds
// the page still and counts what comes meanwhile.

import { Badge, Button, Group, Skeleton } from "@mantine/core";
import type { OnhandEvent } from "@onhand/client";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useWords } from "../i18n.ts";
import { useEvents } from "../live.ts";
import { type EventFilter, headSeq, readBack } from "../log.ts";
import { Refusal } from "../parts/refusal.tsx";
import { EventTable } from "./event-table.tsx";
import { matches } from "./filter.ts";
import { LookedTo, NoEvents } from "./no-events.tsx";
import { eventWords } from "./words.ts";

const kept = 200;
/** A busy log draws the page four times a second, not for each event. */
const gatherMs = 250;

export interface FeedProps {
  readonly filter: EventFilter;
  readonly go: (seq: number | null) => void;
  readonly clear: () => void;
}

export function LiveFeed({ filter, go, clear }: FeedProps) {
  const say = useWords(eventWords);
  const { events, from, error } = useNewest(filter);
  const [frozen, setFrozen] = useState<readonly OnhandEvent[] | null>(null);
  const shown = frozen ?? events;
  const last = shown?.at(-1);
  return (
    <>
      <Group mb="sm" mih={44}>
        <Button
          variant="default"
          mih={44}
          aria-pressed={frozen !== null}
          leftSection={
            frozen === null ? (
              <IconPlayerPause size={18} aria-hidden />
            ) : (
              <IconPlayerPlay size={18} aria-hidden />
            )
          }
          disabled={events === null}
          onClick={() => setFrozen(frozen === null ? events : null)}
        >
          {say(frozen === null ? "pause" : "resume")}
        </Button>
        {frozen !== null && <Fresh frozen={frozen} events={events ?? []} />}
      </Group>
      {shown === null && (error === null ? <Skeleton h={400} /> : <Refusal error={error} />)}
      {shown?.length === 0 && <NoEvents filter={filter} clear={clear} />}
      {shown !== null && shown.length > 0 && <EventTable events={shown} />}
      <LookedTo from={from} isShort={(shown?.length ?? kept) < pageLength} />
      <Group justify="center" mt="md" component="nav" aria-label={say("pages")}>
        {last !== undefined && last.seq > 1 && (
          <Button variant="default" onClick={() => go(last.seq - 1)}>
            {say("older")}
          </Button>
        )}
        {last === undefined && from > 1 && shown !== null && (
          <Button variant="default" onClick={() => go(from - 1)}>
            {say("older")}
          </Button>
        )}
      </Group>
    </>
  );
}

export const pageLength = 50;

interface FreshProps {
  readonly frozen: readonly OnhandEvent[];
  readonly events: readonly OnhandEvent[];
}

function Fresh({ frozen, events }: FreshProps) {
  const say = useWords(eventWords);
  const top = frozen[0]?.seq ?? 0;
  const count = events.filter(({ seq }) => seq > top).length;
  return (
    <Badge size="lg" variant="default" className="numbers" role="status">
      {count < kept ? say("fresh", { count }) : say("freshMany", { count: kept - 1 })}
    </Badge>
  );
}

/** null: the log has not been read yet. */
function useNewest(filter: EventFilter) {
  const { data, error } = useQuery({
    queryKey: ["log", "newest", filter],
    async queryFn() {
      const head = await headSeq();
      const found = await readBack(head, filter, ({ length }) => length >= pageLength);
      return { ...found, head };
    },
    staleTime: 0,
    gcTime: 0,
  });
  const heard = useHeard(filter);
  if (data === undefined) return { events: null, from: 1, error };
  const fresh = heard.filter(({ seq }) => seq > data.head);
  return { events: [...fresh, ...data.events].slice(0, kept), from: data.from, error };
}

/** What came since the page was opened, newest first. */
function useHeard(filter: EventFilter): readonly OnhandEvent[] {
  const [heard, setHeard] = useState<readonly OnhandEvent[]>([]);
  const waiting = useRef<OnhandEvent[]>([]);
  const timer = useRef<number | undefined>(undefined);
  useEvents((event) => {
    if (!matches(event, filter)) return;
    waiting.current.unshift(event);
    waiting.current.length = Math.min(kept, waiting.current.length);
    timer.current ??= window.setTimeout(() => {
      const came = waiting.current;
      waiting.current = [];
      timer.current = undefined;
      setHeard((before) => [...came, ...before].slice(0, kept));
    }, gatherMs);
  });
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return heard;
}
