// What became of an import: numbers, the rows that were refused to take along, and the way back.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { ImportLine } from "@onhand/client";
import { IconCheck, IconDownload } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useWords } from "../i18n.ts";
import { Sure } from "../parts/sure.tsx";
import { Counts } from "./counts.tsx";
import { refusedFile } from "./refused-file.ts";
import { Rows } from "./rows.tsx";
import type { Run } from "./run.ts";
import { importWords } from "./words.ts";

export function Result({
  run,
  onUndo,
  onAnother,
}: {
  readonly run: Run;
  readonly onUndo: () => void;
  readonly onAnother: () => void;
}) {
  const say = useWords(importWords);
  const [isAsked, ask] = useState(false);
  const { stage, tally, refused, begin } = run;
  const isUndone = stage === "undone";
  const { created = 0, changed = 0, same = 0, refused: not = 0 } = tally ?? {};
  const counts = isUndone
    ? ([
        ["takenBack", changed + same],
        ["notTakenBack", not],
      ] as const)
    : ([
        ["new", created],
        ["changed", changed],
        ["same", same],
        ["refused", not],
      ] as const);
  return (
    <Stack>
      <Alert color="teal" variant="light" role="status" icon={<IconCheck aria-hidden />}>
        {say(isUndone ? "undone" : "applied")}
        <Text size="sm">{say("importId", { id: begin?.import_id ?? "" })}</Text>
      </Alert>
      <Counts counts={counts} />
      {refused.length > 0 && <Rows lines={refused} />}
      <Group>
        <Button onClick={onAnother}>{say("another")}</Button>
        <Download refused={refused} />
        {!isUndone && created + changed > 0 && (
          <Button variant="outline" color="red" onClick={() => ask(true)}>
            {say("undo")}
          </Button>
        )}
      </Group>
      <Sure
        isOpen={isAsked}
        close={() => ask(false)}
        title={say("undoTitle")}
        deed={say("undoSure")}
        isDangerous
        isRunning={false}
        error={null}
        run={() => {
          ask(false);
          onUndo();
        }}
      >
        <Text>{say("undoText")}</Text>
      </Sure>
    </Stack>
  );
}

export function Download({ refused }: { readonly refused: readonly ImportLine[] }) {
  const say = useWords(importWords);
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (refused.length === 0) {
      setAddress(null);
      return;
    }
    const made = URL.createObjectURL(refusedFile(refused));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [refused]);
  if (address === null) return null;
  return (
    <Button
      component="a"
      href={address}
      download="refused.csv"
      variant="default"
      leftSection={<IconDownload size={18} aria-hidden />}
    >
      {say("download")}
    </Button>
  );
}
