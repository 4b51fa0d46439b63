// The stores of the chain, read once for an import: rows name them by id, or by the name that people know.

import type { Store } from "../../store/store.ts";
import { wholeList } from "../whole-list.ts";

interface Known {
  readonly id: string;
  readonly name: string;
  readonly active: boolean;
}

export interface KnownStores {
  find(text: string): Known | null;
  /** Why there is none. */
  unknown(text: string): string;
}

const toldMax = 10;

export async function knownStores({ places }: Pick<Store, "places">): Promise<KnownStores> {
  const known: Known[] = [];
  for await (const { id, name, active } of wholeList(places)) known.push({ id, name, active });
  const byId = new Map(known.map((store) => [store.id, store]));
  const byName = Map.groupBy(known, ({ name }) => name.toLowerCase());
  return {
    find(text) {
      const named = byName.get(text.toLowerCase()) ?? [];
      return byId.get(text) ?? (named.length === 1 ? (named[0] ?? null) : null);
    },
    unknown(text) {
      if (text === "") return "it names no store";
      const named = byName.get(text.toLowerCase()) ?? [];
      if (named.length > 1) {
        const ids = named.slice(0, toldMax).map(({ id }) => id);
        return `${named.length} stores are called "${text}": ${ids.join(", ")}; name one by its id`;
      }
      const some = known.slice(0, toldMax).map(({ id }) => id);
      const more = known.length > toldMax ? ", …" : "";
      return `there is no store "${text.slice(0, 100)}"; there are ${some.join(", ")}${more}`;
    },
  };
}
