// Reservations under each other, each with what can be done with it.

import { Anchor, Table, Text } from "@mantine/core";
import type { Reservation } from "@onhand/client";
import { useState } from "react";
import { Link } from "wouter";
import { formatNumber, formatWhen, useWords } from "../i18n.ts";
import { ProductName } from "../parts/product-name.tsx";
import { useStoreName } from "../queries.ts";
import { type Asked, ReservationDialogs } from "./dialogs.tsx";
import { RowActions } from "./row-actions.tsx";
import { Status } from "./status.tsx";
import { reservationWords } from "./words.ts";

interface Props {
  readonly reservations: readonly Reservation[];
  /** Others have been asked for and are on their way. */
  readonly isOld?: boolean;
}

export function ReservationTable({ reservations, isOld = false }: Props) {
  const say = useWords(reservationWords);
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <>
      <Table
        stickyHeader
        stickyHeaderOffset={56}
        highlightOnHover
        aria-label={say("list")}
        aria-busy={isOld}
        opacity={isOld ? 0.6 : 1}
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">
              {say("product")} · {say("store")}
            </Table.Th>
            <Table.Th scope="col">{say("customer")}</Table.Th>
            <Table.Th scope="col" ta="right">
              {say("units")}
            </Table.Th>
            <Table.Th scope="col">{say("status")}</Table.Th>
            <Table.Th scope="col" visibleFrom="lg">
              {say("created")}
            </Table.Th>
            <Table.Th scope="col" ta="right">
              {say("actions")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {reservations.map((one) => (
            <Row key={one.id} reservation={one} ask={setAsked} />
          ))}
        </Table.Tbody>
      </Table>
      <ReservationDialogs asked={asked} close={() => setAsked(null)} />
    </>
  );
}

interface RowProps {
  readonly reservation: Reservation;
  readonly ask: (asked: Asked) => void;
}

function Row({ reservation, ask }: RowProps) {
  const storeName = useStoreName();
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} href={`/reservations/${reservation.id}`} size="sm">
          <ProductName id={reservation.product_id} />
        </Anchor>
        <Text size="xs" c="dimmed">
          {storeName(reservation.store_id)}
        </Text>
      </Table.Td>
      <Table.Td maw={180}>
        <Text size="sm" truncate title={reservation.customer_id}>
          {reservation.customer_id}
        </Text>
      </Table.Td>
      <Table.Td ta="right" className="numbers">
        {formatNumber(reservation.quantity)}
      </Table.Td>
      <Table.Td>
        <Status reservation={reservation} />
      </Table.Td>
      <Table.Td visibleFrom="lg" className="numbers">
        {formatWhen(reservation.created_at)}
      </Table.Td>
      <Table.Td>
        <RowActions reservation={reservation} ask={ask} />
      </Table.Td>
    </Table.Tr>
  );
}
