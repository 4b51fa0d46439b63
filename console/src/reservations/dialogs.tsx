// The questions before something is done with a reservation. Each is a form of its own, which keeps what was typed
// when it is refused, and is gone when it was done.

import { Modal, Stack, Text } from "@mantine/core";
import type { Reservation } from "@onhand/client";
import { type ReactNode, useState } from "react";
import { useWords } from "../i18n.ts";
import { ProductName } from "../parts/product-name.tsx";
import { useStoreName } from "../queries.ts";
import { CancelForm } from "./cancel-form.tsx";
import { ConfirmForm } from "./confirm-form.tsx";
import { ExtendForm } from "./extend-form.tsx";
import { RetakeForm } from "./retake-form.tsx";
import { reservationWords } from "./words.ts";

export interface Asked {
  readonly what: "confirm" | "retake" | "cancel" | "extend";
  readonly reservation: Reservation;
}

export interface FormProps {
  readonly reservation: Reservation;
  readonly close: () => void;
}

const forms = {
  confirm: { title: "confirmTitle", form: ConfirmForm },
  retake: { title: "retakeTitle", form: RetakeForm },
  cancel: { title: "cancelTitle", form: CancelForm },
  extend: { title: "extendTitle", form: ExtendForm },
} as const;

interface Props {
  readonly asked: Asked | null;
  readonly close: () => void;
}

export function ReservationDialogs({ asked, close }: Props) {
  const say = useWords(reservationWords);
  const shown = useLast(asked);
  if (shown === null) return null;
  const { title, form: Form } = forms[shown.what];
  return (
    <Dialog title={say(title)} isOpen={asked !== null} close={close}>
      <Stack>
        <About reservation={shown.reservation} />
        <Form reservation={shown.reservation} close={close} />
      </Stack>
    </Dialog>
  );
}

/** What was asked last: a dialog that is closing still shows it. */
export function useLast<Value>(value: Value | null): Value | null {
  const [last, setLast] = useState(value);
  if (value !== null && value !== last) setLast(value);
  return value ?? last;
}

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly close: () => void;
  readonly children: ReactNode;
}

export function Dialog({ title, isOpen, close, children }: DialogProps) {
  const say = useWords(reservationWords);
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={title}
      centered
      closeButtonProps={{ "aria-label": say("close") }}
    >
      {children}
    </Modal>
  );
}

function About({ reservation }: { readonly reservation: Reservation }) {
  const storeName = useStoreName();
  const { quantity, product_id, store_id, customer_id } = reservation;
  return (
    <div>
      <Text fw={600}>
        {quantity} × <ProductName id={product_id} />
      </Text>
      <Text size="sm" c="dimmed">
        {customer_id} · {storeName(store_id)}
      </Text>
    </div>
  );
}
