// What an import has to know of each kind of row: what a row wants, as read from the file; what has to be done for it
// after a look at what is there; and why it cannot be done. What is done are ordinary commands.

import type { Action } from "../../domain/model.ts";
import type { Rejection } from "../../domain/rejection.ts";
import { codeOf, refusalOf } from "../refusal.ts";
import { Body } from "../schemas.ts";
import { Type } from "../type.ts";
import { requestValidator, validationErrors } from "../validation.ts";

export type Value = string | number | boolean | null;
export type Cells = Readonly<Record<string, string>>;

export interface Refused {
  readonly row: number;
  readonly code: string;
  readonly reason: string;
}

/** What a row, or one cell of it, wants. */
export interface Wish {
  readonly row: number;
  /** Tells those of one row apart. */
  readonly part: number;
  /** What it is about, for people. */
  readonly about: string;
}

export interface FieldChange {
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
}

export interface Planned {
  readonly change: "create" | "change";
  readonly fields: readonly FieldChange[];
  /** What does it, in order. */
  readonly actions: readonly Action[];
  /**
   * What comes after them where the first is found to have made what it is about: it did so in an import that broke off
   * behind it, and the others are still to be done.
   */
  readonly ifCreated?: Action | undefined;
}

export interface RowKind<W extends Wish> {
  /** Reads what `check` has to know of the rows that it is given next. */
  lookUp?(rows: readonly Cells[]): Promise<void>;
  /** Refuses what cannot be meant, by itself or beside the rows before it. An empty list: the row says nothing. */
  check(row: number, cells: Cells): readonly W[] | Refused;
  /** What there is to do; null: it is so already. */
  plan(wish: W): Promise<Planned | Refused | null>;
  /** Whether a refusal comes from what others did since the look, so that it is looked at again. */
  isMoved(rejection: Rejection): boolean;
}

export function isRefused(value: object): value is Refused {
  return "reason" in value;
}

export function refused({ row, about }: Wish, code: string, reason: string): Refused {
  return { row, code, reason: `${about}: ${reason}` };
}

export function refusedBy(wish: Wish, rejection: Rejection): Refused {
  return refused(wish, codeOf(rejection), refusalOf(rejection).detail);
}

const compile = requestValidator();

/** Holds the values of a row to the schemas that bodies of requests are held to; null: they may be so. */
export function faultFinder(properties: Parameters<typeof Body>[0]) {
  const optional = Object.entries(properties).map(([name, one]) => [name, Type.Optional(one)]);
  const schema = Body(Object.fromEntries(optional));
  const validate = compile({ schema, method: "POST", url: "/imports", httpPart: "body" });
  return (values: Readonly<Record<string, unknown>>): string | null => {
    if (validate(values) === true) return null;
    const [fault] = validationErrors(validate.errors ?? [], "body");
    return fault === undefined ? "it is not valid" : `${fault.path.slice(1)} ${fault.message}`;
  };
}

/**
 * null: it is none. Spreadsheets write whole numbers as 12.0, too; but three zeros behind a point or a comma are as
 * likely a thousand, which nobody may take for one.
 */
export function wholeNumber(text: string): number | null {
  if (!/^[+-]?\d{1,12}(?:[.,](?:0{1,2}|0{4,}))?$/.test(text)) return null;
  return Number(text.replace(",", "."));
}
