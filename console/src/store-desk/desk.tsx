// The desk of one store. A scanned code opens its product from anywhere; products and pick-ups stand side by side where
// there is room, and behind two tabs on a tablet held upright.

import { Alert, Badge, Button, SimpleGrid, Tabs, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { isOnhandError, type Store } from "@onhand/client";
import { IconArrowsExchange, IconBarcode, IconLock } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { client } from "../client.ts";
import { formatNumber, useWords } from "../i18n.ts";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useMay } from "../session.tsx";
import { PickUps } from "./pick-ups.tsx";
import { usePickUps } from "./pick-ups-read.ts";
import { ProductPanel } from "./product-panel.tsx";
import { Products } from "./products.tsx";
import { useScans } from "./scan.ts";
import { deskWords } from "./words.ts";

export interface DeskProps {
  readonly store: Store;
  readonly productId: string | null;
  /** There is no other store to change to. */
  readonly isOnly: boolean;
}

export function Desk({ store, productId, isOnly }: DeskProps) {
  const say = useWords(deskWords);
  const [, go] = useLocation();
  const open = (id: string): void => go(`/store/${store.id}/${id}`);
  const codes = useCodes(store.id, open);
  useScans((code) => void codes.scanned(code));
  return (
    <>
      <PageHead title={store.name}>
        {!store.active && (
          <Badge size="lg" color="orange" variant="light" leftSection={<IconLock size={14} />}>
            {store.id}
          </Badge>
        )}
        {!isOnly && (
          <Button
            component={Link}
            // With a store of nobody: the choice.
            href="/store"
            variant="default"
            size="md"
            leftSection={<IconArrowsExchange size={20} aria-hidden />}
          >
            {say("otherStore")}
          </Button>
        )}
      </PageHead>
      {!store.active && (
        <Alert color="orange" variant="light" mb="md" icon={<IconLock aria-hidden />}>
          {say("closed")}
        </Alert>
      )}
      {codes.unknown !== null && (
        <Alert
          color="orange"
          variant="light"
          mb="md"
          role="alert"
          icon={<IconBarcode aria-hidden />}
          withCloseButton
          closeButtonLabel={say("goBack")}
          onClose={codes.forget}
        >
          {say("unknownCode", { code: codes.unknown })}
        </Alert>
      )}
      <Refusal error={codes.error} />
      <Halves
        store={store}
        products={<Products storeId={store.id} open={open} find={codes.typed} />}
      />
      {productId !== null && (
        <ProductPanel
          key={productId}
          productId={productId}
          store={store}
          close={() => go(`/store/${store.id}`)}
        />
      )}
    </>
  );
}

interface Codes {
  /** What was looked for and is nowhere. */
  readonly unknown: string | null;
  readonly error: unknown;
  /** A scanned code is a SKU, to the letter. */
  readonly scanned: (code: string) => Promise<void>;
  /** What was typed may also be a part of the only name or SKU here that has it. Answers whether one was opened. */
  readonly typed: (text: string) => Promise<boolean>;
  readonly forget: () => void;
}

function useCodes(storeId: string, open: (productId: string) => void): Codes {
  const [state, setState] = useState<Pick<Codes, "unknown" | "error">>(none);
  async function find(text: string, isWhole: boolean): Promise<boolean> {
    try {
      const exact = await productOfSku(text);
      const found = exact !== null ? [exact] : isWhole ? [] : await productsLike(storeId, text);
      setState(found.length === 0 ? { unknown: text, error: null } : none);
      const [only, ...others] = found;
      if (only === undefined || others.length > 0) return false;
      open(only);
      return true;
    } catch (error) {
      setState({ unknown: null, error });
      return false;
    }
  }
  return {
    ...state,
    scanned: async (code) => void (await find(code, true)),
    typed: (text) => find(text, false),
    forget: () => setState(none),
  };
}

async function productOfSku(sku: string): Promise<string | null> {
  try {
    return (await client.products.bySku(sku)).id;
  } catch (error) {
    if (isOnhandError(error, "product_not_found", "validation_failed")) return null;
    throw error;
  }
}

async function productsLike(storeId: string, search: string): Promise<string[]> {
  const { items } = await client.stock.ofStore(storeId, { search, limit: 2 }).page();
  return items.map(({ product_id }) => product_id);
}

const none = { unknown: null, error: null };

function Halves({ store, products }: { readonly store: Store; readonly products: ReactNode }) {
  const say = useWords(deskWords);
  const isWide = useMediaQuery("(min-width: 70em)", undefined, { getInitialValueInEffect: false });
  const may = useMay();
  const pickUps = usePickUps(store.id);
  if (!may("reservation:read")) return products;
  const list = <PickUps storeId={store.id} list={pickUps} />;
  const count = formatNumber(pickUps.count);
  if (isWide) {
    return (
      <SimpleGrid cols={2} spacing="lg">
        <section aria-labelledby="desk-products">
          <Title order={3} size="h4" mb="sm" id="desk-products">
            {say("products")}
          </Title>
          {products}
        </section>
        <section aria-labelledby="desk-pick-ups">
          <Title order={3} size="h4" mb="sm" id="desk-pick-ups">
            {say("pickUps")} ({count})
          </Title>
          {list}
        </section>
      </SimpleGrid>
    );
  }
  return (
    <Tabs defaultValue="products">
      <Tabs.List grow mb="md">
        <Tabs.Tab value="products" h={56} fz="md">
          {say("products")}
        </Tabs.Tab>
        <Tabs.Tab value="pickUps" h={56} fz="md">
          {say("pickUps")} ({count})
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="products">{products}</Tabs.Panel>
      <Tabs.Panel value="pickUps">{list}</Tabs.Panel>
    </Tabs>
  );
}
