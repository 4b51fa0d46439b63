// One row, beside the grid: its numbers, what can be done with them, and how they came about.

import { Badge, Drawer, Group, Loader, Paper, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { formatNumber, useWords } from "../i18n.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useProduct, useStoreName } from "../queries.ts";
import type { RowPlace } from "./address.ts";
import { RowHistory } from "./row-history.tsx";
import { type OpenRow, useRowState } from "./row-state.ts";
import { rowWords } from "./row-words.ts";
import { FirstStock } from "./write-first.tsx";
import { RowWrites } from "./writes.tsx";

const RowChart = lazy(async () => ({ default: (await import("./row-chart.tsx")).RowChart }));

export interface RowDrawerProps {
  readonly place: RowPlace | null;
  readonly close: () => void;
}

export function RowDrawer({ place, close }: RowDrawerProps) {
  const say = useWords(rowWords);
  const product = useProduct(place?.productId ?? null);
  const storeName = useStoreName();
  return (
    <Drawer
      opened={place !== null}
      onClose={close}
      position="right"
      size="lg"
      title={
        <Stack gap={0} component="span">
          <Text span fw={600} size="lg">
            {product?.name ?? place?.productId}
          </Text>
          <Text span size="sm" c="dimmed">
            {place === null ? "" : storeName(place.storeId)}
            {product === undefined ? "" : ` · ${product.sku}`}
          </Text>
        </Stack>
      }
      closeButtonProps={{ "aria-label": say("close"), size: "lg" }}
    >
      {place !== null && <Row key={`${place.productId}/${place.storeId}`} place={place} />}
    </Drawer>
  );
}

function Row({ place }: { readonly place: RowPlace }) {
  const say = useWords(rowWords);
  const { row, error } = useRowState(place);
  if (error !== null) return <Refusal error={error} />;
  if (row === undefined) return <Loader role="status" aria-label={say("loading")} />;
  if (row === null) return <FirstStock place={place} />;
  return (
    <Stack>
      <Numbers row={row} />
      <RowWrites row={row} />
      <section>
        <Title order={3} size="h4" mb="xs">
          {say("chart")}
        </Title>
        <Suspense fallback={<Loader size="sm" />}>
          <RowChart place={place} />
        </Suspense>
      </section>
      <section>
        <Title order={3} size="h4" mb="xs">
          {say("history")}
        </Title>
        <RowHistory place={place} />
      </section>
    </Stack>
  );
}

function Numbers({ row }: { readonly row: OpenRow }) {
  const say = useWords(rowWords);
  const { quantity, reserved, version, reorderPoint } = row;
  const available = quantity - reserved;
  const isLow = reorderPoint !== null && available <= reorderPoint;
  return (
    <div>
      <SimpleGrid cols={3} component="dl" m={0} spacing="sm">
        <Figure name={say("quantity")} value={quantity} />
        <Figure name={say("reserved")} value={reserved} />
        <Figure name={say("available")} value={available} />
      </SimpleGrid>
      <Group gap="md" mt="xs">
        <Text size="sm" c="dimmed" className="numbers">
          {say("version", { version })}
        </Text>
        <Text size="sm" c="dimmed" className="numbers">
          {reorderPoint === null ? say("noReorder") : say("reorderAt", { point: reorderPoint })}
        </Text>
        {isLow && (
          <Badge variant="default" leftSection={<IconAlertTriangle size={12} aria-hidden />}>
            {say("isLow")}
          </Badge>
        )}
      </Group>
    </div>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: number }) {
  return (
    <Paper withBorder p="sm">
      <Text component="dt" size="sm" c="dimmed">
        {name}
      </Text>
      <Text component="dd" m={0} size="xl" fw={700} className="numbers">
        {formatNumber(value)}
      </Text>
    </Paper>
  );
}
