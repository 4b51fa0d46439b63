// The chain at a glance: what there is, what is happening, and what needs somebody.

import { Grid } from "@mantine/core";
import { useEffect } from "react";
import { useWords } from "../i18n.ts";
import { useLiveState } from "../live.ts";
import { startActivity } from "../overview/activity.ts";
import { ActivityCard } from "../overview/activity-card.tsx";
import { startHolds } from "../overview/holds.ts";
import { LowStock } from "../overview/low-stock.tsx";
import { StoresTable } from "../overview/stores-table.tsx";
import { Tiles } from "../overview/tiles.tsx";
import { overviewWords } from "../overview/words.ts";
import { PageHead } from "../parts/page-head.tsx";

export function Overview() {
  const say = useWords(overviewWords);
  const live = useLiveState();
  useEffect(() => {
    if (live !== "open") return;
    startActivity();
    startHolds();
  }, [live]);
  return (
    <>
      <PageHead title={say("title")} />
      <Tiles />
      <Grid mt="md">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <ActivityCard />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <LowStock />
        </Grid.Col>
        <Grid.Col span={12}>
          <StoresTable />
        </Grid.Col>
      </Grid>
    </>
  );
}
