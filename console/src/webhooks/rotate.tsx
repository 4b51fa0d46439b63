// A new secret: asked for once more, and then shown this once.

import { Checkbox, Text } from "@mantine/core";
import { useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { Secret } from "../parts/secret.tsx";
import { Sure } from "../parts/sure.tsx";
import { readWebhooksAgain } from "./read.ts";
import { webhookWords } from "./words.ts";

export function Rotate({ id, close }: { readonly id: string; readonly close: () => void }) {
  const say = useWords(webhookWords);
  const [endsOld, setEndsOld] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const act = useIntent(
    // Its answer holds the secret, so it is not kept under an idempotency key.
    (isEnd: boolean) => client.webhooks.rotateSecret(id, { end_old: isEnd }),
    (made) => {
      setSecret(made.secret);
      readWebhooksAgain();
    },
  );
  if (secret !== null) {
    const told = { title: say("secretTitle"), text: say("secretText"), secret };
    return <Secret {...told} close={close} />;
  }
  return (
    <Sure
      title={say("rotateTitle")}
      isOpen
      close={close}
      deed={say("doRotate")}
      isRunning={act.isRunning}
      error={act.error}
      run={() => void act.run(endsOld)}
    >
      <Text>{say("rotateText")}</Text>
      <Checkbox
        size="md"
        label={say("endOld")}
        checked={endsOld}
        onChange={(event) => setEndsOld(event.currentTarget.checked)}
      />
    </Sure>
  );
}
