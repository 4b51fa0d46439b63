// What every store keeps of webhooks; a part of store.contract.ts.

import assert from "node:assert/strict";
import { webhookDeliveriesKept } from "../../src/limits.ts";
import type { Page, PageQuery, Store } from "../../src/store/store.ts";
import type { Attempt, Webhook } from "../../src/store/webhook.ts";

interface Tools {
  allPages<Item>(read: (query: PageQuery) => Promise<Page<Item>>, limit: number): Promise<Item[]>;
  withMugs(store: Store, units: number): Promise<void>;
}

export function webhookSuite(
  on: (title: string, body: (store: Store) => Promise<void>) => void,
  { allPages, withMugs }: Tools,
): void {
  const hook = (id: string, over: Partial<Webhook> = {}): Webhook => ({
    id,
    url: "https://erp.example/",
    description: null,
    types: "*",
    stores: "*",
    secret: "whsec_1",
    oldSecret: null,
    oldSecretUntil: null,
    state: "active",
    cursor: 0,
    attempts: 0,
    dueAt: 0,
    trouble: null,
    createdAt: 1,
    updatedAt: 1,
    ...over,
  });
  const attempt = (id: string): Attempt => ({
    id,
    seq: 1,
    eventId: "e",
    eventType: "stock.low",
    at: 5,
    durationMs: 3,
    status: null,
    error: "no answer",
  });
  const well = { attempts: 0, dueAt: 0, state: "active", trouble: null, tried: [] } as const;

  on("a webhook is kept as it is, changed, listed in pages and removed", async (store) => {
    const { webhooks } = store;
    const full = hook("b", {
      description: "ERP",
      types: ["stock.out", "stock.back"],
      stores: ["MAD"],
      oldSecret: "whsec_0",
      oldSecretUntil: 9,
      state: "parked",
      cursor: 7,
      attempts: 3,
      dueAt: 11,
      trouble: "answered 500",
    });
    for (const one of [hook("a"), full, hook("c")]) assert.ok(await webhooks.add(one, 3));
    assert.equal(await webhooks.add(hook("d"), 3), false, "there are as many as there may be");
    assert.deepEqual(await webhooks.one("b"), full);
    assert.equal(await webhooks.one("none"), null);
    const listed = await allPages((page) => webhooks.list(page), 2);
    assert.deepEqual(
      listed.map(({ id }) => id),
      ["a", "b", "c"],
    );
    assert.deepEqual([await webhooks.remove("a"), await webhooks.remove("a")], [true, false]);
  });

  on("of many that are added at once there are no more than there may be", async (store) => {
    const ids = Array.from({ length: 40 }, (_, at) => `w${at}`);
    const added = await Promise.all(ids.map((id) => store.webhooks.add(hook(id), 7)));
    assert.equal(added.filter(Boolean).length, 7);
    assert.equal((await allPages((page) => store.webhooks.list(page), 10)).length, 7);
  });

  on("a change leaves what it does not name; what had failed is tried anew", async (store) => {
    const { webhooks } = store;
    const full = hook("b", {
      ...{ description: "ERP", types: ["stock.out"], stores: ["MAD"], oldSecret: "whsec_0" },
      ...{ oldSecretUntil: 9, state: "parked", cursor: 7, attempts: 3, dueAt: 11 },
      trouble: "answered 500",
    });
    await webhooks.add(full, 9);
    const fresh = { attempts: 0, dueAt: 0 };
    const untouched = await webhooks.change("b", { updatedAt: 2 });
    assert.deepEqual(untouched, { ...full, ...fresh, updatedAt: 2 });
    const some = { url: "https://b.example/", description: null, updatedAt: 3 } as const;
    assert.deepEqual(await webhooks.change("b", some), { ...full, ...fresh, ...some });
    const rest = { types: "*", stores: "*", state: "active", cursor: 2, updatedAt: 4 } as const;
    assert.deepEqual(await webhooks.change("b", rest), {
      ...{ ...full, ...fresh, ...some, ...rest },
      trouble: null,
    });
    assert.equal(await webhooks.change("none", some), null);
  });

  on("a rotation keeps the secret before it, or not, and all else", async (store) => {
    const { webhooks } = store;
    const failing = hook("a", { attempts: 2, dueAt: 8, trouble: "answered 500" });
    await webhooks.add(failing, 9);
    const rotate = (secret: string, oldUntil: number | null, updatedAt: number) =>
      webhooks.rotate("a", { secret, oldUntil, updatedAt });
    assert.deepEqual(await rotate("whsec_2", 50, 2), {
      ...failing,
      ...{ secret: "whsec_2", oldSecret: "whsec_1", oldSecretUntil: 50, updatedAt: 2 },
    });
    await webhooks.change("a", { description: "of before", updatedAt: 3 });
    assert.deepEqual(
      [
        await rotate("whsec_3", null, 4),
        await webhooks.rotate("none", { secret: "", oldUntil: 1, updatedAt: 1 }),
      ],
      [
        {
          ...{ ...failing, attempts: 0, dueAt: 0, description: "of before" },
          ...{ secret: "whsec_3", oldSecret: null, oldSecretUntil: null, updatedAt: 4 },
        },
        null,
      ],
    );
  });

  on("due is what is active, has waited long enough and is not at the end", async (store) => {
    await withMugs(store, 1);
    const { seq } = await store.head();
    const { webhooks } = store;
    await webhooks.add(hook("due", { dueAt: 100 }), 9);
    await webhooks.add(hook("later", { dueAt: 101, cursor: seq - 1 }), 9);
    await webhooks.add(hook("done", { cursor: seq }), 9);
    for (const state of ["paused", "parked", "gone"] as const) {
      await webhooks.add(hook(state, { state, cursor: seq - 1 }), 9);
    }
    const due = await webhooks.due(100);
    assert.deepEqual(
      due.hooks.map(({ id }) => id),
      ["due"],
    );
    assert.equal(due.ready, 2, "the one that is at the end too");
    const events = await store.events({
      ...{ type: null, storeId: null, productId: null, stores: "*" },
      ...{ after: 0, limit: seq },
    });
    const [first, last] = [events.items[0]?.occurredAt, events.items.at(-1)?.occurredAt];
    assert.deepEqual(await webhooks.lags(), [
      { id: "due", state: "active", events: seq, since: first },
      { id: "later", state: "active", events: 1, since: last },
      { id: "done", state: "active", events: 0, since: null },
      { id: "paused", state: "paused", events: 1, since: last },
      { id: "parked", state: "parked", events: 1, since: last },
      { id: "gone", state: "gone", events: 1, since: last },
    ]);
  });

  on("a cursor moves from where it is only, and with it what was tried is noted", async (store) => {
    const { webhooks } = store;
    await webhooks.add(hook("a"), 9);
    const failing = { attempts: 1, dueAt: 50, state: "active", trouble: "answered 500" } as const;
    const moved = await webhooks.advance({
      id: "a",
      from: 0,
      to: 4,
      ...failing,
      tried: [attempt("1")],
    });
    assert.partialDeepStrictEqual(moved, { cursor: 4, ...failing });
    assert.equal(await webhooks.advance({ id: "a", from: 0, to: 9, ...well }), null);
    await webhooks.change("a", { state: "paused", updatedAt: 2 });
    const meanwhile = await webhooks.advance({ id: "a", from: 4, to: 9, ...well });
    assert.partialDeepStrictEqual(meanwhile, { cursor: 9, state: "paused" });
    assert.equal(await webhooks.advance({ id: "none", from: 0, to: 9, ...well }), null);
    assert.deepEqual((await webhooks.deliveries("a", { after: null, limit: 5 })).items, [
      attempt("1"),
    ]);
  });

  on(
    "of what was tried the last are kept, newest first, and go with their webhook",
    async (store) => {
      const { webhooks } = store;
      await webhooks.add(hook("a"), 9);
      const ids = Array.from({ length: webhookDeliveriesKept + 3 }, (_, n) => `${1_000 + n}`);
      const half = ids.length >> 1;
      for (const part of [ids.slice(0, half), ids.slice(half)]) {
        await webhooks.advance({ id: "a", from: 0, to: 0, ...well, tried: part.map(attempt) });
      }
      const kept = await allPages((page) => webhooks.deliveries("a", page), 90);
      assert.deepEqual(
        kept.map(({ id }) => id),
        ids.slice(3).reverse(),
      );
      await webhooks.remove("a");
      await webhooks.note("a", attempt("9999"));
      assert.deepEqual((await webhooks.deliveries("a", { after: null, limit: 5 })).items, []);
    },
  );

  on("one delivers at a time: until its time is over, or it gives it back", async (store) => {
    const { webhooks } = store;
    assert.equal(await webhooks.claim("one", 100, 50), true);
    assert.equal(await webhooks.claim("other", 149, 50), false);
    assert.equal(await webhooks.claim("one", 140, 50), true);
    assert.equal(await webhooks.claim("other", 190, 50), true);
    assert.equal(await webhooks.claim("one", 200, 50), false);
    await webhooks.release("one");
    assert.equal(await webhooks.claim("one", 200, 50), false);
    await webhooks.release("other");
    assert.equal(await webhooks.claim("one", 200, 50), true);
  });
}
