// Events under each other; the number of each opens all that it says.

import { Anchor, Drawer, Table, Text } from "@mantine/core";
import type { OnhandEvent } from "@onhand/client";
import { memo, useState } from "react";
import { formatWhen, useWords } from "../i18n.ts";
import { ProductName } from "../parts/product-name.tsx";
import { useStoreName } from "../queries.ts";
import { EventDetails } from "./details.tsx";
import { eventWords, isKnownWord } from "./words.ts";

interface Props {
  readonly events: readonly OnhandEvent[];
  readonly isOld?: boolean;
  /** The one that was looked for. */
  readonly marked?: number;
}

export function EventTable({ events, isOld = false, marked }: Props) {
  const say = useWords(eventWords);
  const [open, setOpen] = useState<OnhandEvent | null>(null);
  return (
    <>
      <Table
        stickyHeader
        stickyHeaderOffset={56}
        highlightOnHover
        aria-label={say("feed")}
        aria-busy={isOld}
        opacity={isOld ? 0.6 : 1}
      >
        <Table.Thead>
          <Table.Tr>
            {(["number", "time", "what", "where", "change", "by"] as const).map((name) => (
              <Table.Th key={name} scope="col">
                {say(name)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {events.map((event) => (
            <Row key={event.seq} event={event} open={setOpen} isMarked={event.seq === marked} />
          ))}
        </Table.Tbody>
      </Table>
      <Drawer
        opened={open !== null}
        onClose={() => setOpen(null)}
        position="right"
        size="lg"
        title={say("eventTitle", { seq: String(open?.seq ?? "") })}
        closeButtonProps={{ "aria-label": say("close") }}
      >
        {open !== null && <EventDetails event={open} />}
      </Drawer>
    </>
  );
}

interface RowProps {
  readonly event: OnhandEvent;
  readonly open: (event: OnhandEvent) => void;
  readonly isMarked: boolean;
}

const Row = memo(function EventRow({ event, open, isMarked }: RowProps) {
  const say = useWords(eventWords);
  return (
    <Table.Tr
      {...(isMarked ? { bg: "var(--mantine-primary-color-light)", "aria-current": true } : {})}
    >
      <Table.Td>
        <Anchor
          component="button"
          type="button"
          className="numbers"
          size="sm"
          miw={44}
          mih={44}
          ta="left"
          aria-label={say("open", { seq: String(event.seq) })}
          onClick={() => open(event)}
        >
          {event.seq}
        </Anchor>
      </Table.Td>
      <Table.Td className="numbers">{formatWhen(event.occurred_at)}</Table.Td>
      <Table.Td>
        {isKnownWord(event.type) ? say(event.type) : event.type}
        <Text size="xs" c="dimmed">
          {event.type}
        </Text>
      </Table.Td>
      <Table.Td>
        <Where event={event} />
      </Table.Td>
      <Table.Td className="numbers">
        <Change event={event} />
      </Table.Td>
      <Table.Td maw={160}>
        <Text size="sm" truncate title={event.actor}>
          {event.actor}
        </Text>
      </Table.Td>
    </Table.Tr>
  );
});

function Where({ event }: { readonly event: OnhandEvent }) {
  const say = useWords(eventWords);
  const storeName = useStoreName();
  const store = event.store_id === "*" ? say("chain") : storeName(event.store_id);
  if (event.product_id === null) return <>{store}</>;
  return (
    <>
      <ProductName id={event.product_id} />
      <Text size="xs" c="dimmed">
        {store}
      </Text>
    </>
  );
}

/** What is on hand and what is reserved, before and after, where it has changed. */
function Change({ event: { payload } }: { readonly event: OnhandEvent }) {
  if (!("stock" in payload)) return <>–</>;
  const { before, after } = payload.stock;
  return (
    <>
      {stepOf(before.quantity, after.quantity)} · {stepOf(before.reserved, after.reserved)}
    </>
  );
}

export function stepOf(before: number, after: number): string {
  return before === after ? String(after) : `${before} → ${after}`;
}
