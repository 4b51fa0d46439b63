// Requests of a history as HTTP has them, and answers as a history has them. It goes by the words of the API and
// nothing else, as any client would.

import type { Told } from "../support/instance.ts";
import type { Facts, HoldStatus, LogEvent, Outcome, Request, RowKey, ShownRow } from "./history.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly body?: object;
}

export interface CallOptions {
  readonly customer: string;
  readonly ttlSeconds: number;
  /** Whether a hold is a group of reservations. */
  readonly isGroup: (hold: string) => boolean;
  /** Of two routes that show all rows of a product, the one that says its place in the log. */
  readonly isPlaced: boolean;
}

type Body = Readonly<Record<string, unknown>>;

export function callOf(request: Request, options: CallOptions): Call {
  switch (request.kind) {
    case "create": {
      const body = { ...placeOf(request.row), initial_quantity: request.quantity };
      return { method: "POST", path: "/stock", body };
    }
    case "adjust": {
      const body = { adjustment: request.by, reason: "CORRECTION", ...expectedOf(request) };
      return { method: "POST", path: `/stock/${request.row}/adjust`, body };
    }
    case "set": {
      const body = { quantity: request.quantity, ...expectedOf(request) };
      return { method: "PUT", path: `/stock/${request.row}`, body };
    }
    case "transfer": {
      const { product_id, store_id: from_store_id } = placeOf(request.from);
      const { store_id: to_store_id } = placeOf(request.to);
      const body = { product_id, from_store_id, to_store_id, quantity: request.quantity };
      return { method: "POST", path: "/stock/transfer", body };
    }
    case "reserve":
      return { method: "POST", path: "/reservations", body: reserveBody(request, options) };
    case "confirm":
    case "cancel":
      return {
        method: "POST",
        path: `${holdPath(request.hold, options)}/${request.kind}`,
        body: {},
      };
    case "find":
      return { method: "GET", path: holdPath(request.hold, options) };
    case "read": {
      const [row = "", ...others] = request.rows;
      if (others.length === 0) return { method: "GET", path: `/stock/${row}` };
      const { product_id: product } = placeOf(row);
      const placed = `/products/${product}/availability`;
      return { method: "GET", path: options.isPlaced ? placed : `/stock/product/${product}` };
    }
  }
}

function reserveBody(
  { hold, lines }: Extract<Request, { kind: "reserve" }>,
  { customer, ttlSeconds }: CallOptions,
): object {
  const common = { customer_id: customer, ttl: ttlSeconds };
  const asked = lines.map(({ row, quantity }) => ({ ...placeOf(row), quantity }));
  return hold === null ? { ...common, lines: asked } : { ...common, id: hold, ...asked[0] };
}

function holdPath(hold: string, { isGroup }: CallOptions): string {
  return isGroup(hold) ? `/reservation-groups/${hold}` : `/reservations/${hold}`;
}

function expectedOf({ expected }: { readonly expected: number | null }): object {
  return expected === null ? {} : { expected_version: expected };
}

function placeOf(row: RowKey): { readonly product_id: string; readonly store_id: string } {
  const [product_id = "", store_id = ""] = row.split("/");
  return { product_id, store_id };
}

/** What an answer says; null: it is none to this request (a busy or broken service, a proxy). */
export function outcomeOf(request: Request, { status, body }: Told): Outcome | null {
  if (status >= 500) return null;
  if (status >= 400)
    return { kind: "refused", code: textOf(body["code"]), facts: factsOf(request, body) };
  const nothing = { kind: "ok", rows: [], hold: null, status: null, asOfSeq: null } as const;
  switch (request.kind) {
    case "create":
    case "adjust":
    case "set":
      return { ...nothing, rows: [rowOf(body)] };
    case "transfer":
      return { ...nothing, rows: [rowOf(bodyOf(body["from"])), rowOf(bodyOf(body["to"]))] };
    case "reserve":
    case "confirm":
    case "cancel":
      return { ...nothing, hold: textOf(body["group_id"] ?? body["id"]), status: statusOf(body) };
    case "find":
      return { ...nothing, status: statusOf(body) };
    case "read":
      return { ...nothing, rows: shownRows(body), asOfSeq: numberOrNull(body["as_of_seq"]) };
  }
}

