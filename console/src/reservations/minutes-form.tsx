// How much longer a reservation or a group is held.

import { Button, Group, NumberInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n.ts";
import type { Act } from "../intent.ts";
import { Refusal } from "../parts/refusal.tsx";
import { fieldErrors } from "../refusal.ts";
import { reservationWords } from "./words.ts";

const minutesMax = 1_440;
const usual = [10, 30, 60];

interface Props {
  readonly act: Act<{ readonly ttl_minutes: number }>;
}

export function MinutesForm({ act }: Props) {
  const say = useWords(reservationWords);
  const [minutes, setMinutes] = useState<number | string>(10);
  const isPossible = typeof minutes === "number" && minutes >= 1 && minutes <= minutesMax;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isPossible) void act.run({ ttl_minutes: minutes });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <NumberInput
          label={say("extendMinutes")}
          description={say("extendHint")}
          size="md"
          min={1}
          max={minutesMax}
          allowDecimal={false}
          value={minutes}
          onChange={setMinutes}
          error={fieldErrors(act.error)["ttl_minutes"]}
          data-autofocus
        />
        <Group gap="xs">
          {usual.map((some) => (
            <Button key={some} variant="default" mih={44} onClick={() => setMinutes(some)}>
              {some} min
            </Button>
          ))}
        </Group>
        <Refusal error={act.error} />
        <Button type="submit" size="md" loading={act.isRunning} disabled={!isPossible}>
          {say("extend")}
        </Button>
      </Stack>
    </form>
  );
}
