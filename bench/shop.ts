// The catalogue that every work is done on: so many products, each in four stores, with more units than a run can
// sell. Made through the API; a large database is made by fill.ts, with the same names.

import { pause } from "../src/lib/waiting.ts";
import type { Rows } from "./plan.ts";
import type { Server } from "./server.ts";

export const stores = ["MAD-001", "BCN-001", "VAL-001", "SEV-001"] as const;
export const spread: Rows = { products: 1_000, stores };
export const oneRow: Rows = { products: 1, stores: stores.slice(0, 1) };

/** Units that each row begins with. */
export const units = 100_000_000;

type Target = Pick<Server, "port" | "key">;

async function call({ port, key }: Target, path: string, body: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    method: "POST",
    headers: { "X-API-Key": key, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status === 503) {
    // On a machine that is busy with other things.
    await pause(1000 * Number(response.headers.get("retry-after") ?? 1));
    await call({ port, key }, path, body);
    return;
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}

/** The stores themselves come with the first start. */
export async function stockUp(server: Target, { products }: Rows): Promise<void> {
  const ids = Array.from({ length: products }, (_, n) => `p-${n}`);
  for (let at = 0; at < ids.length; at += 50) {
    await Promise.all(
      ids
        .slice(at, at + 50)
        .map((id) =>
          call(server, "/products", { id, sku: `SKU-${id}`, name: `Product ${id}`, price: 9.5 }),
        ),
    );
  }
  for (let at = 0; at < ids.length; at += 125) {
    const changes = ids.slice(at, at + 125).flatMap((product_id) =>
      stores.map((store_id) => ({
        product_id,
        store_id,
        quantity_change: units,
        reason: "RESTOCK",
      })),
    );
    await call(server, "/stock/batch", { changes });
  }
}
