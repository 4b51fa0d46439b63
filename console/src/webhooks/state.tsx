// How a webhook is: by a sign and a word, and how far it is behind.

import { Badge, Text } from "@mantine/core";
import type { Webhook } from "@onhand/client";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconPlayerPause,
  IconPlugConnectedX,
  IconRefresh,
} from "@tabler/icons-react";
import { useWords } from "../i18n.ts";
import { webhookWords } from "./words.ts";

const looks = {
  active: { color: "teal", Icon: IconCircleCheck },
  failing: { color: "orange", Icon: IconRefresh },
  paused: { color: "gray", Icon: IconPlayerPause },
  parked: { color: "red", Icon: IconAlertTriangle },
  gone: { color: "red", Icon: IconPlugConnectedX },
} as const;

export type Look = keyof typeof looks;

export function lookOf({ state, failed_attempts }: Webhook): Look {
  return state === "active" && failed_attempts > 0 ? "failing" : state;
}

export function State({ webhook }: { readonly webhook: Webhook }) {
  const say = useWords(webhookWords);
  const look = lookOf(webhook);
  const { color, Icon } = looks[look];
  return (
    <Badge
      size="lg"
      miw="max-content"
      variant="light"
      color={color}
      leftSection={<Icon size={16} aria-hidden />}
    >
      {say(look)}
    </Badge>
  );
}

export function Behind({ webhook: { behind_events } }: { readonly webhook: Webhook }) {
  const say = useWords(webhookWords);
  return (
    <Text size="sm" className="numbers nowrap">
      {behind_events === 0 ? say("upToDate") : say("behindBy", { count: behind_events })}
    </Text>
  );
}
