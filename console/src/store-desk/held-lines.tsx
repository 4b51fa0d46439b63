// What is held, line by line, in the dialogs that end it. Of a group, all of its lines, also those in other stores: they
// share its fate.

import { List, Text } from "@mantine/core";
import type { Reservation } from "@onhand/client";
import { useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { ProductName } from "../parts/product-name.tsx";
import { useStoreName } from "../queries.ts";
import type { PickUp } from "./pick-ups-read.ts";
import { pickUpWords } from "./words.ts";

export function useHeldLines({ groupId, lines }: PickUp): readonly Reservation[] {
  const { data } = useQuery({
    queryKey: ["reservations", "group", groupId],
    queryFn: () => client.groups.get(groupId ?? ""),
    enabled: groupId !== null,
  });
  const whole = data?.reservations.filter(({ status }) => status === "PENDING") ?? [];
  // Where they have ended meanwhile, what the person saw stays in sight.
  return whole.length === 0 ? lines : whole;
}

export function HeldLines({
  storeId,
  lines,
}: {
  readonly storeId: string;
  readonly lines: readonly Reservation[];
}) {
  const say = useWords(pickUpWords);
  const storeName = useStoreName();
  return (
    <>
      <List size="lg" spacing="xs">
        {lines.map((line) => (
          <List.Item key={line.id} className="breakable">
            <b className="numbers">{line.quantity} ×</b> <ProductName id={line.product_id} />
            {line.store_id !== storeId && ` (${storeName(line.store_id)})`}
          </List.Item>
        ))}
      </List>
      {lines.some((line) => line.store_id !== storeId) && <Text>{say("otherStores")}</Text>}
    </>
  );
}
