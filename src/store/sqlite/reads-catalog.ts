// Reads of the catalogue and of who may call: products, stores, API keys, sessions. What is archived is
// not there. Lists page by `n`, the order of creation, so a scan for a word reads the table in its own
// order and stops at a full page.

import type { Store as Place, Product } from "../../domain/model.ts";
import { afterNumber, lastColumn, pageOf } from "../pages.ts";
import {
  keyColumns,
  keyOf,
  placeColumns,
  placeOf,
  productColumns,
  productOf,
  searchText,
  sessionColumns,
  sessionOf,
} from "../rows.ts";
import type { ApiKey, Page, PageQuery, ProductQuery, Session } from "../store.ts";
import type { Bound, Statements } from "./statements.ts";

export const catalogSql = {
  product: `SELECT ${productColumns} FROM products WHERE id = ? AND archived_at IS NULL`,
  productBySku: `SELECT ${productColumns} FROM products WHERE sku = ? AND archived_at IS NULL`,
  place: `SELECT ${placeColumns} FROM stores WHERE id = ? AND archived_at IS NULL`,
  places: `
    SELECT ${placeColumns}, n FROM stores
    WHERE n > ? AND archived_at IS NULL ORDER BY n LIMIT ? + 0`,
  keyByHash: `SELECT ${keyColumns} FROM api_keys WHERE hash = ?`,
  keys: `SELECT ${keyColumns}, n FROM api_keys WHERE n > ? ORDER BY n LIMIT ? + 0`,
  // A session ends with its key, also one that was opened while the key was being taken away.
  sessionByHash: `
    SELECT ${sessionColumns} FROM sessions
    WHERE hash = ? AND (key_id IS NULL OR EXISTS (SELECT 1 FROM api_keys WHERE id = key_id))`,
} as const;

/** `search` looks for a piece of the SKU or of the name, in any case and with or without accents. */
export function productsSql({ search, category }: Pick<ProductQuery, "search" | "category">): {
  readonly sql: string;
  readonly bound: readonly Bound[];
} {
  const bound: Bound[] = [];
  let filters = "";
  if (search !== null) {
    filters += " AND instr(search, ?) > 0";
    bound.push(searchText(search));
  }
  if (category !== null) {
    filters += " AND category = ?";
    bound.push(category);
  }
  const sql = `
    SELECT ${productColumns}, n FROM products
    WHERE n > ? AND archived_at IS NULL${filters} ORDER BY n LIMIT ? + 0`;
  return { sql, bound };
}

export function openCatalogReads(statements: Statements) {
  return {
    product(id: string): Product | null {
      const row = statements.get(catalogSql.product, id);
      return row === undefined ? null : productOf(row);
    },

    productBySku(sku: string): Product | null {
      const row = statements.get(catalogSql.productBySku, sku);
      return row === undefined ? null : productOf(row);
    },

    products(query: ProductQuery): Page<Product> {
      const { sql, bound } = productsSql(query);
      const rows = statements.all(sql, afterNumber(query.after, 0), ...bound, query.limit + 1);
      return pageOf(rows, query.limit, productOf, lastColumn);
    },

    place(id: string): Place | null {
      const row = statements.get(catalogSql.place, id);
      return row === undefined ? null : placeOf(row);
    },

    places({ after, limit }: PageQuery): Page<Place> {
      const rows = statements.all(catalogSql.places, afterNumber(after, 0), limit + 1);
      return pageOf(rows, limit, placeOf, lastColumn);
    },

    keyByHash(hash: Uint8Array): ApiKey | null {
      const row = statements.get(catalogSql.keyByHash, hash);
      return row === undefined ? null : keyOf(row);
    },

    keys({ after, limit }: PageQuery): Page<ApiKey> {
      const rows = statements.all(catalogSql.keys, afterNumber(after, 0), limit + 1);
      return pageOf(rows, limit, keyOf, lastColumn);
    },

    sessionByHash(hash: Uint8Array): Session | null {
      const row = statements.get(catalogSql.sessionByHash, hash);
      return row === undefined ? null : sessionOf(row);
    },
  };
}
