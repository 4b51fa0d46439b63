// The way out: everything that the person may see as a CSV, which imports as it is.

import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useWords } from "../i18n.ts";
import { importWords } from "./words.ts";

export function ExportLinks() {
  const say = useWords(importWords);
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={3} size="h4">
          {say("export")}
        </Title>
        <Text size="sm">{say("exportHint")}</Text>
        <Group>
          {(["stock", "products", "stores"] as const).map((kind) => (
            <Button
              key={kind}
              component="a"
              href={`/api/v1/exports/${kind}`}
              download={`${kind}.csv`}
              variant="default"
              leftSection={<IconDownload size={18} aria-hidden />}
            >
              {say(`${kind}File`)}
            </Button>
          ))}
        </Group>
      </Stack>
    </Paper>
  );
}
