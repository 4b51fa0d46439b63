// The order of locks: two instances commit batches over the same rows, each batch in an order of its own, and none
// of them waits for one that waits for it. A deadlock would be found by the server, run again and seen by nobody,
// a second later; so the server is asked whether there was one.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "pg";
import { chanceOf } from "../../sim/chance.ts";
import { newId } from "../../src/lib/ids.ts";
import { openCommit } from "../../src/store/postgres/commit.ts";
import { type Connections, openConnections } from "../../src/store/postgres/connections.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { changeStock, createProduct, createStore, transfer } from "../support/commands.ts";
import { sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";

const options = {
  pooler: false,
  notify: null,
  limits: { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 60_000 },
  newId,
};
const products = Array.from({ length: 30 }, (_, index) => `p${index}`);
const stores = ["s0", "s1"];
const rounds = 12;
const instances = 3;

let connections: Connections;
let hand: Client;

before(async () => {
  if (noPostgres !== false) return;
  const url = await (await sharedPostgres()).newDatabase();
  connections = openConnections({
    url,
    poolMin: 1,
    poolMax: instances + 1,
    pooler: false,
    directUrl: null,
  });
  await migrate(connections, options, newId);
  hand = new Client({ connectionString: url });
  await hand.connect();
});
after(async () => {
  await hand?.end();
  await connections?.close();
});

async function deadlocks(): Promise<number> {
  const { rows } = await hand.query(
    "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()",
  );
  return rows[0]?.deadlocks;
}

test(`${instances} instances change the same rows in ${rounds} batches each, in any order, without a deadlock`, {
  skip: noPostgres,
}, async () => {
  const commit = openCommit(connections, options);
  await commit([
    ...products.map((id) => createProduct(id, { sku: id })),
    ...stores.map((id) => createStore(id)),
    ...products.flatMap((productId) =>
      stores.map((storeId) => changeStock({ productId, storeId, amount: 1_000 })),
    ),
  ]);
  let isBroken = false;
  async function work(instance: number): Promise<void> {
    const chance = chanceOf(instance, "order");
    for (let round = 0; round < rounds && !isBroken; round += 1) {
      const commands = products
        .map((productId) => ({ productId, at: chance.next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ productId }) =>
          chance.hits(0.5)
            ? changeStock({ productId, storeId: chance.pick(stores), amount: 1 })
            : transfer({ productId, fromStoreId: "s1", toStoreId: "s0", quantity: 1 }),
        );
      await commit(commands);
    }
  }
  const broken = (error: unknown): never => {
    isBroken = true;
    throw error;
  };
  const all = Array.from({ length: instances }, (_, instance) => work(instance).catch(broken));
  const failed = (await Promise.allSettled(all)).filter(({ status }) => status === "rejected");
  assert.deepEqual(failed, []);
  assert.equal(await deadlocks(), 0);
});
