// The API keys, newest last as the service lists them. A secret is in sight once, when its key was made.

import { Badge, Button, Group, Skeleton, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import type { ApiKey } from "@onhand/client";
import { IconClockX, IconKeyOff, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { client } from "../client.ts";
import { formatTime, useWords } from "../i18n.ts";
import { usePaged } from "../paged.ts";
import { More } from "../parts/more.tsx";
import { Nothing } from "../parts/nothing.tsx";
import { Refusal } from "../parts/refusal.tsx";
import { useStoreName } from "../queries.ts";
import { NewKey } from "./new-key.tsx";
import { Revoke } from "./revoke.tsx";
import { adminWords } from "./words.ts";

export function Keys() {
  const say = useWords(adminWords);
  const list = usePaged(["keys"], (cursor) => client.keys.list(cursor).page());
  const [isMaking, setMaking] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey | null>(null);
  return (
    <section aria-labelledby="admin-keys">
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h4" id="admin-keys">
          {say("keys")}
        </Title>
        <Button
          size="md"
          leftSection={<IconPlus size={20} aria-hidden />}
          onClick={() => setMaking(true)}
        >
          {say("create")}
        </Button>
      </Group>
      <Refusal error={list.error} />
      {list.items === undefined && list.error === null && <Skeleton h={160} />}
      {list.items?.length === 0 && <Nothing text={say("none")} />}
      {list.items !== undefined && list.items.length > 0 && (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("name")}</Table.Th>
              <Table.Th>{say("role")}</Table.Th>
              <Table.Th>{say("stores")}</Table.Th>
              <Table.Th visibleFrom="lg">{say("made")}</Table.Th>
              <Table.Th visibleFrom="sm">{say("expires")}</Table.Th>
              <Table.Th visibleFrom="sm">{say("lastUsed")}</Table.Th>
              <Table.Th>
                <VisuallyHidden>{say("deeds")}</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.items.map((key) => (
              <KeyRow key={key.id} apiKey={key} revoke={() => setRevoked(key)} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <More list={list} />
      {isMaking && <NewKey close={() => setMaking(false)} />}
      {revoked !== null && <Revoke apiKey={revoked} close={() => setRevoked(null)} />}
    </section>
  );
}

function KeyRow({
  apiKey: { name, role, stores, created_at, expires_at, last_used_at },
  revoke,
}: {
  readonly apiKey: ApiKey;
  readonly revoke: () => void;
}) {
  const say = useWords(adminWords);
  const storeName = useStoreName();
  const isOver = expires_at !== null && Date.parse(expires_at) <= Date.now();
  return (
    <Table.Tr>
      <Table.Td>
        <Text fw={600} className="breakable">
          {name}
        </Text>
      </Table.Td>
      <Table.Td>{say(role)}</Table.Td>
      <Table.Td className="breakable">
        <Text lineClamp={2} size="sm">
          {typeof stores === "string" ? say("allStores") : stores.map(storeName).join(", ")}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="lg">{formatTime(created_at)}</Table.Td>
      <Table.Td visibleFrom="sm">
        {expires_at === null ? say("never") : formatTime(expires_at)}{" "}
        {isOver && (
          <Badge color="orange" variant="light" leftSection={<IconClockX size={12} aria-hidden />}>
            {say("expired")}
          </Badge>
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        {last_used_at === null ? say("notUsed") : formatTime(last_used_at)}
      </Table.Td>
      <Table.Td ta="right">
        <Button
          variant="subtle"
          color="red"
          mih={44}
          leftSection={<IconKeyOff size={18} aria-hidden />}
          aria-label={say("revokeNamed", { name })}
          onClick={revoke}
        >
          {say("revoke")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
