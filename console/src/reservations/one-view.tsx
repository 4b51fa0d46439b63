// One reservation: everything that is known of it, and what can be done with it.

import { Anchor, Card, Code, Skeleton, Stack, Table } from "@mantine/core";
import type { Reservation } from "@onhand/client";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { client } from "../client.ts";
import { formatNumber, formatTime, useWords } from "../i18n.ts";
import { PageHead } from "../parts/page-head.tsx";
import { ProductName } from "../parts/product-name.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useStoreName } from "../queries.ts";
import { useMay } from "../session.tsx";
import { type Asked, ReservationDialogs } from "./dialogs.tsx";
import { BackToList } from "./group-view.tsx";
import { RowActions } from "./row-actions.tsx";
import { Status } from "./status.tsx";
import { reservationWords } from "./words.ts";

export function ReservationView({ id }: { readonly id: string }) {
  const say = useWords(reservationWords);
  const isLive = useMay()("events:read");
  const [asked, setAsked] = useState<Asked | null>(null);
  const { data, error } = useQuery({
    queryKey: ["reservations", "one", id],
    queryFn: () => client.reservations.get(id),
    refetchInterval: isLive ? false : 10_000,
  });
  return (
    <>
      <BackToList />
      <PageHead title={say("one")}>
        {data !== undefined && <RowActions reservation={data} ask={setAsked} isAlone />}
      </PageHead>
      {data === undefined && (error === null ? <Skeleton h={240} /> : <Refusal error={error} />)}
      {data !== undefined && (
        <Card withBorder maw={720}>
          <Facts reservation={data} />
        </Card>
      )}
      <ReservationDialogs asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function Facts({ reservation }: { readonly reservation: Reservation }) {
  const say = useWords(reservationWords);
  const storeName = useStoreName();
  const one = reservation;
  const metadata =
    one.metadata === null ? null : <Code block>{JSON.stringify(one.metadata, null, 2)}</Code>;
  const facts: readonly (readonly [keyof typeof reservationWords.en, ReactNode])[] = [
    ["product", <ProductName key="product" id={one.product_id} />],
    ["store", storeName(one.store_id)],
    ["customer", one.customer_id],
    ["units", formatNumber(one.quantity)],
    ["status", <Status key="status" reservation={one} />],
    ["soldUnits", one.confirmed_quantity === null ? null : formatNumber(one.confirmed_quantity)],
    ["until", formatTime(one.expires_at)],
    ["reason", one.cancel_reason],
    ["group", toReservation(one.group_id, "group/")],
    ["retakenFrom", toReservation(one.retaken_from)],
    ["retakenBy", toReservation(one.retaken_by)],
    ["created", formatTime(one.created_at)],
    ["changed", one.updated_at === null ? null : formatTime(one.updated_at)],
    ["id", <Code key="id">{one.id}</Code>],
    ["metadata", metadata],
  ];
  return (
    <Stack>
      <Table variant="vertical" layout="fixed">
        <Table.Tbody>
          {facts
            .filter(([, fact]) => fact !== null)
            .map(([name, fact]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" w={200}>
                  {say(name)}
                </Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{fact}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function toReservation(id: string | null, under = ""): ReactNode {
  if (id === null) return null;
  return (
    <Anchor component={Link} href={`/reservations/${under}${id}`} size="sm">
      {id}
    </Anchor>
  );
}
