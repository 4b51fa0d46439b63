// Everything of one kind that a caller may see, read page by page as it is sent. What others change meanwhile may be in
// it or not; the log is exact.

import { envelopeText } from "../../bus/envelope.ts";
import { pageLimitMax } from "../../limits.ts";
import type { HttpDeps } from "../deps.ts";
import { productAnswer, reservationAnswer, stockOfStoreAnswer, storeAnswer } from "../present.ts";
import { type Caller, seesStore, visibility } from "../roles.ts";
import { webhookAnswer } from "../webhook.ts";
import { wholeList } from "../whole-list.ts";

export interface Asked {
  readonly store_id?: string | undefined;
  readonly after?: number | undefined;
}

type Source = Pick<HttpDeps, "store" | "now">;
export type Exported = (deps: Source, caller: Caller, asked: Asked) => AsyncGenerator<object>;

export const exported = {
  async *products({ store }) {
    const all = { search: null, category: null };
    for await (const one of wholeList((query) => store.products({ ...query, ...all }))) {
      yield productAnswer(one);
    }
  },
  async *stores({ store }) {
    for await (const one of wholeList((query) => store.places(query))) yield storeAnswer(one);
  },
  async *stock({ store }, caller, asked) {
    for await (const { id: storeId } of wholeList((query) => store.places(query))) {
      if (!seesStore(caller, storeId)) continue;
      if (asked.store_id !== undefined && asked.store_id !== storeId) continue;
      const all = { storeId, search: null, low: false };
      for await (const row of wholeList((query) => store.stockOfStore({ ...query, ...all }))) {
        yield stockOfStoreAnswer(row);
      }
    }
  },
  async *reservations({ store, now }, caller, asked) {
    const { stores, customerId } = visibility(caller);
    const storeId = asked.store_id ?? null;
    const filter = { stores, customerId, storeId, productId: null, status: null };
    for await (const one of wholeList((query) => store.reservations({ ...query, ...filter }))) {
      yield reservationAnswer(one, now());
    }
  },
  /** Without their secrets, which are shown once and never again. */
  async *webhooks({ store }) {
    const { seq: head } = await store.head();
    for await (const one of wholeList(store.webhooks.list)) yield webhookAnswer(one, head);
  },
  async *events({ store }, { stores }, asked) {
    const filter = { type: null, productId: null, storeId: asked.store_id ?? null, stores };
    const { seq: head } = await store.head();
    for (let after = asked.after ?? 0; after < head; ) {
      const page = await store.events({ ...filter, after, limit: pageLimitMax });
      for (const event of page.items) {
        if (event.seq <= head) yield JSON.parse(envelopeText(event)) as object;
      }
      after = page.scanned;
    }
  },
} satisfies Readonly<Record<string, Exported>>;
