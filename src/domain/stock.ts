// Rules of stock rows: receive, adjust, count, transfer, batch. Each function answers with a Reply or a
// Rejection and writes into the draft only what is accepted.

import { assert } from "../lib/assert.ts";
import { quantityMax } from "../limits.ts";
import { changeStock, type Draft, newRow, stockIn } from "./draft.ts";
import type { EventPayload } from "./event.ts";
import type { BatchLineResult, CommandOf, Precondition, Stock, StockChange } from "./model.ts";
import type { Decided } from "./outcome.ts";
import { refusePlace, refusePlaces } from "./place.ts";
import type { Rejection } from "./rejection.ts";

/** Optimistic locking: null if the object is as the caller saw it. A missing object has version 0. */
export function refuseVersion(expected: Precondition | null, current: number): Rejection | null {
  if (expected === null) return null;
  const same = expected.version === "*" ? current > 0 : expected.version === current;
  if (same) return null;
  return {
    code: "version_mismatch",
    source: expected.source,
    expected: expected.version,
    current,
  };
}

export function changeStockRow(draft: Draft, command: CommandOf<"ChangeStock">): Decided {
  return applyChange(draft, command.change);
}

function applyChange(draft: Draft, change: StockChange): Decided {
  const { productId, storeId, amount } = change;
  const place = refusePlace(draft, productId, storeId);
  if (place !== null) return { rejection: place };
  const row = stockIn(draft, productId, storeId);
  if (row === undefined && change.mode === "add" && !change.createMissing) {
    return { rejection: { code: "stock_not_found", productId, storeId } };
  }
  if (row !== undefined && change.mode === "initial") {
    return { rejection: { code: "stock_exists", stock: row } };
  }
  const version = refuseVersion(change.expected, row?.version ?? 0);
  if (version !== null) return { rejection: version };

  const start = row ?? newRow(draft, productId, storeId);
  const field = change.mode === "initial" ? "initial_quantity" : "quantity_change";
  const refused = refuseQuantity(start, start.quantity + amount, -amount, field);
  if (refused !== null) return { rejection: refused };
  const stock = changeStock(
    draft,
    { row: start, quantity: start.quantity + amount, reserved: start.reserved },
    row === undefined ? "stock.created" : "stock.updated",
    { quantity_change: amount, reason: change.reason, ...written(change) },
  );
  return { reply: { kind: "stock", stock, created: row === undefined } };
}

/** The optional words of a change, present only where the caller gave them. */
function written(change: StockChange): EventPayload {
  return {
    ...(change.note === null ? {} : { note: change.note }),
    ...(change.reference === null ? {} : { reference: change.reference }),
    ...(change.userId === null ? {} : { user_id: change.userId }),
  };
}

/**
 * A new quantity must cover what is held and stay countable. Taking more than is available is
 * `insufficient_stock` (the caller named an amount to take).
 */
function refuseQuantity(
  row: Stock,
  quantity: number,
  requested: number,
  field: string,
): Rejection | null {
  const { productId, storeId, reserved } = row;
  if (quantity < reserved) {
    return {
      code: "insufficient_stock",
      productId,
      storeId,
      available: row.quantity - reserved,
      requested,
    };
  }
  if (quantity > quantityMax) {
    return { code: "quantity_out_of_range", field, max: quantityMax - row.quantity };
  }
  return null;
}

/** A count, and/or the reorder point. A counted quantity below what is held is refused by that name. */
export function setStock(draft: Draft, command: CommandOf<"SetStock">): Decided {
  const { productId, storeId, quantity, reorderPoint } = command;
  const place = refusePlace(draft, productId, storeId);
  if (place !== null) return { rejection: place };
  const row = stockIn(draft, productId, storeId);
  if (row === undefined) return { rejection: { code: "stock_not_found", productId, storeId } };
  const version = refuseVersion(command.expected, row.version);
  if (version !== null) return { rejection: version };
  const counted = quantity ?? row.quantity;
  if (counted < row.reserved) {
    return {
      rejection: {
        code: "quantity_below_reserved",
        productId,
        storeId,
        quantity: counted,
        reserved: row.reserved,
      },
    };
  }
  const stock = changeStock(
    draft,
    { row, quantity: counted, reserved: row.reserved, reorderPoint },
    "stock.updated",
    {
      quantity_change: counted - row.quantity,
      reason: command.reason,
      ...(command.note === null ? {} : { note: command.note }),
      ...(command.reference === undefined ? {} : { reference: command.reference }),
      ...(reorderPoint === undefined
        ? {}
        : { reorder_point: reorderPoint, previous_reorder_point: row.reorderPoint }),
    },
  );
  return { reply: { kind: "stock", stock, created: false } };
}

/** Units leave one row and arrive in another in one transaction: two events that sum to zero (I6). */
export function transferStock(draft: Draft, command: CommandOf<"TransferStock">): Decided {
  const { productId, fromStoreId, toStoreId, quantity } = command;
  const place = refusePlaces(draft, [
    { productId, storeId: fromStoreId },
    { productId, storeId: toStoreId },
  ]);
  if (place !== null) return { rejection: place };
  if (fromStoreId === toStoreId) {
    return { rejection: { code: "same_store", storeId: toStoreId } };
  }
  const source = stockIn(draft, productId, fromStoreId);
  if (source === undefined) {
    return { rejection: { code: "stock_not_found", productId, storeId: fromStoreId } };
  }
  const version = refuseVersion(command.expected, source.version);
  if (version !== null) return { rejection: version };
  const target = stockIn(draft, productId, toStoreId) ?? newRow(draft, productId, toStoreId);
  const refused =
    refuseQuantity(source, source.quantity - quantity, quantity, "quantity") ??
    refuseQuantity(target, target.quantity + quantity, -quantity, "quantity");
  if (refused !== null) return { rejection: refused };

  const told = {
    transfer_id: command.transferId,
    quantity,
    reason: command.reason,
    ...(command.note === null ? {} : { note: command.note }),
  };
  const from = changeStock(
    draft,
    { row: source, quantity: source.quantity - quantity, reserved: source.reserved },
    "stock.transferred",
    { ...told, direction: "out", quantity_change: -quantity, other_store_id: toStoreId },
  );
  const to = changeStock(
    draft,
    { row: target, quantity: target.quantity + quantity, reserved: target.reserved },
    "stock.transferred",
    { ...told, direction: "in", quantity_change: quantity, other_store_id: fromStoreId },
  );
  return { reply: { kind: "transfer", transferId: command.transferId, from, to } };
}

/** Many changes in order, each seeing those before it; all of them, or those that can be. */
export function batchStock(draft: Draft, command: CommandOf<"BatchStock">): Decided {
  const results: BatchLineResult[] = [];
  let failed = false;
  for (const [index, change] of command.changes.entries()) {
    const decided = applyChange(draft, change);
    if ("rejection" in decided) {
      failed = true;
      results.push({ index, stock: null, rejection: decided.rejection });
    } else {
      assert(decided.reply.kind === "stock", "a change answers with its row");
      results.push({ index, stock: decided.reply.stock, rejection: null });
    }
  }
  // The draft of a refused command is dropped whole, so nothing of a failed all-or-nothing batch stays.
  if (failed && command.errorPolicy === "all_or_nothing") {
    return { rejection: { code: "batch_failed", results } };
  }
  return { reply: { kind: "batch", results } };
}
