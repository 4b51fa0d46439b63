// What the filters of lists promise on either database: whichever of them come together, a list has what they let
// through of the whole, in its order, and nothing of a store that is not the caller's.

import assert from "node:assert/strict";
import type {
  EventQuery,
  Page,
  PageQuery,
  ReservationQuery,
  Store,
  StoreScope,
} from "../../src/store/store.ts";
import { wholeLog } from "../../src/store/store.ts";
import {
  cancel,
  changeStock,
  confirm,
  createProduct,
  reserve,
  transfer,
} from "../support/commands.ts";

type On = (title: string, body: (store: Store) => Promise<void>) => void;

interface Given {
  readonly withMugs: (store: Store, units: number) => Promise<void>;
  readonly allPages: <Item>(
    read: (query: PageQuery) => Promise<Page<Item>>,
    limit: number,
  ) => Promise<Item[]>;
}

const scopes: readonly StoreScope[] = ["*", ["MAD"], ["BCN", "MAD"], ["VLC"], []];

/** Two products in two stores, with holds of two customers that ended in different ways. */
async function fill(store: Store, { withMugs }: Given): Promise<void> {
  await withMugs(store, 20);
  const cups = { productId: "cup" };
  const [ann, bob] = [{ customerId: "ann" }, { customerId: "bob" }];
  const told = await store.commit([
    createProduct("cup", { sku: "CUP-1" }),
    ...["MAD", "BCN"].map((storeId) => changeStock({ ...cups, storeId, amount: 20 })),
    transfer({ quantity: 5 }),
    ...["r-1", "r-2", "r-3"].map((id) => reserve(id, 1, ann)),
    ...["r-4", "r-5"].map((id) => reserve(id, 1, { ...bob, storeId: "BCN" })),
    ...["r-6", "r-7"].map((id) => reserve(id, 1, { ...ann, ...cups, storeId: "BCN" })),
    reserve("r-8", 1, { ...bob, ...cups }),
    ...["r-1", "r-4", "r-6"].map((id) => confirm(id)),
    ...["r-2", "r-7"].map((id) => cancel(id)),
  ]);
  for (const { result } of told) assert.ok("reply" in result, JSON.stringify(result));
}

function* eventFilters(): Iterable<Omit<EventQuery, "after" | "limit">> {
  for (const type of [null, "reservation.created", "stock.transferred", "store.created"] as const)
    for (const storeId of [null, "MAD", "BCN"])
      for (const productId of [null, "mug", "cup"])
        for (const stores of scopes) yield { type, storeId, productId, stores };
}

function* reservationFilters(): Iterable<Omit<ReservationQuery, keyof PageQuery>> {
  for (const status of [null, "PENDING", "CONFIRMED"] as const)
    for (const storeId of [null, "BCN"])
      for (const productId of [null, "mug"])
        for (const customerId of [null, "bob"])
          for (const stores of scopes) yield { status, storeId, productId, customerId, stores };
}

const isOf = <T>(wanted: T | null, value: T): boolean => wanted === null || wanted === value;

export function filterSuite(on: On, given: Given): void {
  on("events come by each filter, and by all of them together", async (store) => {
    await fill(store, given);
    const all = (await store.events({ ...wholeLog, after: 0, limit: 500 })).items;
    let found = 0;
    for (const filter of eventFilters()) {
      const { type, storeId, productId, stores } = filter;
      const expected = all.filter(
        (event) =>
          isOf(type, event.type) &&
          isOf(storeId, event.storeId) &&
          isOf(productId, event.productId) &&
          (stores === "*" || event.storeId === "*" || stores.includes(event.storeId)),
      );
      const { items } = await store.events({ ...filter, after: 0, limit: 500 });
      assert.deepEqual(items, expected, JSON.stringify(filter));
      if (expected.length > 0) found += 1;
    }
    assert.ok(found > 50, `${found} filters let something through`);
  });

  on("reservations come and are counted by each filter, and by all together", async (store) => {
    await fill(store, given);
    const nothing = { status: null, storeId: null, productId: null, customerId: null };
    const unfiltered = { ...nothing, stores: "*", after: null, limit: 100 } as const;
    const all = (await store.reservations(unfiltered)).items;
    assert.equal(all.length, 8);
    let found = 0;
    for (const filter of reservationFilters()) {
      const { status, storeId, productId, customerId, stores } = filter;
      const expected = all.filter(
        (one) =>
          isOf(status, one.status) &&
          isOf(storeId, one.storeId) &&
          isOf(productId, one.productId) &&
          isOf(customerId, one.customerId) &&
          (stores === "*" || stores.includes(one.storeId)),
      );
      const items = await given.allPages((page) => store.reservations({ ...filter, ...page }), 3);
      assert.deepEqual(items, expected, JSON.stringify(filter));
      const count = await store.reservationCount(filter);
      assert.equal(count, expected.length, JSON.stringify(filter));
      if (expected.length > 0) found += 1;
    }
    assert.ok(found > 30, `${found} filters let something through`);
  });
}
