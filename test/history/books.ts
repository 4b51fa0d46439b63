// A service for tests of the checkers: the model with a log, one request after the other. It can also be made to
// write what it should not.

import type { HoldStatus, LogEvent, Operation, RowState } from "./history.ts";
import { type HoldState, type Step, step, type View } from "./model.ts";
import { nameFor } from "./search.ts";

export interface Books {
  readonly view: View;
  readonly log: LogEvent[];
  write(requestId: string, done: Pick<Step, "changes" | "hold">, over?: Partial<Written>): void;
}

interface Written {
  readonly at: number;
  readonly isExpiry: boolean;
  readonly expiresAt: number | null;
}

export function openBooks(): Books {
  const rows = new Map<string, RowState>();
  const holds = new Map<string, HoldState>();
  const log: LogEvent[] = [];
  const view: View = { row: (key) => rows.get(key), hold: (id) => holds.get(id) };
  return {
    view,
    log,
    write(requestId, { changes, hold }, over = {}) {
      for (const { type, row, after } of changes) {
        const { quantity, reserved } = rows.get(row) ?? { quantity: 0, reserved: 0 };
        rows.set(row, after);
        const change = {
          row,
          before: { quantity, reserved },
          after: { quantity: after.quantity, reserved: after.reserved },
          version: after.version,
          hold: hold?.id ?? null,
          expiresAt: over.expiresAt ?? null,
        };
        const { at = 0, isExpiry = false } = over;
        log.push({ seq: log.length + 1, type, requestId, isExpiry, at, change });
      }
      if (hold !== null) holds.set(hold.id, hold.state);
    },
  };
}

/** The log of a service that did these operations in this order. */
export function logOf(order: readonly Operation[]): readonly LogEvent[] {
  const books = openBooks();
  for (const operation of order) {
    books.write(operation.id, step(books.view, operation.request, nameFor(operation)));
  }
  return books.log;
}

/** What happens when a hold is due. */
export function expiryOf(view: View, id: string): Pick<Step, "changes" | "hold"> | null {
  const state = view.hold(id);
  const [line] = state?.lines ?? [];
  if (state?.status !== "PENDING" || line === undefined) return null;
  const row = view.row(line.row);
  if (row === undefined) return null;
  const after = { ...row, reserved: row.reserved - line.quantity, version: row.version + 1 };
  const status: HoldStatus = "EXPIRED";
  return {
    changes: [{ type: "reservation.expired", row: line.row, after }],
    hold: { id, state: { ...state, status } },
  };
}
