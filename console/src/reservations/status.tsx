// What has become of a reservation. A pending one whose time is over has expired, also where nobody has written so yet.

import { Badge, Group, Text } from "@mantine/core";
import type { Reservation, ReservationStatus } from "@onhand/client";
import { formatWhen, useWords } from "../i18n.ts";
import { Countdown, useIsOver } from "../parts/countdown.tsx";
import { reservationWords } from "./words.ts";

type Ending = Pick<Reservation, "status" | "expires_at">;

export function statusAt({ status, expires_at }: Ending, now: number): ReservationStatus {
  return status === "PENDING" && Date.parse(expires_at) <= now ? "EXPIRED" : status;
}

/** Follows the clock. */
export function useStatus({ status, expires_at }: Ending): ReservationStatus {
  const isOver = useIsOver(expires_at);
  return status === "PENDING" && isOver ? "EXPIRED" : status;
}

const looks = {
  PENDING: { color: "teal", variant: "light" },
  CONFIRMED: { color: "teal", variant: "filled" },
  CANCELLED: { variant: "default" },
  EXPIRED: { variant: "default" },
} as const;

export function Status({ reservation }: { readonly reservation: Reservation }) {
  const say = useWords(reservationWords);
  const status = useStatus(reservation);
  const { quantity, confirmed_quantity: sold } = reservation;
  return (
    <Group gap={6}>
      <Badge {...looks[status]} miw="max-content">
        {say(status)}
      </Badge>
      {status === "PENDING" && <Countdown until={reservation.expires_at} />}
      {sold !== null && sold < quantity && (
        <Text size="sm" className="numbers">
          {say("partly", { sold, units: quantity })}
        </Text>
      )}
      {status !== "PENDING" && (
        <Text size="xs" c="dimmed" className="numbers">
          {formatWhen(endOf(reservation, status))}
        </Text>
      )}
    </Group>
  );
}

function endOf(reservation: Reservation, status: ReservationStatus): string {
  return status === "EXPIRED"
    ? reservation.expires_at
    : (reservation.updated_at ?? reservation.created_at);
}
