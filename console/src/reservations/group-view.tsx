// A basket: reservations that were made together, and what is done with all of them at once.

import { Alert, Anchor, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import type { ReservationGroup } from "@onhand/client";
import { IconArrowLeft, IconCheck, IconClockPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { Countdown, useNow } from "../parts/countdown.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useMay } from "../session.tsx";
import { GroupDialogs, type GroupWish } from "./group-dialogs.tsx";
import { statusAt } from "./status.tsx";
import { ReservationTable } from "./table.tsx";
import { reservationWords } from "./words.ts";

export function GroupView({ id }: { readonly id: string }) {
  const say = useWords(reservationWords);
  const isLive = useMay()("events:read");
  const { data, error } = useQuery({
    queryKey: ["reservations", "group", id],
    queryFn: () => client.groups.get(id),
    refetchInterval: isLive ? false : 10_000,
  });
  return (
    <>
      <BackToList />
      <PageHead title={say("groupTitle")} />
      {data === undefined && (error === null ? <Skeleton h={240} /> : <Refusal error={error} />)}
      {data !== undefined && <Whole group={data} />}
    </>
  );
}

export function BackToList() {
  const say = useWords(reservationWords);
  return (
    <Anchor component={Link} href="/reservations" display="inline-block" py="xs">
      <Group gap={4}>
        <IconArrowLeft size={18} aria-hidden />
        {say("back")}
      </Group>
    </Anchor>
  );
}

function Whole({ group }: { readonly group: ReservationGroup }) {
  const say = useWords(reservationWords);
  const now = useNow();
  const [wish, setWish] = useState<GroupWish | null>(null);
  const { reservations } = group;
  const pending = reservations.filter((one) => statusAt(one, now) === "PENDING");
  const isOpen = pending.length === reservations.length;
  return (
    <Stack>
      <Text>
        {say("groupHint", { customer: reservations[0]?.customer_id ?? "" })}{" "}
        {isOpen && (
          <>
            {say("timeLeft")}: <Countdown until={firstEnd(reservations)} />
          </>
        )}
      </Text>
      {isOpen && <Buttons group={group} ask={setWish} />}
      {!isOpen && pending.length > 0 && <Alert color="orange">{say("groupEnded")}</Alert>}
      <ReservationTable reservations={reservations} />
      <GroupDialogs group={group} wish={wish} close={() => setWish(null)} />
    </Stack>
  );
}

function firstEnd(reservations: ReservationGroup["reservations"]): string {
  return reservations.map((one) => one.expires_at).toSorted()[0] ?? "";
}

interface ButtonsProps {
  readonly group: ReservationGroup;
  readonly ask: (wish: GroupWish) => void;
}

function Buttons({ group, ask }: ButtonsProps) {
  const say = useWords(reservationWords);
  const may = useMay();
  const mayAll = (scope: string) => group.reservations.every((one) => may(scope, one.store_id));
  return (
    <Group>
      {mayAll("reservation:confirm") && (
        <Button
          size="md"
          leftSection={<IconCheck size={18} aria-hidden />}
          onClick={() => ask("confirm")}
        >
          {say("confirmGroup")}
        </Button>
      )}
      {mayAll("reservation:extend") && (
        <Button
          size="md"
          variant="default"
          leftSection={<IconClockPlus size={18} aria-hidden />}
          onClick={() => ask("extend")}
        >
          {say("extendGroup")}
        </Button>
      )}
      {mayAll("reservation:cancel") && (
        <Button
          size="md"
          variant="default"
          leftSection={<IconX size={18} aria-hidden />}
          onClick={() => ask("cancel")}
        >
          {say("cancelGroup")}
        </Button>
      )}
    </Group>
  );
}
