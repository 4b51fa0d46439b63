// A store of the chain as requests meet it: what it has where nothing is said, and whether it is there for a caller.

import type { StoreFields } from "../domain/model.ts";
import type { Store } from "../store/store.ts";
import { refusedWith } from "./problem.ts";
import { type Caller, seesStore } from "./roles.ts";

export const emptyStore: Omit<StoreFields, "name"> = {
  address: null,
  city: null,
  country: null,
  phone: null,
  email: null,
  active: true,
};

/** A store that never was, was deleted, or is another's is not there. */
export async function mustSeeStore(
  store: Pick<Store, "place">,
  caller: Caller,
  storeId: string,
): Promise<void> {
  const place = seesStore(caller, storeId) ? await store.place(storeId) : null;
  if (place === null) throw refusedWith({ code: "store_not_found", storeId });
}
