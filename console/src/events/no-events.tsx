import { Button, Text } from "@mantine/core";
import { useWords } from "../i18n.ts";
import type { EventFilter } from "../log.ts";
import { Nothing } from "../parts/nothing.tsx";
import { isAny } from "./filter.ts";
import { eventWords } from "./words.ts";

interface Props {
  readonly filter: EventFilter;
  readonly clear: () => void;
}

export function NoEvents({ filter, clear }: Props) {
  const say = useWords(eventWords);
  return (
    <Nothing text={say(isAny(filter) ? "noneFiltered" : "none")}>
      {isAny(filter) && (
        <Button variant="light" onClick={clear}>
          {say("clear")}
        </Button>
      )}
    </Nothing>
  );
}

interface LookedToProps {
  readonly from: number;
  readonly isShort: boolean;
}

/** Where what is looked for is rare, one stretch of the log at a time is looked through. */
export function LookedTo({ from, isShort }: LookedToProps) {
  const say = useWords(eventWords);
  if (!isShort || from <= 1) return null;
  return (
    <Text size="sm" c="dimmed" ta="center" mt="sm" role="status">
      {say("lookedTo", { seq: from })}
    </Text>
  );
}
