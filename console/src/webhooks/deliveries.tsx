// What was sent to a webhook, and what became of it.

import { Badge, Button, Skeleton, Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import type { WebhookDelivery } from "@onhand/client";
import { IconCircleCheck, IconCircleX, IconRepeat } from "@tabler/icons-react";
import { client } from "../client.ts";
import { formatNumber, formatWhen, useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useSending } from "./outcome.tsx";
import { useDeliveries } from "./read.ts";
import { useTypeName } from "./what.tsx";
import { webhookWords } from "./words.ts";

export function Deliveries({ id }: { readonly id: string }) {
  const say = useWords(webhookWords);
  const { data: deliveries, error } = useDeliveries(id);
  const again = useSending((seq: number) => client.webhooks.redeliver(id, seq));
  return (
    <section aria-labelledby="webhook-deliveries">
      <Stack gap="sm">
        <Title order={3} size="h4" id="webhook-deliveries">
          {say("deliveries")}
        </Title>
        <Text size="sm" c="dimmed">
          {say("deliveriesHint")}
        </Text>
        {again.outcome}
        <Refusal error={error} />
        {deliveries === undefined && error === null && <Skeleton h={240} />}
        {deliveries?.length === 0 && <Nothing text={say("noDeliveries")} />}
        {deliveries !== undefined && deliveries.length > 0 && (
          <Table aria-labelledby="webhook-deliveries">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{say("when")}</Table.Th>
                <Table.Th scope="col">{say("event")}</Table.Th>
                <Table.Th scope="col">{say("answer")}</Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  {say("why")}
                </Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  {say("took")}
                </Table.Th>
                <Table.Th>
                  <VisuallyHidden>{say("deeds")}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {deliveries.map((delivery) => (
                <Row
                  key={delivery.id}
                  delivery={delivery}
                  isBusy={again.isRunning}
                  send={again.send}
                />
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Stack>
    </section>
  );
}

function Row({
  delivery: { seq, event_type, at, status, delivered, error, duration_ms },
  isBusy,
  send,
}: {
  readonly delivery: WebhookDelivery;
  readonly isBusy: boolean;
  readonly send: (seq: number) => void;
}) {
  const say = useWords(webhookWords);
  const typeName = useTypeName();
  const Icon = delivered ? IconCircleCheck : IconCircleX;
  return (
    <Table.Tr>
      <Table.Td className="numbers nowrap">{formatWhen(at)}</Table.Td>
      <Table.Td>
        <Text size="sm">{seq === null ? say("testEvent") : typeName(event_type)}</Text>
        {seq !== null && (
          <Text size="sm" c="dimmed" className="numbers">
            {formatNumber(seq)}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Badge
          variant="light"
          color={delivered ? "teal" : "red"}
          leftSection={<Icon size={14} aria-hidden />}
        >
          {status ?? say("noAnswer")}
        </Badge>
      </Table.Td>
      <Table.Td visibleFrom="sm" className="breakable">
        {error}
      </Table.Td>
      <Table.Td visibleFrom="sm" className="numbers nowrap">
        {formatNumber(duration_ms)} ms
      </Table.Td>
      <Table.Td ta="right">
        {seq !== null && (
          <Button
            variant="subtle"
            mih={44}
            disabled={isBusy}
            leftSection={<IconRepeat size={18} aria-hidden />}
            aria-label={say("againNamed", { seq: String(seq) })}
            onClick={() => send(seq)}
          >
            {say("again")}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
