// What can be done with a reservation, as far as the role may and its time allows.

import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import type { Reservation } from "@onhand/client";
import {
  IconCheck,
  IconClockPlus,
  IconDots,
  IconInfoCircle,
  IconRefresh,
  IconStack2,
  IconX,
} from "@tabler/icons-react";
import { Link, useRoute } from "wouter";
import { useWords } from "../i18n.ts";
import { useMay } from "../session.tsx";
import type { Asked } from "./dialogs.tsx";
import { useStatus } from "./status.tsx";
import { reservationWords } from "./words.ts";

interface Props {
  readonly reservation: Reservation;
  readonly ask: (asked: Asked) => void;
  /** On a page of its own, which needs no way there. */
  readonly isAlone?: boolean;
}

/** Which of them are offered. */
function useOffer(reservation: Reservation) {
  const may = useMay();
  const status = useStatus(reservation);
  const { store_id: storeId, retaken_by: retakenBy } = reservation;
  const isPending = status === "PENDING";
  return {
    confirm: isPending && may("reservation:confirm", storeId),
    retake: status === "EXPIRED" && retakenBy === null && may("reservation:confirm", storeId),
    cancel: isPending && may("reservation:cancel", storeId),
    extend: isPending && may("reservation:extend", storeId),
  };
}

export function RowActions({ reservation, ask, isAlone = false }: Props) {
  const offer = useOffer(reservation);
  const say = useWords(reservationWords);
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      {offer.confirm && (
        <Button
          variant="light"
          mih={44}
          px="sm"
          leftSection={<IconCheck size={18} aria-hidden />}
          onClick={() => ask({ what: "confirm", reservation })}
        >
          {say("confirm")}
        </Button>
      )}
      {offer.retake && (
        <Button
          variant="default"
          mih={44}
          px="sm"
          leftSection={<IconRefresh size={18} aria-hidden />}
          onClick={() => ask({ what: "retake", reservation })}
        >
          {say("retake")}
        </Button>
      )}
      <More reservation={reservation} ask={ask} isAlone={isAlone} offer={offer} />
    </Group>
  );
}

interface MoreProps extends Props {
  readonly offer: ReturnType<typeof useOffer>;
}

function More({ reservation, ask, isAlone, offer }: MoreProps) {
  const say = useWords(reservationWords);
  const [isGroup] = useRoute("/reservations/group/:id");
  const { id, group_id: groupId } = reservation;
  const toGroup = groupId !== null && !isGroup;
  if (isAlone === true && !offer.extend && !offer.cancel && !toGroup) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" size={44} aria-label={say("more")}>
          <IconDots size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {offer.extend && (
          <Menu.Item
            leftSection={<IconClockPlus size={18} aria-hidden />}
            onClick={() => ask({ what: "extend", reservation })}
          >
            {say("extend")}
          </Menu.Item>
        )}
        {offer.cancel && (
          <Menu.Item
            leftSection={<IconX size={18} aria-hidden />}
            onClick={() => ask({ what: "cancel", reservation })}
          >
            {say("cancel")}
          </Menu.Item>
        )}
        {toGroup && (
          <Menu.Item
            component={Link}
            href={`/reservations/group/${groupId}`}
            leftSection={<IconStack2 size={18} aria-hidden />}
          >
            {say("showGroup")}
          </Menu.Item>
        )}
        {isAlone !== true && (
          <Menu.Item
            component={Link}
            href={`/reservations/${id}`}
            leftSection={<IconInfoCircle size={18} aria-hidden />}
          >
            {say("details")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
