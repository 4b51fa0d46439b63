// Units to another store, out of here and in there at once.

import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { StoreChoice } from "../parts/store-choice.tsx";
import { useStoreName } from "../queries.ts";
import { fieldErrors } from "../refusal.ts";
import { NoteField, noteOf, UnitsField, useUnitsError } from "./fields.tsx";
import { keepStock, type OpenRow } from "./row-state.ts";
import { rowWords } from "./row-words.ts";

interface Wanted {
  readonly to_store_id: string;
  readonly quantity: number;
  readonly note?: string;
}

export function Transfer({ row }: { readonly row: OpenRow }) {
  const say = useWords(rowWords);
  const { productId, storeId, quantity } = row;
  const storeName = useStoreName();
  const unitsError = useUnitsError();
  const [to, setTo] = useState<string | null>(null);
  const [units, setUnits] = useState<number | "">("");
  const [note, setNote] = useState("");
  const [isTried, setTried] = useState(false);
  const act = useIntent(
    (wanted: Wanted, idempotencyKey) =>
      client.stock.transfer(
        { product_id: productId, from_store_id: storeId, ...wanted },
        { idempotencyKey },
      ),
    (done, wanted) => {
      keepStock(done.from);
      keepStock(done.to);
      sayDone(say("transferred", { count: wanted.quantity, store: storeName(wanted.to_store_id) }));
      setUnits("");
      setNote("");
      setTried(false);
    },
  );
  const wrongUnits = unitsError(units, 1);
  const said = fieldErrors(act.error);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (wrongUnits !== null || to === null) return;
    void act.run({ to_store_id: to, quantity: Number(units), ...noteOf(note) });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <Group grow align="flex-start">
          <StoreChoice
            label={say("to")}
            value={to}
            onChange={setTo}
            without={storeId}
            error={said["to_store_id"] ?? (isTried && to === null ? say("required") : undefined)}
          />
          <UnitsField
            label={say("units")}
            value={units}
            onChange={setUnits}
            min={1}
            error={said["quantity"] ?? (isTried ? (wrongUnits ?? undefined) : undefined)}
          />
        </Group>
        <NoteField value={note} onChange={setNote} error={said["note"]} />
        <Refusal error={act.error} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" className="numbers" aria-live="polite">
            {wrongUnits === null
              ? say("will", { from: quantity, to: quantity - Number(units) })
              : ""}
          </Text>
          <Button type="submit" size="md" loading={act.isRunning}>
            {say("doTransfer")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
