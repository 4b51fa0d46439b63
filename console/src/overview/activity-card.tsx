// The last minutes as a chart that moves, or the same as a table.

import { Box, Button, Card, Group, Skeleton, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, type ReactNode, Suspense } from "react";
import { formatClock, useWords } from "../i18n.ts";
import { useNow } from "../parts/countdown.tsx";
import { type Activity, activityAt, spanMs, sumOf } from "./activity.ts";
import { ActivityTable } from "./activity-table.tsx";
import { overviewWords } from "./words.ts";

const ActivityChart = lazy(async () => ({
  default: (await import("./activity-chart.tsx")).ActivityChart,
}));

export function ActivityCard() {
  const say = useWords(overviewWords);
  const now = useNow();
  const activity = activityAt(now);
  const [isTable, { toggle }] = useDisclosure(false);
  return (
    <Card withBorder h="100%" component="section" aria-label={say("activity")}>
      <Group justify="space-between" mb="xs">
        <Title order={3} size="h4">
          {say("activity")}
        </Title>
        <Button variant="subtle" size="sm" onClick={toggle}>
          {say(isTable ? "asChart" : "asTable")}
        </Button>
      </Group>
      {activity === null ? <Skeleton h={chartHeight} /> : <Shown {...{ activity, isTable, now }} />}
    </Card>
  );
}

const chartHeight = 280;

interface ShownProps {
  readonly activity: Activity;
  readonly isTable: boolean;
  readonly now: number;
}

function Shown({ activity, isTable, now }: ShownProps) {
  const say = useWords(overviewWords);
  const { steps } = activity;
  if (isTable) return <ActivityTable steps={steps} height={chartHeight} />;
  const said = say("chartSays", {
    reservations: sumOf(steps, "reservations"),
    changes: sumOf(steps, "changes"),
  });
  const first = steps[0]?.at ?? now;
  const isPart = first > now - spanMs + 60_000;
  return (
    <>
      <Group gap="lg" mb="xs">
        <Key line="solid" color="reservations">
          {say("reservations")}
        </Key>
        <Key line="dashed" color="changes">
          {say("changes")}
        </Key>
        <Text size="xs" c="dimmed">
          {isPart ? say("from", { time: formatClock(first) }) : say("perStep")}
        </Text>
      </Group>
      <div role="img" aria-label={said}>
        <Suspense fallback={<Skeleton h={chartHeight} />}>
          <ActivityChart steps={steps} now={now} height={chartHeight} />
        </Suspense>
      </div>
    </>
  );
}

interface KeyProps {
  readonly line: "solid" | "dashed";
  readonly color: "reservations" | "changes";
  readonly children: ReactNode;
}

function Key({ line, color, children }: KeyProps) {
  return (
    <Group gap={6} aria-hidden>
      <Box w={24} style={{ borderTop: `3px ${line} var(--onhand-${color})` }} />
      <Text size="sm">{children}</Text>
    </Group>
  );
}
