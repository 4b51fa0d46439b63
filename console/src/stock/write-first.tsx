// A store that does not have the product yet takes it in.

import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useStoreName } from "../queries.ts";
import { fieldErrors } from "../refusal.ts";
import { useMay } from "../session.tsx";
import type { RowPlace } from "./address.ts";
import { NoteField, noteOf, UnitsField, useUnitsError } from "./fields.tsx";
import { keepStock } from "./row-state.ts";
import { rowWords } from "./row-words.ts";

export function FirstStock({ place }: { readonly place: RowPlace }) {
  const say = useWords(rowWords);
  const store = useStoreName()(place.storeId);
  const mayWrite = useMay()("stock:write", place.storeId);
  return (
    <Stack>
      <Text>{say("none", { store })}</Text>
      {mayWrite && <FirstForm place={place} store={store} />}
    </Stack>
  );
}

interface FirstFormProps {
  readonly place: RowPlace;
  readonly store: string;
}

function FirstForm({ place: { productId, storeId }, store }: FirstFormProps) {
  const say = useWords(rowWords);
  const unitsError = useUnitsError();
  const [units, setUnits] = useState<number | "">("");
  const [note, setNote] = useState("");
  const [isTried, setTried] = useState(false);
  const act = useIntent(
    (wanted: { readonly initial_quantity: number; readonly note?: string }, idempotencyKey) =>
      client.stock.change(
        { product_id: productId, store_id: storeId, ...wanted },
        { idempotencyKey },
      ),
    (stock) => {
      sayDone(say("taken", { store }));
      keepStock(stock);
    },
  );
  const wrongUnits = unitsError(units, 0);
  const said = fieldErrors(act.error);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (wrongUnits !== null) return;
    void act.run({ initial_quantity: Number(units), ...noteOf(note) });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <UnitsField
          label={say("first")}
          value={units}
          onChange={setUnits}
          error={said["initial_quantity"] ?? (isTried ? (wrongUnits ?? undefined) : undefined)}
        />
        <NoteField value={note} onChange={setNote} error={said["note"]} />
        <Refusal error={act.error} />
        <Group justify="flex-end">
          <Button type="submit" size="md" loading={act.isRunning}>
            {say("doFirst")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
