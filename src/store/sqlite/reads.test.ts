import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openRows, type Rows } from "../../../test/support/sqlite-rows.ts";
import type { Reservation, ReservationStatus } from "../../domain/model.ts";
import type { After, Availability, Page, ReservationQuery, StoreScope } from "../store.ts";
import { openReadConnection } from "./reader.ts";
import { openReads, type Reads } from "./reads.ts";

/** Every item of a list, page by page; `pages` counts them. */
function walk<Item>(limit: number, read: (query: { after: After; limit: number }) => Page<Item>) {
  const items: Item[] = [];
  let pages = 0;
  for (let at: After = null; ; ) {
    const page = read({ after: at, limit });
    assert.ok(page.items.length <= limit);
    items.push(...page.items);
    pages += 1;
    if (page.next === null) return { items, pages };
    at = page.next;
  }
}

function ids(page: { readonly items: readonly { readonly id: string }[] }): string[] {
  return page.items.map(({ id }) => id);
}

/** A database and a connection that reads it, for the tests of one `describe`. */
function opened(fill: (rows: Rows) => void): { rows: Rows; reads: Reads } {
  const open = {} as { rows: Rows; reads: Reads };
  let close = (): void => assert.fail("not opened");
  before(() => {
    open.rows = openRows();
    fill(open.rows);
    const db = openReadConnection(open.rows.path);
    open.reads = openReads(db);
    close = () => {
      db.close();
      open.rows.close();
    };
  });
  after(() => close());
  return open;
}

describe("the catalogue", () => {
  const open = opened((rows) => {
    for (const id of ["p3", "p1", "p4", "p2"]) rows.product(id);
    rows.product("cafe", { name: "Café Crème", sku: "KAFFEE-7", category: "drinks" });
    rows.archiveProduct("p4");
    rows.product("p5", { sku: "SKU-p4" });
    for (const id of ["S2", "S1", "S3"]) rows.place(id);
    rows.changePlace("S1", { active: false });
    rows.changePlace("S3", { archived: true });
  });
  const all = { search: null, category: null };

  test("products are listed in the order of their creation, without those that are archived", () => {
    const expected = ["p3", "p1", "p2", "cafe", "p5"];
    for (const limit of [1, 2, 5, 50]) {
      const found = walk(limit, (page) => open.reads.products({ ...all, ...page }));
      assert.deepEqual(ids(found), expected);
      assert.equal(found.pages, Math.ceil(expected.length / limit));
    }
  });

  test("a search finds a piece of the SKU or the name in any case, with or without accents", () => {
    for (const search of ["cafe c", "CRÈME", "créme", "affee-7", "É"]) {
      const found = open.reads.products({ ...all, search, after: null, limit: 50 });
      assert.ok(ids(found).includes("cafe"), search);
    }
    for (const search of ["7 caf", "7\u0301x", "%", "_"]) {
      assert.deepEqual(ids(open.reads.products({ ...all, search, after: null, limit: 50 })), []);
    }
    const drinks = open.reads.products({ search: null, category: "drinks", after: null, limit: 1 });
    assert.deepEqual([ids(drinks), drinks.next], [["cafe"], null]);
  });

  test("an archived product is not there, and its SKU belongs to whoever took it", () => {
    assert.equal(open.reads.product("p4"), null);
    assert.equal(open.reads.productBySku("SKU-p4")?.id, "p5");
    assert.equal(open.reads.product("p1")?.priceCents, 1999);
  });

  test("stores are listed in the order of their creation, inactive ones too, archived ones not", () => {
    const found = walk(1, (page) => open.reads.places(page)).items;
    assert.deepEqual(
      found.map(({ id, active }) => [id, active]),
      [
        ["S2", true],
        ["S1", false],
      ],
    );
    assert.equal(open.reads.place("S3"), null);
  });
});

