// Stock: every product in every store, live, and a row of it when one is opened.

import { Button, Group, Text } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import { Link } from "wouter";
import { useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { areStoresRead } from "../queries.ts";
import { useMay } from "../session.tsx";
import { type Filters, noFilters, useFilters, useOpenRow } from "../stock/address.ts";
import { StockFilters } from "../stock/filters.tsx";
import { Grid } from "../stock/grid.tsx";
import { useColumns, useShown } from "../stock/products.ts";
import { stockWords } from "../stock/words.ts";

const RowDrawer = lazy(async () => ({
  default: (await import("../stock/row-drawer.tsx")).RowDrawer,
}));

export function Stock() {
  const say = useWords(stockWords);
  const [filters, change] = useFilters();
  const [openRow, setOpenRow] = useOpenRow();
  const stores = useColumns();
  const shown = useShown(filters, stores);
  const { products, columns, low, isWhole, query } = shown;
  const count = products.length;
  return (
    <div className="stock-page">
      <PageHead title={say("title")} />
      <StockFilters filters={filters} change={change} stores={stores} products={products} />
      <Refusal error={query.error} />
      {query.error !== null && (
        <Group my="sm">
          <Button onClick={() => void query.refetch()}>{say("retry")}</Button>
        </Group>
      )}
      {count === 0 ? (
        <Empty filters={filters} hasStores={stores.length > 0} isRead={query.isFetched && isWhole}>
          <Button variant="light" onClick={() => change(noFilters)}>
            {say("clear")}
          </Button>
        </Empty>
      ) : (
        <Grid
          products={products}
          stores={columns}
          low={low}
          isWhole={isWhole}
          isReading={query.isFetching}
          readMore={shown.readMore}
          open={setOpenRow}
        />
      )}
      <Group justify="space-between" mt="xs" gap="xs">
        <Text size="sm" c="dimmed" role="status">
          {query.isFetching && count === 0
            ? say("reading")
            : say(isWhole ? "loaded" : "loadedSoFar", { count })}
        </Text>
        {count > 0 && (
          <Text size="sm" c="dimmed">
            {say("legend")} <span className="stock-keys">{say("keys")}</span>
          </Text>
        )}
      </Group>
      <Suspense>
        <RowDrawer place={openRow} close={() => setOpenRow(null)} />
      </Suspense>
    </div>
  );
}

interface EmptyProps {
  readonly filters: Filters;
  readonly hasStores: boolean;
  readonly isRead: boolean;
  /** The way out of filters. */
  readonly children: ReactNode;
}

function Empty({ filters, hasStores, isRead, children }: EmptyProps) {
  const say = useWords(stockWords);
  const mayCreate = useMay()("catalog:write");
  if (!hasStores) return areStoresRead() ? <Nothing text={say("noStores")} /> : null;
  if (!isRead) return null;
  if (filters.search !== "" || filters.category !== "" || filters.stores.length > 0) {
    return <Nothing text={say("noMatch")}>{children}</Nothing>;
  }
  if (filters.low) return <Nothing text={say("noLow")}>{children}</Nothing>;
  return (
    <Nothing text={say("none")}>
      {mayCreate && (
        <Button component={Link} href="/products">
          {say("toProducts")}
        </Button>
      )}
    </Nothing>
  );
}
