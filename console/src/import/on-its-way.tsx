// How far an import is, and a way to stop it.

import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useWords } from "../i18n.ts";
import type { Run } from "./run.ts";
import { importWords } from "./words.ts";

export function OnItsWay({ run, onStop }: { readonly run: Run; readonly onStop: () => void }) {
  const say = useWords(importWords);
  const { stage, tally, total } = run;
  const { rows } = tally;
  const what = say(stage === "looking" ? "looking" : stage === "undoing" ? "undoing" : "applying");
  const isCounted = total > 0;
  return (
    <Stack gap="xs" role="status">
      <Group justify="space-between">
        <Text>
          {what}: {isCounted ? say("rowsOf", { rows, total }) : say("rowsSeen", { rows })}
        </Text>
        {stage !== "undoing" && (
          <Button variant="default" onClick={onStop}>
            {say("stop")}
          </Button>
        )}
      </Group>
      <Progress
        value={isCounted ? (100 * rows) / total : 100}
        animated={!isCounted}
        aria-label={what}
        size="lg"
      />
    </Stack>
  );
}
