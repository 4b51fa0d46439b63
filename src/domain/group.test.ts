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
  reservation,
  row,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import { cancel, confirm, extend, reserveGroup } from "../../test/support/commands.ts";

const bcn = [store("BCN"), stock(5, { storeId: "BCN" })];
const pen = [product("pen"), stock(5, { productId: "pen" })];
const basket = { groupId: "g" };

describe("a basket", () => {
  promise([
    {
      title: "is held whole, under one group id, in the order of its lines",
      given: [shop(5), ...bcn, ...pen],
      when: [
        reserveGroup("g", [
          { id: "z", quantity: 2 },
          { id: "a", quantity: 1, storeId: "BCN" },
          { id: "m", quantity: 3, productId: "pen" },
        ]),
      ],
      expect: [
        did(
          ["reservation.created", { reservation_id: "z", group_id: "g" }],
          ["reservation.created", { reservation_id: "a", group_id: "g" }],
          ["reservation.created", { reservation_id: "m", group_id: "g" }],
        ),
        row({ reserved: 2, version: 2 }),
        row({ reserved: 1, version: 2 }, "BCN"),
        reservation("m", { productId: "pen", quantity: 3, groupId: "g" }),
      ],
    },
    {
      title: "with one line that cannot be had holds nothing at all",
      given: [shop(5), ...bcn],
      when: [
        reserveGroup("g", [
          { id: "a", quantity: 2 },
          { id: "b", quantity: 6, storeId: "BCN" },
        ]),
      ],
      expect: [
        refused("insufficient_stock", { storeId: "BCN", available: 5, requested: 6 }),
        reservation("a", null),
        row({ reserved: 0, version: 1 }),
        row({ reserved: 0, version: 1 }, "BCN"),
      ],
    },
    {
      title: "is refused for two lines of one row that together ask too much",
      given: [shop(5)],
      when: [
        reserveGroup("g", [
          { id: "a", quantity: 3 },
          { id: "b", quantity: 3 },
        ]),
      ],
      expect: [
        refused("insufficient_stock", { available: 5, requested: 6 }),
        row({ reserved: 0, version: 1 }),
      ],
    },
    {
      title: "may hold a row by two lines that together fit",
      given: [shop(5)],
      when: [
        reserveGroup("g", [
          { id: "a", quantity: 2 },
          { id: "b", quantity: 3 },
        ]),
      ],
      expect: [
        did(
          ["reservation.created", { stock: { after: { quantity: 5, reserved: 2 }, version: 2 } }],
          ["reservation.created", { stock: { after: { quantity: 5, reserved: 5 }, version: 3 } }],
          "stock.out",
        ),
        row({ quantity: 5, reserved: 5, version: 3 }),
      ],
    },
    {
      title: "with several lines that cannot be is refused for the first of them",
      given: [shop(5)],
      when: [
        reserveGroup("g", [
          { id: "a", quantity: 1 },
          { id: "b", quantity: 1, productId: "cup" },
          { id: "c", quantity: 1, productId: "pot" },
        ]),
      ],
      expect: [refused("product_not_found", { productId: "cup" })],
    },
    {
      title: "that expired is not taken again: only a single reservation can be",
      given: [shop(5), held("r", 1, { ...basket, expiresAt: start })],
      when: [confirm("group:g", { retakeId: "new" })],
      expect: [refused("reservation_expired", {}, "reservation.expired"), row({ reserved: 0 })],
    },
    {
      title: "is confirmed as one",
      given: [shop(5), ...bcn, held("a", 2, basket), held("b", 1, { ...basket, storeId: "BCN" })],
      when: [confirm("group:g")],
      expect: [
        did("reservation.confirmed", "reservation.confirmed"),
        row({ quantity: 3, reserved: 0 }),
        row({ quantity: 4, reserved: 0 }, "BCN"),
      ],
    },
    {
      title: "is cancelled as one",
      given: [shop(5), held("a", 2, basket), held("b", 1, basket)],
      when: [cancel("group:g", { reason: "changed my mind" })],
      expect: [
        did(
          ["reservation.cancelled", { reason: "changed my mind", group_id: "g" }],
          "reservation.cancelled",
        ),
        row({ quantity: 5, reserved: 0, version: 3 }),
      ],
    },
    {
      title: "is extended as one",
      given: [shop(5), held("a", 2, basket), held("b", 1, basket)],
      when: [extend("group:g", hour)],
      expect: [
        did("reservation.extended", "reservation.extended"),
        reservation("a", { expiresAt: start + hour }),
        reservation("b", { expiresAt: start + hour }),
      ],
    },
    {
      title: "with a member that was sold is not confirmed in part",
      given: [shop(5), held("a", 2, basket), held("b", 1, { ...basket, status: "CONFIRMED" })],
      when: [confirm("group:g")],
      expect: [
        refused("reservation_not_pending", { reservationId: "b", status: "CONFIRMED" }),
        reservation("a", { status: "PENDING" }),
        row({ quantity: 5, reserved: 2, version: 1 }),
      ],
    },
    {
      title: "with a member that has just expired is not confirmed in part",
      given: [shop(5), held("a", 2, basket), held("b", 1, { ...basket, expiresAt: start })],
      when: [confirm("group:g", { retakeId: "new" })],
      expect: [
        refused(
          "reservation_expired",
          { reservationId: "b", expiredAt: start },
          "reservation.expired",
        ),
        reservation("a", { status: "PENDING" }),
        row({ quantity: 5, reserved: 2, version: 2 }),
      ],
    },
    {
      title: "cannot be extended in part: a member at the end of its life keeps the rest back",
      given: [
        shop(5),
        held("a", 1, basket),
        held("b", 1, { ...basket, createdAt: start - 23 * hour, expiresAt: start + hour }),
      ],
      when: [extend("group:g", 2 * hour)],
      expect: [
        refused("lifetime_exceeded"),
        reservation("a", { expiresAt: start + 600_000, updatedAt: null }),
      ],
    },
    {
      title: "that is not there is not found",
      given: [shop(5)],
      when: [confirm("group:x"), cancel("group:x"), extend("group:x", hour)],
      expect: [
        refused("group_not_found", { groupId: "x" }),
        refused("group_not_found"),
        refused("group_not_found"),
      ],
    },
  ]);

  test("answers with its members in the order in which they were made", () => {
    const lines = ["z", "a", "m"].map((id) => ({ id, quantity: 1 }));
    const together = given(shop(5)).whenTogether(reserveGroup("g", lines), confirm("group:g"));
    const apart = given(shop(5)).when(reserveGroup("g", lines), confirm("group:g"));
    for (const { outcomes } of [together, apart]) {
      for (const { result, events } of outcomes) {
        assert.ok("reply" in result && result.reply.kind === "group");
        assert.equal(result.reply.groupId, "g");
        assert.deepEqual(
          result.reply.reservations.map(({ id }) => id),
          ["z", "a", "m"],
        );
        assert.deepEqual(
          events.map(({ aggregateId }) => aggregateId),
          ["z", "a", "m"],
        );
      }
    }
  });

  test("that is made, changed and ended in one transaction keeps its members once", () => {
    given(shop(5))
      .whenTogether(
        reserveGroup("g", [
          { id: "a", quantity: 2 },
          { id: "b", quantity: 1 },
        ]),
        extend("group:g", hour),
        confirm("group:g"),
      )
      .expect(
        did("reservation.created", "reservation.created"),
        did("reservation.extended", "reservation.extended"),
        did("reservation.confirmed", "reservation.confirmed"),
        row({ quantity: 2, reserved: 0 }),
      );
  });
});

