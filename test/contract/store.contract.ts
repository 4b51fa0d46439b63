// What every store keeps, as a suite over a factory, run on SQLite and on PostgreSQL. It speaks
// only the port. An adapter that passes may carry the service; a promise that is not here is not one
// that callers may build on.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Command } from "../../src/domain/model.ts";
import type { EventQuery, Outcome, Page, PageQuery, Store } from "../../src/store/store.ts";
import {
  archiveProduct,
  batch,
  cancel,
  changeProduct,
  changeStock,
  confirm,
  createProduct,
  createStore,
  expireDue,
  extend,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "../support/commands.ts";
import { until } from "../support/until.ts";
import { basketSuite } from "./baskets.contract.ts";
import { filterSuite } from "./filters.contract.ts";
import { thresholdSuite } from "./thresholds.contract.ts";
import { webhookSuite } from "./webhooks.contract.ts";

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}

export interface StoreFactory {
  /** A store on an empty database of its own. */
  readonly open: () => Promise<OpenedStore>;
}

/** Of the stores that are opened. */
export const contractLimits = {
  reservationsPerCustomer: 0,
  unitsPerCustomer: 100_000,
  reservationLifeMs: 86_400_000,
};

const everyEvent: EventQuery = {
  after: 0,
  limit: 500,
  type: null,
  storeId: null,
  productId: null,
  stores: "*",
};
const allReservations = {
  storeId: null,
  productId: null,
  customerId: null,
  status: null,
  stores: "*",
} as const;

/** A product "mug" in two stores, `units` of it in MAD. */
async function withMugs(store: Store, units: number): Promise<void> {
  const outcomes = await store.commit([
    createStore("MAD"),
    createStore("BCN"),
    createProduct("mug"),
    changeStock({ amount: units }),
  ]);
  for (const outcome of outcomes) accepted(outcome);
}

function accepted({ result }: Outcome): void {
  assert.ok("reply" in result, `refused: ${JSON.stringify(result)}`);
}

function codeOf(outcome: Outcome | undefined): string | null {
  assert.ok(outcome !== undefined);
  return "rejection" in outcome.result ? outcome.result.rejection.code : null;
}

function once(command: Command, key: string, fingerprint = "same"): Command {
  return { ...command, once: { caller: "key:test", key, fingerprint } };
}

