// Reading stock: one row, a product's rows, a store's rows, what runs low, the totals of a dashboard and
// a row's history. A caller sees its own stores; a row elsewhere is not there.

import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import type { Stock } from "../../domain/model.ts";
import { eventsText } from "../../feeds/page.ts";
import { pageLimitDefault } from "../../limits.ts";
import type { Store, StoreScope, StoreTotals } from "../../store/store.ts";
import { etagOf, isNotModified } from "../conditional.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { stockAnswer, stockOfStoreAnswer } from "../present.ts";
import { ProblemError } from "../problem.ts";
import { type Caller, seesStore } from "../roles.ts";
import { route } from "../route.ts";
import {
  Answer,
  Id,
  Nullable,
  PageOf,
  Parts,
  paging,
  Quantity,
  Search,
  StockAnswer,
  StockOfStoreAnswer,
  TimeIso,
  Units,
} from "../schemas.ts";
import { timeAt } from "../values.ts";
import { EventAnswer } from "./events.ts";
import { storeNotFound } from "./stores.ts";

const rowPart = Parts({ product_id: Id, store_id: Id });
const count = Type.Integer();
const totals = { total_quantity: count, total_reserved: count, total_available: count };

const SufficiencyAnswer = Answer("Sufficiency", {
  sufficient: Type.Boolean(),
  available: count,
  requested: count,
});
const ProductStockAnswer = Answer("StockOfProduct", {
  items: Type.Array(StockAnswer),
  next_cursor: Nullable(Type.String()),
  ...totals,
});
const totalsOfStore = {
  quantity: count,
  reserved: count,
  available: count,
  rows: count,
  low_rows: count,
  pending_reservations: count,
};
const SummaryAnswer = Answer("StockSummary", {
  ...totalsOfStore,
  stores: Type.Array(Type.Object({ store_id: Type.String(), ...totalsOfStore })),
});
const HistoryAnswer = Answer("StockHistory", {
  items: Type.Array(EventAnswer),
  next_cursor: Nullable(Type.String()),
});

const ofProductCursor = cursorKind("stock-of-product", ["string"]);
const ofStoreCursor = cursorKind("stock-of-store", ["string"]);
const lowCursor = cursorKind("low-stock", ["string", "string"]);
const historyCursor = cursorKind("history", ["number"]);
const reading = { method: "GET", scope: "stock:read", tag: "stock" } as const;

export function stockReadRoutes(app: FastifyInstance, deps: HttpDeps): void {
  rowRoutes(app, deps);
  ofProductRoute(app, deps);
  ofStoreRoute(app, deps);
  lowRoute(app, deps);
  summaryRoute(app, deps);
  historyRoute(app, deps);
}

async function visibleRow(
  store: Pick<Store, "stock">,
  caller: Caller,
  productId: string,
  storeId: string,
): Promise<Stock> {
  const row = seesStore(caller, storeId) ? await store.stock(productId, storeId) : null;
  if (row !== null) return row;
  throw new ProblemError("stock_not_found", `There is no stock of ${productId} in ${storeId}.`, {
    facts: { product_id: productId, store_id: storeId },
  });
}

function rowRoutes(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/:product_id/:store_id",
    id: "getStock",
    summary: "One stock row",
    schema: { params: rowPart, response: { 200: StockAnswer } },
    codes: ["stock_not_found"],
    async handler(request, reply) {
      const { product_id: productId, store_id: storeId } = request.params;
      const row = await visibleRow(store, request.caller, productId, storeId);
      if (isNotModified(request, reply, etagOf(row.version))) return reply.send();
      return stockAnswer(row);
    },
  });

  route(app, {
    ...reading,
    url: "/api/v1/stock/:product_id/:store_id/availability",
    id: "checkStock",
    summary: "Whether a quantity is available in one store",
    schema: {
      params: rowPart,
      querystring: Parts({ quantity: Type.Optional(Units) }),
      response: { 200: SufficiencyAnswer },
    },
    codes: ["stock_not_found"],
    async handler({ params, query, caller }) {
      const row = await visibleRow(store, caller, params.product_id, params.store_id);
      const available = row.quantity - row.reserved;
      const requested = query.quantity ?? 1;
      return { sufficient: available >= requested, available, requested };
    },
  });
}

function ofProductRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/product/:product_id",
    id: "listStockOfProduct",
    summary: "A product's rows in all stores that the caller sees, with their totals",
    schema: {
      params: Parts({ product_id: Id }),
      querystring: Parts(paging),
      response: { 200: ProductStockAnswer },
    },
    codes: ["product_not_found"],
    async handler({ params: { product_id: productId }, query, caller }) {
      const after = ofProductCursor.read(query.cursor);
      if ((await store.product(productId)) === null) {
        throw new ProblemError("product_not_found", `There is no product ${productId}.`, {
          facts: { product_id: productId },
        });
      }
      const { stores } = caller;
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.stockOfProduct(productId, { after, limit, stores });
      const sum = await sumOfProduct(store, productId, stores);
      return { ...pageAnswer(page, ofProductCursor, stockAnswer), ...sum };
    },
  });
}

