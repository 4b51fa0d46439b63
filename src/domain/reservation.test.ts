import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  hour,
  isoTime,
  limits,
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
import { cancel, confirm, expireDue, extend, reserve } from "../../test/support/commands.ts";

const closed = [product("mug"), store("MAD", { active: false }), stock(5)];

describe("reserve", () => {
  promise([
    {
      title: "holds the units until the time is up",
      given: [shop(15), held("a", 2)],
      when: [reserve("r", 1, { customerId: "bob", ttlMs: 1_000, metadata: '{"k":1}' })],
      expect: [
        did([
          "reservation.created",
          {
            reservation_id: "r",
            quantity: 1,
            customer_id: "bob",
            expires_at: "2026-01-01T00:00:01.000Z",
            stock: {
              before: { quantity: 15, reserved: 2 },
              after: { quantity: 15, reserved: 3 },
              version: 2,
            },
          },
        ]),
        row({ quantity: 15, reserved: 3, version: 2 }),
        reservation("r", {
          status: "PENDING",
          quantity: 1,
          customerId: "bob",
          createdAt: start,
          updatedAt: null,
          expiresAt: start + 1_000,
          groupId: null,
          metadata: '{"k":1}',
          confirmedQuantity: null,
          cancelReason: null,
          retakenFrom: null,
          retakenBy: null,
        }),
      ],
    },
    {
      title: "may take the last unit, once",
      given: [shop(1)],
      when: [reserve("a", 1), reserve("b", 1)],
      expect: [
        did("reservation.created", "stock.out"),
        refused("insufficient_stock", {
          productId: "mug",
          storeId: "MAD",
          available: 0,
          requested: 1,
        }),
        row({ quantity: 1, reserved: 1, version: 2 }),
        reservation("b", null),
      ],
    },
    {
      title: "finds nothing in a row that is not there",
      given: [product("mug"), store("MAD")],
      when: [reserve("r", 1)],
      expect: [refused("insufficient_stock", { available: 0, requested: 1 }), row(null)],
    },
    {
      title: "of an unknown product is refused by its name",
      given: [shop(5)],
      when: [reserve("r", 1, { productId: "cup" })],
      expect: [refused("product_not_found", { productId: "cup" })],
    },
    {
      title: "in an unknown store is refused by its name",
      given: [shop(5)],
      when: [reserve("r", 1, { storeId: "XYZ" })],
      expect: [refused("store_not_found", { storeId: "XYZ" })],
    },
    {
      title: "in an inactive store is refused by its name",
      given: closed,
      when: [reserve("r", 1)],
      expect: [refused("store_inactive", { storeId: "MAD" }), row({ reserved: 0 })],
    },
    {
      title: "with an id that is taken is refused, whatever became of the first",
      given: [shop(5), held("r", 1, { status: "CANCELLED" })],
      when: [reserve("r", 1)],
      expect: [refused("id_taken", { id: "r" }), row({ reserved: 0, version: 1 })],
    },
    {
      title: "may last as long as a reservation lives, and no longer",
      given: [shop(5)],
      when: [reserve("a", 1, { ttlMs: 24 * hour }), reserve("b", 1, { ttlMs: 24 * hour + 1 })],
      expect: [
        did("reservation.created"),
        refused("lifetime_exceeded", { maxSeconds: 86_400 }),
        row({ reserved: 1 }),
      ],
    },
  ]);
});