async function allPages<Item>(
  read: (query: PageQuery) => Promise<Page<Item>>,
  limit: number,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: PageQuery["after"] = null;
  do {
    const page: Page<Item> = await read({ after, limit });
    assert.ok(page.items.length <= limit, "a page holds at most its limit");
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}

export function storeContract(name: string, factory: StoreFactory): void {
  const on = (title: string, body: (store: Store) => Promise<void>): void => {
    test(title, async () => {
      const { store, close } = await factory.open();
      try {
        await body(store);
        assert.deepEqual(await findings(store), [], "every invariant holds afterwards");
      } finally {
        await close();
      }
    });
  };
  describe(`${name}: commit`, () => commitSuite(on));
  describe(`${name}: baskets`, () => basketSuite(on, { withMugs }));
  describe(`${name}: SKUs`, () => skuSuite(on));
  describe(`${name}: idempotency`, () => idempotencySuite(on));
  describe(`${name}: expiry`, () => expirySuite(on));
  describe(`${name}: the log`, () => logSuite(on));
  describe(`${name}: thresholds`, () => thresholdSuite(on, { withMugs }));
  describe(`${name}: reads`, () => readSuite(on));
  describe(`${name}: filters`, () => filterSuite(on, { allPages, withMugs }));
  describe(`${name}: keys and sessions`, () => keySuite(on));
  describe(`${name}: webhooks`, () => webhookSuite(on, { allPages, withMugs }));
}

type On = (title: string, body: (store: Store) => Promise<void>) => void;

async function findings(store: Store) {
  const rows = await store.auditRows({ after: null, limit: 500, eventsMax: null });
  assert.equal(rows.next, null, "a test has few rows");
  return [...rows.findings, ...(await store.auditLog())];
}

function commitSuite(on: On): void {
  on("a batch is answered in order, each command seeing those before it", async (store) => {
    await withMugs(store, 3);
    const outcomes = await store.commit([
      reserve("r-1", 2),
      reserve("r-2", 2),
      cancel("r-1"),
      reserve("r-3", 2),
    ]);
    assert.deepEqual(outcomes.map(codeOf), [null, "insufficient_stock", null, null]);
    const row = await store.stock("mug", "MAD");
    assert.deepEqual(
      [row?.quantity, row?.reserved, row?.version],
      [3, 2, 4],
      "created, reserved, cancelled, reserved",
    );
  });

  on("what a commit answered can be read at once", async (store) => {
    await withMugs(store, 3);
    const [outcome] = await store.commit([reserve("r-1", 2, { metadata: '{"a":1}' })]);
    assert.ok(outcome !== undefined && "reply" in outcome.result);
    assert.ok(outcome.result.reply.kind === "reservation");
    assert.deepEqual(await store.reservation("r-1"), outcome.result.reply.reservation);
  });

  on("a refusal changes nothing and takes no number of the log", async (store) => {
    await withMugs(store, 1);
    const before = await store.head();
    const [outcome] = await store.commit([reserve("r-1", 2)]);
    assert.equal(codeOf(outcome), "insufficient_stock");
    assert.equal((await store.head()).seq, before.seq);
    assert.equal(await store.reservation("r-1"), null);
  });

  on("a batch that fails leaves nothing behind, whatever it had decided", async (store) => {
    await withMugs(store, 5);
    const before = await store.head();
    const poison = { ...createProduct("poison"), fields: { sku: undefined } };
    const unsound = [reserve("r-1", 1), poison as unknown as Command];
    await assert.rejects(store.commit(unsound));
    assert.deepEqual(await store.head(), before);
    assert.equal(await store.reservation("r-1"), null);
    assert.equal((await store.stock("mug", "MAD"))?.reserved, 0);
    accepted((await store.commit([reserve("r-1", 1)]))[0] as Outcome);
  });

  on("commits at the same time lose nothing and oversell nothing", async (store) => {
    await withMugs(store, 25);
    const all = Array.from({ length: 100 }, (_, n) =>
      store.commit([reserve(`r-${n}`, 1, { customerId: `c-${n}` })]),
    );
    const codes = (await Promise.all(all)).map(([outcome]) => codeOf(outcome));
    assert.equal(codes.filter((code) => code === null).length, 25);
    assert.equal(codes.filter((code) => code === "insufficient_stock").length, 75);
  });

  on("a transfer makes the missing row and keeps the sum", async (store) => {
    await withMugs(store, 10);
    accepted((await store.commit([transfer({ quantity: 4 })]))[0] as Outcome);
    const rows = await allPages(
      (query) => store.stockOfProduct("mug", { ...query, stores: "*" }),
      1,
    );
    assert.deepEqual(
      rows.map(({ storeId, quantity, version }) => [storeId, quantity, version]),
      [
        ["BCN", 4, 1],
        ["MAD", 6, 2],
      ],
    );
  });

  on("lines of one call on one row are summed, and all or none are held", async (store) => {
    await withMugs(store, 3);
    const lines = [
      { id: "a", quantity: 2 },
      { id: "b", quantity: 2 },
    ];
    const [refused] = await store.commit([reserveGroup("g-1", lines)]);
    assert.equal(codeOf(refused), "insufficient_stock");
    assert.deepEqual(await store.group("g-1"), []);
    const fits = lines.map((line) => ({ ...line, quantity: 1 }));
    accepted((await store.commit([reserveGroup("g-2", fits)]))[0] as Outcome);
    assert.deepEqual(
      (await store.group("g-2")).map(({ id }) => id),
      ["a", "b"],
    );
  });

  on("a batch of changes is stored whole or line by line, as asked", async (store) => {
    await withMugs(store, 3);
    const lines = [{ amount: 5 }, { amount: -100 }, { storeId: "BCN", amount: 1 }];
    const [whole] = await store.commit([batch("all_or_nothing", ...lines)]);
    assert.equal(codeOf(whole), "batch_failed");
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 3);
    accepted((await store.commit([batch("skip_failed", ...lines)]))[0] as Outcome);
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 8);
    assert.equal((await store.stock("mug", "BCN"))?.quantity, 1);
  });

  on("an archived product frees its SKU and keeps its id and history", async (store) => {
    await withMugs(store, 1);
    const [used] = await store.commit([archiveProduct("mug")]);
    assert.equal(codeOf(used), "product_in_use");
    const outcomes = await store.commit([
      changeStock({ amount: -1 }),
      archiveProduct("mug"),
      createProduct("mug-2"),
      createProduct("mug", { sku: "OTHER" }),
    ]);
    assert.deepEqual(outcomes.map(codeOf), [null, null, null, "id_taken"]);
    assert.equal(await store.product("mug"), null);
    assert.equal((await store.productBySku("MUG-1"))?.id, "mug-2");
    const query = { productId: "mug", storeId: "MAD", from: null, to: null };
    const events = await allPages((page) => store.history({ ...query, ...page }), 10);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["stock.out", "stock.updated", "stock.created"],
    );
  });
}