describe("what a caller may not see is not there", () => {
  const facts = [
    shop(5),
    ...bcn,
    held("r", 1, basket),
    held("s", 1, { ...basket, storeId: "BCN" }),
  ];
  const visibilities = [
    {
      title: "another customer",
      visibleTo: { stores: "*", customerId: "bob" },
      r: false,
      g: false,
    },
    { title: "the customer", visibleTo: { stores: "*", customerId: "ann" }, r: true, g: true },
    {
      title: "another store",
      visibleTo: { stores: ["BCN"], customerId: null },
      r: false,
      g: false,
    },
    {
      title: "one of two stores",
      visibleTo: { stores: ["MAD"], customerId: null },
      r: true,
      g: false,
    },
    {
      title: "both stores",
      visibleTo: { stores: ["MAD", "BCN"], customerId: null },
      r: true,
      g: true,
    },
    { title: "no store", visibleTo: { stores: [], customerId: null }, r: false, g: false },
    {
      title: "the customer, in another store",
      visibleTo: { stores: ["BCN"], customerId: "ann" },
      r: false,
      g: false,
    },
  ] as const;
  for (const { title, visibleTo, r, g } of visibilities) {
    test(`${title}: the reservation is ${r ? "" : "not "}found, the basket is ${g ? "" : "not "}found`, () => {
      const single = r ? did("reservation.cancelled") : refused("reservation_not_found");
      given(...facts)
        .when(cancel("r", { visibleTo }))
        .expect(single);
      for (const command of [confirm, cancel]) {
        const event = command === confirm ? "reservation.confirmed" : "reservation.cancelled";
        given(...facts)
          .when(command("group:g", { visibleTo }))
          .expect(g ? did(event, event) : refused("group_not_found", { groupId: "g" }));
      }
      given(...facts)
        .when(extend("r", hour, { visibleTo }))
        .expect(
          r
            ? did("reservation.extended")
            : refused("reservation_not_found", { reservationId: "r" }),
        );
    });
  }
});
