// The chain's catalogue. Everyone may look; who may change it opens a product by its name.

import { Autocomplete, Button, Group, Skeleton, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { Product } from "@onhand/client";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { client } from "../client.ts";
import { formatMoney, formatTime, useWords } from "../i18n.ts";
import { type Paged, usePaged } from "../paged.ts";
import { More } from "../parts/more.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { ProductDialog } from "../products/product-dialog.tsx";
import { productWords } from "../products/words.ts";
import { useMay } from "../session.tsx";

export function Products() {
  const say = useWords(productWords);
  const mayChange = useMay()("catalog:write");
  const [typed, setTyped] = useState("");
  const [category, setCategory] = useState("");
  const [opened, setOpened] = useState<Product | "new" | null>(null);
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [wantedCategory] = useDebouncedValue(category.trim(), 200);
  const list = usePaged(["products", "list", search, wantedCategory], (cursor) =>
    client.products
      .list({
        ...cursor,
        ...(search === "" ? {} : { search }),
        ...(wantedCategory === "" ? {} : { category: wantedCategory }),
      })
      .page(),
  );
  const categories = useSeenCategories(list);
  const create = mayChange && (
    <Button
      size="md"
      leftSection={<IconPlus size={20} aria-hidden />}
      onClick={() => setOpened("new")}
    >
      {say("create")}
    </Button>
  );
  const isFiltered = search !== "" || wantedCategory !== "";

  return (
    <>
      <PageHead title={say("title")}>{create}</PageHead>
      <Group mb="md" align="flex-end">
        <TextInput
          label={say("search")}
          size="md"
          flex="1 1 260px"
          value={typed}
          maxLength={200}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={20} aria-hidden />}
        />
        <Autocomplete
          label={say("category")}
          placeholder={say("allCategories")}
          size="md"
          flex="0 1 260px"
          value={category}
          maxLength={100}
          onChange={setCategory}
          data={categories}
          clearable
        />
      </Group>
      <Refusal error={list.error} />
      {list.items?.length === 0 ? (
        <Nothing text={say(isFiltered ? "noneFound" : mayChange ? "noneToCreate" : "none")}>
          {isFiltered ? (
            <Button
              variant="default"
              onClick={() => {
                setTyped("");
                setCategory("");
              }}
            >
              {say("showAll")}
            </Button>
          ) : (
            create
          )}
        </Nothing>
      ) : (
        <ProductTable list={list} open={setOpened} mayChange={mayChange} />
      )}
      {opened !== null && (
        <ProductDialog
          key={opened === "new" ? "new" : opened.id}
          product={opened === "new" ? null : opened}
          categories={categories}
          mayChange={mayChange}
          close={() => setOpened(null)}
        />
      )}
    </>
  );
}

/** To choose from: there is no list of categories, so those that were met. */
function useSeenCategories({ items }: Paged<Product>): string[] {
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const met = (items ?? []).flatMap(({ category }) => (category === null ? [] : [category]));
  const news = met.filter((category) => !seen.has(category));
  if (news.length > 0) setSeen(new Set([...seen, ...news]));
  return [...seen].sort((a, b) => a.localeCompare(b));
}

function ProductTable({
  list,
  open,
  mayChange,
}: {
  readonly list: Paged<Product>;
  readonly open: (product: Product) => void;
  readonly mayChange: boolean;
}) {
  const say = useWords(productWords);
  if (list.items === undefined) return list.error === null ? <Skeleton h={400} /> : null;
  return (
    <>
      <Table highlightOnHover stickyHeader stickyHeaderOffset={56}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("name")}</Table.Th>
            <Table.Th>{say("sku")}</Table.Th>
            <Table.Th visibleFrom="sm">{say("category")}</Table.Th>
            <Table.Th ta="right">{say("priceColumn")}</Table.Th>
            <Table.Th visibleFrom="lg">{say("changed")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.items.map((product) => (
            <Table.Tr key={product.id} className="tappable" onClick={() => open(product)}>
              <Table.Td>
                <Button
                  variant="transparent"
                  px={0}
                  h="auto"
                  mih={44}
                  aria-label={say(mayChange ? "open" : "look", { name: product.name })}
                  onClick={(event) => {
                    event.stopPropagation();
                    open(product);
                  }}
                >
                  <Text component="span" ta="left" className="wraps">
                    {product.name}
                  </Text>
                </Button>
              </Table.Td>
              <Table.Td className="breakable">{product.sku}</Table.Td>
              <Table.Td visibleFrom="sm" className="breakable">
                {product.category}
              </Table.Td>
              <Table.Td ta="right" className="numbers nowrap">
                {formatMoney(product.price)}
              </Table.Td>
              <Table.Td visibleFrom="lg" className="nowrap">
                {formatTime(product.updated_at)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <More list={list} />
    </>
  );
}
