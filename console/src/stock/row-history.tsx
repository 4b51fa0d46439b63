// What happened to a row, newest first: what, why, who, when, and what it left.

import { Button, Group, Loader, Stack, Text } from "@mantine/core";
import type { OnhandEvent } from "@onhand/client";
import { formatNumber, formatTime, useWords } from "../i18n.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useStoreName } from "../queries.ts";
import type { RowPlace } from "./address.ts";
import { useHappened } from "./happened.ts";
import { useHistory } from "./row-state.ts";
import { rowWords } from "./row-words.ts";

export function RowHistory({ place }: { readonly place: RowPlace }) {
  const say = useWords(rowWords);
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useHistory(place);
  if (error !== null) return <Refusal error={error} />;
  if (data === undefined) return <Loader size="sm" aria-label={say("loading")} role="status" />;
  const events = data.pages.flatMap(({ items }) => items);
  if (events.length === 0) return <Text c="dimmed">{say("noHistory")}</Text>;
  return (
    <Stack gap="xs">
      <Stack
        component="ol"
        gap={0}
        m={0}
        p={0}
        className="stock-history"
        aria-label={say("history")}
      >
        {events.map((event) => (
          <Happened key={event.seq} event={event} />
        ))}
      </Stack>
      {hasNextPage && (
        <Button
          variant="default"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage({ cancelRefetch: false })}
        >
          {say("more")}
        </Button>
      )}
    </Stack>
  );
}

function Happened({ event }: { readonly event: OnhandEvent }) {
  const { what, why, note } = useHappened(event, useStoreName());
  const stock = "stock" in event.payload ? event.payload.stock : null;
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text size="sm" fw={600}>
            {why === null ? what : `${what} · ${why}`}
          </Text>
          {note !== null && <Text size="sm">{note}</Text>}
          <Text size="xs" c="dimmed">
            {event.actor} ·{" "}
            <time dateTime={event.occurred_at}>{formatTime(event.occurred_at)}</time>
          </Text>
        </div>
        {stock !== null && <Balances {...stock} />}
      </Group>
    </li>
  );
}

interface Balance {
  readonly quantity: number;
  readonly reserved: number;
}

function Balances({ before, after }: { readonly before: Balance; readonly after: Balance }) {
  const say = useWords(rowWords);
  const lines = (["quantity", "reserved"] as const).filter((of) => before[of] !== after[of]);
  return (
    <div>
      {lines.map((of) => (
        <Text key={of} size="sm" ta="right" className="numbers">
          {say(of)} {formatNumber(before[of])} → {formatNumber(after[of])}
        </Text>
      ))}
    </div>
  );
}
