// The totals of a dashboard: what each store of the caller holds, and all of them together. They are kept
// by each commit, so the answer costs the same with a thousand rows and with ten million.

import type { FastifyInstance } from "fastify";
import type { Store as Place } from "../../domain/model.ts";
import { must } from "../../lib/assert.ts";
import type { StoreTotals } from "../../store/store.ts";
import type { HttpDeps } from "../deps.ts";
import { mustSeeStore } from "../place.ts";
import { seesStore } from "../roles.ts";
import { route } from "../route.ts";
import { Answer, Id, Parts } from "../schemas.ts";
import { type Static, Type } from "../type.ts";
import { wholeList } from "../whole-list.ts";

const count = Type.Integer();
const totals = {
  quantity: count,
  reserved: count,
  available: count,
  rows: count,
  low_rows: Type.Integer({ description: "Rows at or below their reorder point." }),
  pending_reservations: count,
};
const StoreSummary = Type.Object({
  store_id: Type.String(),
  store_name: Type.String(),
  active: Type.Boolean(),
  ...totals,
});
const SummaryAnswer = Answer("StockSummary", { ...totals, stores: Type.Array(StoreSummary) });

export function stockSummaryRoutes(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    method: "GET",
    url: "/api/v1/stock/summary",
    scope: "stock:read",
    id: "getStockSummary",
    tag: "stock",
    summary: "Totals for a dashboard: of each store that the caller sees, and of all of them",
    schema: {
      querystring: Parts({ store_id: Type.Optional(Id) }),
      response: { 200: SummaryAnswer },
    },
    codes: ["store_not_found"],
    async handler({ query: { store_id: storeId }, caller }) {
      if (storeId !== undefined) await mustSeeStore(store, caller, storeId);
      const isWanted = (id: string): boolean =>
        seesStore(caller, id) && (storeId === undefined || storeId === id);
      const places = new Map<string, Place>();
      for await (const place of wholeList(store.places)) places.set(place.id, place);
      const stores = (await store.totals())
        // A store that was archived is in the kept totals, but no longer in the chain.
        .filter((one) => isWanted(one.storeId) && places.has(one.storeId))
        .map((one) => summaryOf(one, must(places.get(one.storeId), "it was asked for above")));
      return { ...sumOf(stores), stores };
    },
  });
}

function summaryOf(one: StoreTotals, { name, active }: Place): Static<typeof StoreSummary> {
  return {
    store_id: one.storeId,
    store_name: name,
    active,
    quantity: one.quantity,
    reserved: one.reserved,
    available: one.quantity - one.reserved,
    rows: one.rows,
    low_rows: one.lowRows,
    pending_reservations: one.byStatus.PENDING,
  };
}

function sumOf(stores: readonly Static<typeof StoreSummary>[]) {
  const sum = {
    quantity: 0,
    reserved: 0,
    available: 0,
    rows: 0,
    low_rows: 0,
    pending_reservations: 0,
  };
  for (const one of stores) {
    sum.quantity += one.quantity;
    sum.reserved += one.reserved;
    sum.available += one.available;
    sum.rows += one.rows;
    sum.low_rows += one.low_rows;
    sum.pending_reservations += one.pending_reservations;
  }
  return sum;
}