/** One SKU that several products have within one commit, one after the other. */
function skuSuite(on: On): void {
  const owner = async (store: Store, sku: string) => (await store.productBySku(sku))?.id;

  on("a SKU that its product gives up is another's in the same commit", async (store) => {
    await store.commit([createProduct("a", { sku: "X" })]);
    const outcomes = await store.commit([
      changeProduct("a", { sku: "Y" }),
      createProduct("b", { sku: "X" }),
    ]);
    assert.deepEqual(outcomes.map(codeOf), [null, null]);
    assert.equal(await owner(store, "X"), "b");
    assert.equal(await owner(store, "Y"), "a");
  });

  on("a product that took part before its turn may take the SKU, too", async (store) => {
    await store.commit([createProduct("a", { sku: "X" }), createProduct("b", { sku: "Y" })]);
    const outcomes = await store.commit([
      changeProduct("b", { name: "Bowl" }),
      changeProduct("a", { sku: "Z" }),
      changeProduct("b", { sku: "X" }),
    ]);
    assert.deepEqual(outcomes.map(codeOf), [null, null, null]);
    assert.equal(await owner(store, "X"), "b");
    assert.equal((await store.product("b"))?.version, 3);
  });

  on("an archived product's SKU is another's in the same commit", async (store) => {
    await store.commit([createProduct("a", { sku: "X" }), createProduct("b", { sku: "Y" })]);
    const outcomes = await store.commit([
      changeProduct("b", { name: "Bowl" }),
      archiveProduct("a"),
      createProduct("c", { sku: "X" }),
      archiveProduct("c"),
      changeProduct("b", { sku: "X" }),
    ]);
    assert.deepEqual(outcomes.map(codeOf), [null, null, null, null, null]);
    assert.equal(await owner(store, "X"), "b");
    assert.equal(await store.product("a"), null);
  });

  on("two products change SKUs by way of a third within one commit", async (store) => {
    await store.commit([createProduct("a", { sku: "X" }), createProduct("b", { sku: "Y" })]);
    const outcomes = await store.commit([
      changeProduct("a", { sku: "between" }),
      changeProduct("b", { sku: "X" }),
      changeProduct("a", { sku: "Y" }),
    ]);
    assert.deepEqual(outcomes.map(codeOf), [null, null, null]);
    assert.equal(await owner(store, "X"), "b");
    assert.equal(await owner(store, "Y"), "a");
    assert.equal(await owner(store, "between"), undefined);
  });

  on("a SKU that its product keeps is refused to another", async (store) => {
    await store.commit([createProduct("a", { sku: "X" }), createProduct("b", { sku: "Y" })]);
    const outcomes = await store.commit([
      changeProduct("b", { sku: "X" }),
      changeProduct("a", { sku: "Z" }),
      createProduct("c", { sku: "Z" }),
    ]);
    assert.deepEqual(outcomes.map(codeOf), ["sku_taken", null, "sku_taken"]);
  });
}

