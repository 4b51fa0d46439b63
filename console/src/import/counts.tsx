// What an import comes to, in numbers.

import { Paper, SimpleGrid, Text } from "@mantine/core";
import { formatNumber, useWords } from "../i18n.ts";
import { importWords } from "./words.ts";

type Name = "new" | "changed" | "same" | "refused" | "takenBack" | "notTakenBack";

export function Counts({ counts }: { readonly counts: readonly (readonly [Name, number])[] }) {
  const say = useWords(importWords);
  return (
    <SimpleGrid cols={{ base: 2, sm: counts.length }}>
      {counts.map(([name, count]) => (
        <Paper key={name} withBorder p="sm">
          <Text size="sm">{say(name)}</Text>
          <Text size="xl" fw={700} className="numbers" data-testid={`import-${name}`}>
            {formatNumber(count)}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  );
}
