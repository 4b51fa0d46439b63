import { describe } from "node:test";
import {
  did,
  held,
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
import { cancel, confirm } from "../../test/support/commands.ts";

const closed = [product("mug"), store("MAD", { active: false }), stock(5)];

describe("a late confirm that may retake", () => {
  const late = held("r", 3, { expiresAt: start, metadata: '{"k":1}', groupId: "g" });
  const retake = confirm("r", { retakeId: "new" });
  promise([
    {
      title: "takes the units again under a new id and sells them, the old one stays expired",
      given: [shop(5), late],
      when: [retake],
      expect: [
        did(
          "reservation.expired",
          ["reservation.created", { reservation_id: "new", retaken_from: "r", quantity: 3 }],
          ["reservation.confirmed", { reservation_id: "new", confirmed_quantity: 3 }],
        ),
        row({ quantity: 2, reserved: 0, version: 4 }),
        reservation("r", { status: "EXPIRED", retakenBy: "new", confirmedQuantity: null }),
        reservation("new", {
          status: "CONFIRMED",
          quantity: 3,
          confirmedQuantity: 3,
          retakenFrom: "r",
          retakenBy: null,
          groupId: null,
          metadata: '{"k":1}',
          customerId: "ann",
          createdAt: start,
        }),
      ],
    },
    {
      title: "happens once",
      given: [shop(9), late],
      when: [retake, confirm("r", { retakeId: "newer" }), confirm("r")],
      expect: [
        did("reservation.expired", "reservation.created", "reservation.confirmed"),
        refused("reservation_not_pending", {
          reservationId: "r",
          status: "EXPIRED",
          retakenBy: "new",
        }),
        refused("reservation_expired"),
        row({ quantity: 6, reserved: 0 }),
        reservation("newer", null),
      ],
    },
    {
      title: "sells nothing where the units are gone, and may try again later",
      given: [shop(5), late, held("other", 3, { customerId: "bob" })],
      when: [retake, cancel("other"), retake],
      expect: [
        refused(
          "insufficient_stock",
          { productId: "mug", storeId: "MAD", available: 2, requested: 3 },
          "reservation.expired",
        ),
        did("reservation.cancelled"),
        did("reservation.created", "reservation.confirmed"),
        row({ quantity: 2, reserved: 0 }),
      ],
    },
    {
      title: "may be of fewer units: only those are taken and sold",
      given: [shop(5), late, held("other", 3)],
      when: [confirm("r", { retakeId: "new", quantity: 2 })],
      expect: [
        did("reservation.expired", "reservation.created", [
          "reservation.confirmed",
          { quantity: 2, confirmed_quantity: 2, released_quantity: 0 },
        ]),
        row({ quantity: 3, reserved: 3 }),
        reservation("new", { quantity: 2, confirmedQuantity: 2 }),
      ],
    },
    {
      title: "is never of more units than were held",
      given: [shop(5), late],
      when: [confirm("r", { retakeId: "new", quantity: 4 })],
      expect: [
        refused("quantity_out_of_range", { field: "quantity", max: 3 }, "reservation.expired"),
        row({ quantity: 5, reserved: 0 }),
      ],
    },
    {
      title: "in time is an ordinary confirm",
      given: [shop(5), held("r", 3)],
      when: [retake],
      expect: [did("reservation.confirmed"), reservation("new", null)],
    },
    {
      title: "in an inactive store is refused",
      given: [...closed, late],
      when: [retake],
      expect: [
        refused("store_inactive", {}, "reservation.expired"),
        row({ quantity: 5, reserved: 0 }),
      ],
    },
  ]);
});
