// What runs low, with a way to its row. The numbers are of now (rows.ts); which rows are in the list follows at once
// after events.

import {
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  Title,
} from "@mantine/core";
import type { StockOfStore } from "@onhand/client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useStoreName } from "../queries.ts";
import { keepRows, useRow } from "../rows.ts";
import { overviewWords } from "./words.ts";

const shown = 8;
type Measure = "reorder" | "0" | "5";

export function LowStock() {
  const say = useWords(overviewWords);
  const [measure, setMeasure] = useState<Measure>("reorder");
  const { data, error } = useQuery({
    queryKey: ["low-stock", "overview", measure],
    async queryFn() {
      const threshold = measure === "reorder" ? {} : { threshold: Number(measure) };
      const { items } = await client.stock.low({ limit: shown, ...threshold }).page();
      keepRows(items);
      return items;
    },
    placeholderData: keepPreviousData,
  });
  return (
    <Card withBorder h="100%" component="section" aria-label={say("low")}>
      <Title order={3} size="h4" mb="sm">
        {say("low")}
      </Title>
      <SegmentedControl
        fullWidth
        mb="sm"
        aria-label={say("lowBy")}
        value={measure}
        onChange={(value) => setMeasure(value as Measure)}
        data={[
          { value: "reorder", label: say("reorderPoint") },
          { value: "0", label: say("soldOut") },
          { value: "5", label: say("upTo", { units: 5 }) },
        ]}
      />
      {data === undefined && (error === null ? <Skeleton h={200} /> : <Refusal error={error} />)}
      {data?.length === 0 && (
        <Nothing text={say(measure === "reorder" ? "noLow" : "noneSoLow")}>
          <Button component={Link} href="/stock" variant="light">
            {say("toStock")}
          </Button>
        </Nothing>
      )}
      <Stack gap="xs">
        {data?.map((row) => (
          <LowRow key={row.id} row={row} />
        ))}
        {data?.length === shown && (
          <Anchor component={Link} href="/stock?low=1" size="sm">
            {say("moreLow")}
          </Anchor>
        )}
      </Stack>
    </Card>
  );
}

function LowRow({ row }: { readonly row: StockOfStore }) {
  const say = useWords(overviewWords);
  const storeName = useStoreName();
  const { quantity, reserved } = useRow(row.product_id, row.store_id) ?? row;
  const units = quantity - reserved;
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs">
      <div>
        <Anchor
          component={Link}
          href={`/stock/${row.product_id}/${row.store_id}`}
          size="sm"
          lineClamp={1}
        >
          {row.product_name}
        </Anchor>
        <Text size="xs" c="dimmed" lineClamp={1}>
          {storeName(row.store_id)} · {row.sku}
        </Text>
      </div>
      <Badge
        variant={units === 0 ? "filled" : "default"}
        color="red.9"
        className="numbers"
        flex="none"
      >
        {units === 0 ? say("soldOut") : say("left", { units })}
      </Badge>
    </Group>
  );
}
