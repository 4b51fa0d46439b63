import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  type Fact,
  given,
  held,
  limits,
  promise,
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
  confirm,
  expireDue,
  once,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import { commit, loadSlice } from "../../test/support/memory-database.ts";
import { decideAll } from "./decide.ts";
import { restsOnUnloadedHolds } from "./expiry.ts";
import { rowKey } from "./slice.ts";

const bcn = store("BCN");
const mad = rowKey("mug", "MAD");

describe("expiry is exact on the write path", () => {
  promise([
    {
      title: "a hold due exactly now no longer counts",
      given: [shop(3), held("old", 3, { expiresAt: start })],
      when: [reserve("new", 3)],
      expect: [
        did("reservation.expired", "reservation.created"),
        reservation("old", { status: "EXPIRED", updatedAt: start }),
        row({ quantity: 3, reserved: 3, version: 3 }),
      ],
    },
    {
      title: "a hold due in a millisecond still counts",
      given: [shop(3), held("old", 3, { expiresAt: start + 1 })],
      when: [reserve("new", 3)],
      expect: [
        refused("insufficient_stock", { available: 0, requested: 3 }),
        reservation("old", { status: "PENDING" }),
      ],
    },
    {
      title: "a refused command still ends the holds that were due",
      given: [shop(3), held("old", 1, { expiresAt: start })],
      when: [reserve("new", 4)],
      expect: [
        refused("insufficient_stock", { available: 3 }, "reservation.expired"),
        reservation("old", { status: "EXPIRED" }),
        reservation("new", null),
        row({ reserved: 0, version: 2 }),
      ],
    },
    {
      title: "holds of other rows are left to the worker, which ends those that are due",
      given: [
        shop(3),
        bcn,
        stock(3, { storeId: "BCN" }),
        held("due", 1, { storeId: "BCN", expiresAt: start }),
        held("later", 1, { storeId: "BCN", expiresAt: start + 1 }),
      ],
      when: [adjust({ amount: 1 }), expireDue()],
      expect: [
        did("stock.updated"),
        did("reservation.expired"),
        row({ reserved: 1, version: 2 }, "BCN"),
      ],
    },
  ]);

  test("what expires is the act of the expiry, in the request that met it", () => {
    const { outcomes } = given(shop(3), held("old", 3, { expiresAt: start - 5 })).when(adjust());
    const [expired, updated] = outcomes[0]?.events ?? [];
    assert.partialDeepStrictEqual(expired, {
      type: "reservation.expired",
      aggregateType: "reservation",
      aggregateId: "old",
      actor: "system:expiry",
      requestId: "request-1",
      payload: { reservation_id: "old", quantity: 3, expires_at: "2025-12-31T23:59:59.995Z" },
    });
    assert.equal(updated?.actor, "key:test");
  });

  test("the worker says how many it ended, oldest first, no more than it was asked for", () => {
    const due = [5, 1, 3].map((age) => held(`age-${age}`, 1, { expiresAt: start - age }));
    const story = given(shop(9), ...due)
      .when(expireDue(2), expireDue(2), expireDue(2))
      .expect(did("reservation.expired", "reservation.expired"), did("reservation.expired"), did());
    assert.deepEqual(
      story.outcomes.map(({ result }) => result),
      [2, 1, 0].map((count) => ({ reply: { kind: "expired", count, broken: [] } })),
    );
    assert.deepEqual(
      story.world.database.log.map(({ aggregateId }) => aggregateId),
      ["age-5", "age-3", "age-1"],
    );
  });
});

describe("the order in which holds end", () => {
  test("is that of their ends, then that of their ids, however they were loaded", () => {
    const facts = [
      shop(9),
      bcn,
      stock(9, { storeId: "BCN" }),
      held("y", 1, { expiresAt: start }),
      held("x", 1, { expiresAt: start }),
      held("w", 1, { expiresAt: start - 1, storeId: "BCN" }),
      held("z", 1, { expiresAt: start, storeId: "BCN" }),
    ];
    const { world } = given(...facts);
    const loaded = loadSlice(world.database, [expireDue()], start, 9);
    for (const due of [[...loaded.due], [...loaded.due].reverse()]) {
      const slice = { ...loaded, due: new Map(due), reservations: new Map(loaded.reservations) };
      const { outcomes } = decideAll(
        { ...slice, stock: new Map(loaded.stock) },
        [expireDue()],
        world,
      );
      assert.deepEqual(
        outcomes[0]?.events.map(({ aggregateId }) => aggregateId),
        ["w", "z", "x", "y"],
      );
    }
  });

  test("is told once, also where the worker asks twice in one transaction", () => {
    given(shop(3), held("r", 3, { expiresAt: start }))
      .whenTogether(expireDue(), expireDue(), reserve("new", 3))
      .expect(
        did("reservation.expired", "stock.back"),
        did(),
        did("reservation.created", "stock.out"),
        row({ reserved: 3 }),
      );
  });
});

