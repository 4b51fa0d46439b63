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
  const { stage, tally, refused, kept } = run;
  const isUndone = stage === "undone";
  const { created, changed, same, refused: not } = tally;
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
        <Text size="sm">{say("importId", { id: kept?.importId ?? "" })}</Text>
      </Alert>
      <Counts counts={counts} />
      {refused.length > 0 && <Rows lines={refused} />}
      <Unlisted run={run} />
      <Group>
        <Button onClick={onAnother}>{say("another")}</Button>
        <Download refused={refused} />
        {/* Also where all was so already: what was done before a break is told as that. */}
        {!isUndone && <Undo label={say("undo")} onUndo={onUndo} />}
      </Group>
    </Stack>
  );
}

/** Rows of which the service told nothing, since this page did not read in time, or more than are kept here. */
export function Unlisted({ run: { tally, refused } }: { readonly run: Run }) {
  const say = useWords(importWords);
  const listed = new Set(refused.map(({ row }) => row)).size;
  const count = tally.refused - listed;
  if (count <= 0) return null;
  return (
    <Alert color="orange" variant="light" role="status">
      {say("unlisted", { count })}
    </Alert>
  );
}

export function Undo({ label, onUndo }: { readonly label: string; readonly onUndo: () => void }) {
  const say = useWords(importWords);
  const [isAsked, ask] = useState(false);
  return (
    <>
      <Button variant="outline" color="red" onClick={() => ask(true)}>
        {label}
      </Button>
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
    </>
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
