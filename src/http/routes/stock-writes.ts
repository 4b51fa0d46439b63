// Writing one stock row: receive, count, adjust. Who may write is said in three steps: the role's scope
// (by the route), the store (here, by name: 403), and what only managers may (reorder points). Moves
// between rows and batches are in stock-moves.ts.

import type { FastifyInstance, FastifyReply } from "fastify";
import type { StockChange } from "../../domain/model.ts";
import type { Outcome } from "../../store/store.ts";
import { ChangeBody, changeOf, mustExplain, placeCodes, rowPart } from "../changes.ts";
import { etagOf, preconditionOf } from "../conditional.ts";
import type { HttpDeps } from "../deps.ts";
import { issued } from "../idempotency.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { stockAnswer } from "../present.ts";
import { invalidField } from "../problem.ts";
import { mustAllow, mustOwnStore } from "../roles.ts";
import { route } from "../route.ts";
import {
  Body,
  Change,
  Note,
  Nullable,
  Quantity,
  ReasonCode,
  StockAnswer,
  Version,
} from "../schemas.ts";
import { Type } from "../type.ts";

const CountBody = Body({
  quantity: Type.Optional(Quantity),
  reorder_point: Type.Optional(Nullable(Quantity)),
  reason: Type.Optional(ReasonCode),
  note: Type.Optional(Note),
  expected_version: Type.Optional(Version),
});
const AdjustBody = Body({
  adjustment: Change,
  reason: ReasonCode,
  note: Type.Optional(Note),
  expected_version: Type.Optional(Version),
});

const writing = { scope: "stock:write", tag: "stock" } as const;

export function stockWriteRoutes(app: FastifyInstance, deps: HttpDeps): void {
  changeRoute(app, deps);
  countRoute(app, deps);
  adjustRoute(app, deps);
}

function changeRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    method: "POST",
    url: "/api/v1/stock",
    id: "changeStock",
    summary: "Receives or changes stock; makes the row if there is none",
    description:
      "`quantity_change` adds a signed amount to the row (201 if it was made). " +
      "`initial_quantity` in its place makes the row, and is refused if there is one.",
    schema: { body: ChangeBody, response: { 200: StockAnswer, 201: StockAnswer } },
    codes: [...placeCodes, "stock_exists", "version_mismatch", "insufficient_stock"],
    async handler(request, reply) {
      const { body, caller } = request;
      const change = changeOf(body, preconditionOf(request, body.expected_version));
      request.business = {
        operation: "change_stock",
        store_id: change.storeId,
        product_id: change.productId,
        quantity: change.amount,
      };
      mustOwnStore(caller, change.storeId);
      const outcome = await execute({ ...issued(request), kind: "ChangeStock", change });
      return sendOutcome(request, reply, outcome, "stock", changedRow);
    },
  });
}

function countRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    method: "PUT",
    url: "/api/v1/stock/:product_id/:store_id",
    id: "setStock",
    summary: "Sets what was counted, and the reorder point",
    schema: { params: rowPart, body: CountBody, response: { 200: StockAnswer } },
    codes: [...placeCodes, "stock_not_found", "version_mismatch", "quantity_below_reserved"],
    async handler(request, reply) {
      const { params, body, caller } = request;
      const { product_id: productId, store_id: storeId } = params;
      const { quantity, reorder_point: reorderPoint, reason = "COUNT", note } = body;
      if (quantity === undefined && reorderPoint === undefined) {
        throw invalidField("/quantity", "is required, or reorder_point");
      }
      mustExplain(reason, note);
      const counted = quantity === undefined ? null : { quantity };
      request.business = {
        operation: "count_stock",
        store_id: storeId,
        product_id: productId,
        ...counted,
      };
      mustOwnStore(caller, storeId);
      if (reorderPoint !== undefined) mustAllow(caller, "stock:threshold", "set a reorder point");
      const outcome = await execute({
        ...issued(request),
        kind: "SetStock",
        productId,
        storeId,
        quantity: quantity ?? null,
        reorderPoint,
        reason,
        note: note ?? null,
        expected: preconditionOf(request, body.expected_version),
      });
      return sendOutcome(request, reply, outcome, "stock", changedRow);
    },
  });
}

function adjustRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    ...writing,
    method: "POST",
    url: "/api/v1/stock/:product_id/:store_id/adjust",
    id: "adjustStock",
    summary: "Adds a signed amount to a row that exists",
    schema: { params: rowPart, body: AdjustBody, response: { 200: StockAnswer } },
    codes: [...placeCodes, "stock_not_found", "version_mismatch", "insufficient_stock"],
    async handler(request, reply) {
      const { params, body, caller } = request;
      mustExplain(body.reason, body.note);
      const change: StockChange = {
        productId: params.product_id,
        storeId: params.store_id,
        mode: "add",
        amount: body.adjustment,
        createMissing: false,
        reason: body.reason,
        note: body.note ?? null,
        reference: null,
        userId: null,
        expected: preconditionOf(request, body.expected_version),
      };
      request.business = {
        operation: "adjust_stock",
        store_id: change.storeId,
        product_id: change.productId,
        quantity: change.amount,
      };
      mustOwnStore(caller, change.storeId);
      const outcome = await execute({ ...issued(request), kind: "ChangeStock", change });
      return sendOutcome(request, reply, inWordsOfAdjust(outcome), "stock", changedRow);
    },
  });
}

/** The domain names the field of a change; here the same number is called `adjustment`. */
function inWordsOfAdjust(outcome: Outcome): Outcome {
  const { result } = outcome;
  if (!("rejection" in result) || result.rejection.code !== "quantity_out_of_range") return outcome;
  return { ...outcome, result: { rejection: { ...result.rejection, field: "adjustment" } } };
}

function changedRow({ stock, created }: ReplyOf<"stock">, reply: FastifyReply) {
  reply.code(created ? 201 : 200).header("etag", etagOf(stock.version));
  if (created) reply.header("location", `/api/v1/stock/${stock.productId}/${stock.storeId}`);
  return stockAnswer(stock);
}
