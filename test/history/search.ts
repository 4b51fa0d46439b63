// The same question without a log: is there any order of these operations that agrees with real time and in which
// the model answers as it was answered? All orders are tried (Wing and Gong), but none twice that leads to the same
// state with the same operations done. That takes exponential time, so it is for short histories: it judges the
// checker that does not search.

import { assert } from "../../src/lib/assert.ts";
import type { Operation, RowState } from "./history.ts";
import { type HoldState, isSame, type Step, step, type View } from "./model.ts";

interface State {
  readonly rows: ReadonlyMap<string, RowState>;
  readonly holds: ReadonlyMap<string, HoldState>;
}

/** As many as bits in a number. */
const operationsMax = 30;

/** An order that explains all that was answered; what was not may be left out of it. null: there is none. */
export function search(operations: readonly Operation[]): readonly Operation[] | null {
  assert(operations.length <= operationsMax, "the history is short");
  const order: Operation[] = [];
  const seen = new Set<string>();
  let needed = 0;
  for (const [index, { outcome }] of operations.entries()) {
    if (outcome.kind !== "unknown") needed |= 1 << index;
  }

  function goOn(done: number, state: State): boolean {
    if ((done & needed) === needed) return true;
    const key = `${done} ${textOf(state)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const horizon = firstReturn(operations, done);
    for (const [index, operation] of operations.entries()) {
      const bit = 1 << index;
      if ((done & bit) !== 0 || operation.invokedAt > horizon) continue;
      const next = played(state, operation);
      if (next === null) continue;
      order.push(operation);
      if (goOn(done | bit, next)) return true;
      order.pop();
    }
    return false;
  }

  return goOn(0, { rows: new Map(), holds: new Map() }) ? order : null;
}

/** Whatever was asked for after this must wait until the one that was answered then is done. */
function firstReturn(operations: readonly Operation[], done: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const [index, { returnedAt }] of operations.entries()) {
    if ((done & (1 << index)) === 0 && returnedAt < first) first = returnedAt;
  }
  return first;
}

/** The state after it; null: it cannot have been answered so in this state. */
function played(state: State, operation: Operation): State | null {
  const { outcome, request } = operation;
  const model = step(viewOf(state), request, nameFor(operation));
  // Of one that nobody heard of, a refusal changes nothing: that is the order without it.
  const fits =
    outcome.kind === "unknown" ? model.changes.length > 0 : isSame(outcome, model.outcome);
  return fits ? after(state, model) : null;
}

/** How the service named a group; nobody can speak of one whose name was never told. */
export function nameFor({ id, outcome }: Operation): string {
  return (outcome.kind === "ok" ? outcome.hold : null) ?? `group of ${id}`;
}

function viewOf({ rows, holds }: State): View {
  return { row: (key) => rows.get(key), hold: (id) => holds.get(id) };
}

function after({ rows, holds }: State, { changes, hold }: Step): State {
  const [nextRows, nextHolds] = [new Map(rows), new Map(holds)];
  for (const { row, after: state } of changes) nextRows.set(row, state);
  if (hold !== null) nextHolds.set(hold.id, hold.state);
  return { rows: nextRows, holds: nextHolds };
}

function textOf({ rows, holds }: State): string {
  const all: readonly (readonly [string, RowState | HoldState])[] = [...rows, ...holds];
  const words = all.map(([name, state]) => `${name}=${JSON.stringify(state)}`).sort();
  return words.join(" ");
}