describe("a row in which an invariant is broken", () => {
  // A hand in the database has taken the units of two holds out of `reserved`.
  const facts: Fact[] = [
    shop(5),
    bcn,
    stock(5, { storeId: "BCN" }),
    held("bad", 1, { expiresAt: start - 3 }),
    held("worse", 1, { expiresAt: start - 1 }),
    held("good", 2, { storeId: "BCN", expiresAt: start - 2 }),
    stock(5),
  ];

  test("stays as it is and is named; the holds of all other rows end", () => {
    const story = given(...facts)
      .when(expireDue(), expireDue())
      .expect(
        did("reservation.expired"),
        did(),
        row({ reserved: 0, version: 2 }, "BCN"),
        row({ quantity: 5, reserved: 0, version: 1 }),
        reservation("good", { status: "EXPIRED" }),
        reservation("bad", { status: "PENDING" }),
        reservation("worse", { status: "PENDING" }),
      );
    const why = "I1 would break: quantity 5, reserved -1";
    const broken = [{ productId: "mug", storeId: "MAD", holds: 2, why }];
    assert.deepEqual(
      story.outcomes.map(({ result }) => result),
      [1, 0].map((count) => ({ reply: { kind: "expired", count, broken } })),
    );
  });

  test("is told apart from a bug elsewhere, which fails the worker's command", () => {
    const { world } = given(...facts);
    const isoTime = () => {
      throw new RangeError("Invalid time value");
    };
    assert.throws(() => commit(world.database, [expireDue()], { ...world, isoTime }), RangeError);
  });

  test("fails every other command that touches it, also behind the worker's in one batch", () => {
    const story = given(...facts);
    assert.throws(() => story.when(adjust()), /I1 would break/);
    assert.throws(() => story.whenTogether(expireDue(), adjust()), /I1 would break/);
    story.expect(row({ version: 1 }, "BCN"));
  });
});

describe("a row with more due holds than were loaded", () => {
  const facts = [
    shop(4),
    bcn,
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
      assert.deepEqual([...slice.dueTruncated], [mad]);
      const { outcomes } = decideAll(slice, [command], world);
      assert.deepEqual([...restsOnUnloadedHolds(slice, outcomes)], rests ? [mad] : []);

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

  test("is named alone: the other rows of its batch need no more than they have", () => {
    const other = [
      stock(4, { storeId: "BCN" }),
      ...["d", "e"].map((id) => held(id, 1, { storeId: "BCN", expiresAt: start })),
    ];
    const { world } = given(...facts, ...other);
    const commands = [reserve("r", 1, { storeId: "BCN" }), reserve("s", 4)];
    const slice = loadSlice(world.database, commands, start, 1);
    assert.equal(slice.dueTruncated.size, 2);
    const { outcomes } = decideAll(slice, commands, world);
    assert.deepEqual([...restsOnUnloadedHolds(slice, outcomes)], [mad]);
  });

  test("is named alone too where a row that was loaded whole has not enough", () => {
    const other = [
      stock(4, { storeId: "BCN" }),
      held("d", 1, { storeId: "BCN", expiresAt: start }),
    ];
    const { world } = given(...facts, ...other);
    const commands = [reserve("r", 9, { storeId: "BCN" }), reserve("s", 4)];
    const slice = loadSlice(world.database, commands, start, 1);
    const { outcomes } = decideAll(slice, commands, world);
    assert.deepEqual([...restsOnUnloadedHolds(slice, outcomes)], [mad]);
  });

  test("may be found only when another row's holds are all loaded", () => {
    const basket = reserveGroup("g", [
      { id: "r", quantity: 4 },
      { id: "s", quantity: 4, storeId: "BCN" },
    ]);
    const other = ["d", "e"].map((id) => held(id, 1, { storeId: "BCN", expiresAt: start }));
    const { world } = given(...facts, stock(4, { storeId: "BCN" }), ...other);
    const slice = loadSlice(world.database, [basket], start, 1, new Set([mad]));
    const { outcomes } = decideAll(slice, [basket], world);
    assert.deepEqual([...restsOnUnloadedHolds(slice, outcomes)], [rowKey("mug", "BCN")]);
    const [outcome] = commit(world.database, [basket], world, 1);
    assert.ok(outcome && "reply" in outcome.result);
  });

  test("a replayed refusal rests on nothing", () => {
    const { world } = given(...facts);
    const command = once("k", "f", reserve("r", 9));
    commit(world.database, [command], world);
    const slice = loadSlice(world.database, [command], start, 1);
    slice.dueTruncated.add(mad);
    const { outcomes } = decideAll(slice, [command], world);
    assert.equal(outcomes[0]?.replayed, true);
    assert.equal(restsOnUnloadedHolds(slice, outcomes).size, 0);
  });

  test("a hold that is named is found due, however many are before it", () => {
    const { world } = given(...facts);
    const [outcome] = commit(world.database, [confirm("c")], world, 1);
    assert.ok(outcome && "rejection" in outcome.result);
    assert.equal(outcome.result.rejection.code, "reservation_expired");
  });
});
