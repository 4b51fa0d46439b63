// What each kind of import reads of the service. A product is looked up once for its rows that follow each other closely:
// a file of deliveries names the same ones again and again.

import type { Reason } from "../../domain/model.ts";
import type { Kind, Mapping } from "../../transfer/mapping.ts";
import type { HttpDeps } from "../deps.ts";
import type { Caller } from "../roles.ts";
import { productRows, storeRows } from "./catalogue-rows.ts";
import { knownStores } from "./known-stores.ts";
import type { RowKind, Wish } from "./row.ts";
import { stockRows } from "./stock-rows.ts";

interface Options {
  readonly mapping: Mapping;
  readonly caller: Caller;
  readonly storeId: string | undefined;
  readonly reason: Reason | undefined;
  readonly reference: string;
}

export async function openImporter(
  kind: Kind,
  { store, newId }: Pick<HttpDeps, "store" | "newId">,
  options: Options,
): Promise<RowKind<Wish>> {
  // Each is given its own wishes, and nobody else's.
  if (kind === "stores") return storeRows(options.mapping, store) as unknown as RowKind<Wish>;
  if (kind === "products") {
    const { product, productBySku } = store;
    const rows = productRows(options.mapping, { product, productBySku, newId });
    return rows as unknown as RowKind<Wish>;
  }
  const stores = await knownStores(store);
  const ids = remembering(async (sku: string) => (await store.productBySku(sku))?.id ?? null);
  const source = {
    productIdOf: ids,
    hasProduct: remembering(async (id: string) => (await store.product(id)) !== null),
    stock: store.stock,
  };
  return stockRows({ ...options, stores, source }) as unknown as RowKind<Wish>;
}

const rememberedMax = 20_000;

function remembering<Value>(read: (name: string) => Promise<Value>) {
  const known = new Map<string, Promise<Value>>();
  return (name: string): Promise<Value> => {
    const found = known.get(name);
    if (found !== undefined) return found;
    if (known.size >= rememberedMax) known.clear();
    const reading = read(name);
    known.set(name, reading);
    return reading;
  };
}
