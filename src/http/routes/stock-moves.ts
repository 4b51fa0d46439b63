// Writing several stock rows at once: a transfer between two stores, and a batch of changes. Each is one
// command in one transaction, and the caller must own every store that it names.

import type { FastifyInstance } from "fastify";
import type { StockChange } from "../../domain/model.ts";
import { must } from "../../lib/assert.ts";
import { batchBodyBytesMax, batchLinesMax } from "../../limits.ts";
import { ChangeBody, changeOf, mustExplain, placeCodes } from "../changes.ts";
import { preconditionOf } from "../conditional.ts";
import type { HttpDeps } from "../deps.ts";
import { issued } from "../idempotency.ts";
import type { Business } from "../observe.ts";
import { type ReplyOf, sendOutcome } from "../outcome.ts";
import { stockAnswer } from "../present.ts";
import { batchResults } from "../refusal.ts";
import { mustOwnStore } from "../roles.ts";
import { route } from "../route.ts";
import {
  Answer,
  BatchAnswer,
  Body,
  Id,
  Note,
  OneOf,
  ReasonCode,
  StockAnswer,
  Units,
  Version,
} from "../schemas.ts";
import { Type } from "../type.ts";

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
const BatchBody = Body({
  error_policy: Type.Optional(OneOf(["all_or_nothing", "skip_failed"])),
  changes: Type.Array(ChangeBody, { minItems: 1, maxItems: batchLinesMax }),
});

export function stockMoveRoutes(app: FastifyInstance, deps: HttpDeps): void {
  transferRoute(app, deps);
  batchRoute(app, deps);
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
      const { product_id: productId, from_store_id: fromStoreId, to_store_id: toStoreId } = body;
      const { quantity, reason = "TRANSFER", note } = body;
      mustExplain(reason, note);
      request.business = {
        operation: "transfer_stock",
        store_id: fromStoreId,
        product_id: productId,
        quantity,
      };
      mustOwnStore(caller, fromStoreId);
      mustOwnStore(caller, toStoreId);
      const outcome = await execute({
        ...issued(request),
        kind: "TransferStock",
        transferId: newId(),
        productId,
        fromStoreId,
        toStoreId,
        quantity,
        reason,
        note: note ?? null,
        expected: preconditionOf(request, body.expected_version),
      });
      return sendOutcome(request, reply, outcome, "transfer", transferred);
    },
  });
}

function transferred({ transferId, from, to }: ReplyOf<"transfer">) {
  return { transfer_id: transferId, from: stockAnswer(from), to: stockAnswer(to) };
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
        const { expected_version: version } = line;
        const expected = version === undefined ? null : ({ version, source: "body" } as const);
        return changeOf(line, expected, `/changes/${index}`);
      });
      request.business = { operation: "batch_stock" };
      for (const { storeId } of changes) mustOwnStore(caller, storeId);
      const outcome = await execute({
        ...issued(request),
        kind: "BatchStock",
        errorPolicy: body.error_policy ?? "all_or_nothing",
        changes,
      });
      if ("reply" in outcome.result && outcome.result.reply.kind === "batch") {
        request.business = businessOf(outcome.result.reply, changes);
      }
      return sendOutcome(request, reply, outcome, "batch", batched);
    },
  });
}

/** The units that were put in or taken out, and the store if all lines that were done are in one. */
function businessOf(
  { results }: ReplyOf<"batch">,
  changes: readonly Pick<StockChange, "amount">[],
): Business {
  let quantity = 0;
  const stores = new Set<string>();
  for (const { index, stock } of results) {
    if (stock === null) continue;
    quantity += must(changes[index], "a result is of a line").amount;
    stores.add(stock.storeId);
  }
  const [storeId] = stores;
  const place = stores.size === 1 && storeId !== undefined ? { store_id: storeId } : null;
  return { operation: "batch_stock", quantity, ...place };
}

function batched({ results }: ReplyOf<"batch">) {
  return { results: batchResults(results, "done") };
}