describe("stock", () => {
  const open = opened((rows) => {
    for (const id of ["A", "B", "C", "GONE"]) rows.place(id);
    for (const id of ["p1", "p2", "p3", "old"]) rows.product(id, { name: `Lamp ${id}` });
    for (const id of ["p3", "p1", "p2"]) {
      for (const store of ["C", "GONE", "A", "B"]) rows.receive(id, store, id === "p2" ? 20 : 5);
    }
    rows.receive("old", "A", 0);
    rows.reorderAt("p1", "A", 5);
    rows.reorderAt("p2", "B", 5);
    rows.reorderAt("p3", "B", 7);
    rows.reorderAt("p3", "GONE", 7);
    rows.hold({ id: "r1", product: "p2", store: "B", quantity: 15 });
    rows.archiveProduct("old");
    rows.changePlace("GONE", { archived: true });
    rows.place("NEW");
  });
  const names = (page: { items: readonly { productId: string; storeId: string }[] }): string[] =>
    page.items.map(({ productId, storeId }) => `${productId}@${storeId}`);

  test("a product's rows are listed by store, in the caller's scope, without archived stores", () => {
    for (const limit of [1, 2, 50]) {
      const of = (stores: StoreScope) =>
        names(walk(limit, (page) => open.reads.stockOfProduct("p1", { ...page, stores })));
      assert.deepEqual(of("*"), ["p1@A", "p1@B", "p1@C"]);
      assert.deepEqual(of(["C", "GONE", "A"]), ["p1@A", "p1@C"]);
      assert.deepEqual(of([]), []);
    }
    assert.deepEqual(
      names(open.reads.stockOfProduct("old", { after: null, limit: 9, stores: "*" })),
      [],
    );
  });

  test("a store's rows are listed by product with its words, without archived products", () => {
    const query = { storeId: "A", search: null, low: false };
    for (const limit of [1, 2, 50]) {
      const found = walk(limit, (page) => open.reads.stockOfStore({ ...query, ...page }));
      assert.deepEqual(names(found), ["p1@A", "p2@A", "p3@A"]);
      assert.deepEqual(found.items.map(({ sku, productName }) => [sku, productName])[1], [
        "SKU-p2",
        "Lamp p2",
      ]);
    }
    const page = { after: null, limit: 9 };
    assert.deepEqual(names(open.reads.stockOfStore({ ...query, ...page, search: "LÁMP P3" })), [
      "p3@A",
    ]);
    assert.deepEqual(names(open.reads.stockOfStore({ ...query, ...page, low: true })), ["p1@A"]);
    assert.deepEqual(names(open.reads.stockOfStore({ ...query, ...page, storeId: "GONE" })), []);
  });

  test("low rows are those at or below their reorder point, or a threshold, of stores in scope", () => {
    const low = (threshold: number | null, storeId: string | null, stores: StoreScope) => {
      const lists = [1, 2, 50].map((limit) =>
        names(
          walk(limit, (page) => open.reads.lowStock({ threshold, storeId, stores, ...page })),
        ).join(" "),
      );
      assert.equal(new Set(lists).size, 1, "the same list in pages of any size");
      return lists[0];
    };
    assert.equal(low(null, null, "*"), "p1@A p2@B p3@B");
    assert.equal(low(null, null, ["B", "C"]), "p2@B p3@B");
    assert.equal(low(null, null, ["B"]), "p2@B p3@B");
    assert.equal(low(null, "A", "*"), "p1@A");
    assert.equal(low(null, "A", ["B"]), "");
    assert.equal(low(5, null, "*"), "p1@A p1@B p1@C p2@B p3@A p3@B p3@C");
    assert.equal(low(5, "B", ["A", "B"]), "p1@B p2@B p3@B");
    assert.equal(low(4, null, "*"), "");
    assert.equal(low(5, null, []), "");
  });

  test("totals are those of every store, nothing where nothing has happened", () => {
    const found = new Map(open.reads.totals().map((totals) => [totals.storeId, totals]));
    assert.deepEqual([...found.keys()], ["A", "B", "C", "GONE", "NEW"]);
    assert.deepEqual(found.get("B"), {
      storeId: "B",
      quantity: 30,
      reserved: 15,
      rows: 3,
      lowRows: 2,
      byStatus: { PENDING: 1, CONFIRMED: 0, CANCELLED: 0, EXPIRED: 0 },
    });
    assert.equal(found.get("NEW")?.rows, 0);
  });

  test("one row is found by its two ids", () => {
    assert.equal(open.reads.stock("p2", "B")?.reserved, 15);
    assert.equal(open.reads.stock("p2", "NEW"), null);
  });
});

