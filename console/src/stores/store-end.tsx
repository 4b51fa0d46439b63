// Closes a store, opens it again, or deletes one that has nothing in it: asked before, because others work there.

import { Text } from "@mantine/core";
import type { Store } from "@onhand/client";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Sure } from "../parts/sure.tsx";
import { queries } from "../queries.ts";
import { storeWords } from "./words.ts";

const done = { deactivate: "wasClosed", activate: "wasOpened", delete: "deleted" } as const;
const title = {
  deactivate: "deactivateTitle",
  activate: "activateTitle",
  delete: "deleteTitle",
} as const;
const text = {
  deactivate: "deactivateText",
  activate: "activateText",
  delete: "deleteText",
} as const;

export function StoreEnd({
  store: { id, name },
  deed,
  close,
}: {
  readonly store: Store;
  readonly deed: keyof typeof done;
  readonly close: () => void;
}) {
  const say = useWords(storeWords);
  const act = useIntent(
    async (wanted: keyof typeof done, idempotencyKey) => {
      if (wanted === "delete") await client.stores.delete(id, { idempotencyKey });
      else await client.stores.change(id, { active: wanted === "activate" }, { idempotencyKey });
    },
    () => {
      void queries.invalidateQueries({ queryKey: ["stores"] });
      sayDone(say(done[deed], { name }));
      close();
    },
  );
  return (
    <Sure
      title={say(title[deed], { name })}
      isOpen
      close={close}
      deed={say(deed)}
      isDangerous={deed !== "activate"}
      isRunning={act.isRunning}
      error={act.error}
      run={() => void act.run(deed)}
    >
      <Text>{say(text[deed])}</Text>
    </Sure>
  );
}
