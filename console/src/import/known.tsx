// A file of which an import was begun in this browser before: gone on with, taken back, or, where somebody says so, imported
// once more.

import { Alert, Button, Group, Stack } from "@mantine/core";
import { formatTime, useWords } from "../i18n.ts";
import { useSession } from "../session.tsx";
import { isForgotten, type Kept } from "./kept.ts";
import { Undo } from "./result.tsx";
import { importWords } from "./words.ts";

export function Known({
  kept,
  onGoOn,
  onUndo,
  onApply,
}: {
  readonly kept: Kept;
  readonly onGoOn: () => void;
  readonly onUndo: () => void;
  readonly onApply: () => void;
}) {
  const say = useWords(importWords);
  const { actor, role } = useSession();
  const { state, at, by, tally } = kept;
  const facts = { when: formatTime(at), who: by, rows: tally.rows };
  const isOld = isForgotten(kept);
  const words = {
    begun: isOld ? "knownOld" : "knownBegun",
    done: "knownDone",
    undoing: "knownUndoing",
  } as const;
  return (
    <Alert color="orange" variant="light" role="alert">
      <Stack>
        {say(words[state], facts)}
        <Group>
          {state === "begun" && !isOld && <Button onClick={onGoOn}>{say("goOn")}</Button>}
          {(by === actor || role === "admin") && <Undo label={say("undoThat")} onUndo={onUndo} />}
          {state === "done" && (
            <Button variant="default" onClick={onApply}>
              {say("onceMore")}
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
