import { client } from "../client.ts";
import { formatTime, useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import type { FormProps } from "./dialogs.tsx";
import { MinutesForm } from "./minutes-form.tsx";
import { reservationWords } from "./words.ts";

export function ExtendForm({ reservation, close }: FormProps) {
  const say = useWords(reservationWords);
  const extend = useIntent(
    (wanted: { readonly ttl_minutes: number }, idempotencyKey) =>
      client.reservations.extend(reservation.id, wanted, { idempotencyKey }),
    ({ expires_at: until }) => {
      sayDone(say("extended", { time: formatTime(until) }));
      close();
    },
  );
  return <MinutesForm act={extend} />;
}
