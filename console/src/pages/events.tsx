// The log as it grows, and any place in it: the address says which (`at`) and what it is narrowed to.

import { filterNames, filterOf } from "../events/filter.ts";
import { EventFilterBar } from "../events/filter-bar.tsx";
import { LiveFeed } from "../events/live-feed.tsx";
import { LogPage } from "../events/log-page.tsx";
import { eventWords } from "../events/words.ts";
import { useFilters } from "../filters.ts";
import { useWords } from "../i18n.ts";
import { PageHead } from "../parts/page-head.tsx";

export function Events() {
  const say = useWords(eventWords);
  const filters = useFilters(filterNames);
  const filter = filterOf(filters.values);
  const at = Number(filters.values.at ?? Number.NaN);
  const isPlace = Number.isSafeInteger(at) && at > 0;
  const go = (seq: number | null) => filters.set("at", seq === null ? null : String(seq), true);
  const props = { filter, go, clear: filters.clear };
  return (
    <>
      <PageHead title={say("title")} />
      <EventFilterBar key={filters.values.at} filters={filters} go={go} />
      {isPlace ? (
        <LogPage at={at} {...props} />
      ) : (
        <LiveFeed key={JSON.stringify(filter)} {...props} />
      )}
    </>
  );
}