function idempotencySuite(on: On): void {
  on("the same key gives the first answer again and one effect", async (store) => {
    await withMugs(store, 5);
    const [first] = await store.commit([once(changeStock({ amount: 2 }), "k")]);
    const [again] = await store.commit([once(changeStock({ amount: 2 }), "k")]);
    assert.equal(first?.replayed, false);
    assert.equal(again?.replayed, true);
    assert.deepEqual(again?.result, first?.result);
    assert.equal(again?.requestId, first?.requestId);
    assert.equal(again?.at, first?.at);
    assert.deepEqual(again?.events, []);
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 7);
  });

  on("duplicates in one batch and in many have one effect", async (store) => {
    await withMugs(store, 50);
    const command = once(changeStock({ amount: 1 }), "k");
    const answers = await Promise.all([
      store.commit([command, command, command]),
      ...Array.from({ length: 20 }, () => store.commit([command])),
    ]);
    const outcomes = answers.flat();
    assert.equal(outcomes.filter(({ replayed }) => !replayed).length, 1);
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 51);
  });

  on("a business refusal is kept, also after the stock came", async (store) => {
    await withMugs(store, 0);
    const command = once(reserve("r-1", 1), "k");
    assert.equal(codeOf((await store.commit([command]))[0]), "insufficient_stock");
    accepted((await store.commit([changeStock({ amount: 5 })]))[0] as Outcome);
    const [again] = await store.commit([command]);
    assert.equal(codeOf(again), "insufficient_stock");
    assert.equal(again?.replayed, true);
  });

  on("what was not found is not kept: the caller may mend it and try again", async (store) => {
    await withMugs(store, 0);
    const command = once(changeStock({ productId: "cup", amount: 1 }), "k");
    assert.equal(codeOf((await store.commit([command]))[0]), "product_not_found");
    accepted((await store.commit([createProduct("cup", { sku: "CUP" })]))[0] as Outcome);
    assert.equal(codeOf((await store.commit([command]))[0]), null);
  });

  on("the same key with another request is refused, and belongs to one caller", async (store) => {
    await withMugs(store, 5);
    accepted((await store.commit([once(changeStock(), "k")]))[0] as Outcome);
    const [other] = await store.commit([once(changeStock({ amount: 3 }), "k", "different")]);
    assert.equal(codeOf(other), "idempotency_key_reused");
    const elsewhere = { caller: "key:other", key: "k", fingerprint: "different" };
    const [foreign] = await store.commit([{ ...changeStock({ amount: 3 }), once: elsewhere }]);
    assert.equal(codeOf(foreign), null);
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 9);
  });

  on(
    "pruning deletes what is older than so many ms by the clock of the database, a bounded number at once",
    async (store) => {
      await withMugs(store, 5);
      for (const key of ["a", "b", "c"]) await store.commit([once(changeStock(), key)]);
      const { at } = await store.head();
      await until(async () => (await store.time()) > at, "the answers are older than 0 ms");
      assert.equal(await store.prune(60_000, 10), 0);
      assert.equal(await store.prune(0, 2), 2);
      assert.equal(await store.prune(0, 2), 1);
      const [again] = await store.commit([once(changeStock(), "a")]);
      assert.equal(again?.replayed, false);
    },
  );
}

