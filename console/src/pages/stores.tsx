// The places of the chain: who may, opens, changes and closes them here.

import { Badge, Button, Skeleton, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import type { StockSummary, Store } from "@onhand/client";
import { IconCircleCheck, IconLock, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "../client.ts";
import { formatNumber, useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useStoresQuery } from "../queries.ts";
import { useMay } from "../session.tsx";
import { StoreDialog } from "../stores/store-dialog.tsx";
import { StoreEnd } from "../stores/store-end.tsx";
import { StoreMenu } from "../stores/store-menu.tsx";
import { storeWords } from "../stores/words.ts";

export type StoreDeed = "change" | "deactivate" | "activate" | "delete";

interface Asked {
  readonly deed: StoreDeed;
  readonly store: Store;
}

export function Stores() {
  const say = useWords(storeWords);
  const may = useMay();
  const mayChange = may("catalog:write");
  const { data: stores, error: unread } = useStoresQuery();
  const [asked, setAsked] = useState<Asked | "new" | null>(null);
  const close = (): void => setAsked(null);
  const { data: summary, error } = useQuery({
    queryKey: ["summary"],
    queryFn: () => client.stock.summary(),
    enabled: may("stock:read"),
  });
  const create = mayChange && (
    <Button
      size="md"
      leftSection={<IconPlus size={20} aria-hidden />}
      onClick={() => setAsked("new")}
    >
      {say("create")}
    </Button>
  );
  return (
    <>
      <PageHead title={say("title")}>{create}</PageHead>
      <Refusal error={unread ?? error} />
      {stores === undefined ? (
        unread === null && <Skeleton h={240} />
      ) : stores.length === 0 ? (
        <Nothing text={say(mayChange ? "noneToCreate" : "none")}>{create}</Nothing>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("name")}</Table.Th>
              <Table.Th visibleFrom="sm">{say("place")}</Table.Th>
              <Table.Th visibleFrom="lg">{say("contact")}</Table.Th>
              <Table.Th>{say("state")}</Table.Th>
              <Table.Th ta="right">{say("quantity")}</Table.Th>
              <Table.Th ta="right" visibleFrom="sm">
                {say("pending")}
              </Table.Th>
              <Table.Th>
                <VisuallyHidden>{say("deeds")}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {stores.map((store) => (
              <StoreRow
                key={store.id}
                store={store}
                numbers={summary?.stores.find((one) => one.store_id === store.id)}
                ask={(deed) => setAsked({ deed, store })}
              />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {asked === "new" && <StoreDialog store={null} close={close} />}
      {asked !== null && asked !== "new" && asked.deed === "change" && (
        <StoreDialog key={asked.store.id} store={asked.store} close={close} />
      )}
      {asked !== null && asked !== "new" && asked.deed !== "change" && (
        <StoreEnd store={asked.store} deed={asked.deed} close={close} />
      )}
    </>
  );
}

function StoreRow({
  store,
  numbers,
  ask,
}: {
  readonly store: Store;
  readonly numbers: StockSummary["stores"][number] | undefined;
  readonly ask: (deed: StoreDeed) => void;
}) {
  const say = useWords(storeWords);
  const { id, name, active } = store;
  const shown = (value: number | undefined): string =>
    value === undefined ? "–" : formatNumber(value);
  return (
    <Table.Tr>
      <Table.Td>
        <Stack gap={0}>
          <Text fw={600} className="breakable">
            {name}
          </Text>
          <Text size="sm" c="dimmed" className="breakable">
            {id}
          </Text>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm" className="breakable">
        {joined(store.address, store.city, store.country)}
      </Table.Td>
      <Table.Td visibleFrom="lg" className="breakable">
        {joined(store.phone, store.email)}
      </Table.Td>
      <Table.Td>
        <Badge
          miw="max-content"
          variant="light"
          color={active ? "teal" : "orange"}
          leftSection={
            active ? <IconCircleCheck size={14} aria-hidden /> : <IconLock size={14} aria-hidden />
          }
        >
          {say(active ? "active" : "closed")}
        </Badge>
      </Table.Td>
      <Table.Td ta="right" className="numbers">
        {shown(numbers?.quantity)}
      </Table.Td>
      <Table.Td ta="right" visibleFrom="sm" className="numbers">
        {shown(numbers?.pending_reservations)}
      </Table.Td>
      <Table.Td w={60}>
        <StoreMenu store={store} ask={ask} />
      </Table.Td>
    </Table.Tr>
  );
}

function joined(...texts: readonly (string | null)[]): string {
  return texts.filter((text) => text !== null).join(", ");
}
