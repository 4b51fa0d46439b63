// One product at the desk: its numbers of now, and what to do with it. After it was done the panel closes, so that
// pressing once more does nothing twice.

import {
  Badge,
  Button,
  Group,
  Modal,
  SimpleGrid,
  Stack,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { isOnhandError, type Stock, type Store } from "@onhand/client";
import {
  IconArrowBackUp,
  IconClipboardCheck,
  IconPackageImport,
  IconShoppingCart,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { client } from "../client.ts";
import { formatMoney, useWords } from "../i18n.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useProduct } from "../queries.ts";
import { keepRows, type RowNumbers, useRow } from "../rows.ts";
import { useMay } from "../session.tsx";
import { Booking } from "./booking.tsx";
import { Counting } from "./counting.tsx";
import { Numbers } from "./numbers.tsx";
import { deskWords } from "./words.ts";

export interface PanelProps {
  readonly productId: string;
  readonly store: Store;
  readonly close: () => void;
}

const deeds = [
  ["sell", IconShoppingCart],
  ["receive", IconPackageImport],
  ["return", IconArrowBackUp],
  ["count", IconClipboardCheck],
] as const;
export type Deed = (typeof deeds)[number][0];

export function ProductPanel({ productId, store, close }: PanelProps) {
  const say = useWords(deskWords);
  const isSmall = useFits("(max-width: 62em)");
  // A tablet held across: what is done stands beside what is there, so that all of it is in sight.
  const isLow = useFits("(max-height: 56em)") && !isSmall;
  const product = useProduct(productId);
  const isAllowed = useMay()("stock:write", store.id);
  const { data: read, error } = useQuery({
    queryKey: ["store-stock", "row", store.id, productId],
    queryFn: () => rowOf(productId, store.id),
  });
  const row = useRow(productId, store.id);
  const facts = (
    <>
      <Group gap="sm">
        <Text c="dimmed" className="breakable">
          {product?.sku}
        </Text>
        {product !== undefined && <Text>{formatMoney(product.price)}</Text>}
        {typeof read?.reorder_point === "number" && (
          <Badge variant="light" color="gray" size="lg">
            {say("reorderAt", { point: read.reorder_point })}
          </Badge>
        )}
      </Group>
      <Numbers row={row} isMissing={read === null && row === undefined} />
      <Refusal error={error} />
    </>
  );
  return (
    <Modal
      opened
      onClose={close}
      fullScreen={isSmall}
      size={isLow ? 1040 : 640}
      title={
        <Text component="span" size="xl" fw={700} className="breakable">
          {product?.name ?? productId}
        </Text>
      }
      closeButtonProps={{ "aria-label": say("goBack"), size: 44, iconSize: 24 }}
    >
      {isAllowed && read !== undefined && product !== undefined ? (
        <Deeds
          place={{ productId, storeId: store.id, name: product.name, sku: product.sku }}
          row={row}
          columns={isLow ? 2 : 1}
          close={close}
        >
          {facts}
        </Deeds>
      ) : (
        <Stack>
          {facts}
          {!isAllowed && <Text c="dimmed">{say("mayNot")}</Text>}
        </Stack>
      )}
    </Modal>
  );
}

function useFits(query: string): boolean {
  return useMediaQuery(query, undefined, { getInitialValueInEffect: false });
}

/** null: the store has none. */
async function rowOf(productId: string, storeId: string): Promise<Stock | null> {
  try {
    const row = await client.stock.get(productId, storeId);
    keepRows([row]);
    return row;
  } catch (error) {
    if (isOnhandError(error, "stock_not_found")) return null;
    throw error;
  }
}

/** What is worked on, and what it is called. */
export interface Place {
  readonly productId: string;
  readonly storeId: string;
  readonly name: string;
  readonly sku: string;
}

function Deeds({
  place,
  row,
  columns,
  close,
  children,
}: {
  readonly place: Place;
  readonly row: RowNumbers | undefined;
  readonly columns: 1 | 2;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  const say = useWords(deskWords);
  const [deed, setDeed] = useState<Deed>(row === undefined ? "receive" : "sell");
  const [hasChosen, setChosen] = useState(false);
  return (
    <SimpleGrid cols={columns} spacing="lg">
      <Stack>
        {children}
        <VisuallyHidden component="h3" id="desk-deed">
          {say("what")}
        </VisuallyHidden>
        <SimpleGrid cols={4} spacing="xs" role="group" aria-labelledby="desk-deed">
          {deeds.map(([value, Icon]) => (
            <Button
              key={value}
              h={72}
              px={4}
              variant={value === deed ? "filled" : "default"}
              aria-pressed={value === deed}
              classNames={{ label: "deed" }}
              onClick={() => {
                // Who goes through them by the keyboard stays among them.
                setChosen(true);
                setDeed(value);
              }}
            >
              <Icon size={24} aria-hidden />
              {say(value)}
            </Button>
          ))}
        </SimpleGrid>
      </Stack>
      {deed === "count" ? (
        <Counting place={place} row={row} done={close} takesFocus={!hasChosen} />
      ) : (
        <Booking key={deed} deed={deed} place={place} done={close} takesFocus={!hasChosen} />
      )}
    </SimpleGrid>
  );
}
