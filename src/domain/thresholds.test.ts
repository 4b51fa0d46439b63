import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  hour,
  product,
  promise,
  refused,
  row,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import {
  adjust,
  archiveProduct,
  batch,
  cancel,
  changeStock,
  confirm,
  expireDue,
  reserve,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import { must } from "../lib/assert.ts";
import { expiryActor } from "./expiry.ts";

const withPoint = (quantity: number, reorderPoint: number) => [
  product("mug"),
  store("MAD"),
  stock(quantity, { reorderPoint }),
];
const due = { expiresAt: start };

describe("stock.out", () => {
  promise([
    {
      title: "comes when nothing is available, also where units are only held",
      given: [shop(3)],
      when: [reserve("r", 3)],
      expect: [
        did("reservation.created", [
          "stock.out",
          { available: 0, quantity: 3, reserved: 3, reorder_point: null, row_version: 2 },
        ]),
      ],
    },
    {
      title: "leaves the version of its row as it is",
      given: [shop(2)],
      when: [adjust({ amount: -2 })],
      expect: [did("stock.updated", "stock.out"), row({ quantity: 0, version: 2 })],
    },
    {
      title: "does not come when what is held is sold: nothing was available before",
      given: [shop(3), held("r", 3)],
      when: [confirm("r")],
      expect: [did("reservation.confirmed"), row({ quantity: 0 })],
    },
    {
      title: "does not come of a row that is made with nothing: there was nothing to sell",
      given: [product("mug"), store("MAD")],
      when: [changeStock({ mode: "initial", amount: 0 })],
      expect: [did("stock.created"), row({ quantity: 0 })],
    },
    {
      title: "does not come where a batch only passes through nothing",
      given: [shop(3)],
      when: [batch("all_or_nothing", { amount: -3 }, { amount: 2 })],
      expect: [did("stock.updated", "stock.updated"), row({ quantity: 2 })],
    },
    {
      title: "does not come of a command that is refused",
      given: [shop(3)],
      when: [batch("all_or_nothing", { amount: -3 }, { amount: -1 })],
      expect: [refused("batch_failed"), row({ quantity: 3, version: 1 })],
    },
    {
      title: "and stock.back come after both halves of a transfer, each of its row",
      given: [shop(2), store("BCN"), stock(0, { storeId: "BCN" })],
      when: [transfer({ quantity: 2 })],
      expect: [did("stock.transferred", "stock.transferred", "stock.out", "stock.back")],
    },
  ]);
});

describe("stock.back", () => {
  promise([
    {
      title: "comes when something is available again",
      given: [shop(3), held("r", 3)],
      when: [cancel("r")],
      expect: [did("reservation.cancelled", ["stock.back", { available: 3, row_version: 2 }])],
    },
    {
      title: "does not come of a row that is made: it was never gone",
      given: [product("mug"), store("MAD")],
      when: [changeStock({ amount: 5 })],
      expect: [did("stock.created")],
    },
    {
      title: "does not come where something was left",
      given: [shop(1)],
      when: [adjust({ amount: 5 })],
      expect: [did("stock.updated")],
    },
  ]);
});

describe("stock.low", () => {
  promise([
    {
      title: "comes at the reorder point, not above it",
      given: withPoint(7, 5),
      when: [adjust({ amount: -1 }), reserve("r", 1)],
      expect: [
        did("stock.updated"),
        did("reservation.created", ["stock.low", { available: 5, reorder_point: 5 }]),
      ],
    },
    {
      title: "does not come again while the row goes up and down at its point, or one unit above",
      given: withPoint(6, 5),
      when: [
        adjust({ amount: -1 }),
        adjust({ amount: -1 }),
        adjust({ amount: 2 }),
        adjust({ amount: -1 }),
        reserve("r", 2),
        cancel("r"),
      ],
      expect: [
        did("stock.updated", "stock.low"),
        did("stock.updated"),
        did("stock.updated"),
        did("stock.updated"),
        did("reservation.created"),
        did("reservation.cancelled"),
      ],
    },
    {
      title: "comes again when the row has been two units above its point",
      given: withPoint(5, 5),
      when: [adjust({ amount: 2 }), adjust({ amount: -1 }), adjust({ amount: -1 })],
      expect: [did("stock.updated"), did("stock.updated"), did("stock.updated", "stock.low")],
    },
    {
      title:
        "comes again when the row has been more than a tenth above its point, where that is more",
      given: withPoint(25, 25),
      when: [
        adjust({ amount: 2 }),
        adjust({ amount: -2 }),
        adjust({ amount: 3 }),
        adjust({ amount: -3 }),
      ],
      expect: [
        did("stock.updated"),
        did("stock.updated"),
        did("stock.updated"),
        did("stock.updated", "stock.low"),
      ],
    },
    {
      title: "comes again when the point was taken away, or set far below, in between",
      given: withPoint(5, 5),
      when: [
        setStock({ reorderPoint: null }),
        setStock({ reorderPoint: 5 }),
        setStock({ reorderPoint: 3 }),
        setStock({ reorderPoint: 5 }),
      ],
      expect: [
        did("stock.updated"),
        did("stock.updated", "stock.low"),
        did("stock.updated"),
        did("stock.updated", "stock.low"),
      ],
    },
    {
      title: "comes with stock.out where the row falls from above its point to nothing",
      given: withPoint(6, 0),
      when: [adjust({ amount: -6 })],
      expect: [did("stock.updated", "stock.low", "stock.out")],
    },
    {
      title: "comes when the point is set at or above what is available, once",
      given: [shop(5)],
      when: [
        setStock({ reorderPoint: 4 }),
        setStock({ reorderPoint: 5 }),
        setStock({ reorderPoint: 9 }),
        setStock({ reorderPoint: null }),
      ],
      expect: [
        did("stock.updated"),
        did("stock.updated", "stock.low"),
        did("stock.updated"),
        did("stock.updated"),
      ],
    },
    {
      title: "does not come where a count and a lower point come together",
      given: withPoint(6, 5),
      when: [setStock({ quantity: 3, reorderPoint: 2 })],
      expect: [did("stock.updated"), row({ quantity: 3, reorderPoint: 2 })],
    },
    {
      title: "does not come of a product that is archived",
      given: withPoint(0, 5),
      when: [archiveProduct("mug")],
      expect: [did("stock.updated", "product.archived"), row({ reorderPoint: null })],
    },
  ]);
});

describe("holds that end by themselves", () => {
  test("bring their row back, as the act of the expiry", () => {
    const story = given(shop(2), held("r", 2))
      .later(hour)
      .when(expireDue())
      .expect(did("reservation.expired", "stock.back"));
    const event = must(story.outcomes[0]?.events[1], "it is back");
    assert.equal(event.aggregateType, "stock");
    assert.equal(event.aggregateId, "mug@MAD");
  });

  test("are told of each row by itself where the worker ends those of many", () => {
    given(
      shop(2),
      store("BCN"),
      stock(1, { storeId: "BCN" }),
      held("r", 2),
      held("s", 1, { storeId: "BCN" }),
    )
      .later(hour)
      .when(expireDue())
      .expect(did("reservation.expired", "stock.back", "reservation.expired", "stock.back"));
  });

  test("and are taken again by the command that met them: nobody saw them back", () => {
    given(shop(2), held("r", 2, due))
      .when(reserve("new", 2))
      .expect(did("reservation.expired", "reservation.created"), row({ reserved: 2 }));
  });

  test("and are taken in part: the row is back, with what the command left", () => {
    given(shop(2), held("r", 2, due))
      .when(reserve("new", 1))
      .expect(did("reservation.expired", "reservation.created", ["stock.back", { available: 1 }]));
  });

  test("are told also where the command is refused, as the act of the expiry", () => {
    const story = given(shop(2), held("r", 2, due))
      .when(reserve("new", 3))
      .expect(refused("insufficient_stock", { available: 2 }, "reservation.expired", "stock.back"));
    const actors = story.outcomes[0]?.events.map(({ actor }) => actor);
    assert.deepEqual(actors, [expiryActor, expiryActor]);
  });

  test("are told as the act of the expiry where the command leaves their row as it is", () => {
    const story = given(shop(2), held("r", 2, due), store("BCN"), stock(3, { storeId: "BCN" }))
      .when(batch("skip_failed", { amount: -5 }, { storeId: "BCN", amount: -3 }))
      .expect(did("reservation.expired", "stock.updated", "stock.out", "stock.back"));
    const actors = story.outcomes[0]?.events.map(({ actor }) => actor);
    assert.deepEqual(actors, [expiryActor, "key:test", "key:test", expiryActor]);
  });

  test("keep a row low that was low before", () => {
    given(...withPoint(5, 3), held("r", 4, due))
      .when(reserve("new", 2))
      .expect(did("reservation.expired", "reservation.created"), row({ reserved: 2 }));
  });

  test("bring their row clear of its point, also where the command leaves the row as it is", () => {
    given(...withPoint(5, 1), held("r", 4, due))
      .when(reserve("too-many", 6), reserve("new", 4))
      .expect(
        refused("insufficient_stock", { available: 5 }, "reservation.expired"),
        did("reservation.created", "stock.low"),
      );
  });
});

test("commands of one transaction are told one by one, as if each had one of its own", () => {
  given(shop(2))
    .whenTogether(reserve("r", 2), cancel("r"), reserve("s", 2))
    .expect(
      did("reservation.created", "stock.out"),
      did("reservation.cancelled", "stock.back"),
      did("reservation.created", "stock.out"),
    );
});
