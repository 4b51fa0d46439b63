// Reads of stock rows and of the totals that commits maintain. Lists leave out archived products (their
// rows hold nothing) and archived stores. CROSS JOIN keeps the order of the tables as written: stock
// first, in the order of the list, and the catalogue looked up for what is shown.

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
import type { Bound, Statements } from "./statements.ts";

const inCatalog = `
    CROSS JOIN products p ON p.id = s.product_id AND p.archived_at IS NULL
    CROSS JOIN stores t ON t.id = s.store_id AND t.archived_at IS NULL`;

export const stockSql = {
  row: `SELECT ${stockColumns} FROM stock WHERE product_id = ? AND store_id = ?`,
  ofProduct: `
    SELECT ${columnsOf("s", stockColumns)} FROM stock s${inCatalog}
    WHERE s.product_id = ? AND s.store_id > ? ORDER BY s.store_id LIMIT ? + 0`,
  ofProductInScope: `
    SELECT ${columnsOf("s", stockColumns)} FROM stock s${inCatalog}
    WHERE s.product_id = ? AND s.store_id > ?
      AND s.store_id IN (SELECT value FROM json_each(?)) ORDER BY s.store_id LIMIT ? + 0`,
  // A store that nothing has happened in has no totals yet. An archived store's are still part of the
  // chain's counts of reservations.
  totals: `
    SELECT s.id, coalesce(t.quantity, 0), coalesce(t.reserved, 0), coalesce(t.stock_rows, 0),
      coalesce(t.low_rows, 0), coalesce(t.pending, 0), coalesce(t.confirmed, 0),
      coalesce(t.cancelled, 0), coalesce(t.expired, 0)
    FROM stores s LEFT JOIN store_totals t ON t.store_id = s.id
    WHERE s.archived_at IS NULL OR t.store_id IS NOT NULL ORDER BY s.id`,
} as const;

interface Text {
  readonly sql: string;
  readonly bound: readonly Bound[];
}

const belowReorderPoint =
  " AND s.reorder_point IS NOT NULL AND s.quantity - s.reserved <= s.reorder_point";
const belowThreshold = " AND s.quantity - s.reserved <= ?";

/** Rows of one store by product id, through stock_by_store. */
export function storeRowsSql({ storeId, search, low, threshold }: StoreRowsFilter): Text {
  const bound: Bound[] = [storeId];
  let filters = "";
  if (threshold !== null) {
    filters += belowThreshold;
    bound.push(threshold);
  } else if (low) {
    filters += belowReorderPoint;
  }
  if (search !== null) {
    filters += " AND instr(p.search, ?) > 0";
    bound.push(searchText(search));
  }
  const sql = `
    SELECT ${stockOfStoreColumns} FROM stock s INDEXED BY stock_by_store${inCatalog}
    WHERE s.store_id = ?${filters} AND s.product_id > ? ORDER BY s.product_id LIMIT ? + 0`;
  return { sql, bound };
}

/**
 * Low rows of many stores by (product, store). By the rows' own reorder points only rows that have one
 * are looked at; with a threshold every row is, in the table's order, until the page is full.
 */
export function chainLowSql(threshold: number | null, stores: StoreScope): Text {
  const own = threshold === null;
  const bound: Bound[] = own ? [] : [threshold];
  let filters = own ? belowReorderPoint : belowThreshold;
  if (stores !== "*") {
    // The + keeps the scope a filter: as a key it would break the order.
    filters += " AND +s.store_id IN (SELECT value FROM json_each(?))";
    bound.push(JSON.stringify(stores));
  }
  const sql = `
    SELECT ${stockOfStoreColumns} FROM stock s ${own ? "INDEXED BY stock_with_reorder_point" : ""}
    ${inCatalog}
    WHERE (s.product_id, s.store_id) > (?, ?)${filters}
    ORDER BY s.product_id, s.store_id LIMIT ? + 0`;
  return { sql, bound };
}

export function openStockReads(statements: Statements) {
  function storeRows(filter: StoreRowsFilter, { after, limit }: PageQuery): Page<StockOfStoreRow> {
    const { sql, bound } = storeRowsSql(filter);
    const rows = statements.all(sql, ...bound, afterText(after, 0), limit + 1);
    return pageOf(rows, limit, stockOfStoreOf, (_, item) => [item.productId, item.storeId]);
  }

  return {
    stock(productId: string, storeId: string): Stock | null {
      const row = statements.get(stockSql.row, productId, storeId);
      return row === undefined ? null : stockOf(row);
    },

    stockOfProduct(productId: string, query: PageQuery & { stores: StoreScope }): Page<Stock> {
      const { stores, limit } = query;
      const start = afterText(query.after, 0);
      const rows =
        stores === "*"
          ? statements.all(stockSql.ofProduct, productId, start, limit + 1)
          : statements.all(
              stockSql.ofProductInScope,
              productId,
              start,
              JSON.stringify(stores),
              limit + 1,
            );
      return pageOf(rows, limit, stockOf, (_, item) => [item.storeId]);
    },

    stockOfStore(query: StoreStockQuery): Page<StockOfStoreRow> {
      return storeRows({ ...query, threshold: null }, query);
    },

    lowStock(query: LowStockQuery): Page<StockOfStoreRow> {
      const { threshold, stores, limit, after } = query;
      if (isHidden(query)) return { items: [], next: null };
      const storeId = lowStoreOf(query);
      if (storeId !== null) {
        return storeRows({ storeId, search: null, low: true, threshold }, query);
      }
      const { sql, bound } = chainLowSql(threshold, stores);
      const [productId, lastStoreId] = [afterText(after, 0), afterText(after, 1)];
      const rows = statements.all(sql, productId, lastStoreId, ...bound, limit + 1);
      return pageOf(rows, limit, stockOfStoreOf, (_, item) => [item.productId, item.storeId]);
    },

    totals(): readonly StoreTotals[] {
      return statements.all(stockSql.totals).map(totalsOf);
    },
  };
}
