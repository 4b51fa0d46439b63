// Who collects what, how long it is still held, and the two things that can be done with it; for a group, with all of it
// or with one line.

import { Badge, Button, Group, Paper, Stack, Text } from "@mantine/core";
import type { Reservation } from "@onhand/client";
import { IconClock, IconHandGrab, IconX } from "@tabler/icons-react";
import { useWords } from "../i18n.ts";
import { Countdown } from "../parts/countdown.tsx";
import { ProductName } from "../parts/product-name.tsx";
import { useMay } from "../session.tsx";
import type { Asked } from "./pick-ups.tsx";
import type { PickUp } from "./pick-ups-read.ts";
import { pickUpWords } from "./words.ts";

export interface PickUpCardProps {
  readonly pickUp: PickUp;
  readonly ask: (asked: Asked) => void;
}

export function PickUpCard({ pickUp, ask }: PickUpCardProps) {
  const say = useWords(pickUpWords);
  const { customerId, until, lines } = pickUp;
  const isGroup = lines.length > 1;
  return (
    <Paper component="li" withBorder p="sm" aria-label={customerId}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Text fw={700} size="lg" className="breakable">
              {customerId}
            </Text>
            {isGroup && (
              <Badge variant="light" color="gray">
                {say("together", { lines: lines.length })}
              </Badge>
            )}
          </div>
          <Group gap={4} wrap="nowrap" aria-label={say("until")} role="group">
            <IconClock size={18} aria-hidden />
            <Countdown until={until} />
          </Group>
        </Group>
        {lines.map((line) => (
          <Line key={line.id} line={line}>
            {isGroup && <Deeds pickUp={oneOf(line)} ask={ask} isSmall />}
          </Line>
        ))}
        <Deeds pickUp={pickUp} ask={ask} />
      </Stack>
    </Paper>
  );
}

function Line({
  line,
  children,
}: {
  readonly line: Reservation;
  readonly children: React.ReactNode;
}) {
  return (
    <Group justify="space-between" gap="xs">
      <Text className="breakable">
        <Text component="span" fw={700} className="numbers">
          {line.quantity} ×{" "}
        </Text>
        <ProductName id={line.product_id} />
      </Text>
      {children}
    </Group>
  );
}

/** One line of a group, by itself. */
function oneOf(line: Reservation): PickUp {
  const { id, customer_id: customerId, expires_at: until } = line;
  return { id, groupId: null, customerId, until, lines: [line] };
}

function Deeds({ pickUp, ask, isSmall = false }: PickUpCardProps & { readonly isSmall?: boolean }) {
  const say = useWords(pickUpWords);
  const may = useMay();
  const { lines } = pickUp;
  const [{ store_id: storeId }] = lines;
  const all = lines.length > 1;
  const size = isSmall ? { h: 44, size: "sm" } : { h: 56, flex: 1, fz: "md" };
  return (
    <Group gap="xs" wrap="nowrap">
      {may("reservation:confirm", storeId) && (
        <Button
          {...size}
          variant={isSmall ? "light" : "filled"}
          leftSection={<IconHandGrab size={20} aria-hidden />}
          onClick={() => ask({ deed: "handOver", pickUp })}
        >
          {all ? say("handOverAll", { lines: lines.length }) : say("handOver")}
        </Button>
      )}
      {may("reservation:cancel", storeId) && (
        <Button
          {...size}
          variant="default"
          leftSection={<IconX size={20} aria-hidden />}
          onClick={() => ask({ deed: "letGo", pickUp })}
        >
          {all ? say("letGoAll", { lines: lines.length }) : say("letGo")}
        </Button>
      )}
    </Group>
  );
}
