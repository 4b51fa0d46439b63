// The real service for tests of the client: on a port of its own, with two stores, some products and one reservation,
// as the examples of the documentation have them.

import { openTestApp, type TestApp, type TestAppOptions } from "../../test/support/app.ts";
import { type Client, type ClientOptions, createClient } from "../src/client.ts";

export interface Shop extends TestApp {
  readonly url: string;
  /** An admin. */
  readonly client: Client;
  as(options: Omit<ClientOptions, "baseUrl">): Client;
}

export async function openShop(options: TestAppOptions = {}): Promise<Shop> {
  const world = await openTestApp(options);
  try {
    const url = await world.app.listen({ host: "127.0.0.1", port: 0 });
    const as = (more: Omit<ClientOptions, "baseUrl">): Client =>
      createClient({ baseUrl: url, ...more });
    const client = as({ apiKey: world.keys.admin });
    await client.stores.create({ id: "MAD-001", name: "Madrid Centro", city: "Madrid" });
    await client.stores.create({ id: "BCN-001", name: "Barcelona", city: "Barcelona" });
    const category = "kitchen";
    await client.products.create({ id: "mug", sku: "MUG-BLUE", name: "Mug", price: 9.5, category });
    await client.products.create({ id: "bowl", sku: "BOWL-1", name: "Bowl", price: 14, category });
    for (const store_id of ["MAD-001", "BCN-001"]) {
      await client.stock.change({ product_id: "mug", store_id, initial_quantity: 50 });
    }
    await client.reservations.create({
      id: "order-1",
      product_id: "mug",
      store_id: "MAD-001",
      quantity: 1,
      customer_id: "cust-1",
    });
    return { ...world, url, client, as };
  } catch (error) {
    await world.close();
    throw error;
  }
}
