// What to import: which file, what is in it, and what the file itself does not say.

import { FileInput, Group, Paper, Select, Stack, Text } from "@mantine/core";
import { useWords } from "../i18n.ts";
import { StoreChoice } from "../parts/store-choice.tsx";
import { useMay } from "../session.tsx";
import type { Kind } from "./run.ts";
import { importWords } from "./words.ts";

export interface Choice {
  readonly kind: Kind;
  readonly file: File | null;
  readonly storeId: string | null;
  readonly charset: string | undefined;
}

export function Choose({
  choice,
  onChange,
}: {
  readonly choice: Choice;
  readonly onChange: (choice: Choice) => void;
}) {
  const say = useWords(importWords);
  const may = useMay();
  const kinds: readonly Kind[] = may("catalog:write") ? ["stock", "products", "stores"] : ["stock"];
  const { kind, file, storeId, charset } = choice;
  return (
    <Paper
      withBorder
      p="md"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const [dropped] = event.dataTransfer.files;
        if (dropped !== undefined) onChange({ ...choice, file: dropped });
      }}
    >
      <Stack>
        <Text size="sm">{say("lead")}</Text>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <Select
            label={say("kind")}
            allowDeselect={false}
            data={kinds.map((value) => ({ value, label: say(value) }))}
            value={kind}
            onChange={(value) => value !== null && onChange({ ...choice, kind: value })}
          />
          <FileInput
            label={say("file")}
            description={say("fileHint")}
            inputWrapperOrder={["label", "input", "description"]}
            accept=".csv,.tsv,.txt,.jsonl,.ndjson,text/csv"
            clearable
            clearButtonProps={{ "aria-label": say("clearFile") }}
            value={file}
            onChange={(value) => onChange({ ...choice, file: value })}
          />
        </Group>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          {kind === "stock" && (
            <StoreChoice
              label={say("store")}
              placeholder={say("storeHint")}
              clearable
              value={storeId}
              onChange={(value) => onChange({ ...choice, storeId: value })}
            />
          )}
          <Select
            label={say("characters")}
            allowDeselect={false}
            data={[
              { value: "automatic", label: say("automatic") },
              { value: "windows-1252", label: say("windows") },
            ]}
            value={charset ?? "automatic"}
            onChange={(value) =>
              onChange({ ...choice, charset: value === "windows-1252" ? value : undefined })
            }
          />
        </Group>
      </Stack>
    </Paper>
  );
}
