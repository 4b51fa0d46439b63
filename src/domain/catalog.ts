// Rules of the catalogue: products and stores. They carry versions for If-Match like stock rows, and
// every change is an event, because names and prices are cached and shown elsewhere.

import { changeStock, type Draft, emit, productIn, storeIn } from "./draft.ts";
import type { EventPayload } from "./event.ts";
import type {
  CommandOf,
  EventType,
  Product,
  ProductFields,
  Stock,
  Store,
  StoreFields,
} from "./model.ts";
import type { Decided } from "./outcome.ts";
import type { Rejection } from "./rejection.ts";
import { refuseVersion } from "./stock.ts";

export function createProduct(draft: Draft, command: CommandOf<"CreateProduct">): Decided {
  const { id, fields } = command;
  // An archived product keeps its id for ever: its history is filed under it.
  if (draft.slice.products.has(id) || draft.products.has(id)) {
    return { rejection: { code: "id_taken", id } };
  }
  const taken = refuseSku(draft, fields.sku, id);
  if (taken !== null) return { rejection: taken };
  const { now } = draft.context;
  return {
    reply: {
      kind: "product",
      product: putProduct(
        draft,
        { id, ...fields, version: 1, createdAt: now, updatedAt: now, archivedAt: null },
        "product.created",
      ),
    },
  };
}

export function changeProduct(draft: Draft, command: CommandOf<"ChangeProduct">): Decided {
  const product = productIn(draft, command.id);
  if (product === undefined) {
    return { rejection: { code: "product_not_found", productId: command.id } };
  }
  const fields: ProductFields = { ...product, ...command.fields };
  const refused =
    refuseSku(draft, fields.sku, product.id) ?? refuseVersion(command.expected, product.version);
  if (refused !== null) return { rejection: refused };
  const changed = { ...product, ...command.fields, ...raised(draft, product) };
  return {
    reply: { kind: "product", product: putProduct(draft, changed, "product.updated") },
  };
}

/**
 * Gone from lists and reads; refused while units of it are anywhere (held units are among them, I1).
 * Its empty rows lose their reorder points: nobody waits for more of it.
 */
export function archiveProduct(draft: Draft, command: CommandOf<"ArchiveProduct">): Decided {
  const product = productIn(draft, command.id);
  if (product === undefined) {
    return { rejection: { code: "product_not_found", productId: command.id } };
  }
  const version = refuseVersion(command.expected, product.version);
  if (version !== null) return { rejection: version };
  const rows = [...draft.slice.stock.values()].filter(({ productId }) => productId === product.id);
  const quantity = rows.reduce((sum, row) => sum + row.quantity, 0);
  if (quantity > 0) {
    return { rejection: { code: "product_in_use", productId: product.id, quantity } };
  }
  for (const row of rows) {
    if (row.reorderPoint !== null) endThreshold(draft, row);
  }
  const archived = { ...product, ...raised(draft, product), archivedAt: draft.context.now };
  return {
    reply: { kind: "product", product: putProduct(draft, archived, "product.archived") },
  };
}

function endThreshold(draft: Draft, row: Stock): void {
  const { quantity, reserved } = row;
  changeStock(draft, { row, quantity, reserved, reorderPoint: null }, "stock.updated", {
    quantity_change: 0,
    reason: "CORRECTION",
    note: "the product was archived",
    reorder_point: null,
    previous_reorder_point: row.reorderPoint,
  });
}

function refuseSku(draft: Draft, sku: string, productId: string): Rejection | null {
  const owner = draft.slice.skuOwners.get(sku);
  if (owner === undefined || owner === productId) return null;
  return { code: "sku_taken", sku, productId: owner };
}

function raised(draft: Draft, object: { readonly version: number }) {
  return { version: object.version + 1, updatedAt: draft.context.now };
}

function putProduct(draft: Draft, product: Product, type: EventType): Product {
  draft.products.set(product.id, product);
  emit(
    draft,
    type,
    {
      aggregateType: "product",
      aggregateId: product.id,
      storeId: "*",
      productId: product.id,
    },
    {
      sku: product.sku,
      name: product.name,
      description: product.description,
      category: product.category,
      price: product.priceCents / 100,
      version: product.version,
    },
  );
  return product;
}

export function createStore(draft: Draft, command: CommandOf<"CreateStore">): Decided {
  const { id, fields } = command;
  if (draft.slice.stores.has(id) || draft.stores.has(id)) {
    return { rejection: { code: "id_taken", id } };
  }
  const { now } = draft.context;
  const store: Store = {
    id,
    ...fields,
    version: 1,
    createdAt: now,
    updatedAt: now,
    archivedAt: null,
  };
  return { reply: { kind: "store", store: putStore(draft, store, "store.created") } };
}

export function changeStore(draft: Draft, command: CommandOf<"ChangeStore">): Decided {
  const store = storeIn(draft, command.id);
  if (store === undefined) return { rejection: { code: "store_not_found", storeId: command.id } };
  const version = refuseVersion(command.expected, store.version);
  if (version !== null) return { rejection: version };
  const changed = { ...store, ...command.fields, ...raised(draft, store) };
  return { reply: { kind: "store", store: putStore(draft, changed, "store.updated") } };
}

export function archiveStore(draft: Draft, command: CommandOf<"ArchiveStore">): Decided {
  const store = storeIn(draft, command.id);
  if (store === undefined) return { rejection: { code: "store_not_found", storeId: command.id } };
  const version = refuseVersion(command.expected, store.version);
  if (version !== null) return { rejection: version };
  const quantity = draft.slice.storeUnits.get(store.id) ?? 0;
  if (quantity > 0) {
    return { rejection: { code: "store_in_use", storeId: store.id, quantity } };
  }
  const archived = { ...store, ...raised(draft, store), archivedAt: draft.context.now };
  return { reply: { kind: "store", store: putStore(draft, archived, "store.archived") } };
}

function putStore(draft: Draft, store: Store, type: EventType): Store {
  draft.stores.set(store.id, store);
  emit(
    draft,
    type,
    { aggregateType: "store", aggregateId: store.id, storeId: store.id, productId: null },
    { ...storeFields(store), version: store.version },
  );
  return store;
}

function storeFields(store: Store): StoreFields & EventPayload {
  const { name, address, city, country, phone, email, active } = store;
  return { name, address, city, country, phone, email, active };
}
