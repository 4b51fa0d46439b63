// What a business refusal says: a sentence and the facts of its code, in the API's names. Which status
// it has is problem.ts's to know. Lines of a batch speak the same way as whole answers.

import type { BatchLineResult } from "../domain/model.ts";
import type { Rejection } from "../domain/rejection.ts";
import { unreachable } from "../lib/assert.ts";
import { isoTime } from "../lib/clock.ts";
import { stockAnswer } from "./present.ts";
import type { BatchResults } from "./schemas.ts";
import type { Static } from "./type.ts";

export type Facts = Readonly<Record<string, unknown>>;

export interface Refusal {
  readonly detail: string;
  readonly facts: Facts;
}

export function refusalOf(rejection: Rejection): Refusal {
  switch (rejection.code) {
    case "product_not_found":
    case "product_in_use":
    case "sku_taken":
      return ofProduct(rejection);
    case "store_not_found":
    case "store_inactive":
    case "same_store":
    case "store_in_use":
      return ofStore(rejection);
    case "id_taken":
      return { detail: `The id ${rejection.id} is taken.`, facts: { id: rejection.id } };
    case "stock_not_found":
    case "stock_exists":
    case "insufficient_stock":
    case "quantity_below_reserved":
    case "quantity_out_of_range":
      return ofStock(rejection);
    case "version_mismatch":
      return ofVersion(rejection);
    case "reservation_not_found":
    case "group_not_found":
    case "reservation_not_pending":
    case "reservation_expired":
    case "lifetime_exceeded":
    case "customer_limit_reached":
      return ofReservation(rejection);
    case "batch_failed":
      return {
        detail: "A change was refused, so none was made; results say which.",
        facts: { results: batchResults(rejection.results, "undone") },
      };
    case "idempotency_key_reused":
      return {
        detail: "This Idempotency-Key was used with a different request; use a new key.",
        facts: {},
      };
    default:
      return unreachable(rejection);
  }
}

type Of<Code extends Rejection["code"]> = Extract<Rejection, { code: Code }>;

function ofProduct(rejection: Of<"product_not_found" | "product_in_use" | "sku_taken">): Refusal {
  const { productId } = rejection;
  switch (rejection.code) {
    case "product_not_found":
      return { detail: `There is no product ${productId}.`, facts: { product_id: productId } };
    case "product_in_use":
      return {
        detail: `The product still has ${rejection.quantity} units in stock.`,
        facts: { product_id: productId, quantity: rejection.quantity },
      };
    case "sku_taken":
      return {
        detail: `The SKU ${rejection.sku} belongs to another product.`,
        facts: { sku: rejection.sku, product_id: productId },
      };
    default:
      return unreachable(rejection);
  }
}

function ofStore(
  rejection: Of<"store_not_found" | "store_inactive" | "same_store" | "store_in_use">,
): Refusal {
  const { storeId } = rejection;
  const facts = { store_id: storeId };
  switch (rejection.code) {
    case "store_not_found":
      return { detail: `There is no store ${storeId}.`, facts };
    case "store_inactive":
      return { detail: `The store ${storeId} is not active.`, facts };
    case "same_store":
      return { detail: `${storeId} is both source and destination.`, facts };
    case "store_in_use":
      return {
        detail: `The store still has ${rejection.quantity} units; deactivate it instead.`,
        facts: { ...facts, quantity: rejection.quantity },
      };
    default:
      return unreachable(rejection);
  }
}

