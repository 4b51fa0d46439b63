// Where units are: a product in a store. Writes to an unknown product or store, or to an inactive store,
// are refused by name (rule 9), before anything else is looked at.

import { type Draft, productIn, storeIn } from "./draft.ts";
import { precedence, type Rejection } from "./rejection.ts";

/** The first refusal of a write to (product, store), in the order of rejection.ts. */
export function refusePlace(draft: Draft, productId: string, storeId: string): Rejection | null {
  const product = productIn(draft, productId);
  if (product === undefined) return { code: "product_not_found", productId };
  const store = storeIn(draft, storeId);
  if (store === undefined) return { code: "store_not_found", storeId };
  if (!store.active) return { code: "store_inactive", storeId };
  return null;
}

/** The first refusal of a write to several places: the earliest of its kind, then of its place. */
export function refusePlaces(
  draft: Draft,
  places: readonly { readonly productId: string; readonly storeId: string }[],
): Rejection | null {
  let first: Rejection | null = null;
  for (const { productId, storeId } of places) {
    const refused = refusePlace(draft, productId, storeId);
    if (refused === null) continue;
    if (first === null || precedence.indexOf(refused.code) < precedence.indexOf(first.code)) {
      first = refused;
    }
  }
  return first;
}
