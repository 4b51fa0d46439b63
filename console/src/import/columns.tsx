// Which column of the file is which field, where the person knows it better than the names say.

import { Paper, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useWords } from "../i18n.ts";
import type { Kind } from "./run.ts";
import { importWords, type RowWord, rowWords } from "./words.ts";

const fieldsOf: Readonly<Record<Kind, readonly RowWord[]>> = {
  stock: [
    ...(["sku", "product_id", "store_id", "quantity", "quantity_change"] as const),
    ...(["reorder_point", "note", "reference"] as const),
  ],
  products: ["sku", "name", "price", "description", "category", "id"],
  stores: ["id", "name", "address", "city", "country", "phone", "email", "active"],
};

export function Columns({
  kind,
  names,
  chosen,
  onChange,
  isNeeded,
}: {
  readonly kind: Kind;
  /** The columns of the file. */
  readonly names: readonly string[];
  readonly chosen: Readonly<Record<string, string>>;
  readonly onChange: (chosen: Readonly<Record<string, string>>) => void;
  readonly isNeeded: boolean;
}) {
  const say = useWords(importWords);
  const sayRow = useWords(rowWords);
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={3} size="h4">
          {say("columns")}
        </Title>
        <Text size="sm">{say(isNeeded ? "columnsNeeded" : "columnsHint")}</Text>
        <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
          {fieldsOf[kind].map((field) => (
            <Select
              key={field}
              label={sayRow(field)}
              placeholder={say("notInFile")}
              clearable
              searchable
              data={[...names]}
              value={chosen[field] ?? null}
              onChange={(column) => {
                const { [field]: _before, ...others } = chosen;
                onChange(column === null ? others : { ...others, [field]: column });
              }}
            />
          ))}
        </SimpleGrid>
      </Stack>
    </Paper>
  );
}
