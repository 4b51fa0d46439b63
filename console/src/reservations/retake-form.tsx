// An expired reservation sold all the same, if its units are still there.

import { Button, Stack, Text } from "@mantine/core";
import { client } from "../client.ts";
import { formatTime, useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import type { FormProps } from "./dialogs.tsx";
import { reservationWords } from "./words.ts";

export function RetakeForm({ reservation, close }: FormProps) {
  const say = useWords(reservationWords);
  const { id, customer_id: customer, quantity, expires_at: until } = reservation;
  const retake = useIntent(
    (_wanted: null, idempotencyKey) =>
      client.reservations.confirm(id, { if_expired: "retake" }, { idempotencyKey }),
    ({ confirmed_quantity: sold }) => {
      sayDone(say("confirmed", { units: sold ?? quantity, customer }));
      close();
    },
  );
  return (
    <Stack>
      <Text size="sm">{say("retakeHint", { time: formatTime(until) })}</Text>
      <Refusal error={retake.error} />
      <Button
        size="md"
        loading={retake.isRunning}
        onClick={() => void retake.run(null)}
        data-autofocus
      >
        {say("retakeDo")}
      </Button>
    </Stack>
  );
}
