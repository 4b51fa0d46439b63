// One webhook: how it is, what can be done with it, and what was sent to it.

import { Alert, Anchor, Card, Code, Group, Skeleton, Stack, Table, Text } from "@mantine/core";
import type { Webhook } from "@onhand/client";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { formatNumber, formatTime, useWords } from "../i18n.ts";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { Deeds } from "./deeds.tsx";
import { Deliveries } from "./deliveries.tsx";
import { useWebhook } from "./read.ts";
import { Behind, lookOf, State } from "./state.tsx";
import { useWanted } from "./what.tsx";
import { webhookWords } from "./words.ts";

export function WebhookView({ id }: { readonly id: string }) {
  const say = useWords(webhookWords);
  const { data, error } = useWebhook(id);
  return (
    <>
      <Anchor component={Link} href="/webhooks" display="inline-block" py="xs">
        <Group gap={4}>
          <IconArrowLeft size={18} aria-hidden />
          {say("back")}
        </Group>
      </Anchor>
      <PageHead title={say("one")} />
      <Refusal error={error} />
      {data === undefined && error === null && <Skeleton h={240} />}
      {data !== undefined && (
        <Stack gap="xl">
          <Deeds webhook={data} />
          <Card withBorder>
            <Facts webhook={data} />
          </Card>
          <Deliveries id={id} />
        </Stack>
      )}
    </>
  );
}

function Facts({ webhook }: { readonly webhook: Webhook }) {
  const say = useWords(webhookWords);
  const { types, stores } = useWanted()(webhook);
  const timeOf = (at: string | null): string | null => (at === null ? null : formatTime(at));
  const look = lookOf(webhook);
  const facts: readonly (readonly [keyof typeof webhookWords.en, ReactNode])[] = [
    ["address", webhook.url],
    ["description", webhook.description],
    ["what", types],
    ["stores", stores],
    ["state", <HowItIs key="state" webhook={webhook} text={say(`${look}Hint`)} />],
    ["behind", <Behind key="behind" webhook={webhook} />],
    ["lastError", webhook.last_error],
    ["attempts", webhook.failed_attempts === 0 ? null : formatNumber(webhook.failed_attempts)],
    ["nextAttempt", timeOf(webhook.next_attempt_at)],
    ["upTo", formatNumber(webhook.cursor_seq)],
    ["oldSecret", timeOf(webhook.old_secret_until)],
    ["made", formatTime(webhook.created_at)],
    ["changed", formatTime(webhook.updated_at)],
    ["id", <Code key="id">{webhook.id}</Code>],
  ];
  return (
    <Table variant="vertical" layout="fixed">
      <Table.Tbody>
        {facts
          .filter(([, fact]) => fact !== null)
          .map(([name, fact]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={200}>
                {say(name as "address")}
              </Table.Th>
              <Table.Td className="breakable">{fact}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}

function HowItIs({ webhook, text }: { readonly webhook: Webhook; readonly text: string }) {
  const isStopped = webhook.state === "parked" || webhook.state === "gone";
  return (
    <Stack gap="xs" align="flex-start">
      <State webhook={webhook} />
      {isStopped ? (
        <Alert color="red" variant="light">
          {text}
        </Alert>
      ) : (
        <Text size="sm">{text}</Text>
      )}
    </Stack>
  );
}
