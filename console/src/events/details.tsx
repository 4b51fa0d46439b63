// One event: what it did to its stock row, who did it, and its payload as it is in every channel.

import { Anchor, Code, Stack, Table, Text, Title } from "@mantine/core";
import type { OnhandEvent, RowChange } from "@onhand/client";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { formatNumber, formatTime, useWords } from "../i18n.ts";
import { ProductName } from "../parts/product-name.tsx";
import { useStoreName } from "../queries.ts";
import { eventWords, isKnownWord } from "./words.ts";

export function EventDetails({ event }: { readonly event: OnhandEvent }) {
  const say = useWords(eventWords);
  const { payload } = event;
  return (
    <Stack>
      <Text>
        {isKnownWord(event.type) ? say(event.type) : event.type} <Code>{event.type}</Code>
      </Text>
      {"stock" in payload && <Balances change={payload.stock} />}
      <Facts event={event} />
      <Title order={3} size="h5">
        {say("payload")}
      </Title>
      <Code block tabIndex={0} aria-label={say("payload")} role="region">
        {JSON.stringify(payload, null, 2)}
      </Code>
    </Stack>
  );
}

function Balances({ change: { before, after, version } }: { readonly change: RowChange }) {
  const say = useWords(eventWords);
  const lines = [
    ["onHand", before.quantity, after.quantity],
    ["reserved", before.reserved, after.reserved],
    ["available", before.quantity - before.reserved, after.quantity - after.reserved],
  ] as const;
  return (
    <>
      <Table withTableBorder className="numbers">
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            {(["before", "after", "difference"] as const).map((name) => (
              <Table.Th key={name} scope="col" ta="right">
                {say(name)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(([name, was, is]) => (
            <Table.Tr key={name} fw={was === is ? 400 : 600}>
              <Table.Th scope="row" fw="inherit">
                {say(name)}
              </Table.Th>
              <Table.Td ta="right">{formatNumber(was)}</Table.Td>
              <Table.Td ta="right">{formatNumber(is)}</Table.Td>
              <Table.Td ta="right">{signed(is - was)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {say("rowVersion")}: {version}
      </Text>
    </>
  );
}

function signed(units: number): string {
  if (units === 0) return "–";
  return units > 0 ? `+${formatNumber(units)}` : `−${formatNumber(-units)}`;
}

function Facts({ event }: { readonly event: OnhandEvent }) {
  const say = useWords(eventWords);
  const storeName = useStoreName();
  const { product_id: productId, store_id: storeId } = event;
  const facts: readonly (readonly [keyof typeof eventWords.en, ReactNode])[] = [
    ["occurred", formatTime(event.occurred_at)],
    ["actor", event.actor],
    ["store", storeId === "*" ? say("chain") : storeName(storeId)],
    ["product", productId === null ? null : <ProductName key="product" id={productId} />],
    ["about", <About key="about" event={event} />],
    ["request", <Code key="request">{event.request_id}</Code>],
    ["id", <Code key="id">{event.id}</Code>],
  ];
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        {facts
          .filter(([, fact]) => fact !== null)
          .map(([name, fact]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={140}>
                {say(name)}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{fact}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

/** A way to what it is about, where that has a page. */
function About({ event }: { readonly event: OnhandEvent }) {
  const { aggregate_type: kind, aggregate_id: id, product_id, store_id } = event;
  const href = {
    reservation: `/reservations/${id}`,
    stock: `/stock/${product_id}/${store_id}`,
    product: null,
    store: null,
  }[kind];
  if (href === null) return <Code>{id}</Code>;
  return (
    <Anchor component={Link} href={href} size="sm">
      {id}
    </Anchor>
  );
}
