// The rules of stock once more, as simply as they can be said, from the product's description and not from
// src/domain: what a command must be answered, given what the log says. A decision that this does not expect is a
// mistake in one of the two.

import type { Command, CommandOf, StockChange } from "../src/domain/model.ts";
import type { DomainLimits } from "../src/domain/slice.ts";

export interface Row {
  readonly quantity: number;
  readonly reserved: number;
  readonly version: number;
}

export interface Hold {
  readonly id: string;
  readonly productId: string;
  readonly storeId: string;
  readonly customerId: string;
  readonly groupId: string | null;
  readonly quantity: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly status: "PENDING" | "CONFIRMED" | "CANCELLED" | "EXPIRED";
  readonly retaken: boolean;
}

/** What the log says so far. */
export interface Standing {
  readonly rows: Map<string, Row>;
  readonly holds: Map<string, Hold>;
}

/** A change of one row that a command must make: its event's type, and by how much the numbers move. */
export interface Move {
  readonly type: string;
  readonly row: string;
  readonly hold: string | null;
  readonly quantity: number;
  readonly reserved: number;
}

export type Verdict =
  | { readonly refused: string; readonly available?: number }
  | { readonly moves: readonly Move[] };

export const rowOf = ({ productId, storeId }: Pick<Hold, "productId" | "storeId">): string =>
  `${productId}@${storeId}`;

/** A hold counts until its end, whether or not anybody has noticed the end. */
export function isLive(hold: Hold, at: number): boolean {
  return hold.status === "PENDING" && hold.expiresAt > at;
}

function availableIn(standing: Standing, row: string, at: number): number {
  let available = standing.rows.get(row)?.quantity ?? 0;
  for (const hold of standing.holds.values()) {
    if (rowOf(hold) === row && isLive(hold, at)) available -= hold.quantity;
  }
  return available;
}

export function judge(
  standing: Standing,
  command: Exclude<Command, { kind: "ExpireDue" }>,
  at: number,
  limits: DomainLimits | null,
): Verdict {
  switch (command.kind) {
    case "Reserve":
      return judgeReserve(standing, command, at, limits);
    case "Confirm":
      return judgeConfirm(standing, command, at);
    case "Cancel":
      return judgeCancel(standing, command, at);
    case "Extend":
      return judgeExtend(standing, command, at, limits);
    case "ChangeStock":
      return judgeChange(standing, command.change, at);
    case "SetStock":
      return judgeSet(standing, command, at);
    case "TransferStock":
      return judgeTransfer(standing, command, at);
    default:
      throw new Error(`no simulated client sends ${command.kind}`);
  }
}

function judgeReserve(
  standing: Standing,
  { lines, customerId, ttlMs }: CommandOf<"Reserve">,
  at: number,
  limits: DomainLimits | null,
): Verdict {
  if (lines.some((line) => line.idBrought && standing.holds.has(line.reservationId))) {
    return { refused: "id_taken" };
  }
  const own = [...standing.holds.values()].filter(
    (hold) => hold.customerId === customerId && isLive(hold, at),
  );
  const units = [...own, ...lines].reduce((sum, one) => sum + one.quantity, 0);
  if (limits !== null) {
    if (ttlMs > limits.reservationLifeMs) return { refused: "lifetime_exceeded" };
    if (own.length + lines.length > limits.reservationsPerCustomer) {
      return { refused: "customer_limit_reached" };
    }
    if (units > limits.unitsPerCustomer) return { refused: "customer_limit_reached" };
  }
  for (const line of lines) {
    const same = lines.filter((one) => rowOf(one) === rowOf(line));
    const wanted = same.reduce((sum, one) => sum + one.quantity, 0);
    const available = availableIn(standing, rowOf(line), at);
    if (available < wanted) return { refused: "insufficient_stock", available };
  }
  return {
    moves: lines.map((line) => ({
      type: "reservation.created",
      row: rowOf(line),
      hold: line.reservationId,
      quantity: 0,
      reserved: line.quantity,
    })),
  };
}

function meant(
  standing: Standing,
  { kind, id }: CommandOf<"Confirm">["holds"],
): { readonly refused: string } | { readonly holds: readonly Hold[] } {
  if (kind === "reservation") {
    const hold = standing.holds.get(id);
    return hold === undefined ? { refused: "reservation_not_found" } : { holds: [hold] };
  }
  const holds = [...standing.holds.values()].filter(({ groupId }) => groupId === id);
  return holds.length === 0 ? { refused: "group_not_found" } : { holds };
}

/** null: all of them still count. */
function refusedEnded(holds: readonly Hold[], at: number): string | null {
  if (holds.some(({ status }) => status === "CONFIRMED" || status === "CANCELLED")) {
    return "reservation_not_pending";
  }
  return holds.every((hold) => isLive(hold, at)) ? null : "reservation_expired";
}