describe("availability", () => {
  // What was seen after each event, from the tables; the log must give the same for ever.
  const seen = new Map<number, { time: number; availability: Availability | null }>();
  const open = opened((rows) => {
    const db = openReadConnection(rows.path);
    const reads = openReads(db);
    const then = (step: () => void): void => {
      step();
      seen.set(rows.seq(), { time: rows.now(), availability: reads.availability("p") });
    };
    then(() => rows.place("B"));
    then(() => rows.place("A"));
    then(() => rows.product("other"));
    then(() => rows.product("p", { name: "First" }));
    then(() => rows.receive("p", "B", 10));
    then(() => rows.receive("other", "A", 3));
    then(() => rows.hold({ id: "r1", product: "p", store: "B", quantity: 4 }));
    then(() => rows.transfer("t", "p", "B", "A", 2));
    then(() => rows.extend("r1", rows.now() + 99_000));
    then(() => rows.changeProduct("p", "Second"));
    then(() => rows.changePlace("A", { active: false }));
    then(() => rows.end("r1", "CONFIRMED"));
    then(() => rows.changePlace("A", { active: true, name: "Store A again" }));
    then(() => rows.place("C"));
    then(() => rows.transfer("t2", "p", "A", "C", 2));
    then(() => rows.changePlace("A", { archived: true }));
    then(() => rows.transfer("t3", "p", "B", "C", 4));
    then(() => rows.receive("p", "C", -6));
    then(() => rows.archiveProduct("p"));
    db.close();
  });

  test("now: rows in stores that are open, by store, with the place in the log", () => {
    const row = { storeName: "Store A", quantity: 2, reserved: 0, version: 1 };
    const [, { availability } = { availability: null }] =
      [...seen].find(([, { availability: then }]) => then?.rows.length === 2) ?? [];
    assert.deepEqual(availability?.rows, [
      { storeId: "A", ...row },
      { storeId: "B", storeName: "Store B", quantity: 8, reserved: 4, version: 3 },
    ]);
    assert.equal(availability?.asOfSeq, 9, "the second event of the transfer");
    assert.equal(open.reads.availability("p"), null);
    assert.equal(open.reads.availability("nothing"), null);
  });

  test("every moment of the past is read back as it was seen then", () => {
    for (const [seq, { time, availability }] of seen) {
      assert.deepEqual(open.reads.availabilityAt("p", { seq }), availability, `seq ${seq}`);
      assert.deepEqual(open.reads.availabilityAt("p", { time }), availability, `time of ${seq}`);
      const later = open.reads.availabilityAt("p", { time: time + 999 });
      assert.deepEqual(later, availability, `until the event after ${seq}`);
    }
    assert.ok([...seen.values()].filter(({ availability }) => availability !== null).length > 10);
  });

  test("before the product, before the log and beyond its head there is an answer", () => {
    assert.equal(open.reads.availabilityAt("p", { seq: 0 }), null);
    assert.equal(open.reads.availabilityAt("p", { time: 0 }), null);
    assert.equal(open.reads.availabilityAt("nothing", { seq: 9 }), null);
    assert.equal(open.reads.availabilityAt("other", { seq: 9_999 })?.asOfSeq, open.rows.seq());
  });

  test("a store that was there before the log is shown by its name", () => {
    const { rows, reads } = open;
    rows.run(
      "INSERT INTO stores (id, name, version, created_at, updated_at) VALUES ('S', 'Seed', 1, 1, 1)",
    );
    rows.receive("other", "S", 2);
    const found = reads.availabilityAt("other", { seq: rows.seq() });
    assert.deepEqual(
      found?.rows,
      reads.availability("other")?.rows.filter(({ storeId }) => storeId === "S"),
    );
    assert.equal(found?.rows[0]?.storeName, "Seed");
  });

  test("many at once come in the order asked, without those that are not there", () => {
    const found = open.reads.availabilities(["other", "p", "nothing"]);
    assert.deepEqual(
      found.map(({ product, asOfSeq }) => [product.id, asOfSeq]),
      [["other", open.rows.seq()]],
    );
  });
});

describe("history", () => {
  const open = opened((rows) => {
    rows.place("A");
    rows.product("p");
    rows.product("q");
    for (let count = 0; count < 4; count += 1) {
      rows.receive("p", "A", 5);
      rows.receive("q", "A", 5);
    }
    rows.hold({ id: "r", product: "p", store: "A" });
    rows.extend("r", rows.now() + 5_000);
  });

  test("a row's events come newest first, between two times that are both included", () => {
    const of = (from: number | null, to: number | null, limit: number) =>
      walk(limit, (page) =>
        open.reads.history({ productId: "p", storeId: "A", from, to, ...page }),
      ).items.map(({ seq }) => seq);
    const all = [13, 12, 10, 8, 6, 4];
    const timeOf = (seq: number): number =>
      Number(
        open.rows.db.prepare("SELECT created_at FROM events WHERE seq = ?").get(seq)?.[
          "created_at"
        ],
      );
    for (const limit of [1, 4, 6, 50]) {
      assert.deepEqual(of(null, null, limit), all);
      assert.deepEqual(of(timeOf(6), timeOf(10), limit), [10, 8, 6]);
      assert.deepEqual(of(timeOf(6) + 1, timeOf(10) - 1, limit), [8]);
      assert.deepEqual(of(timeOf(13) + 1, null, limit), []);
      assert.deepEqual(of(null, 0, limit), []);
      assert.deepEqual(of(timeOf(10), timeOf(6), limit), []);
    }
  });
});

