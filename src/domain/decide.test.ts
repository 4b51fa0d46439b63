import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  hour,
  limits,
  product,
  refused,
  reservation,
  row,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import {
  adjust,
  batch,
  cancel,
  changeStock,
  confirm,
  expireDue,
  once,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import { commit, loadSlice } from "../../test/support/memory-database.ts";
import { addReservationKeys, decideAll, keysOf, restsOnUnloadedHolds } from "./decide.ts";
import { rowKey } from "./slice.ts";

describe("an idempotency key", () => {
  const sale = once("k", "f", reserve("r", 2));

  test("gives the first answer again, as it was, whatever has happened since", () => {
    const story = given(shop(5))
      .when(sale)
      .later(hour)
      .when(expireDue(), adjust({ amount: -5 }), { ...sale, requestId: "request-2" });
    const [first, , , again] = story.outcomes;
    assert.deepEqual(again, { ...first, replayed: true, events: [] });
    assert.equal(again?.at, start);
    assert.equal(again?.requestId, "request-1");
    story.expect(
      did("reservation.created"),
      did("reservation.expired"),
      did("stock.updated"),
      did(),
    );
  });

  test("gives a refusal again, also when it would no longer be refused", () => {
    const story = given(shop(1)).when(sale, adjust({ amount: 5 }), sale);
    const [first, , again] = story.outcomes;
    assert.deepEqual(again, { ...first, replayed: true, events: [] });
    story.expect(
      refused("insufficient_stock", { available: 1 }),
      did("stock.updated"),
      refused("insufficient_stock", { available: 1 }),
      row({ quantity: 6, reserved: 0 }),
    );
  });

  test("forgets what was not found: the caller may mend it and try again", () => {
    given(product("mug")).when(sale).expect(refused("store_not_found"));
    const story = given(shop(5)).when(once("k", "f", confirm("r")), reserve("r", 1));
    story
      .when(once("k", "f", confirm("r")))
      .expect(
        refused("reservation_not_found"),
        did("reservation.created"),
        did("reservation.confirmed"),
      );
    assert.equal(story.outcomes[2]?.replayed, false);
  });

  test("is refused for another request, and keeps its first answer", () => {
    given(shop(5))
      .when(sale, once("k", "other", reserve("s", 1)), sale)
      .expect(
        did("reservation.created"),
        refused("idempotency_key_reused"),
        did(),
        row({ reserved: 2 }),
        reservation("s", null),
      );
  });

  test("belongs to its caller", () => {
    const theirs = {
      ...reserve("s", 1),
      once: { caller: "key:other", key: "k", fingerprint: "x" },
    };
    given(shop(5))
      .when(sale, theirs)
      .expect(did("reservation.created"), did("reservation.created"), row({ reserved: 3 }));
  });

  test("has one effect within one transaction too", () => {
    const story = given(shop(5)).whenTogether(
      sale,
      sale,
      once("k", "other", reserve("s", 1)),
      once("l", "f", cancel("r")),
      once("l", "f", cancel("r")),
      sale,
    );
    const [first, second, , cancelled, again, last] = story.outcomes;
    assert.deepEqual(second, { ...first, replayed: true, events: [] });
    assert.deepEqual(last, second);
    assert.deepEqual(again, { ...cancelled, replayed: true, events: [] });
    story.expect(
      did("reservation.created"),
      did(),
      refused("idempotency_key_reused"),
      did("reservation.cancelled"),
      did(),
      did(),
      row({ reserved: 0, version: 3 }),
    );
    assert.equal(story.world.database.answers.size, 2);
  });

  test("of a repeated request lets nothing expire: it is an answer, not a command", () => {
    given(shop(5), held("old", 1, { expiresAt: start + 1 }))
      .when(sale)
      .later(1)
      .when(sale)
      .expect(did("reservation.created"), did(), reservation("old", { status: "PENDING" }));
  });

  test("keeps a failed batch with its lines", () => {
    const lines = once("k", "f", batch("all_or_nothing", { amount: 1 }, { amount: -9 }));
    const story = given(shop(1)).when(lines, adjust({ amount: 20 }), lines);
    assert.deepEqual(story.outcomes[2]?.result, story.outcomes[0]?.result);
    story.expect(refused("batch_failed"), did("stock.updated"), refused("batch_failed"));
  });
});

describe("what is loaded", () => {
  test("is named by the commands and by the reservations that they name", () => {
    const keys = keysOf([
      transfer(),
      reserve("r", 1, { productId: "pen", storeId: "VAL", customerId: "bob" }),
      reserveGroup("g", [{ id: "unborn", quantity: 1 }]),
      confirm("s"),
      cancel("group:h"),
      expireDue(7),
      expireDue(2),
    ]);
    assert.deepEqual([...keys.products].sort(), ["mug", "pen"]);
    assert.deepEqual([...keys.stores].sort(), ["BCN", "MAD", "VAL"]);
    assert.deepEqual(
      [...keys.rows.keys()].sort(),
      [rowKey("mug", "BCN"), rowKey("mug", "MAD"), rowKey("pen", "VAL")].sort(),
    );
    assert.deepEqual([...keys.reservations].sort(), ["r", "s"]);
    assert.deepEqual([...keys.groups], ["h"]);
    assert.deepEqual([...keys.customers].sort(), ["ann", "bob"]);
    assert.equal(keys.due, 9);

    const { database } = given(shop(5), held("s", 1)).world;
    const added = keysOf([]);
    addReservationKeys(added, database.reservations.values());
    assert.deepEqual([...added.rows.keys()], [rowKey("mug", "MAD")]);
    assert.deepEqual([...added.products, ...added.stores], ["mug", "MAD"]);
  });

  test("row keys sort as their parts do", () => {
    const parts = [
      ["a", "z"],
      ["a-b", "a"],
      ["a.b", "a"],
      ["a:b", "a"],
      ["aa", "a"],
    ] as const;
    const keys = parts.map(([productId, storeId]) => rowKey(productId, storeId));
    assert.deepEqual([...keys].sort(), keys);
  });
});

describe("totals of a store", () => {
  test("move with its rows, its reservations and what is low", () => {
    const { database } = given(product("mug"), store("MAD"), store("BCN")).when(
      changeStock({ amount: 10 }),
      setStock({ reorderPoint: 4 }),
      reserve("a", 3),
      reserve("b", 3),
      transfer({ quantity: 2 }),
      confirm("a", { quantity: 1 }),
      cancel("b"),
      reserve("c", 3),
    ).world;
    assert.deepEqual(Object.fromEntries(database.totals), {
      MAD: {
        quantity: 7,
        reserved: 3,
        rows: 1,
        lowRows: 1,
        byStatus: { PENDING: 1, CONFIRMED: 1, CANCELLED: 1, EXPIRED: 0 },
      },
      BCN: {
        quantity: 2,
        reserved: 0,
        rows: 1,
        lowRows: 0,
        byStatus: { PENDING: 0, CONFIRMED: 0, CANCELLED: 0, EXPIRED: 0 },
      },
    });
  });

  test("a row is low from its reorder point down, and never without one", () => {
    const low = (quantity: number, reorderPoint: number | null) =>
      given(product("mug"), store("MAD"), stock(0))
        .when(setStock({ quantity, reorderPoint }))
        .world.database.totals.get("MAD")?.lowRows;
    assert.deepEqual([low(5, 4), low(4, 4), low(0, 0), low(0, null)], [0, 1, 1, 0]);
  });
});

describe("a row with more due holds than were loaded", () => {
  const facts = [
    shop(4),
    store("BCN"),
    ...["a", "b", "c"].map((id) => held(id, 1, { expiresAt: start })),
    limits({ reservationsPerCustomer: 0 }),
  ];
  const questions = [
    { title: "a reserve", command: reserve("r", 4), rests: true },
    { title: "an adjustment", command: adjust({ amount: -4 }), rests: true },
    { title: "a count", command: setStock({ quantity: 0 }), rests: true },
    { title: "a transfer", command: transfer({ quantity: 4 }), rests: true },
    { title: "a line of a batch", command: batch("skip_failed", { amount: -4 }), rests: true },
    {
      title: "a line of a failed batch",
      command: batch("all_or_nothing", { amount: -4 }),
      rests: true,
    },
    { title: "what has enough", command: reserve("r", 1), rests: false },
    { title: "what is refused for another reason", command: reserve("a", 1), rests: false },
    { title: "a sale of a hold beyond those loaded", command: confirm("c"), rests: false },
  ];
  for (const { title, command, rests } of questions) {
    test(`${title}: ${rests ? "is decided again with all of them" : "can be answered"}`, () => {
      const { world } = given(...facts);
      const slice = loadSlice(world.database, [command], start, 1);
      assert.deepEqual([...slice.dueTruncated], [rowKey("mug", "MAD")]);
      const { outcomes } = decideAll(slice, [command], world);
      assert.equal(restsOnUnloadedHolds(slice, outcomes), rests);

      const answer = (dueMax: number) => {
        const world = { ...given(...facts).world, newId: () => "id" };
        return commit(world.database, [command], world, dueMax);
      };
      const [all] = answer(500);
      const [some] = answer(1);
      assert.equal("reply" in (some?.result ?? {}), "reply" in (all?.result ?? {}));
      if (rests) assert.deepEqual(some, all);
    });
  }

  test("a replayed refusal rests on nothing", () => {
    const { world } = given(...facts);
    const command = once("k", "f", reserve("r", 9));
    commit(world.database, [command], world);
    const slice = loadSlice(world.database, [command], start, 1);
    slice.dueTruncated.add(rowKey("mug", "MAD"));
    const { outcomes } = decideAll(slice, [command], world);
    assert.equal(outcomes[0]?.replayed, true);
    assert.equal(restsOnUnloadedHolds(slice, outcomes), false);
  });

  test("a hold that is named is found due, however many are before it", () => {
    const { world } = given(...facts);
    const [outcome] = commit(world.database, [confirm("c")], world, 1);
    assert.ok(outcome && "rejection" in outcome.result);
    assert.equal(outcome.result.rejection.code, "reservation_expired");
  });
});
