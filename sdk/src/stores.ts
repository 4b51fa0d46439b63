// Stores: the places with stock. A store that is not active sells, holds and receives nothing. Everyone may read
// (unless that is switched off); admins change.

import type { Call, CallOptions, VersionedOptions, WriteOptions } from "./calls.ts";
import { type List, listAt, type Page, pathOf } from "./pages.ts";
import type { BodyOf, NewStore, QueryOf, Store, StoreChanges } from "./words.ts";

export interface Stores {
  /**
   * Lists stores; `limit` is of one page.
   *
   * Operation: `listStores`. Errors: those of every call.
   *
   * @example
   * ```ts
   * for await (const store of client.stores.list()) console.log(store.id, store.name);
   * ```
   */
  list(query?: QueryOf<"listStores">, options?: CallOptions): List<Page<Store>>;

  /**
   * One store by its id.
   *
   * Operation: `getStore`. Errors: `store_not_found`, and those of every call.
   *
   * @example
   * ```ts
   * const store = await client.stores.get("MAD-001");
   * console.log(store.active ? `${store.name} is open` : `${store.name} is closed`);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Store>;

  /**
   * Opens a store. The id may be your own; without one the service makes it.
   *
   * Operation: `createStore`. Errors: `id_taken`, and those of every call.
   *
   * @example
   * ```ts
   * const store = await client.stores.create({ id: "SVQ-001", name: "Sevilla", city: "Sevilla" });
   * console.log(store.version);
   * ```
   */
  create(store: NewStore, options?: WriteOptions): Promise<Store>;

  /**
   * Puts other words in the place of all of it: what is left out is emptied.
   *
   * Operation: `replaceStore`. Errors: `store_not_found`, `version_mismatch`, and those of every call.
   *
   * @example
   * ```ts
   * const { id, version } = await client.stores.create({ name: "Bilbao" });
   * await client.stores.replace(id, { name: "Bilbao Centro", active: true }, { ifVersion: version });
   * ```
   */
  replace(id: string, store: BodyOf<"replaceStore">, options?: VersionedOptions): Promise<Store>;

  /**
   * Changes the fields that are named; `active: false` closes the store.
   *
   * Operation: `changeStore`. Errors: `store_not_found`, `version_mismatch`, and those of every call.
   *
   * @example
   * ```ts
   * const store = await client.stores.change("MAD-001", { phone: "+34 910 000 000" });
   * console.log(store.phone);
   * ```
   */
  change(id: string, changes: StoreChanges, options?: VersionedOptions): Promise<Store>;

  /**
   * Archives a store: gone from lists and reads, its history kept. There must be no unit in it.
   *
   * Operation: `deleteStore`. Errors: `store_not_found`, `store_in_use`, `version_mismatch`, and those of every call.
   *
   * @example
   * ```ts
   * const { id } = await client.stores.create({ name: "Pop-up" });
   * await client.stores.delete(id);
   * ```
   */
  delete(id: string, options?: VersionedOptions): Promise<void>;
}

export function stores(call: Call): Stores {
  const all = "/api/v1/stores";
  const at = (id: string): string => pathOf`/api/v1/stores/${id}`;
  return {
    list: (query, options) => listAt(call, all, query, options),
    get: async (id, options) => call({ method: "GET", path: at(id), kind: "read" }, options),
    create: async (body, options) =>
      call({ method: "POST", path: all, kind: "keyed", body }, options),
    replace: async (id, body, options) =>
      call({ method: "PUT", path: at(id), kind: "keyed", body }, options),
    change: async (id, body, options) =>
      call({ method: "PATCH", path: at(id), kind: "keyed", body }, options),
    delete: async (id, options) => call({ method: "DELETE", path: at(id), kind: "keyed" }, options),
  };
}
