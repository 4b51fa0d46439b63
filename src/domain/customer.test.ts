import { describe, test } from "node:test";
import {
  did,
  given,
  held,
  limits,
  promise,
  refused,
  row,
  shop,
  start,
  stock,
  store,
} from "../../test/given.ts";
import { cancel, confirm, extend, reserve, reserveGroup } from "../../test/support/commands.ts";

const bcn = [store("BCN"), stock(5, { storeId: "BCN" })];

describe("no hoarding", () => {
  const two = limits({ reservationsPerCustomer: 2, unitsPerCustomer: 0 });
  const ten = limits({ reservationsPerCustomer: 0, unitsPerCustomer: 10 });
  const reached = (limit: "reservations" | "units", max: number, current: number) =>
    refused("customer_limit_reached", { customerId: "ann", limit, max, current });
  const many = Array.from({ length: 30 }, (_, index) => reserve(`r${index}`, 9));
  promise([
    {
      title: "a customer has so many live reservations and no more; others are free",
      given: [shop(50), two],
      when: [
        reserve("a", 1),
        reserve("b", 1),
        reserve("c", 1),
        reserve("d", 1, { customerId: "bob" }),
      ],
      expect: [
        did("reservation.created"),
        did("reservation.created"),
        reached("reservations", 2, 2),
        did("reservation.created"),
        row({ reserved: 3 }),
      ],
    },
    {
      title: "a customer holds so many units and no more",
      given: [shop(50), ten, held("a", 8)],
      when: [reserve("b", 3), reserve("c", 2)],
      expect: [reached("units", 10, 8), did("reservation.created"), row({ reserved: 10 })],
    },
    {
      title: "the lines of a basket count together",
      given: [shop(50), limits({ reservationsPerCustomer: 2, unitsPerCustomer: 10 })],
      when: [
        reserveGroup("g", [
          { id: "a", quantity: 6 },
          { id: "b", quantity: 6 },
        ]),
        reserveGroup("h", [
          { id: "c", quantity: 1 },
          { id: "d", quantity: 1 },
          { id: "e", quantity: 1 },
        ]),
      ],
      expect: [reached("units", 10, 0), reached("reservations", 2, 0), row({ reserved: 0 })],
    },
    {
      title: "what is sold, cancelled, expired or due does not count",
      given: [
        shop(50),
        two,
        held("sold", 9, { status: "CONFIRMED" }),
        held("left", 9, { status: "CANCELLED" }),
        held("late", 9, { status: "EXPIRED" }),
        held("due", 9, { expiresAt: start }),
        held("live", 1),
      ],
      when: [reserve("a", 1), reserve("b", 1)],
      expect: [did("reservation.expired", "reservation.created"), reached("reservations", 2, 2)],
    },
    {
      title: "due holds of other rows do not count either",
      given: [shop(50), ...bcn, two, held("due", 5, { storeId: "BCN", expiresAt: start })],
      when: [reserve("a", 1), reserve("b", 1)],
      expect: [did("reservation.created"), did("reservation.created")],
    },
    {
      title: "a hold that ends makes room",
      given: [shop(50), two, held("a", 1), held("b", 1)],
      when: [reserve("c", 1), cancel("a"), reserve("c", 1), confirm("b"), reserve("d", 1)],
      expect: [
        reached("reservations", 2, 2),
        did("reservation.cancelled"),
        did("reservation.created"),
        did("reservation.confirmed"),
        did("reservation.created"),
      ],
    },
    {
      title: "zero switches both limits off",
      given: [shop(500), limits({ reservationsPerCustomer: 0, unitsPerCustomer: 0 })],
      when: many,
      expect: [...many.map(() => did("reservation.created")), row({ reserved: 270 })],
    },
    {
      title: "a sale of retaken units is no hold",
      given: [shop(50), two, held("a", 1), held("b", 1), held("r", 1, { expiresAt: start })],
      when: [confirm("r", { retakeId: "new" })],
      expect: [did("reservation.expired", "reservation.created", "reservation.confirmed")],
    },
  ]);

  test("holds within one transaction as between transactions", () => {
    given(shop(50), two)
      .whenTogether(reserve("a", 1), reserve("b", 1), reserve("c", 1), cancel("a"), reserve("c", 1))
      .expect(
        did("reservation.created"),
        did("reservation.created"),
        reached("reservations", 2, 2),
        did("reservation.cancelled"),
        did("reservation.created"),
      );
  });

  test("units within one transaction are counted as between transactions, whatever becomes of a hold", () => {
    const [created, cancelled] = [did("reservation.created"), did("reservation.cancelled")];
    given(shop(50), ten)
      .whenTogether(
        reserve("a", 6),
        extend("a", 300_000),
        reserve("b", 5),
        reserve("c", 4),
        cancel("a"),
        reserve("d", 7),
        reserve("e", 6),
      )
      .expect(
        created,
        did("reservation.extended"),
        reached("units", 10, 6),
        created,
        cancelled,
        reached("units", 10, 4),
        created,
        row({ reserved: 10 }),
      );
  });
});
