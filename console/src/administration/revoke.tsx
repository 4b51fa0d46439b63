// Takes a key away, after saying what ends with it.

import { Alert, Text } from "@mantine/core";
import { type ApiKey, isOnhandError } from "@onhand/client";
import { IconAlertTriangle } from "@tabler/icons-react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Sure } from "../parts/sure.tsx";
import { queries } from "../queries.ts";
import { useSession } from "../session.tsx";
import { adminWords } from "./words.ts";

export function Revoke({
  apiKey: { id, name },
  close,
}: {
  readonly apiKey: ApiKey;
  readonly close: () => void;
}) {
  const say = useWords(adminWords);
  const isOwn = useSession().actor === `key:${name}`;
  const act = useIntent(
    // Its route takes no idempotency key: revoking what is revoked changes nothing.
    async (_wanted: null) => {
      try {
        await client.keys.delete(id);
      } catch (error) {
        if (!isOnhandError(error, "key_not_found")) throw error;
      }
    },
    () => {
      void queries.invalidateQueries({ queryKey: ["keys"] });
      // The own one: with it the session has ended, which this finds out.
      if (isOwn) void queries.invalidateQueries({ queryKey: ["session"] });
      sayDone(say("revoked", { name }));
      close();
    },
  );
  return (
    <Sure
      title={say("revokeTitle", { name })}
      isOpen
      close={close}
      deed={say("revoke")}
      isDangerous
      isRunning={act.isRunning}
      error={act.error}
      run={() => void act.run(null)}
    >
      <Text>{say("revokeText")}</Text>
      {isOwn && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />}>
          {say("revokeOwn")}
        </Alert>
      )}
    </Sure>
  );
}
