// Fields that several forms of a row have.

import { NumberInput, Select, Textarea } from "@mantine/core";
import type { Reason } from "@onhand/client";
import { useWords } from "../i18n.ts";
import { reasonWords } from "../words/reasons.ts";
import { rowWords } from "./row-words.ts";

/** As much as the service takes. */
export const unitsMax = 1_000_000_000;

export interface UnitsFieldProps {
  readonly label: string;
  readonly value: number | "";
  readonly onChange: (units: number | "") => void;
  readonly description?: string;
  readonly error?: string | undefined;
  readonly min?: number;
  readonly max?: number;
  readonly required?: boolean;
}

/** Whole units. */
export function UnitsField({
  min = 0,
  max = unitsMax,
  required = true,
  ...props
}: UnitsFieldProps) {
  return (
    <NumberInput
      {...props}
      onChange={(value) => props.onChange(typeof value === "number" ? value : "")}
      min={min}
      max={max}
      required={required}
      allowDecimal={false}
      allowNegative={false}
      clampBehavior="none"
      thousandSeparator={false}
      inputMode="numeric"
      size="md"
    />
  );
}

/** Whether it can be sent; the sentence at the field where not. */
export function useUnitsError(): (units: number | "", min: number, max?: number) => string | null {
  const say = useWords(rowWords);
  return (units, min, max = unitsMax) => {
    if (units === "") return say("required");
    return Number.isSafeInteger(units) && units >= min && units <= max
      ? null
      : say("wholeUnits", { min, max });
  };
}

export interface ReasonFieldProps {
  readonly value: Reason;
  readonly offered: readonly Reason[];
  readonly onChange: (reason: Reason) => void;
  readonly error?: string | undefined;
}

export function ReasonField({ offered, onChange, ...props }: ReasonFieldProps) {
  const say = useWords(rowWords);
  const sayReason = useWords(reasonWords);
  return (
    <Select
      {...props}
      label={say("reason")}
      data={offered.map((reason) => ({ value: reason, label: sayReason(reason) }))}
      onChange={(reason) => reason !== null && onChange(reason as Reason)}
      allowDeselect={false}
      size="md"
    />
  );
}

export interface NoteFieldProps {
  readonly value: string;
  readonly onChange: (note: string) => void;
  /** A reason that explains nothing needs one. */
  readonly required?: boolean;
  readonly error?: string | undefined;
}

export function NoteField({ onChange, required = false, ...props }: NoteFieldProps) {
  const say = useWords(rowWords);
  return (
    <Textarea
      {...props}
      label={say("note")}
      {...(required ? { description: say("noteFor") } : {})}
      required={required}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={500}
      autosize
      minRows={1}
      maxRows={4}
      size="md"
    />
  );
}

/** A note that was left empty is none. */
export function noteOf(note: string): { readonly note?: string } {
  return note.trim() === "" ? {} : { note: note.trim() };
}
