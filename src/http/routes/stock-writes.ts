// Writing stock: receive, adjust, count, transfer, batch. Who may write is said in three steps: the
// role's scope (by the route), the stores (here, by name: 403), and what only managers may (reorder
// points, transfers, batches).

import type { FastifyInstance, FastifyReply } from "fastify";
import { type Static, Type } from "typebox";
import type { Reason, StockChange } from "../../domain/model.ts";
import { batchBodyBytesMax, batchLinesMax } from "../../limits.ts";
import type { Outcome } from "../../store/store.ts";
import { etagOf, preconditionOf } from "../conditional.ts";
import type { HttpDeps } from "../deps.ts";
import { issued } from "../idempotency.ts";
import type { Business } from "../observe.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { stockAnswer } from "../present.ts";
import { invalidField } from "../problem.ts";
import { batchResults } from "../refusal.ts";
import { mustAllow, mustOwnStore } from "../roles.ts";
import { route } from "../route.ts";
import {
  Answer,
  BatchAnswer,
  Body,
  Change,
  CustomerId,
  Id,
  Note,
  Nullable,
  OneOf,
  Parts,
  Quantity,
  ReasonCode,
  StockAnswer,
  Units,
  Version,
} from "../schemas.ts";

const rowPart = Parts({ product_id: Id, store_id: Id });

const ChangeBody = Body({
  product_id: Id,
  store_id: Id,
  quantity_change: Type.Optional(Change),
  initial_quantity: Type.Optional(Quantity),
  reason: Type.Optional(ReasonCode),
  user_id: Type.Optional(CustomerId),
  note: Type.Optional(Note),
  reference: Type.Optional(Note),
  expected_version: Type.Optional(Version),
});
const BatchBody = Body({
  error_policy: Type.Optional(OneOf(["all_or_nothing", "skip_failed"])),
  changes: Type.Array(ChangeBody, { minItems: 1, maxItems: batchLinesMax }),
});
const CountBody = Body(
  {
    quantity: Type.Optional(Quantity),
    reorder_point: Type.Optional(Nullable(Quantity)),
    reason: Type.Optional(ReasonCode),
    note: Type.Optional(Note),
    expected_version: Type.Optional(Version),
  },
  { minProperties: 1 },
);
const AdjustBody = Body({
  adjustment: Change,
  reason: ReasonCode,
  note: Type.Optional(Note),
  expected_version: Type.Optional(Version),
});
const TransferBody = Body({
  product_id: Id,
  from_store_id: Id,
  to_store_id: Id,
  quantity: Units,
  reason: Type.Optional(ReasonCode),
  note: Type.Optional(Note),
  expected_version: Type.Optional(Version),
});
const TransferAnswer = Answer("Transfer", {
  transfer_id: Type.String(),
  from: StockAnswer,
  to: StockAnswer,
});

const placeCodes = ["product_not_found", "store_not_found", "store_inactive"] as const;

export function stockWriteRoutes(app: FastifyInstance, deps: HttpDeps): void {
  changeRoute(app, deps);
  countRoute(app, deps);
  adjustRoute(app, deps);
  transferRoute(app, deps);
  batchRoute(app, deps);
}

function changeRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/stock",
    scope: "stock:write",
    id: "changeStock",
    tag: "stock",
    summary: "Receives or changes stock; makes the row if there is none",
    description:
      "`quantity_change` adds a signed amount to the row (201 if it was made). " +
      "`initial_quantity` in its place makes the row, and is refused if there is one.",
    schema: { body: ChangeBody, response: { 200: StockAnswer, 201: StockAnswer } },
    codes: [...placeCodes, "stock_exists", "version_mismatch", "insufficient_stock"],
    async handler(request, reply) {
      const { body, caller } = request;
      mustOwnStore(caller, body.store_id);
      const expected = preconditionOf(request, body.expected_version);
      const change = { ...changeOf(body, ""), expected };
      const outcome = await execute({ ...issued(request), kind: "ChangeStock", change });
      request.business = businessOf("change_stock", outcome, change.amount);
      return sendOutcome(request, reply, outcome, "stock", changedRow);
    },
  });
}

/** One line of a change; `path` is where it stands in the body. */
function changeOf(body: Static<typeof ChangeBody>, path: string): StockChange {
  const { quantity_change: change, initial_quantity: initial } = body;
  if (change !== undefined && initial !== undefined) {
    throw invalidField(`${path}/initial_quantity`, "cannot stand beside quantity_change");
  }
  const amount = change ?? initial;
  if (amount === undefined) {
    throw invalidField(`${path}/quantity_change`, "is required (or initial_quantity)");
  }
  const mode = change === undefined ? "initial" : "add";
  if (body.reason === undefined && mode === "add")
    throw invalidField(`${path}/reason`, "is required");
  const reason = body.reason ?? "INITIAL";
  mustExplain(reason, body.note, path);
  return {
    productId: body.product_id,
    storeId: body.store_id,
    mode,
    amount,
    createMissing: true,
    reason,
    note: body.note ?? null,
    reference: body.reference ?? null,
    userId: body.user_id ?? null,
    expected: null,
  };
}

function mustExplain(reason: Reason, note: string | undefined, path = ""): void {
  if (reason === "OTHER" && note === undefined) {
    throw invalidField(`${path}/note`, "is required where the reason is OTHER");
  }
}

function countRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    method: "PUT",
    url: "/api/v1/stock/:product_id/:store_id",
    scope: "stock:write",
    id: "setStock",
    tag: "stock",
    summary: "Sets what was counted, and the reorder point",
    schema: { params: rowPart, body: CountBody, response: { 200: StockAnswer } },
    codes: [...placeCodes, "stock_not_found", "version_mismatch", "quantity_below_reserved"],
    async handler(request, reply) {
      const { params, body, caller } = request;
      mustOwnStore(caller, params.store_id);
      if (body.reorder_point !== undefined) {
        mustAllow(caller, "stock:threshold", "set a reorder point");
      }
      if (body.quantity === undefined && body.reorder_point === undefined) {
        throw invalidField("/quantity", "is required (or reorder_point)");
      }
      const reason = body.reason ?? "COUNT";
      mustExplain(reason, body.note);
      const outcome = await execute({
        ...issued(request),
        kind: "SetStock",
        productId: params.product_id,
        storeId: params.store_id,
        quantity: body.quantity ?? null,
        reorderPoint: body.reorder_point,
        reason,
        note: body.note ?? null,
        expected: preconditionOf(request, body.expected_version),
      });
      request.business = businessOf("count_stock", outcome, body.quantity);
      return sendOutcome(request, reply, outcome, "stock", changedRow);
    },
  });
}

function adjustRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/stock/:product_id/:store_id/adjust",
    scope: "stock:write",
    id: "adjustStock",
    tag: "stock",
    summary: "Adds a signed amount to a row that exists",
    schema: { params: rowPart, body: AdjustBody, response: { 200: StockAnswer } },
    codes: [...placeCodes, "stock_not_found", "version_mismatch", "insufficient_stock"],
    async handler(request, reply) {
      const { params, body, caller } = request;
      mustOwnStore(caller, params.store_id);
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
      const outcome = await execute({ ...issued(request), kind: "ChangeStock", change });
      request.business = businessOf("adjust_stock", outcome, body.adjustment);
      return sendOutcome(request, reply, outcome, "stock", changedRow);
    },
  });
}

function transferRoute(app: FastifyInstance, { execute, newId }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/stock/transfer",
    scope: "stock:transfer",
    id: "transferStock",
    tag: "stock",
    summary: "Moves units from one store to another in one transaction",
    description:
      "The destination row is made if there is none. A version is that of the source row.",
    schema: { body: TransferBody, response: { 200: TransferAnswer } },
    codes: [
      ...placeCodes,
      "same_store",
      "stock_not_found",
      "version_mismatch",
      "insufficient_stock",
    ],
    async handler(request, reply) {
      const { body, caller } = request;
      mustOwnStore(caller, body.from_store_id);
      mustOwnStore(caller, body.to_store_id);
      const reason = body.reason ?? "TRANSFER";
      mustExplain(reason, body.note);
      const outcome = await execute({
        ...issued(request),
        kind: "TransferStock",
        transferId: newId(),
        productId: body.product_id,
        fromStoreId: body.from_store_id,
        toStoreId: body.to_store_id,
        quantity: body.quantity,
        reason,
        note: body.note ?? null,
        expected: preconditionOf(request, body.expected_version),
      });
      request.business = businessOf("transfer_stock", outcome, body.quantity);
      return sendOutcome(request, reply, outcome, "transfer", transferred);
    },
  });
}

function batchRoute(app: FastifyInstance, { execute }: HttpDeps): void {
  route(app, {
    method: "POST",
    url: "/api/v1/stock/batch",
    scope: "stock:batch",
    id: "batchStock",
    tag: "stock",
    summary: "Many changes in one transaction",
    description: "Lines apply in order and see those before them; one row may come twice.",
    schema: { body: BatchBody, response: { 200: BatchAnswer } },
    codes: ["batch_failed"],
    bodyLimit: batchBodyBytesMax,
    async handler(request, reply) {
      const { body, caller } = request;
      const changes = body.changes.map((line, index) => {
        mustOwnStore(caller, line.store_id);
        const path = `/changes/${index}`;
        const { expected_version: version } = line;
        return {
          ...changeOf(line, path),
          expected: version === undefined ? null : ({ version, source: "body" } as const),
        };
      });
      const outcome = await execute({
        ...issued(request),
        kind: "BatchStock",
        errorPolicy: body.error_policy ?? "all_or_nothing",
        changes,
      });
      request.business = { operation: "batch_stock", quantity: changes.length };
      return sendOutcome(request, reply, outcome, "batch", batched);
    },
  });
}

/** The row that a command was about, where its outcome says so: only then does its store surely exist. */
function businessOf(
  operation: string,
  { result }: Outcome,
  quantity: number | undefined,
): Business {
  const told = { operation, ...(quantity === undefined ? null : { quantity }) };
  if (!("reply" in result)) return told;
  const { reply } = result;
  const row = reply.kind === "stock" ? reply.stock : reply.kind === "transfer" ? reply.from : null;
  return row === null ? told : { ...told, store_id: row.storeId, product_id: row.productId };
}

function changedRow({ stock, created }: ReplyOf<"stock">, reply: FastifyReply) {
  reply.code(created ? 201 : 200).header("etag", etagOf(stock.version));
  if (created) reply.header("location", `/api/v1/stock/${stock.productId}/${stock.storeId}`);
  return stockAnswer(stock);
}

function transferred({ transferId, from, to }: ReplyOf<"transfer">) {
  return { transfer_id: transferId, from: stockAnswer(from), to: stockAnswer(to) };
}

function batched({ results }: ReplyOf<"batch">) {
  return { results: batchResults(results, "done") };
}
