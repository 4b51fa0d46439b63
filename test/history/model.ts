// What Onhand should answer, said once more and as plainly as it can be said: one request at a time on a few maps.
// It shares nothing with src/domain, so that a mistake there is not repeated here. Places that are closed,
// customers' limits and parts of a hold are not in it: histories have none of them. Holds end by expiry only
// where the log says so.

import type {
  Facts,
  HoldStatus,
  Line,
  Outcome,
  Request,
  RowKey,
  RowState,
  ShownRow,
} from "./history.ts";

export interface HoldState {
  readonly lines: readonly Line[];
  readonly status: HoldStatus;
}

/** A state to decide on: that of now, or one of the past. */
export interface View {
  row(key: RowKey): RowState | undefined;
  hold(id: string): HoldState | undefined;
}

export interface Change {
  readonly type: string;
  readonly row: RowKey;
  readonly after: RowState;
}

/** What a request is answered in a state, and what it changes; a refusal changes nothing. */
export interface Step {
  readonly outcome: Outcome;
  readonly changes: readonly Change[];
  readonly hold: { readonly id: string; readonly state: HoldState } | null;
}

/** `named`: how the service names a new group. */
export function step(view: View, request: Request, named: string): Step {
  switch (request.kind) {
    case "create":
      return create(view, request.row, request.quantity);
    case "adjust":
    case "set":
      return change(view, request);
    case "transfer":
      return transfer(view, request);
    case "reserve":
      return reserve(view, request.hold ?? named, request.lines);
    case "confirm":
    case "cancel":
      return end(view, request.hold, request.kind);
    case "read":
      return read(view, request.rows);
    case "find": {
      const found = view.hold(request.hold);
      if (found === undefined) return refuse("reservation_not_found", { hold: request.hold });
      return accept([], { rows: [], status: found.status });
    }
  }
}

function create(view: View, row: RowKey, quantity: number): Step {
  const there = view.row(row);
  if (there !== undefined) return refuse("stock_exists", { row, ...there });
  return shown([move("stock.created", row, undefined, { quantity, reserved: 0 })]);
}

function change(view: View, request: Extract<Request, { kind: "adjust" | "set" }>): Step {
  const { row, expected } = request;
  const there = view.row(row);
  if (there === undefined) return refuse("stock_not_found", { row });
  const { quantity, reserved, version } = there;
  if (expected !== null && expected !== version) {
    return refuse("version_mismatch", { current: version, expected });
  }
  if (request.kind === "set") {
    if (request.quantity < reserved) {
      return refuse("quantity_below_reserved", { row, quantity: request.quantity, reserved });
    }
    return shown([move("stock.updated", row, there, { quantity: request.quantity, reserved })]);
  }
  const after = quantity + request.by;
  if (after < reserved) return tooFew(row, there, -request.by);
  return shown([move("stock.updated", row, there, { quantity: after, reserved })]);
}

function transfer(
  view: View,
  { from, to, quantity }: Extract<Request, { kind: "transfer" }>,
): Step {
  const [source, target] = [view.row(from), view.row(to)];
  if (source === undefined) return refuse("stock_not_found", { row: from });
  if (source.quantity - quantity < source.reserved) return tooFew(from, source, quantity);
  const given = { quantity: source.quantity - quantity, reserved: source.reserved };
  const got = { quantity: (target?.quantity ?? 0) + quantity, reserved: target?.reserved ?? 0 };
  return shown([
    move("stock.transferred", from, source, given),
    move("stock.transferred", to, target, got),
  ]);
}

function reserve(view: View, id: string, lines: readonly Line[]): Step {
  if (view.hold(id) !== undefined) return refuse("id_taken", { hold: id });
  for (const { row } of lines) {
    let wanted = 0;
    for (const line of lines) if (line.row === row) wanted += line.quantity;
    const there = view.row(row);
    if (available(there) < wanted) return tooFew(row, there, wanted);
  }
  const changes = moves(view, "reservation.created", lines, 0, 1);
  return accept(changes, { hold: id, status: "PENDING" }, { lines, status: "PENDING" });
}

