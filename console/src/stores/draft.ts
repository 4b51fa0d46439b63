// A store as its form has it, in texts, and the way from there to what the service takes.

import type { NewStore, Store, StoreChanges } from "@onhand/client";

export const fields = ["name", "address", "city", "country", "phone", "email"] as const;
export type Field = (typeof fields)[number];
export type Draft = Readonly<Record<Field | "id", string>>;

export function draftOf(store: Store | null): Draft {
  return {
    id: store?.id ?? "",
    name: store?.name ?? "",
    address: store?.address ?? "",
    city: store?.city ?? "",
    country: store?.country ?? "",
    phone: store?.phone ?? "",
    email: store?.email ?? "",
  };
}

function stored(draft: Draft) {
  const orNull = (text: string): string | null => (text.trim() === "" ? null : text.trim());
  return {
    name: draft.name.trim(),
    address: orNull(draft.address),
    city: orNull(draft.city),
    country: orNull(draft.country),
    phone: orNull(draft.phone),
    email: orNull(draft.email),
  };
}

export function newStoreOf(draft: Draft): NewStore {
  const id = draft.id.trim();
  return { ...stored(draft), ...(id === "" ? {} : { id }) };
}

/** What the person has changed, and nothing else. */
export function changesOf(draft: Draft, from: Store): StoreChanges {
  const wanted = stored(draft);
  const changed = fields.filter((field) => wanted[field] !== from[field]);
  return Object.fromEntries(changed.map((field) => [field, wanted[field]]));
}
