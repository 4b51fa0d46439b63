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
import { openBinding, type Statements, type Text } from "./statements.ts";

export const catalogSql = {
  product: `SELECT ${productColumns} FROM products WHERE id = $1 AND archived_at IS NULL`,
  productBySku: `SELECT ${productColumns} FROM products WHERE sku = $1 AND archived_at IS NULL`,
  place: `SELECT ${placeColumns} FROM stores WHERE id = $1 AND archived_at IS NULL`,
  places: `
    SELECT ${placeColumns}, n FROM stores
    WHERE n > $1 AND archived_at IS NULL ORDER BY n LIMIT $2`,
  keyByHash: `SELECT ${keyColumns} FROM api_keys WHERE hash = $1`,
  keys: `SELECT ${keyColumns}, n FROM api_keys WHERE n > $1 ORDER BY n LIMIT $2`,
  // A session ends with its key, also one that was opened while the key was being taken away.
  sessionByHash: `
    SELECT ${sessionColumns} FROM sessions
    WHERE hash = $1 AND (key_id IS NULL OR EXISTS (SELECT 1 FROM api_keys WHERE id = key_id))`,
} as const;

/**
 * `search` looks for a piece of the SKU or of the name, in any case and with or without accents. Without
 * statistics the planner takes a column that IS NULL for a rare one, and would collect and sort what is left;
 * written like this it walks the primary key.
 */
export function productsSql({ search, category, after, limit }: ProductQuery): Text {
  const { bound, place } = openBinding();
  let filters = `n > ${place(afterNumber(after, 0))} AND (archived_at > 0) IS NOT TRUE`;
  if (search !== null) filters += ` AND strpos(search, ${place(searchText(search))}) > 0`;
  if (category !== null) filters += ` AND category = ${place(category)}`;
  const sql = `
    SELECT ${productColumns}, n FROM products WHERE ${filters} ORDER BY n LIMIT ${place(limit + 1)}`;
  return { sql, bound };
}

export function openCatalogReads(statements: Statements) {
  return {
    async product(id: string): Promise<Product | null> {
      const row = await statements.get(catalogSql.product, id);
      return row === undefined ? null : productOf(row);
    },

    async productBySku(sku: string): Promise<Product | null> {
      const row = await statements.get(catalogSql.productBySku, sku);
      return row === undefined ? null : productOf(row);
    },

    async products(query: ProductQuery): Promise<Page<Product>> {
      const { sql, bound } = productsSql(query);
      return pageOf(await statements.all(sql, ...bound), query.limit, productOf, lastColumn);
    },

    async place(id: string): Promise<Place | null> {
      const row = await statements.get(catalogSql.place, id);
      return row === undefined ? null : placeOf(row);
    },

    async places({ after, limit }: PageQuery): Promise<Page<Place>> {
      const rows = await statements.all(catalogSql.places, afterNumber(after, 0), limit + 1);
      return pageOf(rows, limit, placeOf, lastColumn);
    },

    async keyByHash(hash: Uint8Array): Promise<ApiKey | null> {
      const row = await statements.get(catalogSql.keyByHash, hash);
      return row === undefined ? null : keyOf(row);
    },

    async keys({ after, limit }: PageQuery): Promise<Page<ApiKey>> {
      const rows = await statements.all(catalogSql.keys, afterNumber(after, 0), limit + 1);
      return pageOf(rows, limit, keyOf, lastColumn);
    },

    async sessionByHash(hash: Uint8Array): Promise<Session | null> {
      const row = await statements.get(catalogSql.sessionByHash, hash);
      return row === undefined ? null : sessionOf(row);
    },
  };
}
