// Who is signed in here, with what, and until when.

import { Button, Card, DataList, Group, Text, Title } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { formatTime, useWords } from "../i18n.ts";
import { useStoreName } from "../queries.ts";
import { signOut, useSession } from "../session.tsx";
import { Fact } from "./fact.tsx";
import { adminWords } from "./words.ts";

export function OwnSession() {
  const say = useWords(adminWords);
  const storeName = useStoreName();
  const { actor, role, stores, expires_at: until } = useSession();
  return (
    <Card withBorder component="section" aria-labelledby="admin-session">
      <Group justify="space-between" mb="sm">
        <Title order={3} size="h4" id="admin-session">
          {say("session")}
        </Title>
        <Button
          variant="default"
          leftSection={<IconLogout size={18} aria-hidden />}
          onClick={() => void signOut()}
        >
          {say("endSession")}
        </Button>
      </Group>
      <DataList labelWidth={150}>
        <Fact label={say("actor")}>{actor}</Fact>
        <Fact label={say("role")}>{say(role)}</Fact>
        <Fact label={say("stores")}>
          {typeof stores === "string" ? say("allStores") : stores.map(storeName).join(", ")}
        </Fact>
        <Fact label={say("ends")}>{until === null ? say("endsNever") : formatTime(until)}</Fact>
      </DataList>
      <Text size="sm" c="dimmed" mt="sm">
        {say("sessionHint")}
      </Text>
    </Card>
  );
}
