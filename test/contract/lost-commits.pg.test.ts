// A connection that breaks after COMMIT was sent and before it is answered. The adapter finds out what became
// of it, with no idempotency key to help: it answers as if nothing had been, or runs the commands again, and books
// nothing twice.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { commitBatch } from "../../src/commands/batch.ts";
import { newId } from "../../src/lib/ids.ts";
import { openConnections } from "../../src/store/postgres/connections.ts";
import { fateOf } from "../../src/store/postgres/fate.ts";
import { openStore } from "../../src/store/postgres/store.ts";
import type { Store } from "../../src/store/store.ts";
import { adjust, changeStock, createProduct, createStore, reserve } from "../support/commands.ts";
import { databaseAt, query, sharedPostgres } from "../support/postgres.ts";
import { noPostgres } from "../support/postgres-programs.ts";
import { type Fault, startProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: 86_400_000 };

describe("a COMMIT whose answer is lost", { skip: noPostgres }, () => {
  let url: string;
  let proxy: TcpProxy;
  before(async () => {
    url = await (await sharedPostgres()).newDatabase();
    proxy = await startProxy(url);
  });
  after(() => proxy.close());

  async function units(store: Store): Promise<number | undefined> {
    return (await store.stock("mug", "MAD"))?.quantity;
  }

  for (const pooler of [false, true]) {
    const how = pooler ? "without names for statements" : "with prepared statements";
    describe(how, () => {
      let store: Store;
      before(async () => {
        const database = databaseAt(proxy.urlOf(url), { pooler, poolMax: 2 });
        store = await openStore(database, { limits });
        await store.commit([
          createStore("MAD"),
          createProduct("mug"),
          changeStock({ amount: 100 }),
        ]);
      });
      after(() => store.close());

      /** The next COMMIT only. */
      function cut(fault: Fault): void {
        let isNext = true;
        proxy.atCommit(() => {
          const now = isNext ? fault : null;
          isNext = false;
          return now;
        });
      }

      for (const [title, fault] of [
        ["and which was done is answered with what it did", "unanswered"],
        ["and which is done only later is waited for", "late"],
        ["and which was done before the server ended the connection is answered", "dismissed"],
      ] as const) {
        test(title, async () => {
          const [before, { seq }, cuts] = [await units(store), await store.head(), proxy.cuts()];
          cut(fault);
          const requestId = newId();
          const change = { ...adjust({ amount: 3 }), requestId };
          const outcomes = await store.commit([change, reserve(newId(), 1)]);
          assert.equal(proxy.cuts(), cuts + 1);
          assert.equal(await units(store), Number(before) + 3);
          const told = outcomes.flatMap(({ events }) => events);
          const { items } = await store.events({
            after: seq,
            limit: 10,
            type: null,
            storeId: null,
            productId: null,
            stores: "*",
          });
          assert.deepEqual(told, items);
          assert.equal(told.length, 2);
          assert.ok(outcomes.every(({ result }) => "reply" in result));
        });
      }

      test("and which was not done throws what may be run again: then it is done once", async () => {
        const [before, { seq }] = [await units(store), await store.head()];
        cut("lost");
        await assert.rejects(store.commit([adjust({ amount: 3 })]), {
          name: "OperatingError",
          retryable: true,
        });
        assert.equal(await units(store), before);
        cut("lost");
        const [settled] = await commitBatch(store, [adjust({ amount: 3 })], () => undefined);
        assert.ok(settled !== undefined && "outcome" in settled);
        assert.equal(settled.outcome.events[0]?.seq, seq + 1);
        assert.equal(await units(store), Number(before) + 3);
      });

      test("again and again: twenty changes are twenty", async () => {
        const before = Number(await units(store));
        const faults = ["lost", null, "unanswered", "late", "dismissed", "lost", null] as const;
        let turn = 0;
        proxy.atCommit(() => faults[turn++ % faults.length] ?? null);
        const add = async (): Promise<void> => {
          const [settled] = await commitBatch(store, [adjust({ amount: 1 })], () => undefined);
          assert.ok(settled !== undefined && "outcome" in settled, JSON.stringify(settled));
        };
        const lanes = [0, 1].map(async () => {
          for (let count = 0; count < 10; count += 1) await add();
        });
        await Promise.all(lanes);
        proxy.atCommit(() => null);
        assert.equal(await units(store), before + 20);
      });

      test("of refusals alone is asked for again, and says the same", async () => {
        const once = { caller: "ann", key: newId(), fingerprint: "f" };
        const command = { ...reserve(newId(), 5_000), once };
        for (const fault of ["unanswered", "lost", null] as const) {
          cut(fault);
          const [settled] = await commitBatch(store, [command], () => undefined);
          assert.ok(settled !== undefined && "outcome" in settled);
          assert.ok("rejection" in settled.outcome.result);
        }
      });
    });
  }
});

describe("a transaction's id", { skip: noPostgres }, () => {
  const options = { pooler: false };

  test("that belongs to another transaction by now, or to none yet, proves nothing", async () => {
    const url = await (await sharedPostgres()).newDatabase();
    const store = await openStore(databaseAt(url), { limits });
    const [made] = await store.commit([createStore("MAD")]);
    const connections = openConnections(databaseAt(url));
    const [row] = await query(url, "SELECT xmin::text AS id FROM stores");
    const transactionId = String(row?.["id"]);
    const sent = { transactionId, seq: 0 };
    const event = made?.events[0];
    assert.deepEqual(await fateOf(connections, options, sent, event?.id ?? null), {
      seq: event?.seq,
      at: event?.occurredAt,
    });
    assert.equal(await fateOf(connections, options, sent, newId()), null);
    const future = { transactionId: String(Number(transactionId) + 1_000_000), seq: 0 };
    assert.equal(await fateOf(connections, options, future, newId()), null);
    await connections.close();
    await store.close();
  });
});
