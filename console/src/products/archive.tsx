// Takes a product out of the catalogue, where nothing of it is left.

import { Text } from "@mantine/core";
import type { Product } from "@onhand/client";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Sure } from "../parts/sure.tsx";
import { queries } from "../queries.ts";
import { productWords } from "./words.ts";

export function Archive({
  product: { id, name },
  back,
  done,
}: {
  readonly product: Product;
  readonly back: () => void;
  readonly done: () => void;
}) {
  const say = useWords(productWords);
  const act = useIntent(
    async (_wanted: null, idempotencyKey) => client.products.delete(id, { idempotencyKey }),
    () => {
      void queries.invalidateQueries({ queryKey: ["products"] });
      sayDone(say("archived", { name }));
      done();
    },
  );
  return (
    <Sure
      title={say("archiveTitle", { name })}
      isOpen
      close={back}
      deed={say("archive")}
      isDangerous
      isRunning={act.isRunning}
      error={act.error}
      run={() => void act.run(null)}
    >
      <Text>{say("archiveText")}</Text>
    </Sure>
  );
}