function end(view: View, id: string, kind: "confirm" | "cancel"): Step {
  const found = view.hold(id);
  if (found === undefined) return refuse("reservation_not_found", { hold: id });
  const { lines, status } = found;
  if (status === "EXPIRED") return refuse("reservation_expired", { hold: id });
  if (status !== "PENDING") return refuse("reservation_not_pending", { hold: id, status });
  const isSold = kind === "confirm";
  const ended = isSold ? "CONFIRMED" : "CANCELLED";
  const type = isSold ? "reservation.confirmed" : "reservation.cancelled";
  const changes = moves(view, type, lines, isSold ? -1 : 0, -1);
  return accept(changes, { hold: id, status: ended }, { lines, status: ended });
}

function read(view: View, keys: readonly RowKey[]): Step {
  const rows: ShownRow[] = [];
  for (const row of keys) {
    const there = view.row(row);
    if (there === undefined) return refuse("stock_not_found", { row });
    rows.push({ row, ...there });
  }
  return accept([], { rows });
}

function available(row: RowState | undefined): number {
  return row === undefined ? 0 : row.quantity - row.reserved;
}

function tooFew(row: RowKey, there: RowState | undefined, requested: number): Step {
  return refuse("insufficient_stock", { row, available: available(there), requested });
}

/** So many units for each of a line's: to `quantity`, and to `reserved`. Lines of one row follow each other. */
function moves(
  view: View,
  type: string,
  lines: readonly Line[],
  sold: number,
  held: number,
): Change[] {
  const changes: Change[] = [];
  for (const { row, quantity } of lines) {
    const before = changes.findLast((one) => one.row === row)?.after ?? view.row(row);
    const after = {
      quantity: (before?.quantity ?? 0) + sold * quantity,
      reserved: (before?.reserved ?? 0) + held * quantity,
    };
    changes.push(move(type, row, before, after));
  }
  return changes;
}

function move(
  type: string,
  row: RowKey,
  before: RowState | undefined,
  { quantity, reserved }: { readonly quantity: number; readonly reserved: number },
): Change {
  return { type, row, after: { quantity, reserved, version: (before?.version ?? 0) + 1 } };
}

type Shown = Partial<Extract<Outcome, { kind: "ok" }>>;

function accept(
  changes: readonly Change[],
  { rows = [], ...told }: Shown,
  state?: HoldState,
): Step {
  const { hold = null, status = null } = told;
  return {
    outcome: { kind: "ok", rows, hold, status, asOfSeq: null },
    changes,
    hold: hold === null || state === undefined ? null : { id: hold, state },
  };
}

/** Answers that show the rows as they are afterwards. */
function shown(changes: readonly Change[]): Step {
  return accept(changes, { rows: changes.map(({ row, after }) => ({ row, ...after })) });
}

function refuse(code: string, facts: Facts): Step {
  return { outcome: { kind: "refused", code, facts }, changes: [], hold: null };
}

/** Whether an answer says what the model says; of an answer that nobody got, nothing is known. */
export function isSame(told: Outcome, model: Outcome): boolean {
  if (told.kind === "refused") {
    return model.kind === "refused" && told.code === model.code && sameFacts(told, model);
  }
  if (told.kind !== "ok" || model.kind !== "ok") return false;
  if (told.hold !== model.hold || told.status !== model.status) return false;
  if (told.rows.length !== model.rows.length) return false;
  return told.rows.every((one, index) => {
    const other = model.rows[index];
    return (
      one.row === other?.row &&
      one.version === other.version &&
      one.quantity === other.quantity &&
      one.reserved === other.reserved
    );
  });
}

function sameFacts(a: { readonly facts: Facts }, b: { readonly facts: Facts }): boolean {
  const names = Object.keys(a.facts);
  return (
    names.length === Object.keys(b.facts).length &&
    names.every((name) => a.facts[name] === b.facts[name])
  );
}
