// A database file with a long log, made by the service's own decisions and faster than through its doors: in one
// process, and flushed at the end only.

import { join } from "node:path";
import { openCommit } from "../../src/store/sqlite/commit.ts";
import { openForWriting } from "../../src/store/sqlite/open.ts";
import * as say from "./commands.ts";
import { newFolder } from "./instance.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };
const [products, stores] = [500, 10];
const perCommit = 1_000;

/** Answers its path. Of five events two are holds, one is a sale, one a hold that was given up, one a receipt. */
export function fillFile(events: number): string {
  const path = join(newFolder(), "filled.db");
  let ids = 0;
  const newId = (): string => `id-${++ids}`;
  const { db, close } = openForWriting(path, Date.now(), newId);
  db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144");
  const commit = openCommit(db, { limits, now: Date.now, newId });
  const at = (n: number) => ({
    productId: `product-${n % products}`,
    storeId: `store-${Math.floor(n / products) % stores}`,
  });
  for (let n = 0; n < stores; n += 1) commit([say.createStore(`store-${n}`)]);
  for (let n = 0; n < products; n += 1) {
    commit([say.createProduct(`product-${n}`, { sku: `SKU-${n}` })]);
  }
  const steps = [
    (n: number) => say.changeStock({ ...at(n), amount: 10 }),
    (n: number) => say.reserve(`a-${n}`, 1, { ...at(n - 1), customerId: `customer-${n % 997}` }),
    (n: number) => say.confirm(`a-${n - 1}`),
    (n: number) => say.reserve(`b-${n}`, 1, { ...at(n - 3), customerId: `customer-${n % 997}` }),
    (n: number) => say.cancel(`b-${n - 1}`),
  ];
  const first = stores + products;
  for (let seq = first; seq < events; seq += perCommit) {
    const count = Math.min(perCommit, events - seq);
    const commands = Array.from({ length: count }, (_, index) => {
      const n = seq - first + index;
      const step = steps[n % steps.length];
      return step === undefined ? [] : step(n);
    });
    commit(commands.flat());
  }
  close();
  return path;
}