/** Over all rows that the caller sees, not over the page. */
async function sumOfProduct(
  store: Pick<Store, "stockOfProduct">,
  productId: string,
  stores: StoreScope,
) {
  let quantity = 0;
  let reserved = 0;
  let after: readonly (string | number)[] | null = null;
  do {
    const query: Parameters<Store["stockOfProduct"]>[1] = { after, limit: sumPage, stores };
    const page = await store.stockOfProduct(productId, query);
    for (const row of page.items) {
      quantity += row.quantity;
      reserved += row.reserved;
    }
    after = page.next;
  } while (after !== null);
  return {
    total_quantity: quantity,
    total_reserved: reserved,
    total_available: quantity - reserved,
  };
}

const sumPage = 5_000;

function ofStoreRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/store/:store_id",
    id: "listStockOfStore",
    summary: "All products of a store",
    schema: {
      params: Parts({ store_id: Id }),
      querystring: Parts({
        ...paging,
        search: Type.Optional(Search),
        low: Type.Optional(Type.Boolean({ description: "Only what is at its reorder point." })),
      }),
      response: { 200: PageOf("StockOfStorePage", StockOfStoreAnswer) },
    },
    codes: ["store_not_found"],
    async handler({ params: { store_id: storeId }, query, caller }) {
      const after = ofStoreCursor.read(query.cursor);
      await mustSeeStore(store, caller, storeId);
      const page = await store.stockOfStore({
        storeId,
        search: query.search ?? null,
        low: query.low ?? false,
        after,
        limit: query.limit ?? pageLimitDefault,
      });
      return pageAnswer(page, ofStoreCursor, stockOfStoreAnswer);
    },
  });
}

async function mustSeeStore(
  store: Pick<Store, "place">,
  caller: Caller,
  storeId: string,
): Promise<void> {
  const place = seesStore(caller, storeId) ? await store.place(storeId) : null;
  if (place === null || place.archivedAt !== null) throw storeNotFound(storeId);
}

function lowRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/low-stock",
    id: "listLowStock",
    summary: "Rows that run low",
    description:
      "Rows with `available <= threshold`; without a threshold, those at or below their own reorder point.",
    schema: {
      querystring: Parts({
        ...paging,
        threshold: Type.Optional(Quantity),
        store_id: Type.Optional(Id),
      }),
      response: { 200: PageOf("LowStockPage", StockOfStoreAnswer) },
    },
    codes: ["store_not_found"],
    async handler({ query, caller }) {
      const after = lowCursor.read(query.cursor);
      const storeId = query.store_id ?? null;
      if (storeId !== null) await mustSeeStore(store, caller, storeId);
      const page = await store.lowStock({
        threshold: query.threshold ?? null,
        storeId,
        stores: caller.stores,
        after,
        limit: query.limit ?? pageLimitDefault,
      });
      return pageAnswer(page, lowCursor, stockOfStoreAnswer);
    },
  });
}

function summaryRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/summary",
    id: "getStockSummary",
    summary: "Totals of the chain and per store, for a dashboard",
    schema: {
      querystring: Parts({ store_id: Type.Optional(Id) }),
      response: { 200: SummaryAnswer },
    },
    codes: ["store_not_found"],
    async handler({ query: { store_id: storeId }, caller }) {
      if (storeId !== undefined) await mustSeeStore(store, caller, storeId);
      const all = await store.totals();
      const stores = all
        .filter((one) => seesStore(caller, one.storeId))
        .filter((one) => storeId === undefined || one.storeId === storeId)
        .map((one) => ({ store_id: one.storeId, ...totalsAnswer(one) }));
      return { ...sumOf(stores), stores };
    },
  });
}

function totalsAnswer({ quantity, reserved, rows, lowRows, byStatus }: StoreTotals) {
  return {
    quantity,
    reserved,
    available: quantity - reserved,
    rows,
    low_rows: lowRows,
    pending_reservations: byStatus.PENDING,
  };
}

type Totals = ReturnType<typeof totalsAnswer>;

function sumOf(stores: readonly Totals[]): Totals {
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

function historyRoute(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/:product_id/:store_id/history",
    id: "getStockHistory",
    summary: "The events of a row, newest first: who, why, and the balances",
    schema: {
      params: rowPart,
      querystring: Parts({ ...paging, from: Type.Optional(TimeIso), to: Type.Optional(TimeIso) }),
      response: { 200: HistoryAnswer },
    },
    codes: ["stock_not_found"],
    async handler({ params, query, caller }, reply) {
      const { product_id: productId, store_id: storeId } = params;
      const page = {
        after: historyCursor.read(query.cursor),
        limit: query.limit ?? pageLimitDefault,
        from: query.from === undefined ? null : timeAt(query.from, "?from"),
        to: query.to === undefined ? null : timeAt(query.to, "?to"),
      };
      await visibleRow(store, caller, productId, storeId);
      const { items, next } = await store.history({ productId, storeId, ...page });
      reply.header("content-type", "application/json; charset=utf-8");
      return eventsText(items, { next_cursor: historyCursor.write(next) });
    },
  });
}
