// For admins: how the service is, their own session, and the API keys.

import { SimpleGrid, Stack } from "@mantine/core";
import { Health } from "../administration/health.tsx";
import { Keys } from "../administration/keys.tsx";
import { OwnSession } from "../administration/own-session.tsx";
import { adminWords } from "../administration/words.ts";
import { useWords } from "../i18n.ts";
import { PageHead } from "../parts/page-head.tsx";

export function Administration() {
  const say = useWords(adminWords);
  return (
    <>
      <PageHead title={say("title")} />
      <Stack gap="xl">
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Health />
          <OwnSession />
        </SimpleGrid>
        <Keys />
      </Stack>
    </>
  );
}
