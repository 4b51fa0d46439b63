// A product of the store with its numbers of now. The whole row can be tapped; its name is the button for the keyboard.

import { Badge, Table, Text, UnstyledButton } from "@mantine/core";
import type { StockOfStore } from "@onhand/client";
import { IconAlertTriangle } from "@tabler/icons-react";
import { formatNumber, useWords } from "../i18n.ts";
import { useRow } from "../rows.ts";
import { deskWords } from "./words.ts";

export function ProductRow({
  row,
  open,
}: {
  readonly row: StockOfStore;
  readonly open: (productId: string) => void;
}) {
  const say = useWords(deskWords);
  const { quantity, reserved } = useRow(row.product_id, row.store_id) ?? row;
  const available = quantity - reserved;
  const isLow = row.reorder_point !== null && available <= row.reorder_point;
  return (
    <Table.Tr className="tappable" onClick={() => open(row.product_id)}>
      <Table.Td>
        <NameButton name={row.product_name} sku={row.sku} open={() => open(row.product_id)} />
        {isLow && (
          <Badge
            miw="max-content"
            color="orange"
            variant="light"
            leftSection={<IconAlertTriangle size={12} aria-hidden />}
          >
            {say("low")}
          </Badge>
        )}
      </Table.Td>
      <Table.Td ta="right" className="numbers">
        {formatNumber(quantity)}
      </Table.Td>
      <Table.Td ta="right" className="numbers">
        {formatNumber(reserved)}
      </Table.Td>
      <Table.Td ta="right" className="numbers">
        <Text component="span" fw={700} size="lg">
          {formatNumber(available)}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
}

export function NameButton({
  name,
  sku,
  open,
}: {
  readonly name: string;
  readonly sku: string;
  readonly open: () => void;
}) {
  return (
    <UnstyledButton
      w="100%"
      mih={44}
      onClick={(event) => {
        // The row hears of it too.
        event.stopPropagation();
        open();
      }}
    >
      <Text component="span" display="block" fw={600} className="breakable">
        {name}
      </Text>
      <Text component="span" display="block" size="sm" c="dimmed" className="breakable">
        {sku}
      </Text>
    </UnstyledButton>
  );
}
