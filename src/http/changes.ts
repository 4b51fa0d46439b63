// One change of one stock row, as POST /stock and each line of a batch take it: its shape, and what a
// schema cannot say of it.

import type { Precondition, Reason, StockChange } from "../domain/model.ts";
import { invalidField, type ProblemCode } from "./problem.ts";
import {
  Body,
  Change,
  CustomerId,
  Id,
  Note,
  Parts,
  Quantity,
  ReasonCode,
  Version,
} from "./schemas.ts";
import { type Static, Type } from "./type.ts";

export const rowPart = Parts({ product_id: Id, store_id: Id });

/** What any write to a stock row may be refused for. */
export const placeCodes = [
  "product_not_found",
  "store_not_found",
  "store_inactive",
] as const satisfies readonly ProblemCode[];

export const ChangeBody = Body(
  {
    product_id: Id,
    store_id: Id,
    quantity_change: Type.Optional(Change),
    initial_quantity: Type.Optional(Quantity),
    reason: Type.Optional(ReasonCode),
    user_id: Type.Optional(CustomerId),
    note: Type.Optional(Note),
    reference: Type.Optional(Note),
    expected_version: Type.Optional(Version),
  },
  {
    title: "StockChange",
    description:
      "quantity_change with a reason, or initial_quantity (whose reason is INITIAL unless said).",
  },
);

/** `path` is where the change stands in the body. */
export function changeOf(
  body: Static<typeof ChangeBody>,
  expected: Precondition | null,
  path = "",
): StockChange {
  const { quantity_change: change, initial_quantity: initial } = body;
  if (change !== undefined && initial !== undefined) {
    throw invalidField(`${path}/initial_quantity`, "must not stand beside quantity_change");
  }
  const amount = change ?? initial;
  if (amount === undefined) {
    throw invalidField(`${path}/quantity_change`, "is required, or initial_quantity in its place");
  }
  if (change !== undefined && body.reason === undefined) {
    throw invalidField(`${path}/reason`, "is required");
  }
  const reason = body.reason ?? "INITIAL";
  mustExplain(reason, body.note, path);
  return {
    productId: body.product_id,
    storeId: body.store_id,
    mode: change === undefined ? "initial" : "add",
    amount,
    createMissing: true,
    reason,
    note: body.note ?? null,
    reference: body.reference ?? null,
    userId: body.user_id ?? null,
    expected,
  };
}

/** "Other" says nothing by itself. */
export function mustExplain(reason: Reason, note: string | undefined, path = ""): void {
  if (reason === "OTHER" && (note === undefined || note.trim() === "")) {
    throw invalidField(`${path}/note`, "is required where the reason is OTHER");
  }
}
