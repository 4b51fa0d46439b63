// What can be done with a webhook.

import { Button, Group, Stack } from "@mantine/core";
import type { Webhook } from "@onhand/client";
import {
  IconKey,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSend,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useSending } from "./outcome.tsx";
import { readWebhooksAgain } from "./read.ts";
import { Remove } from "./remove.tsx";
import { Rotate } from "./rotate.tsx";
import { WebhookDialog } from "./webhook-dialog.tsx";
import { webhookWords } from "./words.ts";

type Asked = "change" | "rotate" | "remove";

export function Deeds({ webhook }: { readonly webhook: Webhook }) {
  const say = useWords(webhookWords);
  const { id, state } = webhook;
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  const turn = useIntent(
    (to: "active" | "paused") => client.webhooks.change(id, { state: to }),
    (_webhook, to) => {
      readWebhooksAgain();
      sayDone(say(to === "active" ? "resumedNow" : "pausedNow"));
    },
  );
  const test = useSending((_once: null) => client.webhooks.test(id));
  const isActive = state === "active";
  return (
    <Stack>
      <Group gap="sm">
        <Button
          size="md"
          variant={isActive ? "default" : "filled"}
          leftSection={
            isActive ? (
              <IconPlayerPause size={20} aria-hidden />
            ) : (
              <IconPlayerPlay size={20} aria-hidden />
            )
          }
          loading={turn.isRunning}
          onClick={() => void turn.run(isActive ? "paused" : "active")}
        >
          {say(isActive ? "pause" : "resume")}
        </Button>
        <Button
          size="md"
          variant="default"
          leftSection={<IconSend size={20} aria-hidden />}
          loading={test.isRunning}
          onClick={() => test.send(null)}
        >
          {say("test")}
        </Button>
        <Button
          size="md"
          variant="default"
          leftSection={<IconPencil size={20} aria-hidden />}
          onClick={() => setAsked("change")}
        >
          {say("edit")}
        </Button>
        <Button
          size="md"
          variant="default"
          leftSection={<IconKey size={20} aria-hidden />}
          onClick={() => setAsked("rotate")}
        >
          {say("rotate")}
        </Button>
        <Button
          size="md"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={20} aria-hidden />}
          onClick={() => setAsked("remove")}
        >
          {say("remove")}
        </Button>
      </Group>
      <Refusal error={turn.error} />
      {test.outcome}
      {asked === "change" && <WebhookDialog webhook={webhook} close={close} />}
      {asked === "rotate" && <Rotate id={id} close={close} />}
      {asked === "remove" && <Remove webhook={webhook} close={close} />}
    </Stack>
  );
}
