// The list of those who come to collect, with the time that each hold still has. What ended is taken off by the event of
// its end; what a person has opened to hand over stays open, and says then what became of it.

import { ActionIcon, Alert, Button, Center, Skeleton, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { HandOver } from "./hand-over.tsx";
import { LetGo } from "./let-go.tsx";
import { PickUpCard } from "./pick-up-card.tsx";
import { type PickUp, type PickUpList, usePickUpsOf } from "./pick-ups-read.ts";
import { deskWords, pickUpWords } from "./words.ts";

/** Cards at a time: each has a clock that ticks. */
const step = 50;

export interface Asked {
  readonly deed: "handOver" | "letGo";
  readonly pickUp: PickUp;
}

export function PickUps({
  storeId,
  list,
}: {
  readonly storeId: string;
  readonly list: PickUpList;
}) {
  const say = useWords(pickUpWords);
  const sayDesk = useWords(deskWords);
  const [search, setSearch] = useState("");
  const [most, setMost] = useState(step);
  const [asked, setAsked] = useState<Asked | null>(null);
  const wanted = search.trim().toLowerCase();
  const [whole] = useDebouncedValue(search.trim(), 300);
  const isCut = list.count > list.read;
  const exact = usePickUpsOf(storeId, whole, isCut);
  const close = (): void => setAsked(null);

  if (list.pickUps === undefined) {
    return list.error === null ? <Skeleton h={400} /> : <Refusal error={list.error} />;
  }
  const fitting = list.pickUps.filter((one) => one.customerId.toLowerCase().includes(wanted));
  const known = new Set(fitting.map(({ id }) => id));
  const found = [...fitting, ...(exact.pickUps ?? []).filter(({ id }) => !known.has(id))];
  return (
    <Stack gap="sm">
      <TextInput
        size="lg"
        label={say("customer")}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        maxLength={128}
        autoComplete="off"
        leftSection={<IconSearch size={22} aria-hidden />}
        rightSectionWidth={50}
        rightSection={
          search !== "" && (
            <ActionIcon
              variant="subtle"
              size={44}
              aria-label={sayDesk("clear")}
              onClick={() => setSearch("")}
            >
              <IconX size={20} aria-hidden />
            </ActionIcon>
          )
        }
      />
      <Refusal error={list.error ?? exact.error} />
      {isCut && (
        <Alert color="gray">{say("onlyNewest", { count: list.count, shown: list.read })}</Alert>
      )}
      {found.length === 0 && (
        <Nothing text={wanted === "" ? say("none") : say("noneFound", { search: search.trim() })} />
      )}
      <Stack component="ul" gap="sm" p={0} m={0} className="plain">
        {found.slice(0, most).map((pickUp) => (
          <PickUpCard key={pickUp.id} pickUp={pickUp} ask={setAsked} />
        ))}
      </Stack>
      {found.length > most && (
        <Center>
          <Button variant="default" size="md" onClick={() => setMost(most + step)}>
            {sayDesk("showMore")}
          </Button>
        </Center>
      )}
      {asked?.deed === "handOver" && (
        <HandOver key={asked.pickUp.id} storeId={storeId} pickUp={asked.pickUp} close={close} />
      )}
      {asked?.deed === "letGo" && (
        <LetGo key={asked.pickUp.id} pickUp={asked.pickUp} close={close} />
      )}
    </Stack>
  );
}
