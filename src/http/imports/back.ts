// What takes one event of an import back: the opposite as a command, guarded against what others did since. What has to
// stay as it is says why.

import type { Action } from "../../domain/model.ts";
import type { LogEvent, Store } from "../../store/store.ts";
import { centsOf } from "../money.ts";
import { allows, type Caller } from "../roles.ts";

/** Of an event. */
export type Payload = Readonly<Record<string, unknown>>;

/** What the stores that an import changed were before, by their ids. */
export type StoresBefore = ReadonlyMap<string, Payload>;

/** What takes a change back; null: nothing has to be done for it; a text: why it cannot be. */
type Back = Action | string | null;

export async function stockBack(event: LogEvent, store: Store, caller: Caller): Promise<Back> {
  const { productId, storeId } = event;
  const payload: Payload = JSON.parse(event.payload);
  const { before, after } = payload["stock"] as Record<"before" | "after", { quantity: number }>;
  const amount = before.quantity - after.quantity;
  const place = { productId: productId ?? "", storeId };
  const words = { reason: "CORRECTION", note: `takes back event ${event.seq}` } as const;
  if (!("reorder_point" in payload)) {
    if (amount === 0) return null;
    const change = { ...place, ...words, mode: "add", amount, createMissing: false } as const;
    return {
      kind: "ChangeStock",
      change: { ...change, reference: null, userId: null, expected: null },
    };
  }
  if (!allows(caller, "stock:threshold")) {
    return `the role ${caller.role} may not set a reorder point`;
  }
  const row = await store.stock(place.productId, storeId);
  if (row === null) return "its stock row is gone";
  const isOurs = row.reorderPoint === payload["reorder_point"];
  if (!isOurs && amount === 0) return "somebody has set another reorder point since";
  // One that others have set since stays; and guarded, since a count is set to what was read.
  const previous = payload["previous_reorder_point"] as number | null;
  return {
    ...{ kind: "SetStock", ...place, ...words },
    quantity: amount === 0 ? null : row.quantity + amount,
    reorderPoint: isOurs ? previous : undefined,
    expected: amount === 0 ? null : { version: row.version, source: "body" },
  };
}

export async function catalogueBack(
  event: LogEvent,
  store: Store,
  storesBefore: StoresBefore,
): Promise<Back> {
  const { type, productId, storeId, seq } = event;
  const payload: Payload = JSON.parse(event.payload);
  const expected = { version: Number(payload["version"]), source: "body" } as const;
  if (type === "product.created") return { kind: "ArchiveProduct", id: productId ?? "", expected };
  if (type === "store.created") return { kind: "ArchiveStore", id: storeId, expected };
  if (type === "store.updated") {
    const before = storesBefore.get(storeId);
    if (before === undefined) return "the log does not say what it was before";
    const { version: _version, ...fields } = before;
    return { kind: "ChangeStore", id: storeId, fields, expected };
  }
  const range = { from: null, to: null, after: [seq], limit: 1 } as const;
  const earlier = await store.history({ productId: productId ?? "", storeId: "*", ...range });
  const [last] = earlier.items;
  if (last === undefined) return "the log does not say what it was before";
  const { version: _version, price, ...fields }: Payload = JSON.parse(last.payload);
  const priceCents = centsOf(Number(price));
  return {
    kind: "ChangeProduct",
    id: productId ?? "",
    fields: { ...fields, priceCents } as never,
    expected,
  };
}
