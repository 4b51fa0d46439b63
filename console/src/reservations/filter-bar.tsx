import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconFilterOff } from "@tabler/icons-react";
import { useState } from "react";
import type { Filters } from "../filters.ts";
import { useWords } from "../i18n.ts";
import { ProductChoice } from "../parts/product-choice.tsx";
import { StoreChoice } from "../parts/store-choice.tsx";
import { reservationWords } from "./words.ts";

export const filterNames = ["store", "status", "product", "customer"] as const;
export type ReservationFilters = Filters<(typeof filterNames)[number]>;

export const statuses = ["PENDING", "CONFIRMED", "CANCELLED", "EXPIRED"] as const;

export function FilterBar({ filters }: { readonly filters: ReservationFilters }) {
  const say = useWords(reservationWords);
  const { values, set } = filters;
  return (
    <Group align="flex-end" gap="sm" mb="md" role="search">
      <StoreChoice
        label={say("store")}
        placeholder={say("anyStore")}
        clearable
        value={values.store}
        onChange={(id) => set("store", id)}
      />
      <Select
        label={say("status")}
        placeholder={say("anyStatus")}
        clearable
        w={170}
        data={statuses.map((status) => ({ value: status, label: say(status) }))}
        value={values.status}
        onChange={(status) => set("status", status)}
      />
      <ProductChoice
        label={say("product")}
        placeholder={say("anyProduct")}
        nothing={say("noProduct")}
        value={values.product}
        onChange={(id) => set("product", id)}
      />
      <CustomerField key={values.customer === null ? "none" : "some"} filters={filters} />
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

function CustomerField({ filters: { values, set } }: { readonly filters: ReservationFilters }) {
  const say = useWords(reservationWords);
  const [text, setText] = useState(values.customer ?? "");
  const apply = useDebouncedCallback((typed: string) => set("customer", typed.trim()), 400);
  return (
    <TextInput
      label={say("customer")}
      placeholder={say("anyCustomer")}
      maxLength={128}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        apply(currentTarget.value);
      }}
    />
  );
}
