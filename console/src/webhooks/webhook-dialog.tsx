// A webhook, made or changed. A new one's secret is shown when it is made, this once.

import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { isOnhandError, type Webhook } from "@onhand/client";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { Secret } from "../parts/secret.tsx";
import { fieldErrors } from "../refusal.ts";
import { bodyOf, changesOf, type Draft, draftOf, isAddress } from "./draft.ts";
import { readWebhooksAgain } from "./read.ts";
import { WantedFields } from "./wanted-fields.tsx";
import { webhookWords } from "./words.ts";

export function WebhookDialog({
  webhook,
  close,
}: {
  /** null: a new one. */
  readonly webhook: Webhook | null;
  readonly close: () => void;
}) {
  const say = useWords(webhookWords);
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm<Draft>({
    initialValues: draftOf(webhook),
    validate: {
      url: (url) => (isAddress(url) ? null : say("addressWrong")),
      types: (types, { isEveryType }) =>
        isEveryType || types.length > 0 ? null : say("chooseOne"),
      stores: (stores, { isEveryStore }) =>
        isEveryStore || stores.length > 0 ? null : say("chooseOne"),
    },
  });
  const act = useIntent(
    // Answers with a secret are not kept under an idempotency key.
    async (draft: Draft) => {
      if (webhook === null) return (await client.webhooks.create(bodyOf(draft))).secret;
      await client.webhooks.change(webhook.id, changesOf(draft, webhook));
      return null;
    },
    (made) => {
      readWebhooksAgain();
      if (made !== null) setSecret(made);
      else {
        sayDone(say("saved"));
        close();
      }
    },
  );
  const atFields = fieldErrors(act.error);
  const mayExist = webhook === null && isOnhandError(act.error) && act.error.mayHaveHappened;
  const field = (name: "url" | "description") => {
    const input = form.getInputProps(name);
    return { ...input, error: input.error ?? atFields[name], size: "md", autoComplete: "off" };
  };

  async function submit(draft: Draft): Promise<void> {
    if (webhook !== null && Object.keys(changesOf(draft, webhook)).length === 0) close();
    else if (!(await act.run(draft))) readWebhooksAgain();
  }

  if (secret !== null) {
    const told = { title: say("secretTitle"), text: say("secretText"), secret };
    return <Secret {...told} close={close} />;
  }
  return (
    <Modal
      opened
      onClose={close}
      title={say(webhook === null ? "createTitle" : "changeTitle")}
      size="lg"
      closeButtonProps={{ "aria-label": say("close"), size: 44 }}
      closeOnClickOutside={!form.isDirty()}
    >
      <form onSubmit={form.onSubmit((draft) => void submit(draft))} noValidate>
        <Stack>
          <TextInput
            {...field("url")}
            label={say("address")}
            description={say("addressHint")}
            required
            type="url"
            maxLength={2_000}
            data-autofocus
          />
          <TextInput
            {...field("description")}
            label={say("description")}
            description={say("descriptionHint")}
            maxLength={200}
          />
          <WantedFields form={form} errors={atFields} />
          {webhook === null && <Text size="sm">{say("beginsNow")}</Text>}
          {Object.keys(atFields).length === 0 && <Refusal error={act.error} />}
          {mayExist && <Alert color="orange">{say("maybe")}</Alert>}
          <Group justify="flex-end">
            <Button type="submit" size="md" loading={act.isRunning}>
              {say(webhook === null ? "doCreate" : "save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
