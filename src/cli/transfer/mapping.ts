// Which column of a file is which field. Onhand's own names, those of Shopify's and Square's inventory files, and what
// --map says, which wins. What no field takes is named, so that nobody believes it was imported.

import { Failure, UsageError } from "../command.ts";

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
  stock: ["product_id", "sku", "store_id", "quantity", "quantity_change", "note", "reference"],
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

export function mappingOf(
  kind: Kind,
  head: readonly string[],
  options: { readonly maps: readonly string[]; readonly hasStore: boolean },
): Mapping {
  const columns = new Map(options.maps.map((text) => mapOf(kind, head, text)));
  const lower = new Map(head.map((name) => [name.toLowerCase(), name]));
  for (const field of fieldsOf[kind]) {
    if (columns.has(field)) continue;
    const known = [field, ...(aliases[kind][field] ?? [])];
    const column = known.map((name) => lower.get(name)).find((name) => name !== undefined);
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
  const mapping = { columns, counts, unused: head.filter((name) => !used.has(name)) };
  const missing = missingIn(kind, mapping, options.hasStore);
  if (missing !== null) {
    throw new Failure(
      `no column for ${missing}. The file has: ${head.join(", ")}.\nSay which one it is: --map "Its name=${missing.split(" ")[0]}"`,
    );
  }
  return mapping;
}

function mapOf(kind: Kind, head: readonly string[], text: string): [string, string] {
  const at = text.lastIndexOf("=");
  const [column, field] = [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
  if (at < 1 || !fieldsOf[kind].includes(field)) {
    throw new UsageError(`--map is "COLUMN=FIELD", and fields are ${fieldsOf[kind].join(", ")}`);
  }
  if (!head.includes(column)) {
    throw new UsageError(`--map ${text}: the file has no such column; it has ${head.join(", ")}`);
  }
  return [field, column];
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
    throw new Failure("quantity and quantity_change are both there: a row is a count or a change");
  }
  if (!has("quantity", "quantity_change")) return "quantity (or quantity_change)";
  return has("store_id") || hasStore ? null : "store_id (or give --store)";
}
