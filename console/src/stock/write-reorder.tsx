// From which number on the row counts as low.

import { Button, Group, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { fieldErrors } from "../refusal.ts";
import { UnitsField, useUnitsError } from "./fields.tsx";
import { keepStock, type OpenRow } from "./row-state.ts";
import { rowWords } from "./row-words.ts";

export function ReorderPoint({ row }: { readonly row: OpenRow }) {
  const say = useWords(rowWords);
  const { productId, storeId, reorderPoint } = row;
  const unitsError = useUnitsError();
  /** null: not touched, so it shows what there is. */
  const [typed, setTyped] = useState<number | "" | null>(null);
  const act = useIntent(
    (wanted: { readonly reorder_point: number | null }, idempotencyKey) =>
      client.stock.set(productId, storeId, wanted, { idempotencyKey }),
    (stock) => {
      keepStock(stock);
      sayDone(say("saved"));
      setTyped(null);
    },
  );
  const value = typed ?? reorderPoint ?? "";
  const wrong = value === "" ? null : unitsError(value, 0);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (wrong === null) void act.run({ reorder_point: value === "" ? null : value });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <UnitsField
          label={say("reorder")}
          description={say("reorderHint")}
          value={value}
          onChange={setTyped}
          required={false}
          error={fieldErrors(act.error)["reorder_point"] ?? wrong ?? undefined}
        />
        <Refusal error={act.error} />
        <Group justify="flex-end">
          <Button type="submit" size="md" loading={act.isRunning} disabled={typed === null}>
            {say("doReorder")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