function expirySuite(on: On): void {
  const short = { ttlMs: 1 };

  on("a due hold is free for the next reserve, before any worker ran", async (store) => {
    await withMugs(store, 2);
    await store.commit([reserve("r-1", 2, short)]);
    await due(store, "r-1");
    const [outcome] = await store.commit([reserve("r-2", 2)]);
    assert.equal(codeOf(outcome), null);
    assert.deepEqual(
      outcome?.events.map(({ type, actor }) => [type, actor]),
      [
        ["reservation.expired", "system:expiry"],
        ["reservation.created", "key:test"],
      ],
    );
    assert.equal((await store.reservation("r-1"))?.status, "EXPIRED");
  });

  on("a due hold leaves its customer's limit free, before any worker ran", async (store) => {
    const max = contractLimits.unitsPerCustomer;
    await withMugs(store, 2 * max);
    await store.commit([
      changeStock({ storeId: "BCN", amount: max }),
      reserve("r-1", max, { ...short, storeId: "BCN" }),
    ]);
    await due(store, "r-1");
    const [first, more] = await store.commit([reserve("r-2", max), reserve("r-3", 1)]);
    assert.deepEqual([codeOf(first), codeOf(more)], [null, "customer_limit_reached"]);
    assert.equal((await store.reservation("r-1"))?.status, "PENDING", "nothing touched its row");
  });

  on("a late confirm is refused; a retake sells the units once", async (store) => {
    await withMugs(store, 2);
    await store.commit([reserve("r-1", 2, short)]);
    await due(store, "r-1");
    assert.equal(codeOf((await store.commit([confirm("r-1")]))[0]), "reservation_expired");
    const retaken = confirm("r-1", { retakeId: "r-2" });
    assert.equal(codeOf((await store.commit([retaken]))[0]), null);
    assert.equal((await store.reservation("r-1"))?.retakenBy, "r-2");
    assert.equal((await store.reservation("r-2"))?.status, "CONFIRMED");
    assert.equal((await store.stock("mug", "MAD"))?.quantity, 0);
    const twice = confirm("r-1", { retakeId: "r-3" });
    assert.equal(codeOf((await store.commit([twice]))[0]), "reservation_not_pending");
  });

  on("the expiry command ends what is due, oldest first, up to its limit", async (store) => {
    await withMugs(store, 10);
    // In one commit: a later one would find the first due and end it.
    await store.commit([
      reserve("r-2", 1, { ttlMs: 2 }),
      reserve("r-1", 1, short),
      reserve("r-3", 1, { ttlMs: 3 }),
      reserve("r-4", 1),
    ]);
    await due(store, "r-3");
    await store.commit([expireDue(2)]);
    const status = async (id: string) => (await store.reservation(id))?.status;
    assert.deepEqual(await Promise.all(["r-1", "r-2", "r-3", "r-4"].map(status)), [
      "EXPIRED",
      "EXPIRED",
      "PENDING",
      "PENDING",
    ]);
    await store.commit([expireDue(2)]);
    const last = await store.reservation("r-4");
    assert.equal(await store.nextDueAt(), last?.expiresAt);
  });

  on("a row with more due holds than are loaded at once still decides exactly", async (store) => {
    await withMugs(store, 600);
    const holds = Array.from({ length: 600 }, (_, n) =>
      reserve(`r-${n}`, 1, { ...short, customerId: `c-${n}` }),
    );
    await store.commit(holds);
    await due(store, "r-599");
    const [outcome] = await store.commit([reserve("big", 100), reserve("bigger", 100)]);
    assert.equal(codeOf(outcome), null);
    const [rest] = await store.commit([changeStock({ amount: -500 })]);
    assert.equal(codeOf(rest), "insufficient_stock", "200 are held by the two before");
    assert.equal(codeOf((await store.commit([changeStock({ amount: -400 })]))[0]), null);
  });

  on(
    "a basket over such rows is decided exactly, whichever of them is looked at first",
    async (store) => {
      await withMugs(store, 600);
      const count = 501;
      await store.commit([changeStock({ storeId: "BCN", amount: 600 })]);
      const holds = ["MAD", "BCN"].flatMap((storeId) =>
        Array.from({ length: count }, (_, n) =>
          reserve(`${storeId}-${n}`, 1, { ...short, storeId, customerId: `c-${n}` }),
        ),
      );
      await store.commit(holds);
      await due(store, `BCN-${count - 1}`);
      // Each line wants all of its row: only with every due hold of both rows is it known to fit.
      const lines = [
        { id: "r-1", quantity: 600 },
        { id: "r-2", quantity: 600, storeId: "BCN" },
      ];
      const [outcome] = await store.commit([reserveGroup("g-1", lines)]);
      assert.equal(codeOf(outcome), null);
      const types = Map.groupBy(outcome?.events ?? [], ({ type }) => type);
      assert.deepEqual(
        [...types].map(([type, events]) => [type, events.length]),
        [
          ["reservation.expired", 2 * count],
          ["reservation.created", 2],
          ["stock.out", 2],
        ],
      );
    },
  );

  on("an extended hold is due later", async (store) => {
    await withMugs(store, 2);
    await store.commit([reserve("r-1", 2, { ttlMs: 60_000 })]);
    const before = await store.nextDueAt();
    await store.commit([extend("r-1", 120_000)]);
    assert.ok((before ?? 0) < ((await store.nextDueAt()) ?? 0));
  });
}

