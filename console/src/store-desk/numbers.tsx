// The three numbers of a row, large, as they are now.

import { Group, Paper, SimpleGrid, Text } from "@mantine/core";
import { formatNumber, useWords } from "../i18n.ts";
import type { RowNumbers } from "../rows.ts";
import { deskWords } from "./words.ts";

export function Numbers({
  row,
  isMissing,
}: {
  readonly row: RowNumbers | undefined;
  readonly isMissing: boolean;
}) {
  const say = useWords(deskWords);
  if (isMissing) return <Text>{say("notHere")}</Text>;
  const numbers = [
    ["quantity", row?.quantity],
    ["reserved", row?.reserved],
    ["available", row === undefined ? undefined : row.quantity - row.reserved],
  ] as const;
  return (
    <SimpleGrid cols={3} spacing="sm" component="dl" m={0}>
      {numbers.map(([name, value]) => (
        <Paper key={name} withBorder p="xs">
          <Text component="dt" size="sm" c="dimmed">
            {say(name)}
          </Text>
          <Group component="dd" m={0}>
            <Text
              component="span"
              size="2rem"
              lh={1.2}
              fw={700}
              className="numbers"
              data-testid={`desk-${name}`}
            >
              {value === undefined ? "–" : formatNumber(value)}
            </Text>
          </Group>
        </Paper>
      ))}
    </SimpleGrid>
  );
}
