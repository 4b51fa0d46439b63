// Hands held units over: that is the sale. One reservation can be handed over in part; a group goes as a whole. What has
// expired while the customer stood there can still be handed over, if nobody took it.

import { Button, Group, Modal, NumberInput, Stack, Text } from "@mantine/core";
import { isOnhandError } from "@onhand/client";
import { IconHandGrab } from "@tabler/icons-react";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { Countdown } from "../parts/countdown.tsx";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useProductName } from "../product-names.ts";
import { HeldLines, useHeldLines } from "./held-lines.tsx";
import type { PickUp } from "./pick-ups-read.ts";
import { pickUpWords } from "./words.ts";

interface Wanted {
  readonly quantity: number;
  readonly isRetake: boolean;
}

export function HandOver({
  storeId,
  pickUp,
  close,
}: {
  readonly storeId: string;
  readonly pickUp: PickUp;
  readonly close: () => void;
}) {
  const say = useWords(pickUpWords);
  const { customerId, groupId, until } = pickUp;
  const [first] = pickUp.lines;
  const lines = useHeldLines(pickUp);
  const what = useSaidLines(pickUp);
  const [quantity, setQuantity] = useState(first.quantity);
  const act = useIntent(
    async (wanted: Wanted, idempotencyKey) => {
      const options = { idempotencyKey };
      if (groupId !== null) return client.groups.confirm(groupId, options);
      const how = {
        ...(wanted.quantity === first.quantity ? {} : { quantity: wanted.quantity }),
        ...(wanted.isRetake ? { if_expired: "retake" as const } : {}),
      };
      return client.reservations.confirm(first.id, how, options);
    },
    () => {
      sayDone(say("handed", { customer: customerId, what: what(quantity) }));
      close();
    },
  );
  const isLate = groupId === null && isOnhandError(act.error, "reservation_expired");
  const rest = first.quantity - quantity;
  return (
    <Modal
      opened
      onClose={close}
      title={say("handOverTitle", { customer: customerId })}
      centered
      size="lg"
      closeButtonProps={{ "aria-label": say("close"), size: 44 }}
    >
      <Stack>
        <HeldLines storeId={storeId} lines={lines} />
        <Group gap="xs">
          <Text c="dimmed">{say("until")}:</Text>
          <Countdown until={until} />
        </Group>
        {groupId === null && first.quantity > 1 && (
          <NumberInput
            size="lg"
            label={say("handedUnits")}
            value={quantity}
            onChange={(value) => setQuantity(Number(value))}
            min={1}
            max={first.quantity}
            clampBehavior="strict"
            allowDecimal={false}
            allowNegative={false}
            description={rest > 0 ? say("restFree", { rest }) : undefined}
          />
        )}
        <Refusal error={act.error} />
        <Group grow>
          <Button variant="default" h={60} fz="md" onClick={close}>
            {say("close")}
          </Button>
          <Button
            h={60}
            fz="md"
            data-autofocus
            leftSection={<IconHandGrab aria-hidden />}
            loading={act.isRunning}
            disabled={quantity < 1}
            onClick={() => void act.run({ quantity, isRetake: isLate })}
          >
            {isLate
              ? say("retake")
              : lines.length > 1
                ? say("handOverAll", { lines: lines.length })
                : say("handOver")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** What is told when it is done: the product of a single line, the number of lines of a group. */
export function useSaidLines({ lines }: PickUp): (units: number) => string {
  const say = useWords(pickUpWords);
  const name = useProductName(lines[0].product_id);
  return (units) =>
    lines.length > 1
      ? say("together", { lines: lines.length })
      : say("item", { units, product: name });
}