/** Waits until the store's own clock has passed the hold's end. */
async function due(store: Store, id: string): Promise<void> {
  const expiresAt = (await store.reservation(id))?.expiresAt ?? 0;
  await until(async () => Date.now() > expiresAt, "the hold is due");
}

function logSuite(on: On): void {
  on(
    "events carry the trace of the request that caused them, and nothing where there is none",
    async (store) => {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      await withMugs(store, 5);
      const told = await store.commit([{ ...changeStock(), traceparent }, changeStock()]);
      const { items } = await store.events(everyEvent);
      const carried = told.flatMap(({ events }) => events);
      assert.deepEqual(carried, items.slice(-carried.length));
      assert.deepEqual(
        carried.map((event) => event.traceparent),
        [traceparent, null],
      );
    },
  );

  on(
    "numbers are 1, 2, 3 … in the order of commits, with time that never goes back",
    async (store) => {
      await withMugs(store, 100);
      const many = Array.from({ length: 40 }, (_, n) =>
        store.commit([reserve(`r-${n}`, 1, { customerId: `c-${n}` }), changeStock()]),
      );
      const outcomes = (await Promise.all(many)).flat();
      const { items, scanned } = await store.events(everyEvent);
      const head = await store.head();
      assert.deepEqual(
        items.map(({ seq }) => seq),
        Array.from({ length: head.seq }, (_, index) => index + 1),
      );
      assert.equal(scanned, head.seq);
      for (const [index, event] of items.entries()) {
        assert.ok(event.occurredAt >= (items[index - 1]?.occurredAt ?? 0));
      }
      const told = outcomes.flatMap(({ events }) => events);
      for (const event of told) assert.deepEqual(items[event.seq - 1], event, "as it was answered");
    },
  );

  on("filters find their events and say how far they looked", async (store) => {
    await withMugs(store, 10);
    await store.commit([transfer({ quantity: 1 }), reserve("r-1", 1), confirm("r-1")]);
    const types = async (query: Partial<EventQuery>) =>
      (await store.events({ ...everyEvent, ...query })).items.map(({ type }) => type);
    assert.deepEqual(await types({ type: "reservation.confirmed" }), ["reservation.confirmed"]);
    assert.deepEqual(await types({ storeId: "BCN", productId: "mug" }), ["stock.transferred"]);
    assert.deepEqual(await types({ stores: ["BCN"] }), [
      "store.created",
      "product.created",
      "stock.transferred",
    ]);
    const page = await store.events({ ...everyEvent, type: "store.updated" });
    assert.deepEqual(page, { items: [], scanned: (await store.head()).seq });
  });

  on("a row's history is newest first and its balances follow each other", async (store) => {
    await withMugs(store, 10);
    await store.commit([
      reserve("r-1", 2),
      confirm("r-1", { quantity: 1 }),
      setStock({ quantity: 20 }),
    ]);
    const query = { productId: "mug", storeId: "MAD", from: null, to: null };
    const events = await allPages((page) => store.history({ ...query, ...page }), 2);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["stock.updated", "reservation.confirmed", "reservation.created", "stock.created"],
    );
    const effects = events.map(({ payload }) => JSON.parse(payload).stock);
    for (const [index, effect] of effects.entries()) {
      const older = effects[index + 1];
      if (older !== undefined) assert.deepEqual(effect.before, older.after);
    }
  });

  on("availability can be asked as it was at any event", async (store) => {
    await withMugs(store, 10);
    const created = (await store.head()).seq;
    await store.commit([transfer({ quantity: 3 }), reserve("r-1", 2)]);
    const at = async (seq: number) =>
      (await store.availabilityAt("mug", { seq }))?.rows.map(({ storeId, quantity, reserved }) => [
        storeId,
        quantity,
        reserved,
      ]);
    assert.deepEqual(await at(created), [["MAD", 10, 0]]);
    assert.deepEqual(await at(created + 2), [
      ["BCN", 3, 0],
      ["MAD", 7, 0],
    ]);
    assert.deepEqual(await at(created + 3), [
      ["BCN", 3, 0],
      ["MAD", 7, 2],
    ]);
    const now = await store.availability("mug");
    const { at: time } = await store.head();
    assert.deepEqual((await store.availabilityAt("mug", { time }))?.rows, now?.rows);
    assert.equal(await store.availabilityAt("mug", { seq: 1 }), null, "the product came later");
  });
}

