// Units that came or went, with the reason.

import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import type { Reason } from "@onhand/client";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { useProduct, useStoreName } from "../queries.ts";
import { fieldErrors } from "../refusal.ts";
import { NoteField, noteOf, ReasonField, UnitsField, useUnitsError } from "./fields.tsx";
import { keepStock, type OpenRow } from "./row-state.ts";
import { rowWords } from "./row-words.ts";

type Way = "add" | "take";

const reasons: Readonly<Record<Way, readonly Reason[]>> = {
  add: ["RESTOCK", "RETURN", "CORRECTION", "OTHER"],
  take: ["SALE", "DAMAGE", "SHRINKAGE", "CORRECTION", "OTHER"],
};

interface Adjustment {
  readonly adjustment: number;
  readonly reason: Reason;
  readonly note?: string;
}

export function Adjust({ row }: { readonly row: OpenRow }) {
  const say = useWords(rowWords);
  const { productId, storeId, quantity } = row;
  const product = useProduct(productId)?.name ?? productId;
  const store = useStoreName()(storeId);
  const unitsError = useUnitsError();
  const [way, setWay] = useState<Way>("add");
  const [reason, setReason] = useState<Reason>("RESTOCK");
  const [units, setUnits] = useState<number | "">("");
  const [note, setNote] = useState("");
  const [isTried, setTried] = useState(false);
  const act = useIntent(
    (wanted: Adjustment, idempotencyKey) =>
      client.stock.adjust(productId, storeId, wanted, { idempotencyKey }),
    (stock) => {
      keepStock(stock);
      sayDone(say("adjusted", { product, store, quantity: stock.quantity }));
      setUnits("");
      setNote("");
      setTried(false);
    },
  );
  const change = way === "add" ? Number(units) : -Number(units);
  const wrongUnits = unitsError(units, 1);
  const wrongNote = reason === "OTHER" && note.trim() === "" ? say("required") : null;
  const said = fieldErrors(act.error);

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (wrongUnits !== null || wrongNote !== null) return;
    void act.run({ adjustment: change, reason, ...noteOf(note) });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <SegmentedControl
          aria-label={say("adjust")}
          value={way}
          onChange={(next) => {
            setWay(next as Way);
            const [first] = reasons[next as Way];
            if (!reasons[next as Way].includes(reason) && first !== undefined) setReason(first);
          }}
          data={(["add", "take"] as const).map((value) => ({ value, label: say(value) }))}
          size="md"
        />
        <Group grow align="flex-start">
          <UnitsField
            label={say("units")}
            value={units}
            onChange={setUnits}
            min={1}
            error={said["adjustment"] ?? (isTried ? (wrongUnits ?? undefined) : undefined)}
          />
          <ReasonField
            value={reason}
            offered={reasons[way]}
            onChange={setReason}
            error={said["reason"]}
          />
        </Group>
        <NoteField
          value={note}
          onChange={setNote}
          required={reason === "OTHER"}
          error={said["note"] ?? (isTried ? (wrongNote ?? undefined) : undefined)}
        />
        <Refusal error={act.error} />
        <Group justify="space-between">
          <Text size="sm" c="dimmed" className="numbers" aria-live="polite">
            {wrongUnits === null ? say("will", { from: quantity, to: quantity + change }) : ""}
          </Text>
          <Button type="submit" size="md" loading={act.isRunning}>
            {say("doAdjust")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