describe("reservations", () => {
  const stores = ["A", "B", "C"];
  const products = ["p", "q"];
  const customers = ["ann", "bob", "cy"];
  const statuses = ["PENDING", "CONFIRMED", "CANCELLED", "EXPIRED"] as const;
  const open = opened((rows) => {
    for (const id of stores) rows.place(id);
    for (const id of products) rows.product(id);
    for (const product of products) for (const store of stores) rows.receive(product, store, 900);
    for (let count = 0; count < 240; count += 1) {
      const [product = "", store = "", customer = ""] = [
        products[count % 2],
        stores[(count * 7) % 3],
        customers[(count >> 2) % 3],
      ];
      const id = `r${count}`;
      // Lives of different lengths, so that the order of expiry is not that of creation.
      const ttlMs = 1_000_000 + ((count * 37) % 100) * 1_000;
      rows.hold({ id, product, store, customer, ttlMs, ...(count % 5 ? {} : { group: "g" }) });
      const status = statuses[(count * 11) % 4];
      if (status !== undefined && status !== "PENDING" && count % 3 > 0) rows.end(id, status);
    }
  });

  const choices = (values: readonly string[]): readonly (string | null)[] => [null, ...values];
  const scopes: readonly StoreScope[] = ["*", ["A"], ["B", "C"], []];

  function* filters(): Iterable<Omit<ReservationQuery, "after" | "limit">> {
    for (const storeId of choices(stores.slice(0, 2))) {
      for (const productId of choices(["p"])) {
        for (const customerId of choices(["bob"])) {
          for (const status of [null, ...statuses]) {
            for (const scope of scopes) {
              yield { storeId, productId, customerId, status, stores: scope };
            }
          }
        }
      }
    }
  }

  test("any filter, in pages of any size, gives what matches, newest first, each once", () => {
    const page = { after: null, limit: 500 };
    const everything = { storeId: null, productId: null, customerId: null, status: null };
    const all = open.reads.reservations({ ...everything, stores: "*", ...page }).items;
    assert.deepEqual(
      all.map(({ id }) => id),
      Array.from({ length: 240 }, (_, index) => `r${239 - index}`),
    );
    for (const filter of filters()) {
      const matches = ({ storeId, productId, customerId, status }: Reservation): boolean =>
        [null, storeId].includes(filter.storeId) &&
        [null, productId].includes(filter.productId) &&
        [null, customerId].includes(filter.customerId) &&
        (filter.status === null || filter.status === status) &&
        (filter.stores === "*" || filter.stores.includes(storeId));
      const expected = all.filter(matches).map(({ id }) => id);
      const said = JSON.stringify(filter);
      for (const limit of [3, 500]) {
        const found = walk(limit, (query) => open.reads.reservations({ ...filter, ...query }));
        assert.deepEqual(ids(found), expected, said);
        assert.equal(found.pages, Math.max(1, Math.ceil(expected.length / limit)), said);
      }
      assert.equal(open.reads.reservationCount(filter), expected.length, said);
    }
  });

  test("one, a group in the order of creation, and the next that is due", () => {
    const { reads, rows } = open;
    assert.equal(reads.reservation("r7")?.customerId, "bob");
    assert.equal(reads.reservation("nothing"), null);
    const group = reads.group("g").map(({ id }) => id);
    assert.deepEqual(group.slice(0, 3), ["r0", "r5", "r10"]);
    assert.equal(group.length, 48);
    const { due } = rows.db
      .prepare("SELECT min(expires_at) AS due FROM reservations WHERE status = 'PENDING'")
      .get() as { due: number };
    assert.equal(reads.nextDueAt(), due);
  });
});

