// The numbers of now, each with its name: a list of terms for those who have it read out.

import { Card, SimpleGrid, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { client } from "../client.ts";
import { formatNumber, useWords } from "../i18n.ts";
import { Countdown, useNow } from "../parts/countdown.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { activityAt } from "./activity.ts";
import { soonAt } from "./holds.ts";
import { useSummary } from "./summary.ts";
import { overviewWords } from "./words.ts";

const soonMs = 5 * 60_000;

export function Tiles() {
  const say = useWords(overviewWords);
  const { data, error } = useSummary();
  const now = useNow();
  const activity = activityAt(now);
  const soon = soonAt(now, soonMs);
  return (
    <>
      {data === undefined && <Refusal error={error} />}
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, xl: 6 }} m={0} aria-label={say("numbers")}>
        <Tile name={say("onHand")} value={data?.quantity} />
        <Tile name={say("reserved")} value={data?.reserved} />
        <Tile name={say("available")} value={data?.available} />
        <Tile name={say("perMinute")} value={activity?.lastMinute.reservations} />
        <Tile name={say("soon")} value={soon?.count} prefix={soon?.isAtLeast === true ? "≥ " : ""}>
          {soon !== null && soon.next !== null && (
            <>
              {say("next")} <Countdown until={new Date(soon.next).toISOString()} />
            </>
          )}
        </Tile>
        <Lag />
      </SimpleGrid>
    </>
  );
}

/** Not told by events: it is of the events themselves. */
function Lag() {
  const say = useWords(overviewWords);
  const { data } = useQuery({
    queryKey: ["health"],
    queryFn: () => client.health.get(),
    refetchInterval: 5_000,
  });
  const hint = { disabled: "noRedis", disconnected: "redisAway", connected: null } as const;
  const why = data === undefined ? null : hint[data.redis];
  // Where nothing is published, nothing lags behind.
  const lag = data?.redis === "disabled" ? null : data?.event_lag;
  return (
    <Tile name={say("lag")} value={lag}>
      {why !== null && say(why)}
    </Tile>
  );
}

interface TileProps {
  readonly name: string;
  /** undefined: on its way; null: there is none. */
  readonly value: number | null | undefined;
  readonly prefix?: string;
  readonly children?: ReactNode;
}

function Tile({ name, value, prefix = "", children }: TileProps) {
  return (
    <Card withBorder p="md">
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} size="xl" fw={700} className="numbers">
        {value === undefined ? (
          <Skeleton h={28} mt={4} w={72} />
        ) : (
          `${prefix}${value === null ? "–" : formatNumber(value)}`
        )}
        <Text component="span" display="block" size="xs" c="dimmed" mih={20}>
          {children}
        </Text>
      </Text>
    </Card>
  );
}
