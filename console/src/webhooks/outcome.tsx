// What became of something that was sent by hand: read out, and there until the next.

import { Alert } from "@mantine/core";
import type { WebhookDelivery } from "@onhand/client";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { Refusal } from "../parts/refusal.tsx";
import { readWebhooksAgain } from "./read.ts";
import { webhookWords } from "./words.ts";

export interface Sending<Wanted> {
  readonly send: (wanted: Wanted) => void;
  readonly isRunning: boolean;
  readonly outcome: ReactNode;
}

export function useSending<Wanted>(
  work: (wanted: Wanted) => Promise<WebhookDelivery>,
): Sending<Wanted> {
  const [last, setLast] = useState<WebhookDelivery | null>(null);
  const act = useIntent(work, (delivery) => {
    setLast(delivery);
    readWebhooksAgain();
  });
  return {
    send(wanted) {
      setLast(null);
      void act.run(wanted);
    },
    isRunning: act.isRunning,
    outcome: (
      <>
        <Refusal error={act.error} />
        <div role="status">{last !== null && <Outcome delivery={last} />}</div>
      </>
    ),
  };
}

function Outcome({
  delivery: { delivered, status, error, duration_ms },
}: {
  readonly delivery: WebhookDelivery;
}) {
  const say = useWords(webhookWords);
  const Icon = delivered ? IconCircleCheck : IconCircleX;
  return (
    <Alert color={delivered ? "teal" : "red"} variant="light" icon={<Icon aria-hidden />}>
      {delivered
        ? say("delivered", { status: String(status), ms: duration_ms })
        : say("notDelivered", { why: error ?? "" })}
    </Alert>
  );
}
