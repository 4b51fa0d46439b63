// Units that go out or come in: sold, received, taken back.

import { Button, Stack, TextInput } from "@mantine/core";
import type { Reason, StockChange } from "@onhand/client";
import { IconArrowBackUp, IconPackageImport, IconShoppingCart } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { keepRows } from "../rows.ts";
import type { Deed, Place } from "./product-panel.tsx";
import { UnitsField, unitsIn, unitsMax } from "./units-field.tsx";
import { deskWords } from "./words.ts";

const kinds = {
  sell: { sign: -1, reason: "SALE", deed: "doSell", done: "sold", Icon: IconShoppingCart },
  receive: {
    sign: 1,
    reason: "RESTOCK",
    deed: "doReceive",
    done: "received",
    Icon: IconPackageImport,
  },
  return: { sign: 1, reason: "RETURN", deed: "doReturn", done: "returned", Icon: IconArrowBackUp },
} as const satisfies Record<string, { readonly reason: Reason; readonly [more: string]: unknown }>;

export function Booking({
  deed,
  place,
  done,
  takesFocus,
}: {
  readonly deed: Exclude<Deed, "count">;
  readonly place: Place;
  readonly done: () => void;
  readonly takesFocus: boolean;
}) {
  const say = useWords(deskWords);
  const { sign, reason, deed: deedWord, done: doneWord, Icon } = kinds[deed];
  const [text, setText] = useState("1");
  const [reference, setReference] = useState("");
  const [problem, setProblem] = useState<string>();
  const units = unitsIn(text);
  const act = useIntent(
    (change: StockChange, idempotencyKey) => client.stock.change(change, { idempotencyKey }),
    (row, { quantity_change: change = 0 }) => {
      keepRows([row]);
      const { quantity } = row;
      sayDone(say(doneWord, { units: Math.abs(change), product: place.name, quantity }));
      done();
    },
  );

  function submit(event: FormEvent): void {
    event.preventDefault();
    const isWrong = units === null || units === 0;
    if (isWrong || units > unitsMax) {
      setProblem(say(isWrong ? "needUnits" : "tooMany"));
      return;
    }
    setProblem(undefined);
    void act.run({
      product_id: place.productId,
      store_id: place.storeId,
      quantity_change: sign * units,
      reason,
      ...(reference.trim() === "" ? {} : { reference: reference.trim() }),
    });
  }

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <UnitsField
          label={say("units")}
          value={text}
          onChange={setText}
          error={problem}
          sku={place.sku}
          takesFocus={takesFocus}
        />
        {deed === "receive" && (
          <TextInput
            size="md"
            label={say("reference")}
            value={reference}
            maxLength={500}
            onChange={(event) => setReference(event.currentTarget.value)}
            onKeyDown={(event) => {
              // A scanner that reads the note ends with it: the units are not looked at yet.
              if (event.key === "Enter") event.preventDefault();
            }}
            autoComplete="off"
          />
        )}
        <Refusal error={act.error} />
        <Button
          type="submit"
          h={64}
          fz="lg"
          leftSection={<Icon aria-hidden />}
          loading={act.isRunning}
        >
          {say(deedWord, { units: units ?? 0 })}
        </Button>
      </Stack>
    </form>
  );
}