function judgeConfirm(
  standing: Standing,
  { holds: named, quantity, retakeId }: CommandOf<"Confirm">,
  at: number,
): Verdict {
  const found = meant(standing, named);
  if ("refused" in found) return found;
  const [first] = found.holds;
  const single = named.kind === "reservation" ? first : undefined;
  const hasExpired =
    single?.status === "EXPIRED" || (single?.status === "PENDING" && !isLive(single, at));
  if (single !== undefined && hasExpired && retakeId !== null) {
    return judgeRetake(standing, single, retakeId, quantity ?? single.quantity, at);
  }
  const refused = refusedEnded(found.holds, at);
  if (refused !== null) return { refused };
  if (single !== undefined && (quantity ?? 0) > single.quantity) {
    return { refused: "quantity_out_of_range" };
  }
  const soldOf = (hold: Hold): number =>
    single === undefined ? hold.quantity : (quantity ?? hold.quantity);
  return {
    moves: found.holds.map((hold) => ending(hold, "reservation.confirmed", soldOf(hold))),
  };
}

function judgeRetake(
  standing: Standing,
  expired: Hold,
  newId: string,
  wanted: number,
  at: number,
): Verdict {
  if (expired.retaken) return { refused: "reservation_not_pending" };
  const row = rowOf(expired);
  const available = availableIn(standing, row, at);
  if (available < wanted) return { refused: "insufficient_stock", available };
  if (wanted > expired.quantity) return { refused: "quantity_out_of_range" };
  const hold = { row, hold: newId };
  return {
    moves: [
      { ...hold, type: "reservation.created", quantity: 0, reserved: wanted },
      { ...hold, type: "reservation.confirmed", quantity: -wanted, reserved: -wanted },
    ],
  };
}

function judgeCancel(standing: Standing, command: CommandOf<"Cancel">, at: number): Verdict {
  const found = meant(standing, command.holds);
  if ("refused" in found) return found;
  const refused = refusedEnded(found.holds, at);
  if (refused !== null) return { refused };
  return { moves: found.holds.map((hold) => ending(hold, "reservation.cancelled", 0)) };
}

export function ending(hold: Hold, type: string, sold: number): Move {
  return { type, row: rowOf(hold), hold: hold.id, quantity: -sold, reserved: -hold.quantity };
}

function judgeExtend(
  standing: Standing,
  { holds: named, ttlMs }: CommandOf<"Extend">,
  at: number,
  limits: DomainLimits | null,
): Verdict {
  const found = meant(standing, named);
  if ("refused" in found) return found;
  const refused = refusedEnded(found.holds, at);
  if (refused !== null) return { refused };
  const lifeMs = limits?.reservationLifeMs ?? Number.POSITIVE_INFINITY;
  const isFull = found.holds.some(
    ({ createdAt, expiresAt }) =>
      at + ttlMs > createdAt + lifeMs && expiresAt >= createdAt + lifeMs,
  );
  if (isFull) return { refused: "lifetime_exceeded" };
  // No row moves.
  return { moves: [] };
}

type Expected = StockChange["expected"];

function isOther(expected: Expected, row: Row | undefined): boolean {
  if (expected === null) return false;
  return expected.version === "*" ? row === undefined : expected.version !== (row?.version ?? 0);
}

function judgeChange(standing: Standing, change: StockChange, at: number): Verdict {
  const key = rowOf(change);
  const row = standing.rows.get(key);
  if (row === undefined && !change.createMissing) return { refused: "stock_not_found" };
  if (isOther(change.expected, row)) return { refused: "version_mismatch" };
  const available = availableIn(standing, key, at);
  if (available + change.amount < 0) return { refused: "insufficient_stock", available };
  const type = row === undefined ? "stock.created" : "stock.updated";
  return { moves: [{ type, row: key, hold: null, quantity: change.amount, reserved: 0 }] };
}

function judgeSet(standing: Standing, command: CommandOf<"SetStock">, at: number): Verdict {
  const key = rowOf(command);
  const row = standing.rows.get(key);
  if (row === undefined) return { refused: "stock_not_found" };
  if (isOther(command.expected, row)) return { refused: "version_mismatch" };
  const counted = command.quantity ?? row.quantity;
  if (counted < row.quantity - availableIn(standing, key, at)) {
    return { refused: "quantity_below_reserved" };
  }
  const move = { type: "stock.updated", row: key, hold: null };
  return { moves: [{ ...move, quantity: counted - row.quantity, reserved: 0 }] };
}

function judgeTransfer(
  standing: Standing,
  { productId, fromStoreId, toStoreId, quantity, expected }: CommandOf<"TransferStock">,
  at: number,
): Verdict {
  const from = rowOf({ productId, storeId: fromStoreId });
  const to = rowOf({ productId, storeId: toStoreId });
  if (from === to) return { refused: "same_store" };
  const row = standing.rows.get(from);
  if (row === undefined) return { refused: "stock_not_found" };
  if (isOther(expected, row)) return { refused: "version_mismatch" };
  const available = availableIn(standing, from, at);
  if (available < quantity) return { refused: "insufficient_stock", available };
  const move = { type: "stock.transferred", hold: null, reserved: 0 };
  return {
    moves: [
      { ...move, row: from, quantity: -quantity },
      { ...move, row: to, quantity },
    ],
  };
}