/** A lone row, all of a product with their places, or a list of rows. */
function shownRows(body: Body): readonly ShownRow[] {
  const product = textOf(body["product_id"]);
  if (Array.isArray(body["stores"])) {
    return body["stores"].map((one) => rowOf({ ...bodyOf(one), product_id: product }));
  }
  return Array.isArray(body["items"])
    ? body["items"].map((one) => rowOf(bodyOf(one)))
    : [rowOf(body)];
}

/** A reservation's, or that of all of a group; where they differ it is shown so, and no model agrees. */
function statusOf(body: Body): HoldStatus {
  const members = Array.isArray(body["reservations"]) ? body["reservations"].map(bodyOf) : [body];
  return [...new Set(members.map((one) => textOf(one["status"])))].join(" and ") as HoldStatus;
}

function factsOf(request: Request, body: Body): Facts {
  const row = `${textOf(body["product_id"])}/${textOf(body["store_id"])}`;
  // Of a group one reservation is named.
  const hold = "hold" in request && request.hold !== null ? request.hold : "";
  switch (body["code"]) {
    case "insufficient_stock":
      return { row, available: Number(body["available"]), requested: Number(body["requested"]) };
    case "quantity_below_reserved":
      return { row, quantity: Number(body["quantity"]), reserved: Number(body["reserved"]) };
    case "version_mismatch":
      return {
        current: Number(body["current_version"]),
        expected: Number(body["expected_version"]),
      };
    case "reservation_not_pending":
      return { hold, status: textOf(body["reservation_status"]) };
    case "reservation_expired":
    case "reservation_not_found":
      return { hold };
    case "id_taken":
      return { hold: textOf(body["id"]) };
    case "stock_not_found":
      return { row };
    case "stock_exists":
      return { ...rowOf(bodyOf(body["stock"])) };
    default:
      return { detail: textOf(body["detail"]) };
  }
}

function rowOf(body: Body): ShownRow {
  return {
    row: `${textOf(body["product_id"])}/${textOf(body["store_id"])}`,
    quantity: Number(body["quantity"]),
    reserved: Number(body["reserved"]),
    version: Number(body["version"]),
  };
}

/** An event as GET /events has it. */
export function eventOf(event: object): LogEvent {
  const body: Body = bodyOf(event);
  const payload = bodyOf(body["payload"]);
  const type = textOf(body["type"]);
  const stock = payload["stock"] === undefined ? null : bodyOf(payload["stock"]);
  const expiresAt = payload["expires_at"];
  const hold = payload["group_id"] ?? payload["reservation_id"];
  return {
    seq: Number(body["seq"]),
    type,
    requestId: textOf(body["request_id"]),
    isExpiry: type === "reservation.expired",
    at: Date.parse(textOf(body["occurred_at"])),
    change:
      stock === null
        ? null
        : {
            row: `${textOf(body["product_id"])}/${textOf(body["store_id"])}`,
            before: balanceOf(bodyOf(stock["before"])),
            after: balanceOf(bodyOf(stock["after"])),
            version: Number(stock["version"]),
            hold: hold === undefined ? null : textOf(hold),
            expiresAt: expiresAt === undefined ? null : Date.parse(textOf(expiresAt)),
          },
  };
}

function balanceOf(body: Body): { readonly quantity: number; readonly reserved: number } {
  return { quantity: Number(body["quantity"]), reserved: Number(body["reserved"]) };
}

function bodyOf(value: unknown): Body {
  return typeof value === "object" && value !== null ? (value as Body) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
