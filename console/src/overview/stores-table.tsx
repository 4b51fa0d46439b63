// Each store in one line; its name leads to its page.

import {
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  ScrollArea,
  Skeleton,
  Table,
  Title,
} from "@mantine/core";
import type { StockSummary } from "@onhand/client";
import { Link } from "wouter";
import { formatNumber, useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { useMay } from "../session.tsx";
import { useSummary } from "./summary.ts";
import { overviewWords } from "./words.ts";

type Line = StockSummary["stores"][number];

const columns = [
  { name: "onHand", value: (line: Line) => line.quantity },
  { name: "reserved", value: (line: Line) => line.reserved },
  { name: "available", value: (line: Line) => line.available },
  { name: "pending", value: (line: Line) => line.pending_reservations },
  { name: "lowRows", value: (line: Line) => line.low_rows },
] as const;

export function StoresTable() {
  const say = useWords(overviewWords);
  const { data } = useSummary();
  return (
    <Card withBorder component="section" aria-label={say("stores")}>
      <Title order={3} size="h4" mb="sm">
        {say("stores")}
      </Title>
      {data === undefined && <Skeleton h={160} />}
      {data?.stores.length === 0 && <NoStores />}
      {data !== undefined && data.stores.length > 0 && (
        <ScrollArea.Autosize
          mah={520}
          type="auto"
          offsetScrollbars="y"
          viewportProps={{ tabIndex: 0 }}
        >
          <Table stickyHeader highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{say("store")}</Table.Th>
                {columns.map(({ name }) => (
                  <Table.Th key={name} scope="col" ta="right">
                    {say(name)}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.stores.map((line) => (
                <StoreLine key={line.store_id} line={line} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
    </Card>
  );
}

function StoreLine({ line }: { readonly line: Line }) {
  const say = useWords(overviewWords);
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        <Group gap="xs" wrap="nowrap">
          <Anchor component={Link} href={`/store/${line.store_id}`} size="sm">
            {line.store_name}
          </Anchor>
          {!line.active && <Badge variant="default">{say("inactive")}</Badge>}
        </Group>
      </Table.Th>
      {columns.map(({ name, value }) => (
        <Table.Td key={name} ta="right" className="numbers">
          {formatNumber(value(line))}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function NoStores() {
  const say = useWords(overviewWords);
  const mayCreate = useMay()("catalog:write");
  return (
    <Nothing text={say("noStores")}>
      {mayCreate && (
        <Button component={Link} href="/stores" variant="light">
          {say("toStores")}
        </Button>
      )}
    </Nothing>
  );
}
