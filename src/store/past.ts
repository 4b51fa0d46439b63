// What the catalogue's events told of a product and of a store, for both adapters: `as_of` shows the names,
// prices and state of that time.

import type { Product } from "../domain/model.ts";
import { integer, text, type Values } from "./rows.ts";

/** The product as its last event by then told it (type, payload, time); null: it was archived by then. */
export function productTold(product: Product, [type, payload, at]: Values): Product | null {
  if (type === "product.archived") return null;
  const told = JSON.parse(text(payload)) as {
    readonly sku: string;
    readonly name: string;
    readonly description: string | null;
    readonly category: string | null;
    readonly price: number;
    readonly version: number;
  };
  return {
    id: product.id,
    sku: told.sku,
    name: told.name,
    description: told.description,
    category: told.category,
    priceCents: Math.round(told.price * 100),
    version: told.version,
    createdAt: product.createdAt,
    updatedAt: integer(at),
    archivedAt: null,
  };
}

/** The name that a store had by its last event (type, payload); null: it was inactive or archived. */
export function storeNameTold([type, payload]: Values): string | null {
  const told = JSON.parse(text(payload)) as { readonly name: string; readonly active: boolean };
  return type === "store.archived" || !told.active ? null : told.name;
}
