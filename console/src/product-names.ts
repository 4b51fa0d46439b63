// What products are called, for lists that have only their ids: those that are missing on a page are asked for together.

import { useQuery } from "@tanstack/react-query";
import { client } from "./client.ts";

type Answer = (name: string | null) => void;
interface Asked {
  readonly answer: Answer;
  readonly fail: (reason: unknown) => void;
}

const most = 500;
let waiting = new Map<string, Asked>();

function nameOf(productId: string): Promise<string | null> {
  return new Promise((answer, fail) => {
    if (waiting.size === 0) setTimeout(ask);
    waiting.set(productId, { answer, fail });
    if (waiting.size === most) ask();
  });
}

function ask(): void {
  const asked = waiting;
  waiting = new Map();
  if (asked.size === 0) return;
  // Of no store: only the names are wanted.
  client.products.availabilities({ product_ids: [...asked.keys()], store_ids: [] }).then(
    ({ items }) => {
      const names = new Map(items.map((one) => [one.product_id, one.product_name]));
      for (const [id, { answer }] of asked) answer(names.get(id) ?? null);
    },
    (reason: unknown) => {
      for (const { fail } of asked.values()) fail(reason);
    },
  );
}

/** What a product is called: three dots until that is known, its id where it was archived. */
export function useProductName(productId: string): string {
  const { data, isPending } = useQuery({
    queryKey: ["products", "name", productId],
    queryFn: () => nameOf(productId),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? (isPending ? "…" : productId);
}
