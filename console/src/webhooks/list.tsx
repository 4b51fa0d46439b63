// Every webhook: where to, what, and whether it keeps up.

import { Anchor, Button, Skeleton, Table, Text } from "@mantine/core";
import type { Webhook } from "@onhand/client";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import { useWords } from "../i18n.ts";
import { Nothing } from "../parts/nothing.tsx";
import { PageHead } from "../parts/page-head.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useWebhooks } from "./read.ts";
import { Behind, State } from "./state.tsx";
import { WebhookDialog } from "./webhook-dialog.tsx";
import { useWanted } from "./what.tsx";
import { webhookWords } from "./words.ts";

export function WebhookList() {
  const say = useWords(webhookWords);
  const { data: webhooks, error } = useWebhooks();
  const [isMaking, setMaking] = useState(false);
  const create = (
    <Button
      size="md"
      leftSection={<IconPlus size={20} aria-hidden />}
      onClick={() => setMaking(true)}
    >
      {say("create")}
    </Button>
  );
  return (
    <>
      <PageHead title={say("title")}>{create}</PageHead>
      <Text c="dimmed" mb="md">
        {say("intro")}
      </Text>
      <Refusal error={error} />
      {webhooks === undefined ? (
        error === null && <Skeleton h={240} />
      ) : webhooks.length === 0 ? (
        <Nothing text={say("none")} />
      ) : (
        <Table aria-label={say("list")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{say("address")}</Table.Th>
              <Table.Th scope="col">{say("what")}</Table.Th>
              <Table.Th scope="col" visibleFrom="sm">
                {say("stores")}
              </Table.Th>
              <Table.Th scope="col">{say("state")}</Table.Th>
              <Table.Th scope="col">{say("behind")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {webhooks.map((webhook) => (
              <Row key={webhook.id} webhook={webhook} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {isMaking && <WebhookDialog webhook={null} close={() => setMaking(false)} />}
    </>
  );
}

function Row({ webhook }: { readonly webhook: Webhook }) {
  const { types, stores } = useWanted()(webhook);
  return (
    <Table.Tr>
      <Table.Td className="breakable">
        <Anchor
          component={Link}
          href={`/webhooks/${webhook.id}`}
          display="inline-block"
          py="xs"
          fw={600}
        >
          {webhook.url}
        </Anchor>
        {webhook.description !== null && (
          <Text size="sm" c="dimmed">
            {webhook.description}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Text lineClamp={3} size="sm">
          {types}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text lineClamp={3} size="sm">
          {stores}
        </Text>
      </Table.Td>
      <Table.Td>
        <State webhook={webhook} />
        {webhook.last_error !== null && (
          <Text size="sm" className="breakable" lineClamp={2}>
            {webhook.last_error}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Behind webhook={webhook} />
      </Table.Td>
    </Table.Tr>
  );
}
