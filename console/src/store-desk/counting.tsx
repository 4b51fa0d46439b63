// What was counted on the shelf. A count belongs to the quantity that it began with: where that has changed meanwhile (a
// sale at the till next door), nothing is set before the person has seen both. Holds that came or went change no
// quantity on hand, so they do not disturb a count.

import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { isOnhandError, type Stock } from "@onhand/client";
import { IconClipboardCheck, IconGitMerge } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { client } from "../client.ts";
import { formatNumber, useWords } from "../i18n.ts";
import { useIntent } from "../intent.ts";
import { sayDone } from "../parts/notice.ts";
import { Refusal } from "../parts/refusal.tsx";
import { keepRows, type RowNumbers } from "../rows.ts";
import type { Place } from "./product-panel.tsx";
import { UnitsField, unitsIn, unitsMax } from "./units-field.tsx";
import { deskWords } from "./words.ts";

export interface CountingProps {
  readonly place: Place;
  readonly row: RowNumbers | undefined;
  readonly done: () => void;
  readonly takesFocus: boolean;
}

interface Wanted {
  readonly quantity: number;
  /** null: the store has none yet. */
  readonly version: number | null;
}

export function Counting({ place, row, done, takesFocus }: CountingProps) {
  const say = useWords(deskWords);
  const [start, setStart] = useState(row);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const units = unitsIn(text);
  const act = useIntent(
    ({ quantity, version }: Wanted, idempotencyKey) =>
      setOrMake(place, quantity, version, idempotencyKey),
    (stock) => {
      keepRows([stock]);
      sayDone(say("wasCounted", { product: place.name, quantity: stock.quantity }));
      done();
    },
  );
  const isConflict = isOnhandError(act.error, "version_mismatch", "stock_exists");

  async function count(from: RowNumbers | undefined): Promise<void> {
    if (units === null || units > unitsMax) {
      setProblem(say(units === null ? "needCount" : "tooMany"));
      return;
    }
    setProblem(undefined);
    const isAsBegun = from !== undefined && row?.quantity === from.quantity;
    await act.run({ quantity: units, version: (isAsBegun ? row : from)?.version ?? null });
  }

  return (
    <form
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void count(start);
      }}
    >
      <Stack>
        <UnitsField
          label={say("counted")}
          value={text}
          onChange={setText}
          error={problem}
          sku={place.sku}
          takesFocus={takesFocus}
        />
        {isConflict ? (
          <Both
            start={start}
            row={row}
            units={units ?? 0}
            isRunning={act.isRunning}
            keep={() => void count(row)}
            again={() => {
              act.forget();
              setStart(row);
              setText("");
            }}
          />
        ) : (
          <>
            <Refusal error={act.error} />
            <Button
              type="submit"
              h={64}
              fz="lg"
              leftSection={<IconClipboardCheck aria-hidden />}
              loading={act.isRunning}
            >
              {say("doCount", { units: units ?? "…" })}
            </Button>
          </>
        )}
      </Stack>
    </form>
  );
}

/** Where it is refused for the version, what is there now is read, so that both can be shown. */
async function setOrMake(
  { productId, storeId }: Place,
  quantity: number,
  version: number | null,
  idempotencyKey: string,
): Promise<Stock> {
  const options = { idempotencyKey };
  try {
    if (version !== null) {
      const counted = { quantity, expected_version: version, reason: "COUNT" } as const;
      return await client.stock.set(productId, storeId, counted, options);
    }
    const first = { initial_quantity: quantity, reason: "COUNT" } as const;
    return await client.stock.change(
      { product_id: productId, store_id: storeId, ...first },
      options,
    );
  } catch (error) {
    if (isOnhandError(error, "version_mismatch", "stock_exists")) {
      keepRows([await client.stock.get(productId, storeId)]);
    }
    throw error;
  }
}

function Both(props: {
  readonly start: RowNumbers | undefined;
  readonly row: RowNumbers | undefined;
  readonly units: number;
  readonly isRunning: boolean;
  readonly keep: () => void;
  readonly again: () => void;
}) {
  const say = useWords(deskWords);
  const { start, row, units } = props;
  const shown = [
    [say("wasThen"), start?.quantity],
    [say("isNow"), row?.quantity],
    [say("youCounted"), units],
  ] as const;
  return (
    <Alert
      color="orange"
      variant="light"
      role="alert"
      icon={<IconGitMerge aria-hidden />}
      title={say("changedWhile")}
    >
      <Stack gap="sm">
        <Group gap="xl">
          {shown.map(([label, value]) => (
            <Stack key={label} gap={0}>
              <Text size="sm">{label}</Text>
              <Text fw={700} size="xl" className="numbers">
                {value === undefined ? "–" : formatNumber(value)}
              </Text>
            </Stack>
          ))}
        </Group>
        <Group gap="sm">
          <Button size="lg" onClick={props.keep} loading={props.isRunning}>
            {say("keepCount", { units })}
          </Button>
          <Button size="lg" variant="default" onClick={props.again}>
            {say("countAgain")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