function readSuite(on: On): void {
  on("every list pages through all of its items, each once, at any page size", async (store) => {
    await store.commit([createStore("MAD"), createStore("BCN"), createStore("VAL")]);
    const ids = Array.from({ length: 13 }, (_, n) => `p-${n}`);
    for (const id of ids) {
      await store.commit([
        createProduct(id, { sku: `SKU-${id}`, name: `Café ${id}`, category: "hot" }),
        changeStock({ productId: id, amount: 5 }),
        reserve(`r-${id}`, 1, { productId: id, customerId: `c-${id}` }),
      ]);
    }
    const products = { search: null, category: null };
    const lists: [string, (query: PageQuery) => Promise<Page<unknown>>, number][] = [
      ["products", (page) => store.products({ ...products, ...page }), 13],
      [
        "products by search",
        (page) => store.products({ ...products, search: "CAFE p-1", ...page }),
        4,
      ],
      [
        "products by category",
        (page) => store.products({ ...products, category: "cold", ...page }),
        0,
      ],
      ["stores", (page) => store.places(page), 3],
      [
        "stock of a store",
        (page) => store.stockOfStore({ storeId: "MAD", search: null, low: false, ...page }),
        13,
      ],
      [
        "low stock",
        (page) => store.lowStock({ threshold: 4, storeId: null, stores: "*", ...page }),
        13,
      ],
      ["reservations", (page) => store.reservations({ ...allReservations, ...page }), 13],
      [
        "pending of a store",
        (page) =>
          store.reservations({ ...allReservations, storeId: "MAD", status: "PENDING", ...page }),
        13,
      ],
      [
        "of a customer",
        (page) => store.reservations({ ...allReservations, customerId: "c-p-3", ...page }),
        1,
      ],
      [
        "of one row",
        (page) =>
          store.reservations({ ...allReservations, productId: "p-3", storeId: "MAD", ...page }),
        1,
      ],
      [
        "outside the scope",
        (page) => store.reservations({ ...allReservations, stores: [], ...page }),
        0,
      ],
    ];
    for (const [what, read, count] of lists) {
      const whole = await allPages(read, 500);
      assert.equal(whole.length, count, what);
      for (const limit of [1, 2, 5]) assert.deepEqual(await allPages(read, limit), whole, what);
    }
    const newestFirst = await store.reservations({ ...allReservations, after: null, limit: 3 });
    assert.deepEqual(
      newestFirst.items.map(({ id }) => id),
      ["r-p-12", "r-p-11", "r-p-10"],
    );
  });

  on("totals follow every change", async (store) => {
    await withMugs(store, 10);
    await store.commit([
      transfer({ quantity: 3 }),
      reserve("r-1", 2),
      reserve("r-2", 1),
      confirm("r-1"),
      setStock({ reorderPoint: 6 }),
    ]);
    const totals = await store.totals();
    const of = (storeId: string) => totals.find((one) => one.storeId === storeId);
    assert.deepEqual(of("MAD"), {
      storeId: "MAD",
      quantity: 5,
      reserved: 1,
      rows: 1,
      lowRows: 1,
      byStatus: { PENDING: 1, CONFIRMED: 1, CANCELLED: 0, EXPIRED: 0 },
    });
    assert.equal(of("BCN")?.quantity, 3);
    const pending = { ...allReservations, storeId: "MAD", status: "PENDING" } as const;
    assert.equal(await store.reservationCount(pending), 1);
  });

  on("availability is one moment of a product in its active stores", async (store) => {
    await withMugs(store, 10);
    await store.commit([transfer({ quantity: 3 })]);
    const found = await store.availability("mug");
    assert.equal(found?.asOfSeq, (await store.head()).seq);
    assert.deepEqual(
      found?.rows.map(({ storeId, quantity }) => [storeId, quantity]),
      [
        ["BCN", 3],
        ["MAD", 7],
      ],
    );
    assert.deepEqual(await store.availabilities(["mug", "cup"]), [found]);
    assert.equal(await store.availability("cup"), null);
  });

  on("an empty store has a log of its own, epoch 1 and nothing in it", async (store) => {
    const head = await store.head();
    assert.deepEqual([head.epoch, head.seq], [1, 0]);
    assert.match(head.logId, /^[0-9a-f-]{36}$/);
    assert.equal(await store.nextDueAt(), null);
    assert.deepEqual(await store.totals(), []);
    await store.ping();
  });
}

