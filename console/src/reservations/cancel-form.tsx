import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import type { FormProps } from "./dialogs.tsx";
import { ReasonForm } from "./reason-form.tsx";
import { reservationWords } from "./words.ts";

export function CancelForm({ reservation, close }: FormProps) {
  const say = useWords(reservationWords);
  const cancel = useIntent(
    (wanted: { readonly reason?: string }, idempotencyKey) =>
      client.reservations.cancel(reservation.id, wanted, { idempotencyKey }),
    () => {
      sayDone(say("cancelled", { units: reservation.quantity }));
      close();
    },
  );
  return <ReasonForm act={cancel} doWords={say("cancelDo")} />;
}
