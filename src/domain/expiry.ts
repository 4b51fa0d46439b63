// Exact expiry (rule 5). A hold stops counting at `expires_at`, whether or not a worker has run: before a
// command is decided, the due holds that it could meet are ended in the same transaction. The worker's
// command ends the others, so that reads and events follow.

import { AssertionFailure } from "../lib/assert.ts";
import { type Draft, draftOver } from "./draft.ts";
import { idsOf } from "./group.ts";
import { endHold } from "./hold.ts";
import { addReservationKeys, keysOf } from "./keys.ts";
import type { BatchLineResult, BrokenRow, Command, CommandOf, Reservation } from "./model.ts";
import type { Decided, Outcome } from "./outcome.ts";
import type { Rejection } from "./rejection.ts";
import { type Context, type RowKey, rowKey, type Slice } from "./slice.ts";

/** Who ends holds that are due, whichever command met them. */
export const expiryActor = "system:expiry";

/**
 * Due holds that end before the command is decided: those of the rows that it touches, and the
 * reservations that it names, which may lie beyond the loaded part of their row's due holds. The worker's
 * command touches and names none.
 */
export function dueBefore(slice: Slice, command: Command, now: number): readonly Reservation[] {
  const named = "holds" in command ? idsOf(slice, command.holds) : [];
  // Stryker disable next-line ConditionalExpression: it only saves most commands the work of naming their rows.
  if (slice.due.size === 0) return dueOf(slice, named, now);
  const keys = keysOf([command]);
  addReservationKeys(
    keys,
    named.flatMap((id) => slice.reservations.get(id) ?? []),
  );
  const ids = [...named];
  for (const key of keys.rows.keys()) {
    ids.push(...(slice.due.get(key) ?? []));
    // Stryker disable next-line CallExpression: it only saves the next command on the row a look at them.
    slice.due.delete(key);
  }
  return dueOf(slice, ids, now);
}

/**
 * Those of `ids` that are pending and due. Oldest first, then by id: the order of the events must not
 * hang on the order in which a database gave the rows.
 */
function dueOf(slice: Slice, ids: readonly string[], now: number): Reservation[] {
  const due: Reservation[] = [];
  for (const id of new Set(ids)) {
    const reservation = slice.reservations.get(id);
    if (reservation?.status === "PENDING" && reservation.expiresAt <= now) due.push(reservation);
  }
  return due.sort(byEnd);
}

function byEnd(a: Reservation, b: Reservation): number {
  return a.expiresAt - b.expiresAt || (a.id < b.id ? -1 : 1);
}

export function expireHolds(draft: Draft, due: readonly Reservation[]): void {
  for (const reservation of due) endHold(draft, reservation, "EXPIRED", 0, {});
}

/**
 * The worker's command: ends what was loaded as due, whichever rows it belongs to. Each row is a draft of
 * its own, so that one in which an invariant is broken stays as it is, and is named in the reply, instead
 * of keeping the holds of all the others alive. Only here is a failed assertion caught: any other command
 * is about its rows, and must fail with them. (The worker trying smaller and smaller commands lost: it
 * cannot know which rows are due, and each try would be a commit.)
 */
export function expireDue(
  slice: Slice,
  command: CommandOf<"ExpireDue">,
  context: Context,
  accept: (draft: Draft) => void,
): Decided {
  const broken: BrokenRow[] = [];
  let count = 0;
  for (const { oldest, due } of rowsOf(slice, context.now)) {
    const { productId, storeId } = oldest;
    try {
      const draft = draftOver(slice, context, command);
      expireHolds(draft, due);
      accept(draft);
      count += due.length;
    } catch (error) {
      if (!(error instanceof AssertionFailure)) throw error;
      // Its holds stay due: another command of this batch that touches the row must fail, too.
      broken.push({ productId, storeId, holds: due.length, why: error.message });
    }
  }
  return { reply: { kind: "expired", count, broken } };
}

/** Due holds by row, the row with the oldest first. */
function rowsOf(slice: Slice, now: number) {
  const rows: { readonly oldest: Reservation; readonly due: readonly Reservation[] }[] = [];
  for (const ids of slice.due.values()) {
    const due = dueOf(slice, ids, now);
    const [oldest] = due;
    if (oldest !== undefined) rows.push({ oldest, due });
  }
  return rows.sort((a, b) => byEnd(a.oldest, b.oldest));
}

const none: ReadonlySet<RowKey> = new Set();

/**
 * The rows on whose due holds an outcome rests though not all of them were loaded: a refusal for want of
 * units might be wrong. The adapter then loads all due holds of these rows and decides again; what is
 * decided then may rest on others. Empty: the outcomes are right.
 */
export function restsOnUnloadedHolds(
  slice: Slice,
  outcomes: readonly Outcome[],
): ReadonlySet<RowKey> {
  // Stryker disable next-line ConditionalExpression: it only saves nearly all batches a look at their refusals.
  if (slice.dueTruncated.size === 0) return none;
  const rows = new Set<RowKey>();
  for (const { result, replayed } of outcomes) {
    if (replayed) continue;
    for (const rejection of refusalsIn(result)) {
      if (rejection.code !== "insufficient_stock" && rejection.code !== "quantity_below_reserved") {
        continue;
      }
      const key = rowKey(rejection.productId, rejection.storeId);
      if (slice.dueTruncated.has(key)) rows.add(key);
    }
  }
  return rows;
}

function refusalsIn(result: Decided): readonly Rejection[] {
  if ("reply" in result) {
    return result.reply.kind === "batch" ? ofLines(result.reply.results) : [];
  }
  const { rejection } = result;
  return rejection.code === "batch_failed" ? ofLines(rejection.results) : [rejection];
}

function ofLines(results: readonly BatchLineResult[]): readonly Rejection[] {
  return results.flatMap((line) => line.rejection ?? []);
}
