// The front door of the domain. An adapter asks `keysOf` what to load, fills a Slice, calls `decideAll`
// and writes what it returns, all in one transaction. Pure: the same slice, commands and context give
// the same outcomes on every database. The clock, ids and limits are arguments.

import { must, unreachable } from "../lib/assert.ts";
import {
  archiveProduct,
  archiveStore,
  changeProduct,
  changeStore,
  createProduct,
  createStore,
} from "./catalog.ts";
import { accept, acceptTold, type Changes, noChanges } from "./changes.ts";
import { type Draft, draftOver } from "./draft.ts";
import type { DomainEvent } from "./event.ts";
import { dueBefore, expireDue, expireHolds, expiryActor } from "./expiry.ts";
import type { Command, Issued, Stock } from "./model.ts";
import { type Answered, answerKey, type Decided, type Outcome } from "./outcome.ts";
import { isKept, type Rejection } from "./rejection.ts";
import { cancel, confirm, extend, reserve } from "./reservation.ts";
import type { Context, RowKey, Slice } from "./slice.ts";
import { batchStock, changeStockRow, setStock, transferStock } from "./stock.ts";
import { tellThresholds } from "./thresholds.ts";

export type { Changes, Totals, Write } from "./changes.ts";
export { restsOnUnloadedHolds } from "./expiry.ts";
export { addReservationKeys, type Keys, keysOf } from "./keys.ts";
export { type Answered, answerKey, type Outcome } from "./outcome.ts";
export { type RowEvent, type RowEvidence, type RowRepair, repairRow } from "./repair.ts";
export {
  type Context,
  type DomainLimits,
  emptySlice,
  type RowKey,
  rowKey,
  type Slice,
} from "./slice.ts";

export function decideAll(
  slice: Slice,
  commands: readonly Command[],
  context: Context,
): { readonly outcomes: Outcome[]; readonly changes: Changes } {
  const changes = noChanges();
  const outcomes = commands.map((command, index) =>
    decideOne(slice, command, index, context, changes),
  );
  return { outcomes, changes };
}

function decideOne(
  slice: Slice,
  command: Command,
  index: number,
  context: Context,
  changes: Changes,
): Outcome {
  const earlier = replay(slice, command, context);
  if (earlier !== null) return earlier;

  const { requestId, once } = command;
  const events: DomainEvent[] = [];
  const expired = expireBefore(slice, command, context, changes, events);
  const result = decide(slice, command, context, (draft) => {
    tellThresholds(draft, draft.stock, expired);
    for (const key of draft.stock.keys()) expired.delete(key);
    accept(draft, changes, events);
  });
  if (expired.size > 0) tellExpired(slice, command, context, expired, changes, events);
  const answered: Answered = { at: context.now, requestId, result };
  if (once !== null && ("reply" in result || isKept(result.rejection))) {
    slice.answers.set(answerKey(once), { fingerprint: once.fingerprint, outcome: answered });
    changes.answers.push({ once, answered, index });
  }
  return { ...answered, replayed: false, events };
}

/** Ends the due holds that the command could meet. Answers the rows in which there were any, as they were. */
function expireBefore(
  slice: Slice,
  command: Command,
  context: Context,
  changes: Changes,
  events: DomainEvent[],
): Map<RowKey, Stock> {
  const due = dueBefore(slice, command, context.now);
  const before = new Map<RowKey, Stock>();
  // Stryker disable next-line ConditionalExpression,EqualityOperator: it only saves a draft in which nothing is written.
  if (due.length > 0) {
    const expiry = draftOver(slice, context, expiryOf(command));
    expireHolds(expiry, due);
    for (const key of expiry.stock.keys()) {
      before.set(key, must(slice.stock.get(key), "a hold has its row"));
    }
    accept(expiry, changes, events);
  }
  return before;
}

function expiryOf({ requestId, traceparent = null }: Command): Issued {
  return { actor: expiryActor, requestId, once: null, traceparent };
}

/** Thresholds that only the end of due holds has crossed: the command did not touch those rows. */
function tellExpired(
  slice: Slice,
  command: Command,
  context: Context,
  before: ReadonlyMap<RowKey, Stock>,
  changes: Changes,
  events: DomainEvent[],
): void {
  const draft = draftOver(slice, context, expiryOf(command));
  const rows = new Map<RowKey, Stock>();
  for (const key of before.keys()) rows.set(key, must(slice.stock.get(key), "it was changed"));
  tellThresholds(draft, rows, before);
  acceptTold(draft, changes, events);
}

function replay(slice: Slice, command: Command, context: Context): Outcome | null {
  if (command.once === null) return null;
  const kept = slice.answers.get(answerKey(command.once));
  if (kept === undefined) return null;
  if (kept.fingerprint === command.once.fingerprint) {
    return { ...kept.outcome, replayed: true, events: [] };
  }
  const rejection: Rejection = { code: "idempotency_key_reused" };
  return {
    at: context.now,
    requestId: command.requestId,
    result: { rejection },
    replayed: false,
    events: [],
  };
}

function decide(
  slice: Slice,
  command: Command,
  context: Context,
  accepted: (draft: Draft) => void,
): Decided {
  if (command.kind === "ExpireDue") return expireDue(slice, command, context, accepted);
  const draft = draftOver(slice, context, command);
  const result = rule(draft, command);
  if ("reply" in result) accepted(draft);
  return result;
}

function rule(draft: Draft, command: Exclude<Command, { kind: "ExpireDue" }>): Decided {
  switch (command.kind) {
    case "CreateProduct":
      return createProduct(draft, command);
    case "ChangeProduct":
      return changeProduct(draft, command);
    case "ArchiveProduct":
      return archiveProduct(draft, command);
    case "CreateStore":
      return createStore(draft, command);
    case "ChangeStore":
      return changeStore(draft, command);
    case "ArchiveStore":
      return archiveStore(draft, command);
    case "ChangeStock":
      return changeStockRow(draft, command);
    case "SetStock":
      return setStock(draft, command);
    case "TransferStock":
      return transferStock(draft, command);
    case "BatchStock":
      return batchStock(draft, command);
    case "Reserve":
      return reserve(draft, command);
    case "Confirm":
      return confirm(draft, command);
    case "Cancel":
      return cancel(draft, command);
    case "Extend":
      return extend(draft, command);
    default:
      return unreachable(command);
  }
}