describe("confirm", () => {
  promise([
    {
      title: "sells what was held",
      given: [shop(10), held("r", 3)],
      when: [confirm("r")],
      expect: [
        did([
          "reservation.confirmed",
          {
            quantity: 3,
            confirmed_quantity: 3,
            released_quantity: 0,
            stock: {
              before: { quantity: 10, reserved: 3 },
              after: { quantity: 7, reserved: 0 },
              version: 2,
            },
          },
        ]),
        row({ quantity: 7, reserved: 0, version: 2 }),
        reservation("r", { status: "CONFIRMED", confirmedQuantity: 3, updatedAt: start }),
      ],
    },
    {
      title: "of fewer units sells them and releases the rest",
      given: [shop(10), held("r", 3)],
      when: [confirm("r", { quantity: 1 })],
      expect: [
        did(["reservation.confirmed", { confirmed_quantity: 1, released_quantity: 2 }]),
        row({ quantity: 9, reserved: 0 }),
        reservation("r", { status: "CONFIRMED", quantity: 3, confirmedQuantity: 1 }),
      ],
    },
    {
      title: "of as many units as are held sells all of them",
      given: [shop(5), held("r", 3)],
      when: [confirm("r", { quantity: 3 })],
      expect: [
        did(["reservation.confirmed", { confirmed_quantity: 3, released_quantity: 0 }]),
        row({ quantity: 2, reserved: 0 }),
      ],
    },
    {
      title: "of more units than are held is refused with how many there are",
      given: [shop(10), held("r", 3)],
      when: [confirm("r", { quantity: 4 })],
      expect: [
        refused("quantity_out_of_range", { field: "quantity", max: 3 }),
        row({ quantity: 10, reserved: 3, version: 1 }),
      ],
    },
    {
      title: "in the last millisecond is in time",
      given: [shop(10), held("r", 3, { expiresAt: start + 1 })],
      when: [confirm("r")],
      expect: [did("reservation.confirmed")],
    },
    {
      title: "at the very moment of expiry is too late, and the units are free",
      given: [shop(10), held("r", 3, { expiresAt: start })],
      when: [confirm("r")],
      expect: [
        refused(
          "reservation_expired",
          { reservationId: "r", expiredAt: start },
          "reservation.expired",
        ),
        row({ quantity: 10, reserved: 0, version: 2 }),
        reservation("r", { status: "EXPIRED", confirmedQuantity: null }),
      ],
    },
    {
      title: "of what was sold, cancelled or expired before is refused",
      given: [
        shop(10),
        held("sold", 1, { status: "CONFIRMED" }),
        held("left", 1, { status: "CANCELLED" }),
        held("late", 1, { status: "EXPIRED", expiresAt: start - 1 }),
      ],
      when: [confirm("sold"), confirm("left", { retakeId: "new" }), confirm("late")],
      expect: [
        refused("reservation_not_pending", { status: "CONFIRMED", retakenBy: null }),
        refused("reservation_not_pending", { status: "CANCELLED" }),
        refused("reservation_expired", { expiredAt: start - 1 }),
        row({ quantity: 10, version: 1 }),
      ],
    },
    {
      title: "twice is a sale once",
      given: [shop(10), held("r", 3)],
      when: [confirm("r"), confirm("r")],
      expect: [
        did("reservation.confirmed"),
        refused("reservation_not_pending", { reservationId: "r", status: "CONFIRMED" }),
        row({ quantity: 7, reserved: 0, version: 2 }),
      ],
    },
    {
      title: "leaves another's hold on the same row alone",
      given: [shop(4), held("r", 1), held("other", 3, { customerId: "bob" })],
      when: [confirm("r"), cancel("r"), expireDue()],
      expect: [
        did("reservation.confirmed"),
        refused("reservation_not_pending"),
        did(),
        row({ quantity: 3, reserved: 3 }),
        reservation("other", { status: "PENDING" }),
      ],
    },
    {
      title: "in an inactive store is refused",
      given: [...closed, held("r", 1)],
      when: [confirm("r")],
      expect: [refused("store_inactive", { storeId: "MAD" }), row({ quantity: 5, reserved: 1 })],
    },
    {
      title: "of an unknown reservation is refused",
      given: [shop(1)],
      when: [confirm("x")],
      expect: [refused("reservation_not_found", { reservationId: "x" })],
    },
  ]);
});

describe("cancel", () => {
  promise([
    {
      title: "gives the units back",
      given: [shop(10), held("r", 3)],
      when: [cancel("r", { reason: "too dear" })],
      expect: [
        did([
          "reservation.cancelled",
          {
            reason: "too dear",
            stock: {
              before: { quantity: 10, reserved: 3 },
              after: { quantity: 10, reserved: 0 },
              version: 2,
            },
          },
        ]),
        row({ quantity: 10, reserved: 0 }),
        reservation("r", { status: "CANCELLED", cancelReason: "too dear", updatedAt: start }),
      ],
    },
    {
      title: "twice gives them back once",
      given: [shop(10), held("r", 3), held("other", 1)],
      when: [cancel("r"), cancel("r"), confirm("r")],
      expect: [
        did("reservation.cancelled"),
        refused("reservation_not_pending", { status: "CANCELLED" }),
        refused("reservation_not_pending", { status: "CANCELLED" }),
        row({ quantity: 10, reserved: 1, version: 2 }),
      ],
    },
    {
      title: "of what has just expired is refused as expired",
      given: [shop(10), held("r", 3, { expiresAt: start })],
      when: [cancel("r")],
      expect: [
        refused("reservation_expired", { expiredAt: start }, "reservation.expired"),
        row({ reserved: 0, version: 2 }),
        reservation("r", { status: "EXPIRED", cancelReason: null }),
      ],
    },
    {
      title: "is possible in an inactive store: it frees units and sells none",
      given: [...closed, held("r", 2)],
      when: [cancel("r")],
      expect: [did("reservation.cancelled"), row({ quantity: 5, reserved: 0 })],
    },
  ]);
});

