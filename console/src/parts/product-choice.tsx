// One product of many: what is typed is looked for in SKU and name by the service.

import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "../client.ts";
import { useProduct } from "../queries.ts";

interface Props {
  readonly label: string;
  readonly placeholder?: string;
  readonly nothing: string;
  readonly value: string | null;
  readonly onChange: (productId: string | null) => void;
  readonly error?: string | undefined;
}

export function ProductChoice({ nothing, value, onChange, ...props }: Props) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), 250);
  const chosen = useProduct(value);
  const { data } = useQuery({
    queryKey: ["products", "choice", search],
    queryFn: () => client.products.list({ limit: 20, ...(search === "" ? {} : { search }) }).page(),
    placeholderData: keepPreviousData,
  });
  const found = data?.items ?? [];
  // The one that is chosen has its name also where it was not among those found.
  const isKnown = value === null || found.some(({ id }) => id === value);
  const offered = isKnown ? found : [chosen ?? { id: value, name: value, sku: value }, ...found];
  const labels = offered.map(({ id, name, sku }) => ({ value: id, label: `${name} (${sku})` }));
  const isChosen = (text: string) =>
    labels.some((one) => one.value === value && one.label === text);
  return (
    <Select
      {...props}
      searchable
      clearable
      data={labels}
      value={value}
      onChange={onChange}
      // The label of the choice itself comes here too, and is nothing to look for.
      onSearchChange={(text) => setTyped(isChosen(text) ? "" : text)}
      filter={({ options }) => options}
      nothingFoundMessage={nothing}
    />
  );
}
