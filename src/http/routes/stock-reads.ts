// Reading stock: one row, a product's rows, a store's rows, what runs low, and a row's history. A caller
// sees its own stores; a row elsewhere is not there. Rows of archived products and stores are gone from
// all of these but the history, which stays.

import type { FastifyInstance } from "fastify";
import type { Stock } from "../../domain/model.ts";
import { eventsText } from "../../feeds/page.ts";
import { pageLimitDefault } from "../../limits.ts";
import type { Store } from "../../store/store.ts";
import { rowPart } from "../changes.ts";
import { etagOf, isNotModified } from "../conditional.ts";
import { cursorKind, pageAnswer } from "../cursor.ts";
import type { HttpDeps } from "../deps.ts";
import { mustSeeStore } from "../place.ts";
import { stockAnswer, stockOfStoreAnswer } from "../present.ts";
import { refusedWith } from "../problem.ts";
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
import { Type } from "../type.ts";
import { timeAt } from "../values.ts";
import { wholeList } from "../whole-list.ts";
import { EventAnswer } from "./events.ts";

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
const HistoryAnswer = Answer("StockHistory", {
  items: Type.Array(EventAnswer),
  next_cursor: Nullable(Type.String()),
});

const ofProductCursor = cursorKind("stock-of-product", ["id"]);
const ofStoreCursor = cursorKind("stock-of-store", ["id", "id"]);
const lowCursor = cursorKind("low-stock", ["id", "id"]);
const historyCursor = cursorKind("history", ["number"]);
const reading = { method: "GET", scope: "stock:read", tag: "stock" } as const;

export function stockReadRoutes(app: FastifyInstance, deps: HttpDeps): void {
  rowRoutes(app, deps);
  ofProductRoute(app, deps);
  ofStoreRoute(app, deps);
  lowRoute(app, deps);
  historyRoute(app, deps);
}

type RowParts = Readonly<Record<"product_id" | "store_id", string>>;

async function visibleRow(
  store: Pick<Store, "stock" | "product" | "place">,
  caller: Caller,
  parts: RowParts,
): Promise<Stock> {
  const row = await rowEver(store, caller, parts);
  // Whatever has units cannot be archived, so only an empty row needs the question.
  if (row.quantity > 0) return row;
  const [product, place] = await Promise.all([
    store.product(row.productId),
    store.place(row.storeId),
  ]);
  return product === null || place === null ? noRow(parts) : row;
}

/** The row, also where its product or its store is archived. */
async function rowEver(
  store: Pick<Store, "stock">,
  caller: Caller,
  parts: RowParts,
): Promise<Stock> {
  const { product_id: productId, store_id: storeId } = parts;
  const row = seesStore(caller, storeId) ? await store.stock(productId, storeId) : null;
  return row ?? noRow(parts);
}

function noRow({ product_id: productId, store_id: storeId }: RowParts): never {
  throw refusedWith({ code: "stock_not_found", productId, storeId });
}

function rowRoutes(app: FastifyInstance, { store }: HttpDeps): void {
  route(app, {
    ...reading,
    url: "/api/v1/stock/:product_id/:store_id",
    id: "getStock",
    summary: "One stock row",
    etag: true,
    schema: { params: rowPart, response: { 200: StockAnswer } },
    codes: ["stock_not_found"],
    async handler(request, reply) {
      const row = await visibleRow(store, request.caller, request.params);
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
      const row = await visibleRow(store, caller, params);
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
        throw refusedWith({ code: "product_not_found", productId });
      }
      const { stores } = caller;
      const limit = query.limit ?? pageLimitDefault;
      const page = await store.stockOfProduct(productId, { after, limit, stores });
      const isAll = after === null && page.next === null;
      const rows = isAll
        ? page.items
        : wholeList((part) => store.stockOfProduct(productId, { ...part, stores }));
      return { ...pageAnswer(page, ofProductCursor, stockAnswer), ...(await totalsOf(rows)) };
    },
  });
}

/** Totals are over all rows that the caller sees, whatever the page. */
async function totalsOf(rows: Iterable<Stock> | AsyncIterable<Stock>) {
  let quantity = 0;
  let reserved = 0;
  for await (const row of rows) {
    quantity += row.quantity;
    reserved += row.reserved;
  }
  return {
    total_quantity: quantity,
    total_reserved: reserved,
    total_available: quantity - reserved,
  };
}

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
      await rowEver(store, caller, params);
      const { items, next } = await store.history({ productId, storeId, ...page });
      reply.header("content-type", "application/json; charset=utf-8");
      return eventsText(items, { next_cursor: historyCursor.write(next) });
    },
  });
}
