// Which column of a file is which field. Onhand's own names, those of Shopify's and Square's inventory files, and what
// the caller says, which wins. What no field takes is named, so that nobody believes it was imported.

import { UnreadableError } from "./unreadable.ts";

export type Kind = "products" | "stock" | "stores";

export interface Mapping {
  /** The column of each field that the file has. */
  readonly columns: ReadonlyMap<string, string>;
  /** Square has a column for each store: what is counted there, by the store's name. */
  readonly counts: ReadonlyMap<string, string>;
  readonly unused: readonly string[];
}

export const fieldsOf: { readonly [K in Kind]: readonly string[] } = {
  products: ["id", "sku", "name", "price", "description", "category"],
  stock: [
    "product_id",
    "sku",
    "store_id",
    "quantity",
    "quantity_change",
    "reorder_point",
    "note",
    "reference",
  ],
  stores: ["id", "name", "address", "city", "country", "phone", "email", "active"],
};

// Per field, the first that is there. Lower case.
const aliases: { readonly [K in Kind]: Readonly<Record<string, readonly string[]>> } = {
  products: {
    sku: ["variant sku"],
    name: ["title", "item name"],
    price: ["variant price"],
    description: ["body (html)"],
    category: ["type", "product type", "product category", "categories"],
  },
  stock: {
    // Shopify: what is to be is in the one, what is in the other; older files have one for both.
    quantity: ["on hand (new)", "on hand", "available"],
    store_id: ["location", "store"],
  },
  stores: { id: ["store_id"], name: ["location name"] },
};

const countColumn = /^new quantity (.+)$/i;

/** `named` says which column a field is, whatever the columns are called. */
export function mappingOf(
  kind: Kind,
  head: readonly string[],
  options: { readonly named: Readonly<Record<string, string>>; readonly hasStore: boolean },
): Mapping {
  const columns = new Map(Object.entries(options.named));
  for (const [field, column] of columns) mustBe(kind, head, field, column);
  const lower = new Map(head.map((name) => [name.toLowerCase(), name]));
  const taken = new Set(columns.values());
  for (const field of fieldsOf[kind]) {
    if (columns.has(field)) continue;
    const known = [field, ...(aliases[kind][field] ?? [])];
    const column = known
      .map((name) => lower.get(name))
      .find((name) => name !== undefined && !taken.has(name));
    if (column !== undefined) columns.set(field, column);
  }
  // An exported row has what is free besides what there is; only one of them is a count.
  const counts = new Map(
    kind !== "stock" || columns.has("quantity")
      ? []
      : head.flatMap((name) => {
          const store = countColumn.exec(name)?.[1];
          return store === undefined ? [] : [[name, store.trim()] as const];
        }),
  );
  const used = new Set([...columns.values(), ...counts.keys()]);
  const unused = head.filter((name) => name !== "" && !used.has(name));
  const mapping = { columns, counts, unused };
  const missing = missingIn(kind, mapping, options.hasStore);
  if (missing === null) return mapping;
  throw new UnreadableError(
    `no column is ${missing}. The file has: ${head.join(", ").slice(0, 1_000)}.`,
    { row: 1, columns: head, missing: missing.split(" ")[0] ?? missing },
  );
}

function mustBe(kind: Kind, head: readonly string[], field: string, column: string): void {
  if (!fieldsOf[kind].includes(field)) {
    const all = fieldsOf[kind].join(", ");
    throw new UnreadableError(`"${field}" is no field of ${kind}; fields are ${all}`);
  }
  if (head.includes(column)) return;
  throw new UnreadableError(
    `the file has no column "${column}"; it has ${head.join(", ").slice(0, 1_000)}`,
    { row: 1, columns: head },
  );
}

function missingIn(
  kind: Kind,
  { columns, counts }: Pick<Mapping, "columns" | "counts">,
  hasStore: boolean,
): string | null {
  const has = (...fields: readonly string[]): boolean => fields.some((field) => columns.has(field));
  if (kind === "products") return has("sku") ? null : "sku";
  if (kind === "stores") return has("id") ? null : "id";
  if (!has("product_id", "sku")) return "sku (or product_id)";
  if (counts.size > 0) return null;
  if (has("quantity") && has("quantity_change")) {
    throw new UnreadableError(
      "quantity and quantity_change are both there: a row is a count or a change",
      { row: 1 },
    );
  }
  if (!has("quantity", "quantity_change", "reorder_point")) {
    return "quantity (or quantity_change, or reorder_point)";
  }
  return has("store_id") || hasStore ? null : "store_id (or name a store for all rows)";
}
