// What a store has, found by name or SKU. Enter takes what was typed or scanned for a code first.

import { ActionIcon, Skeleton, Stack, Switch, Table, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { Product, StockOfStore } from "@onhand/client";
import { IconScan, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { type Paged, usePaged } from "../paged.ts";
import { More } from "../parts/more.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { keepRows } from "../rows.ts";
import { useMay } from "../session.tsx";
import { NameButton, ProductRow } from "./product-row.tsx";
import { deskWords } from "./words.ts";

export function Products({
  storeId,
  open,
  find,
}: {
  readonly storeId: string;
  readonly open: (productId: string) => void;
  /** Answers whether one was opened. */
  readonly find: (text: string) => Promise<boolean>;
}) {
  const say = useWords(deskWords);
  const [typed, setTyped] = useState("");
  const [onlyLow, setOnlyLow] = useState(false);
  const [search] = useDebouncedValue(typed.trim(), 200);
  const list = useOfStore(storeId, search, onlyLow);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const text = typed.trim();
    if (text !== "" && (await find(text))) setTyped("");
  }

  return (
    <Stack gap="sm">
      <search>
        <form onSubmit={(event) => void submit(event)}>
          <TextInput
            size="lg"
            label={say("find")}
            description={say("findHint")}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            maxLength={200}
            autoComplete="off"
            enterKeyHint="search"
            leftSection={<IconScan size={22} aria-hidden />}
            rightSection={
              typed !== "" && (
                <ActionIcon
                  variant="subtle"
                  size={44}
                  aria-label={say("clear")}
                  onClick={() => setTyped("")}
                >
                  <IconX size={20} aria-hidden />
                </ActionIcon>
              )
            }
            rightSectionWidth={50}
          />
        </form>
      </search>
      <Switch
        size="lg"
        label={say("onlyLow")}
        checked={onlyLow}
        onChange={(event) => setOnlyLow(event.currentTarget.checked)}
      />
      <Refusal error={list.error} />
      <Found list={list} search={search} onlyLow={onlyLow} open={open} />
      {search !== "" && !onlyLow && list.items !== undefined && (
        <Elsewhere search={search} here={list.items} open={open} />
      )}
    </Stack>
  );
}

function useOfStore(storeId: string, search: string, low: boolean): Paged<StockOfStore> {
  // What runs low is changed by every sale, the list of all only by a new product.
  const topic = low ? "low-stock" : "store-stock";
  return usePaged([topic, "desk", storeId, search], async (cursor) => {
    const query = { ...cursor, low, ...(search === "" ? {} : { search }) };
    const page = await client.stock.ofStore(storeId, query).page();
    keepRows(page.items);
    return page;
  });
}

interface FoundProps {
  readonly list: Paged<StockOfStore>;
  readonly search: string;
  readonly onlyLow: boolean;
  readonly open: (productId: string) => void;
}

function Found({ list, search, onlyLow, open }: FoundProps) {
  const say = useWords(deskWords);
  if (list.items === undefined) return list.error === null ? <Skeleton h={400} /> : null;
  if (list.items.length === 0) {
    const empty = search === "" ? say("none") : say("noneFound", { search });
    return <Nothing text={onlyLow && search === "" ? say("noneLow") : empty} />;
  }
  return (
    <>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("product")}</Table.Th>
            <Table.Th ta="right">{say("quantity")}</Table.Th>
            <Table.Th ta="right">{say("reserved")}</Table.Th>
            <Table.Th ta="right">{say("available")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.items.map((row) => (
            <ProductRow key={row.id} row={row} open={open} />
          ))}
        </Table.Tbody>
      </Table>
      <More list={list} />
    </>
  );
}

/** What could be received here, though this store never had it. */
function Elsewhere({
  search,
  here,
  open,
}: {
  readonly search: string;
  readonly here: readonly StockOfStore[];
  readonly open: (productId: string) => void;
}) {
  const say = useWords(deskWords);
  const may = useMay();
  const { data } = useQuery({
    queryKey: ["products", "desk", search],
    queryFn: () => client.products.list({ search, limit: 20 }).page(),
    enabled: may("stock:write"),
  });
  const known = new Set(here.map(({ product_id }) => product_id));
  const others: Product[] = (data?.items ?? []).filter(({ id }) => !known.has(id));
  if (others.length === 0) return null;
  return (
    <section aria-labelledby="desk-elsewhere">
      <Title order={4} size="h6" my="xs" id="desk-elsewhere">
        {say("elsewhere")}
      </Title>
      <Table verticalSpacing="xs" highlightOnHover>
        <Table.Tbody>
          {others.map(({ id, name, sku }) => (
            <Table.Tr key={id}>
              <Table.Td>
                <NameButton name={name} sku={sku} open={() => open(id)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
