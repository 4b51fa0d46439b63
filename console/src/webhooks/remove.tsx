// Takes a webhook away, after saying what ends with it.

import { Text } from "@mantine/core";
import { isOnhandError, type Webhook } from "@onhand/client";
import { useLocation } from "wouter";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Sure } from "../parts/sure.tsx";
import { queries } from "../queries.ts";
import { webhookWords } from "./words.ts";

export function Remove({
  webhook: { id, url },
  close,
}: {
  readonly webhook: Webhook;
  readonly close: () => void;
}) {
  const say = useWords(webhookWords);
  const [, go] = useLocation();
  const act = useIntent(
    // Its route takes no idempotency key: what is gone already is gone.
    async (_wanted: null) => {
      try {
        await client.webhooks.delete(id);
      } catch (error) {
        if (!isOnhandError(error, "webhook_not_found")) throw error;
      }
    },
    () => {
      sayDone(say("removed"));
      go("/webhooks");
      void queries.invalidateQueries({ queryKey: ["webhooks", "all"] });
    },
  );
  return (
    <Sure
      title={say("removeTitle")}
      isOpen
      close={close}
      deed={say("remove")}
      isDangerous
      isRunning={act.isRunning}
      error={act.error}
      run={() => void act.run(null)}
    >
      <Text className="breakable">{say("removeText", { url })}</Text>
    </Sure>
  );
}