function keySuite(on: On): void {
  const hash = new Uint8Array(32).fill(7);
  const key = {
    id: "key-1",
    name: "till",
    role: "vendor",
    stores: ["MAD"],
    createdAt: 1,
    expiresAt: null,
    lastUsedAt: null,
  } as const;

  on("a key is found by its hash until it is removed", async (store) => {
    await store.addKey(key, hash);
    assert.deepEqual(await store.keyByHash(hash), key);
    assert.equal(await store.keyByHash(new Uint8Array(32)), null);
    await store.touchKeys(new Map([["key-1", 1234]]));
    assert.equal((await store.keyByHash(hash))?.lastUsedAt, 1234);
    assert.equal((await store.keys({ after: null, limit: 10 })).items.length, 1);
    assert.equal(await store.removeKey("key-1"), true);
    assert.equal(await store.removeKey("key-1"), false);
    assert.equal(await store.keyByHash(hash), null);
  });

  on("a session ends with the key that opened it", async (store) => {
    await store.addKey(key, hash);
    const session = {
      caller: "key:key-1",
      role: "vendor",
      stores: ["MAD"],
      subject: "till",
      keyId: "key-1",
      createdAt: 1,
      expiresAt: Number.MAX_SAFE_INTEGER,
    } as const;
    await store.addSession(session, hash);
    assert.deepEqual(await store.sessionByHash(hash), session);
    await store.removeKey("key-1");
    assert.equal(await store.sessionByHash(hash), null);
    await store.addSession({ ...session, keyId: null }, hash);
    await store.removeSession(hash);
    assert.equal(await store.sessionByHash(hash), null);
  });
}
