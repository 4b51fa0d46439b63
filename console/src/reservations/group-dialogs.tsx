// The questions before something is done with a whole group.

import { Button, Stack, Text } from "@mantine/core";
import type { ReservationGroup } from "@onhand/client";
import { client } from "../client.ts";
import { formatTime, useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { Dialog, useLast } from "./dialogs.tsx";
import { MinutesForm } from "./minutes-form.tsx";
import { ReasonForm } from "./reason-form.tsx";
import { reservationWords } from "./words.ts";

export type GroupWish = "confirm" | "cancel" | "extend";

interface FormProps {
  readonly group: ReservationGroup;
  readonly close: () => void;
}

const forms = {
  confirm: { title: "confirmGroupTitle", form: ConfirmGroup },
  cancel: { title: "cancelGroupTitle", form: CancelGroup },
  extend: { title: "extendGroupTitle", form: ExtendGroup },
} as const;

export function GroupDialogs({ wish, ...props }: FormProps & { readonly wish: GroupWish | null }) {
  const say = useWords(reservationWords);
  const shown = useLast(wish);
  if (shown === null) return null;
  const { title, form: Form } = forms[shown];
  return (
    <Dialog title={say(title)} isOpen={wish !== null} close={props.close}>
      <Form {...props} />
    </Dialog>
  );
}

function ConfirmGroup({ group, close }: FormProps) {
  const say = useWords(reservationWords);
  const confirm = useIntent(
    (_wanted: null, idempotencyKey) => client.groups.confirm(group.group_id, { idempotencyKey }),
    () => {
      sayDone(say("groupConfirmed"));
      close();
    },
  );
  const units = group.reservations.reduce((sum, { quantity }) => sum + quantity, 0);
  return (
    <Stack>
      <Text>{say("confirmGroupHint", { lines: group.reservations.length, units })}</Text>
      <Refusal error={confirm.error} />
      <Button
        size="md"
        loading={confirm.isRunning}
        onClick={() => void confirm.run(null)}
        data-autofocus
      >
        {say("confirmGroup")}
      </Button>
    </Stack>
  );
}

function CancelGroup({ group, close }: FormProps) {
  const say = useWords(reservationWords);
  const cancel = useIntent(
    (wanted: { readonly reason?: string }, idempotencyKey) =>
      client.groups.cancel(group.group_id, wanted, { idempotencyKey }),
    () => {
      sayDone(say("groupCancelled"));
      close();
    },
  );
  return <ReasonForm act={cancel} doWords={say("cancelGroup")} />;
}

function ExtendGroup({ group, close }: FormProps) {
  const say = useWords(reservationWords);
  const extend = useIntent(
    (wanted: { readonly ttl_minutes: number }, idempotencyKey) =>
      client.groups.extend(group.group_id, wanted, { idempotencyKey }),
    ({ reservations }) => {
      sayDone(say("extended", { time: formatTime(reservations[0]?.expires_at ?? "") }));
      close();
    },
  );
  return <MinutesForm act={extend} />;
}
