// Lets held units go, with the reason why.

import { Button, Chip, Group, Modal, Stack, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useSaidLines } from "./hand-over.tsx";
import { HeldLines, useHeldLines } from "./held-lines.tsx";
import type { PickUp } from "./pick-ups-read.ts";
import { pickUpWords } from "./words.ts";

export function LetGo({ pickUp, close }: { readonly pickUp: PickUp; readonly close: () => void }) {
  const say = useWords(pickUpWords);
  const { customerId: customer, groupId } = pickUp;
  const [first] = pickUp.lines;
  const lines = useHeldLines(pickUp);
  const what = useSaidLines(pickUp);
  const [reason, setReason] = useState("");
  const usual = [say("why1"), say("why2"), say("why3")];
  const act = useIntent(
    async (why: { readonly reason?: string }, idempotencyKey) =>
      groupId === null
        ? client.reservations.cancel(first.id, why, { idempotencyKey })
        : client.groups.cancel(groupId, why, { idempotencyKey }),
    () => {
      sayDone(say("gone", { customer, what: what(first.quantity) }));
      close();
    },
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    const text = reason.trim();
    void act.run(text === "" ? {} : { reason: text });
  }

  const title =
    lines.length > 1
      ? say("letGoMany", { customer, lines: lines.length })
      : say("letGoTitle", { customer });
  return (
    <Modal
      opened
      onClose={close}
      title={title}
      centered
      size="lg"
      closeButtonProps={{ "aria-label": say("close"), size: 44 }}
    >
      <form onSubmit={submit}>
        <Stack>
          <HeldLines storeId={first.store_id} lines={lines} />
          <TextInput
            size="lg"
            label={say("reason")}
            description={say("reasonHint")}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            maxLength={500}
            autoComplete="off"
            data-autofocus
          />
          <Group gap="xs">
            {usual.map((text) => (
              <Chip
                key={text}
                size="lg"
                checked={reason === text}
                onChange={(isChosen) => setReason(isChosen ? text : "")}
              >
                {text}
              </Chip>
            ))}
          </Group>
          <Refusal error={act.error} />
          <Group grow>
            <Button variant="default" h={60} fz="md" onClick={close}>
              {say("close")}
            </Button>
            <Button
              type="submit"
              color="red"
              h={60}
              fz="md"
              leftSection={<IconX aria-hidden />}
              loading={act.isRunning}
            >
              {lines.length > 1 ? say("letGoAll", { lines: lines.length }) : say("letGo")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