describe("lists over many rows", () => {
  const many = 45_000;
  const open = opened((rows) => {
    rows.place("A");
    rows.place("B");
    rows.product("p");
    rows.receive("p", "A", 90_000);
    rows.receive("p", "B", 10);
    const first: { id: string; status: Exclude<ReservationStatus, "PENDING"> }[] = [
      { id: "old1", status: "EXPIRED" },
      { id: "old2", status: "EXPIRED" },
    ];
    for (const { id, status } of first) {
      rows.hold({ id, product: "p", store: "B", customer: "till" });
      rows.end(id, status);
    }
    rows.hold({ id: "odd", product: "p", store: "A", customer: "till" });
    rows.end("odd", "CANCELLED");
    const numbers = `WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ${many})`;
    rows.run(`
      INSERT INTO reservations (id, product_id, store_id, customer_id, quantity, status, expires_at, created_at)
      ${numbers} SELECT 'new' || n, 'p', 'A', 'till', 1, 'CONFIRMED', n, 0 FROM c`);
    rows.run(
      `INSERT INTO events (seq, id, event_type, aggregate_id, aggregate_type, store_id, product_id,
         actor, request_id, payload, created_at)
       ${numbers} SELECT ? + n, 'e' || n, 'stock.updated', 'row', 'stock', 'A', 'p', 'a', 'r', '{}', ?
       FROM c`,
      rows.seq(),
      rows.now(),
    );
    rows.run("UPDATE log_head SET seq = seq + ?", many);
  });
  const anything = {
    storeId: null,
    productId: null,
    customerId: null,
    status: null,
    stores: "*",
  } as const;

  for (const [title, filter, expected] of [
    ["by store", { ...anything, storeId: "B" }, ["old2", "old1"]],
    ["by status", { ...anything, status: "EXPIRED" }, ["old2", "old1"]],
    ["by scope", { ...anything, stores: ["B"] }, ["old2", "old1"]],
    [
      "of a row with a long log",
      { ...anything, productId: "p", storeId: "A", status: "CANCELLED" },
      ["odd"],
    ],
  ] as const) {
    test(`a list ${title} looks at a bounded part at a time and finds what is far back`, () => {
      for (const limit of [1, 50]) {
        const found = walk(limit, (page) => open.reads.reservations({ ...filter, ...page }));
        assert.deepEqual(ids(found), expected);
        assert.ok(found.pages >= 3, `${found.pages} pages`);
      }
    });
  }

  test("a list of a customer with many finds what is far back at once", () => {
    const filter = { ...anything, customerId: "till", status: "CANCELLED" } as const;
    const found = walk(50, (page) => open.reads.reservations({ ...filter, ...page }));
    assert.deepEqual(ids(found), ["odd"]);
    assert.equal(found.pages, 1);
  });

  function walkEvents(filter: Partial<Parameters<Reads["events"]>[0]>, limit: number) {
    const seqs: number[] = [];
    const head = open.reads.head().seq;
    let reads = 0;
    for (let at = 0; at < head; reads += 1) {
      const page = open.reads.events({
        after: at,
        limit,
        type: null,
        storeId: null,
        productId: null,
        stores: "*",
        ...filter,
      });
      assert.ok(page.scanned > at, "each read comes on");
      seqs.push(...page.items.map(({ seq }) => seq));
      at = page.scanned;
    }
    return { seqs, reads };
  }

  test("the log is read whole, in order, and a read at its end says where the head is", () => {
    const head = open.reads.head().seq;
    const { seqs } = walkEvents({}, 1_000);
    assert.deepEqual(
      seqs,
      Array.from({ length: head }, (_, index) => index + 1),
    );
    const none = { type: null, storeId: null, productId: null, stores: "*" } as const;
    assert.deepEqual(open.reads.events({ after: head, limit: 9, ...none }), {
      items: [],
      scanned: head,
    });
  });

  test("a filtered read of the log looks at a bounded part and says how far it came", () => {
    for (const limit of [1, 2, 50]) {
      const holds = walkEvents({ type: "reservation.created" }, limit);
      assert.deepEqual(holds.seqs, [6, 8, 10]);
      assert.ok(holds.reads >= 3);
      assert.deepEqual(walkEvents({ storeId: "B" }, limit).seqs, [2, 5, 6, 7, 8, 9]);
      assert.deepEqual(walkEvents({ productId: "p", storeId: "B" }, limit).seqs, [5, 6, 7, 8, 9]);
    }
    const ofRow = { productId: "p", storeId: "A", type: "reservation.cancelled" } as const;
    assert.deepEqual(walkEvents(ofRow, 50), { seqs: [11], reads: 3 });
  });

  test("events of the whole chain are seen in every scope, other stores' in none", () => {
    assert.deepEqual(walkEvents({ stores: ["B"] }, 50).seqs, [2, 3, 5, 6, 7, 8, 9]);
    assert.deepEqual(walkEvents({ stores: [] }, 50).seqs, [3]);
    assert.deepEqual(walkEvents({ storeId: "A", stores: ["B"] }, 50), { seqs: [], reads: 1 });
    assert.deepEqual(
      walkEvents({ storeId: "B", stores: ["B"], type: "stock.created" }, 50).seqs,
      [5],
    );
  });
});
