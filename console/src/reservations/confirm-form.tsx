// The sale of what is held, or of a part of it. Where its time ran out meanwhile, taking it again is offered.

import { Button, NumberInput, Stack } from "@mantine/core";
import { isOnhandError, type Reservation } from "@onhand/client";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { fieldErrors } from "../refusal.ts";
import type { FormProps } from "./dialogs.tsx";
import { RetakeForm } from "./retake-form.tsx";
import { reservationWords } from "./words.ts";

export function ConfirmForm({ reservation, close }: FormProps) {
  const say = useWords(reservationWords);
  const { id, quantity } = reservation;
  const [units, setUnits] = useState<number | string>(quantity);
  const confirm = useIntent(
    (wanted: { readonly quantity: number }, idempotencyKey) =>
      client.reservations.confirm(id, wanted, { idempotencyKey }),
    (sold) => {
      sayDone(say("confirmed", soldWords(sold)));
      close();
    },
  );
  const isPossible = typeof units === "number" && units >= 1 && units <= quantity;

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isPossible) void confirm.run({ quantity: units });
  }

  if (isOnhandError(confirm.error, "reservation_expired")) {
    return (
      <Stack>
        <Refusal error={confirm.error} />
        <RetakeForm reservation={reservation} close={close} />
      </Stack>
    );
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <NumberInput
          label={say("confirmUnits")}
          description={say("confirmHint", { units: quantity })}
          size="md"
          min={1}
          max={quantity}
          clampBehavior="blur"
          allowDecimal={false}
          value={units}
          onChange={setUnits}
          error={fieldErrors(confirm.error)["quantity"]}
          data-autofocus
        />
        <Refusal error={confirm.error} />
        <Button type="submit" size="md" loading={confirm.isRunning} disabled={!isPossible}>
          {say("confirm")}
        </Button>
      </Stack>
    </form>
  );
}

/** Who got how many. */
export function soldWords({ confirmed_quantity, customer_id }: Reservation) {
  return { units: confirmed_quantity ?? 0, customer: customer_id };
}
