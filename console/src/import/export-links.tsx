// The way out: everything that the person may see, kind by kind, as CSV or as JSON lines. Stock, products and stores import
// as they are.

import { Button, Group, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useWords } from "../i18n.ts";
import { useMay } from "../session.tsx";
import { importWords } from "./words.ts";

const kinds = [
  ["stock", "stock:read"],
  ["products", "catalog:read"],
  ["stores", "catalog:read"],
  ["reservations", "reservation:read"],
  ["webhooks", "webhooks:admin"],
  ["events", "events:read"],
] as const;

export function ExportLinks() {
  const say = useWords(importWords);
  const may = useMay();
  const [format, setFormat] = useState("csv");
  return (
    <Paper withBorder p="md">
      <Stack>
        <Title order={3} size="h4">
          {say("export")}
        </Title>
        <Text size="sm">{say("exportHint")}</Text>
        <SegmentedControl
          aria-label={say("format")}
          data={[
            { value: "csv", label: "CSV" },
            { value: "jsonl", label: "JSON lines" },
          ]}
          value={format}
          onChange={setFormat}
          style={{ alignSelf: "flex-start" }}
        />
        <Group>
          {kinds
            .filter(([, scope]) => may(scope))
            .map(([kind]) => (
              <Button
                key={kind}
                component="a"
                href={`/api/v1/exports/${kind}?format=${format}`}
                download={`${kind}.${format}`}
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
