// What was counted becomes the quantity, if nobody has changed it since the counting began. Otherwise both values are
// shown, and the person decides. What customers hold or let go meanwhile changes nothing of what lies there, so it is
// no conflict.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { isOnhandError } from "@onhand/client";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { queries, useProduct, useStoreName } from "../queries.ts";
import { fieldErrors } from "../refusal.ts";
import { NoteField, noteOf, UnitsField, useUnitsError } from "./fields.tsx";
import { keepStock, type OpenRow } from "./row-state.ts";
import { rowWords } from "./row-words.ts";

interface Counted {
  readonly quantity: number;
  readonly expected_version: number;
  readonly note?: string;
}

export function Count({ row }: { readonly row: OpenRow }) {
  const say = useWords(rowWords);
  const { productId, storeId, quantity, version } = row;
  const product = useProduct(productId)?.name ?? productId;
  const store = useStoreName()(storeId);
  const unitsError = useUnitsError();
  const [units, setUnits] = useState<number | "">("");
  const [note, setNote] = useState("");
  const [isTried, setTried] = useState(false);
  /** The row when the count was begun to be typed. */
  const [seen, setSeen] = useState<{ quantity: number; version: number } | null>(null);
  const act = useIntent(
    (wanted: Counted, idempotencyKey) =>
      client.stock.set(productId, storeId, wanted, { idempotencyKey }),
    (stock) => {
      keepStock(stock);
      sayDone(say("adjusted", { product, store, quantity: stock.quantity }));
      begin();
    },
  );
  const isStale = seen !== null && seen.quantity !== quantity;
  const isRefused = isOnhandError(act.error, "version_mismatch");
  const wrongUnits = unitsError(units, 0);
  const said = fieldErrors(act.error);

  function begin(): void {
    setUnits("");
    setNote("");
    setSeen(null);
    setTried(false);
    act.forget();
  }

  function send(expected: number): void {
    setTried(true);
    if (wrongUnits !== null) return;
    const wanted = { quantity: Number(units), expected_version: expected, ...noteOf(note) };
    void act.run(wanted).then((isDone) => {
      // Where the event has not come yet, this tells what there is now.
      if (!isDone) void queries.invalidateQueries({ queryKey: ["row", productId, storeId] });
    });
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    send(isStale ? seen.version : version);
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <UnitsField
          label={say("counted")}
          description={say("countHint")}
          value={units}
          onChange={(next) => {
            setUnits(next);
            if (seen === null) setSeen({ quantity, version });
          }}
          error={said["quantity"] ?? (isTried ? (wrongUnits ?? undefined) : undefined)}
        />
        <NoteField value={note} onChange={setNote} error={said["note"]} />
        {isStale && units !== "" ? (
          <Alert
            color="orange"
            variant="light"
            role="alert"
            title={say("conflict")}
            styles={{ title: { color: "var(--mantine-color-text)" } }}
          >
            <Text size="sm" className="numbers">
              {say("conflictText", { seen: seen.quantity, now: quantity, mine: units })}
            </Text>
            <Group mt="sm">
              <Button onClick={() => send(version)} loading={act.isRunning}>
                {say("setMine", { mine: units })}
              </Button>
              <Button variant="default" onClick={begin}>
                {say("keepTheirs", { now: quantity })}
              </Button>
            </Group>
          </Alert>
        ) : null}
        {isStale && isRefused ? null : <Refusal error={act.error} />}
        <Group justify="space-between">
          <Text size="sm" c="dimmed" className="numbers" aria-live="polite">
            {wrongUnits === null ? say("will", { from: quantity, to: Number(units) }) : ""}
          </Text>
          <Button type="submit" size="md" loading={act.isRunning} disabled={isStale}>
            {say("doCount")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
