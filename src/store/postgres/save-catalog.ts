// Writes products and stores: rarely, and few at a time, so each is a statement of its own. Products in the
// order in which they were decided, also several writes of one: a SKU may go from hand to hand within a
// batch, and only each step by itself is sure to leave no two products with one SKU.

import type { Changes, Write } from "../../domain/decide.ts";
import type { Store as Place, Product } from "../../domain/model.ts";
import { searchText } from "../rows.ts";
import type { Statements } from "./statements.ts";

const sql = {
  insertProduct: `
    INSERT INTO products
      (sku, name, description, category, price, search, version, updated_at, archived_at, id, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
  updateProduct: `
    UPDATE products SET sku = $1, name = $2, description = $3, category = $4, price = $5, search = $6,
      version = $7, updated_at = $8, archived_at = $9
    WHERE id = $10`,
  insertPlace: `
    INSERT INTO stores
      (name, address, city, country, phone, email, active, version, updated_at, archived_at, id,
       created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
  updatePlace: `
    UPDATE stores SET name = $1, address = $2, city = $3, country = $4, phone = $5, email = $6,
      active = $7, version = $8, updated_at = $9, archived_at = $10
    WHERE id = $11`,
} as const;

/** Sends every write; they are answered in this order. */
export function saveCatalog(statements: Statements, changes: Changes): Promise<number>[] {
  return [
    ...changes.products.map((write) => saveProduct(statements, write)),
    ...[...changes.stores.values()].map((write) => savePlace(statements, write)),
  ];
}

function saveProduct(statements: Statements, { row, before }: Write<Product>): Promise<number> {
  const { sku, name, description, category, priceCents, version, updatedAt, archivedAt } = row;
  const search = searchText(`${sku} ${name}`);
  const words = [sku, name, description, category, priceCents, search] as const;
  const fields = [...words, version, updatedAt, archivedAt, row.id] as const;
  return before === undefined
    ? statements.run(sql.insertProduct, ...fields, row.createdAt)
    : statements.run(sql.updateProduct, ...fields);
}

function savePlace(statements: Statements, { row, before }: Write<Place>): Promise<number> {
  const { name, address, city, country, phone, email, version, updatedAt, archivedAt } = row;
  const words = [name, address, city, country, phone, email, row.active ? 1 : 0] as const;
  const fields = [...words, version, updatedAt, archivedAt, row.id] as const;
  return before === undefined
    ? statements.run(sql.insertPlace, ...fields, row.createdAt)
    : statements.run(sql.updatePlace, ...fields);
}
