// Why a reservation or a group is cancelled.

import { Button, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../i18n.ts";
import type { Act } from "../intent.ts";
import { Refusal } from "../parts/refusal.tsx";
import { fieldErrors } from "../refusal.ts";
import { reservationWords } from "./words.ts";

interface Props {
  readonly act: Act<{ readonly reason?: string }>;
  readonly doWords: string;
}

export function ReasonForm({ act, doWords }: Props) {
  const say = useWords(reservationWords);
  const [typed, setTyped] = useState("");

  function submit(event: FormEvent): void {
    event.preventDefault();
    const reason = typed.trim();
    void act.run(reason === "" ? {} : { reason });
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Textarea
          label={say("cancelReason")}
          description={say("cancelHint")}
          maxLength={500}
          autosize
          minRows={2}
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          error={fieldErrors(act.error)["reason"]}
          data-autofocus
        />
        <Refusal error={act.error} />
        <Button type="submit" size="md" color="red.9" loading={act.isRunning}>
          {doWords}
        </Button>
      </Stack>
    </form>
  );
}