describe("extend", () => {
  promise([
    {
      title: "gives a new end, counted from now, and touches no number of the row",
      given: [shop(5), held("r", 2)],
      when: [extend("r", hour)],
      expect: [
        did([
          "reservation.extended",
          {
            reservation_id: "r",
            quantity: 2,
            expires_at: isoTime(start + hour),
            previous_expires_at: isoTime(start + 600_000),
          },
        ]),
        row({ reserved: 2, version: 1 }),
        reservation("r", { expiresAt: start + hour, updatedAt: start, status: "PENDING" }),
      ],
    },
    {
      title: "may also give an earlier end, and tells the one before",
      given: [shop(5), held("r", 2)],
      when: [extend("r", 1_000)],
      expect: [
        did([
          "reservation.extended",
          {
            expires_at: isoTime(start + 1_000),
            previous_expires_at: isoTime(start + 600_000),
          },
        ]),
        reservation("r", { expiresAt: start + 1_000, updatedAt: start }),
      ],
    },
    {
      title: "is capped to the longest life, counted from the making",
      given: [shop(5), held("r", 2, { createdAt: start - 23 * hour })],
      when: [extend("r", 2 * hour)],
      expect: [did("reservation.extended"), reservation("r", { expiresAt: start + hour })],
    },
    {
      title: "is refused where the longest life is used up, and more is asked for",
      given: [shop(5), held("r", 2, { createdAt: start - 23 * hour, expiresAt: start + hour })],
      when: [extend("r", hour + 1)],
      expect: [
        refused("lifetime_exceeded", { maxSeconds: 86_400 }),
        reservation("r", { expiresAt: start + hour, updatedAt: null }),
      ],
    },
    {
      title: "to the very end of the longest life is granted again",
      given: [shop(5), held("r", 1, { expiresAt: start + 24 * hour })],
      when: [extend("r", 24 * hour)],
      expect: [did("reservation.extended"), reservation("r", { expiresAt: start + 24 * hour })],
    },
    {
      title: "may still shorten a life that is used up",
      given: [shop(5), held("r", 2, { createdAt: start - 23 * hour, expiresAt: start + hour })],
      when: [extend("r", 1_000)],
      expect: [did("reservation.extended"), reservation("r", { expiresAt: start + 1_000 })],
    },
    {
      title: "never moves an end into the past, even if the longest life was made shorter since",
      given: [
        shop(5),
        limits({ reservationLifeMs: hour }),
        held("r", 2, { createdAt: start - 2 * hour, expiresAt: start + 600_000 }),
      ],
      when: [extend("r", 900_000), extend("r", 60_000)],
      expect: [refused("lifetime_exceeded"), refused("lifetime_exceeded")],
    },
    {
      title: "comes too late at the moment of expiry",
      given: [shop(5), held("r", 2, { expiresAt: start })],
      when: [extend("r", hour)],
      expect: [
        refused("reservation_expired", {}, "reservation.expired"),
        row({ reserved: 0 }),
        reservation("r", { status: "EXPIRED", expiresAt: start }),
      ],
    },
    {
      title: "of what was sold or cancelled is refused",
      given: [
        shop(5),
        held("a", 1, { status: "CONFIRMED" }),
        held("b", 1, { status: "CANCELLED" }),
      ],
      when: [extend("a", hour), extend("b", hour)],
      expect: [refused("reservation_not_pending"), refused("reservation_not_pending")],
    },
    {
      title: "in an inactive store is refused",
      given: [...closed, held("r", 1)],
      when: [extend("r", hour)],
      expect: [refused("store_inactive")],
    },
  ]);

  test("never ends sooner than before where a later end is asked for, whatever the longest life", () => {
    const minutes = [1, 10, 30, 60, 90];
    for (const life of minutes) {
      for (const left of minutes) {
        for (const asked of minutes.filter((more) => more > left)) {
          const over = { createdAt: start - 1_800_000, expiresAt: start + left * 60_000 };
          const story = given(
            shop(5),
            limits({ reservationLifeMs: life * 60_000 }),
            held("r", 1, over),
          ).when(extend("r", asked * 60_000));
          const end = story.world.database.reservations.get("r")?.expiresAt ?? 0;
          assert.ok(end >= over.expiresAt, `${left} left, ${asked} asked for, a life of ${life}`);
          const [outcome] = story.outcomes;
          assert.equal(outcome !== undefined && "reply" in outcome.result, end > over.expiresAt);
        }
      }
    }
  });

  test("to an earlier end gives the units back at that end", () => {
    given(shop(5), held("r", 5))
      .when(extend("r", 1_000))
      .expect(did("reservation.extended"))
      .later(999)
      .when(reserve("new", 1))
      .expect(refused("insufficient_stock"))
      .later(1)
      .when(reserve("new", 1))
      .expect(
        did("reservation.expired", "reservation.created", "stock.back"),
        row({ reserved: 1 }),
      );
  });

  test("keeps the hold beyond its first end, up to the new one", () => {
    given(shop(5), held("r", 5))
      .when(extend("r", hour))
      .expect(did("reservation.extended"))
      .later(hour - 1)
      .when(reserve("new", 1))
      .expect(refused("insufficient_stock"))
      .later(1)
      .when(reserve("new", 1))
      .expect(
        did("reservation.expired", "reservation.created", "stock.back"),
        row({ reserved: 1 }),
      );
  });
});
