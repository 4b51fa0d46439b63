// Reads of stock rows and of the totals that commits maintain. Lists leave out archived products (their
// rows hold nothing) and archived stores.
//
// A list is a walk along one index that ends with the page, and its plan must not depend on statistics, which
// may be of yesterday. So its rows are asked for by ranges of the columns of that index and in their order,
// which no other index has; and what is looked up for each row is a subquery that depends on it, with OFFSET 0,
// so that no plan can join the other way round.

import type { Stock } from "../../domain/model.ts";
import { isHidden, lowStoreOf, type StoreRowsFilter } from "../filters.ts";
import { afterText, pageOf } from "../pages.ts";
import {
  columnsOf,
  searchText,
  stockColumns,
  stockOf,
  stockOfStoreColumns,
  stockOfStoreOf,
  totalsOf,
} from "../rows.ts";
import type {
  LowStockQuery,
  Page,
  PageQuery,
  StockOfStoreRow,
  StoreScope,
  StoreStockQuery,
  StoreTotals,
} from "../store.ts";
import { openBinding, type Statements, type Text } from "./statements.ts";

/**
 * The store and then the product of each row. A scope is asked of the store, not of the row: as a key of the
 * walk it would break the order.
 */
function inCatalog(scope = ""): string {
  return `
    CROSS JOIN LATERAL (
      SELECT TRUE AS found FROM stores
      WHERE id = s.store_id AND archived_at IS NULL${scope} OFFSET 0) t
    CROSS JOIN LATERAL (
      SELECT sku, name, search FROM products
      WHERE t.found AND id = s.product_id AND archived_at IS NULL OFFSET 0) p`;
}

export const stockSql = {
  row: `SELECT ${stockColumns} FROM stock WHERE product_id = $1 AND store_id = $2`,
  // A scope is $4; null: all stores.
  ofProduct: `
    SELECT ${columnsOf("s", stockColumns)}
    FROM stock s${inCatalog(" AND ($4::text[] IS NULL OR id = ANY ($4::text[]))")}
    WHERE (s.product_id, s.store_id) > ($1, $2) AND s.product_id <= $1
    ORDER BY s.product_id, s.store_id LIMIT $3`,
  // A store that nothing has happened in has no totals yet. An archived store's are still part of the
  // chain's counts of reservations.
  totals: `
    SELECT s.id, coalesce(t.quantity, 0), coalesce(t.reserved, 0), coalesce(t.stock_rows, 0),
      coalesce(t.low_rows, 0), coalesce(t.pending, 0), coalesce(t.confirmed, 0),
      coalesce(t.cancelled, 0), coalesce(t.expired, 0)
    FROM stores s LEFT JOIN store_totals t ON t.store_id = s.id
    WHERE s.archived_at IS NULL OR t.store_id IS NOT NULL ORDER BY s.id`,
} as const;

const belowReorderPoint =
  " AND s.reorder_point IS NOT NULL AND s.quantity - s.reserved <= s.reorder_point";

/** Rows of one store by product id, through stock_by_store. */
export function storeRowsSql(filter: StoreRowsFilter, { after, limit }: PageQuery): Text {
  const { search, low, threshold } = filter;
  const { bound, place } = openBinding();
  const storeId = place(filter.storeId);
  let filters = "";
  if (threshold !== null) filters += ` AND s.quantity - s.reserved <= ${place(threshold)}`;
  else if (low) filters += belowReorderPoint;
  if (search !== null) filters += ` AND strpos(p.search, ${place(searchText(search))}) > 0`;
  const sql = `
    SELECT ${stockOfStoreColumns} FROM stock s${inCatalog()}
    WHERE (s.store_id, s.product_id) > (${storeId}, ${place(afterText(after, 0))})
      AND s.store_id <= ${storeId}${filters}
    ORDER BY s.store_id, s.product_id LIMIT ${place(limit + 1)}`;
  return { sql, bound };
}

/**
 * Low rows of many stores by (product, store). By the rows' own reorder points only rows that have one
 * are looked at; with a threshold every row is, in the primary key's order, until the page is full.
 */
export function chainLowSql(query: Omit<LowStockQuery, "storeId">): Text {
  const { threshold, stores, after, limit } = query;
  const { bound, place } = openBinding();
  const last = `${place(afterText(after, 0))}, ${place(afterText(after, 1))}`;
  const low =
    threshold === null ? belowReorderPoint : ` AND s.quantity - s.reserved <= ${place(threshold)}`;
  const scope = stores === "*" ? "" : ` AND id = ANY (${place(stores)}::text[])`;
  const sql = `
    SELECT ${stockOfStoreColumns} FROM stock s${inCatalog(scope)}
    WHERE (s.product_id, s.store_id) > (${last})${low}
    ORDER BY s.product_id, s.store_id LIMIT ${place(limit + 1)}`;
  return { sql, bound };
}

export function openStockReads(statements: Statements) {
  async function storeRows(
    filter: StoreRowsFilter,
    query: PageQuery,
  ): Promise<Page<StockOfStoreRow>> {
    const { sql, bound } = storeRowsSql(filter, query);
    const rows = await statements.all(sql, ...bound);
    return pageOf(rows, query.limit, stockOfStoreOf, (_, item) => [item.productId, item.storeId]);
  }

  return {
    async stock(productId: string, storeId: string): Promise<Stock | null> {
      const row = await statements.get(stockSql.row, productId, storeId);
      return row === undefined ? null : stockOf(row);
    },

    async stockOfProduct(
      productId: string,
      query: PageQuery & { stores: StoreScope },
    ): Promise<Page<Stock>> {
      const { stores, limit } = query;
      const start = afterText(query.after, 0);
      const scope = stores === "*" ? null : stores;
      const bound = [productId, start, limit + 1, scope] as const;
      const rows = await statements.all(stockSql.ofProduct, ...bound);
      return pageOf(rows, limit, stockOf, (_, item) => [item.storeId]);
    },

    stockOfStore(query: StoreStockQuery): Promise<Page<StockOfStoreRow>> {
      return storeRows({ ...query, threshold: null }, query);
    },

    async lowStock(query: LowStockQuery): Promise<Page<StockOfStoreRow>> {
      const { threshold, limit } = query;
      if (isHidden(query)) return { items: [], next: null };
      const storeId = lowStoreOf(query);
      if (storeId !== null) {
        return storeRows({ storeId, search: null, low: true, threshold }, query);
      }
      const { sql, bound } = chainLowSql(query);
      const rows = await statements.all(sql, ...bound);
      return pageOf(rows, limit, stockOfStoreOf, (_, item) => [item.productId, item.storeId]);
    },

    async totals(): Promise<readonly StoreTotals[]> {
      return (await statements.all(stockSql.totals)).map(totalsOf);
    },
  };
}
