import { Button, Group, NumberInput, Select } from "@mantine/core";
import { IconFilterOff } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n.ts";
import { ProductChoice } from "../parts/product-choice.tsx";
import { StoreChoice } from "../parts/store-choice.tsx";
import { type EventFilters, eventTypes } from "./filter.ts";
import { eventWords } from "./words.ts";

interface Props {
  readonly filters: EventFilters;
  readonly go: (seq: number) => void;
}

export function EventFilterBar({ filters, go }: Props) {
  const say = useWords(eventWords);
  const { values, set } = filters;
  return (
    <Group align="flex-end" gap="sm" mb="md" role="search">
      <Select
        label={say("type")}
        placeholder={say("anyType")}
        clearable
        searchable
        data={eventTypes.map((type) => ({ value: type, label: say(type) }))}
        value={values.type}
        onChange={(type) => set("type", type)}
      />
      <StoreChoice
        label={say("store")}
        placeholder={say("anyStore")}
        clearable
        value={values.store}
        onChange={(id) => set("store", id)}
      />
      <ProductChoice
        label={say("product")}
        placeholder={say("anyProduct")}
        nothing={say("noProduct")}
        value={values.product}
        onChange={(id) => set("product", id)}
      />
      <Jump from={values.at} go={go} />
      {filters.isAny && (
        <Button
          variant="subtle"
          leftSection={<IconFilterOff size={18} aria-hidden />}
          onClick={filters.clear}
        >
          {say("clear")}
        </Button>
      )}
    </Group>
  );
}

interface JumpProps {
  readonly from: string | null;
  readonly go: (seq: number) => void;
}

function Jump({ from, go }: JumpProps) {
  const say = useWords(eventWords);
  const [seq, setSeq] = useState<number | string>(from ?? "");
  const wanted = Number(seq);
  const isPossible = Number.isSafeInteger(wanted) && wanted > 0;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isPossible) go(wanted);
  }

  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <NumberInput
          label={say("jump")}
          w={150}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          value={seq}
          onChange={setSeq}
        />
        <Button type="submit" variant="default" disabled={!isPossible}>
          {say("go")}
        </Button>
      </Group>
    </form>
  );
}