function ofStock(
  rejection: Of<
    | "stock_not_found"
    | "stock_exists"
    | "insufficient_stock"
    | "quantity_below_reserved"
    | "quantity_out_of_range"
  >,
): Refusal {
  switch (rejection.code) {
    case "stock_not_found":
      return {
        detail: `${rejection.storeId} has no stock row of ${rejection.productId}.`,
        facts: { product_id: rejection.productId, store_id: rejection.storeId },
      };
    case "stock_exists":
      return {
        detail: "This product already has a stock row in this store.",
        facts: {
          product_id: rejection.stock.productId,
          store_id: rejection.stock.storeId,
          stock: stockAnswer(rejection.stock),
        },
      };
    case "insufficient_stock":
      return {
        detail: `${rejection.available} available, ${rejection.requested} requested.`,
        facts: {
          product_id: rejection.productId,
          store_id: rejection.storeId,
          available: rejection.available,
          requested: rejection.requested,
        },
      };
    case "quantity_below_reserved":
      return {
        detail: `${rejection.reserved} units are reserved; ${rejection.quantity} is too few.`,
        facts: {
          product_id: rejection.productId,
          store_id: rejection.storeId,
          quantity: rejection.quantity,
          reserved: rejection.reserved,
        },
      };
    case "quantity_out_of_range": {
      const path = `/${rejection.field}`;
      const message = `must be at most ${rejection.max}`;
      return { detail: `${path} ${message}`, facts: { errors: [{ path, message }] } };
    }
    default:
      return unreachable(rejection);
  }
}

function ofVersion({ expected, current }: Of<"version_mismatch">): Refusal {
  return {
    detail:
      current === 0
        ? "It does not exist yet."
        : `It is at version ${current}, not ${expected}: somebody changed it meanwhile.`,
    facts: { current_version: current, expected_version: expected },
  };
}

function ofReservation(
  rejection: Of<
    | "reservation_not_found"
    | "group_not_found"
    | "reservation_not_pending"
    | "reservation_expired"
    | "lifetime_exceeded"
    | "customer_limit_reached"
  >,
): Refusal {
  switch (rejection.code) {
    case "reservation_not_found":
      return {
        detail: `There is no reservation ${rejection.reservationId}.`,
        facts: { reservation_id: rejection.reservationId },
      };
    case "group_not_found":
      return {
        detail: `There is no reservation group ${rejection.groupId}.`,
        facts: { group_id: rejection.groupId },
      };
    case "reservation_not_pending":
      return {
        detail: `The reservation is ${rejection.status}.`,
        facts: {
          reservation_id: rejection.reservationId,
          reservation_status: rejection.status,
          retaken_by: rejection.retakenBy,
        },
      };
    case "reservation_expired":
      return {
        detail: `The reservation expired at ${isoTime(rejection.expiredAt)}.`,
        facts: {
          reservation_id: rejection.reservationId,
          expired_at: isoTime(rejection.expiredAt),
        },
      };
    case "lifetime_exceeded":
      return {
        detail: `A reservation may be held for ${rejection.maxSeconds} s in all.`,
        facts: { max_seconds: rejection.maxSeconds },
      };
    case "customer_limit_reached":
      return {
        detail: `This customer holds ${rejection.current} ${rejection.limit}; at most ${rejection.max}.`,
        facts: {
          customer_id: rejection.customerId,
          limit: rejection.limit,
          max: rejection.max,
          current: rejection.current,
        },
      };
    default:
      return unreachable(rejection);
  }
}

/** The lines of a batch; where it was refused as a whole, no line has a row to show. */
export function batchResults(
  results: readonly BatchLineResult[],
  made: "done" | "undone",
): Static<typeof BatchResults> {
  return results.map(({ index, stock, rejection }) => {
    if (rejection !== null) {
      const { detail, facts } = refusalOf(rejection);
      return { index, status: "failed", error: { code: codeOf(rejection), detail, ...facts } };
    }
    return stock === null || made === "undone"
      ? { index, status: "ok" }
      : { index, status: "ok", stock: stockAnswer(stock) };
  });
}

/** The code that a client sees: a number out of bounds is one more thing that is not valid. */
export function codeOf({
  code,
}: Rejection): Exclude<Rejection["code"], "quantity_out_of_range"> | "validation_failed" {
  return code === "quantity_out_of_range" ? "validation_failed" : code;
}
