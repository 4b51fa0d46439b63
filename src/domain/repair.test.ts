// What is decided of a row that is not as its log says: what becomes of it, what is said of it, and when nothing can
// be done. That it is then in the database, on both, is tried in test/contract.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { given, hour, isoTime, product, start, store } from "../../test/given.ts";
import {
  cancel,
  changeStock,
  confirm,
  extend,
  reserve,
  reserveGroup,
  setStock,
  transfer,
} from "../../test/support/commands.ts";
import type { LoggedEvent } from "../../test/support/memory-database.ts";
import { must } from "../lib/assert.ts";
import type { Reservation, Stock } from "./model.ts";
import { type RowEvent, type RowEvidence, type RowRepair, repairRow } from "./repair.ts";
import { rowKey } from "./slice.ts";

/** Whoever mends is not who made the log. */
const mender = { actor: "user:ann", requestId: "mending", once: null };

interface Broken {
  row: Stock;
  readonly events: RowEvent[];
  readonly stored: Map<string, Reservation>;
  readonly asked: Set<string>;
}

function eventOf({ seq, occurredAt, type, aggregateType, aggregateId, payload }: LoggedEvent) {
  const textOf = (name: string): string | null => (payload[name] as string | undefined) ?? null;
  return {
    seq,
    at: occurredAt,
    type,
    reservationId: aggregateType === "reservation" ? aggregateId : null,
    effect: payload.stock ?? null,
    told: {
      customerId: String(payload["customer_id"]),
      quantity: Number(payload["quantity"]),
      expiresAt: Date.parse(String(payload["expires_at"])),
      groupId: textOf("group_id"),
      retakenFrom: textOf("retaken_from"),
      confirmedQuantity: (payload["confirmed_quantity"] as number | undefined) ?? null,
      reason: textOf("reason"),
    },
  } satisfies RowEvent;
}

/**
 * Mugs in Madrid, 43 of which 7 are held: 2 by "open", extended once, and 5 by a basket; one sold, one given up, and one
 * that was taken again after its end. Nothing of it is broken yet.
 */
function sound(): Broken {
  const { database } = given(product("mug"), store("MAD"), store("BCN"))
    .when(
      changeStock({ amount: 51 }),
      setStock({ reorderPoint: 5 }),
      reserve("late", 1, { ttlMs: 1_000 }),
      reserve("open", 2, { ttlMs: hour, metadata: '{"till":1}' }),
      reserve("sold", 3, { ttlMs: hour }),
      reserve("left", 1, { ttlMs: hour }),
    )
    .later(1_000)
    .when(
      extend("open", 2 * hour),
      confirm("sold"),
      cancel("left", { reason: "in words" }),
      confirm("late", { retakeId: "again" }),
      transfer({ quantity: 4 }),
      reserveGroup(
        "basket",
        [
          { id: "one", quantity: 2 },
          { id: "three", quantity: 3 },
        ],
        { customerId: "bob", ttlMs: hour },
      ),
    ).world;
  const events = database.log.filter(
    ({ productId, storeId }) => productId === "mug" && storeId === "MAD",
  );
  const pending = [...database.reservations].filter(([, { status }]) => status === "PENDING");
  return {
    row: must(database.stock.get(rowKey("mug", "MAD")), "received"),
    events: events.map(eventOf),
    stored: new Map(pending),
    asked: new Set(),
  };
}

/** One of its reservations that have ended, as the log tells it. */
function ended(id: "sold" | "left" | "late"): Reservation {
  const open = must(sound().stored.get("open"), "reserved");
  const base = { ...open, metadata: null, createdAt: start, updatedAt: start + 1_000, id };
  const untilHour = { ...base, expiresAt: start + hour };
  switch (id) {
    case "sold":
      return { ...untilHour, quantity: 3, status: "CONFIRMED", confirmedQuantity: 3 };
    case "left":
      return { ...untilHour, quantity: 1, status: "CANCELLED", cancelReason: "in words" };
    case "late": {
      const gone = { ...base, quantity: 1, expiresAt: start + 1_000 };
      return { ...gone, status: "EXPIRED", retakenBy: "again" };
    }
  }
}

const endedIds = ["sold", "left", "late"] as const;

/** Mends what `breakIt` broke. */
function mend(breakIt: (broken: Broken) => void): RowRepair {
  const broken = sound();
  breakIt(broken);
  const limits = { reservationsPerCustomer: 0, unitsPerCustomer: 0, reservationLifeMs: hour };
  const context = { now: start + hour, newId: () => "new-id", isoTime, limits };
  const evidence: RowEvidence = broken;
  return repairRow(evidence, context, mender, "ticket 4711");
}

type StoredId = "open" | (typeof endedIds)[number];

function storedAs(broken: Broken, id: StoredId, over: Partial<Reservation>): void {
  const right = id === "open" ? must(sound().stored.get(id), "reserved") : ended(id);
  broken.stored.set(id, { ...right, ...over });
}

const untouched: RowRepair = { stock: null, reservations: [], event: null, steps: [], left: [] };

describe("a row that is as its log says", () => {
  test("is left as it is", () => {
    assert.deepEqual(
      mend(() => undefined),
      untouched,
    );
  });

  test("is left as it is too where reservations that have ended are asked for and stored", () => {
    const repair = mend((broken) => {
      for (const id of endedIds) {
        storedAs(broken, id, {});
        broken.asked.add(id);
      }
    });
    assert.deepEqual(repair, untouched);
  });
});

describe("a row that drifted from its log", () => {
  const drifted = (): RowRepair =>
    mend((broken) => {
      broken.row = { ...broken.row, quantity: 45, reserved: 9, version: 30, reorderPoint: 7 };
    });

  test("gets the numbers of the log, and one version more; what no event tells of it stays", () => {
    const { row } = sound();
    assert.deepEqual(drifted().stock, {
      ...row,
      quantity: 43,
      reserved: 7,
      version: row.version + 1,
      reorderPoint: 7,
      updatedAt: start + hour,
    });
  });

  test("gets an event that says who did it and why, and moves no units", () => {
    const { row } = sound();
    const balance = { quantity: 43, reserved: 7 };
    assert.deepEqual(drifted().event, {
      id: "new-id",
      type: "stock.updated",
      aggregateType: "stock",
      aggregateId: row.id,
      storeId: "MAD",
      productId: "mug",
      actor: "user:ann",
      requestId: "mending",
      traceparent: null,
      payload: {
        quantity_change: 0,
        reason: "CORRECTION",
        note: "ticket 4711",
        stock: { before: balance, after: balance, version: row.version + 1 },
      },
    });
  });

  test("is told number by number", () => {
    const { version } = sound().row;
    const { steps, reservations, left } = drifted();
    assert.deepEqual(steps, [
      "quantity: 45 becomes 43, as the log says",
      "reserved: 9 becomes 7, as the log says",
      `version: 30 becomes ${version}, as the log says`,
    ]);
    assert.deepEqual([reservations, left], [[], []]);
  });

  for (const field of ["quantity", "reserved", "version"] as const) {
    test(`in its ${field} alone is mended and told in that alone`, () => {
      const { steps, stock } = mend((broken) => {
        broken.row = { ...broken.row, [field]: broken.row[field] + 1 };
      });
      assert.deepEqual(
        steps.map((words) => words.slice(0, words.indexOf(":"))),
        [field],
      );
      const { row } = sound();
      assert.partialDeepStrictEqual(stock, { quantity: 43, reserved: 7, version: row.version + 1 });
    });
  }

  test("that the log counts more reserved in than its holds have gives the rest back, by the event", () => {
    const { stock, event, steps } = mend((broken) => {
      const { quantity, reserved, version } = broken.row;
      const last = must(broken.events.at(-1), "there is one");
      const before = { quantity, reserved };
      const effect = { before, after: { quantity, reserved: 10 }, version: version + 1 };
      broken.events.push({ ...last, type: "stock.updated", reservationId: null, effect });
      broken.row = { ...broken.row, reserved: 10, version: version + 1 };
    });
    assert.equal(stock?.reserved, 7);
    assert.deepEqual(event?.payload.stock?.before, { quantity: 43, reserved: 10 });
    assert.deepEqual(event?.payload.stock?.after, { quantity: 43, reserved: 7 });
    assert.deepEqual(steps, ["reserved: the log says 10 and becomes 7, which its holds have"]);
  });
});

describe("a reservation that drifted from the log", () => {
  const open = (): Reservation => must(sound().stored.get("open"), "reserved");
  const cases: readonly (readonly [
    title: string,
    id: StoredId,
    over: Partial<Reservation>,
    words: string,
  ])[] = [
    ["has other units", "open", { quantity: 9 }, "PENDING with 9 becomes PENDING with 2"],
    ["ends at another time", "open", { expiresAt: 1 }, "PENDING with 2 becomes PENDING with 2"],
    [
      "is said to be given up",
      "open",
      { status: "CANCELLED" },
      "CANCELLED with 2 becomes PENDING with 2",
    ],
    [
      "is said to be open",
      "sold",
      { status: "PENDING" },
      "PENDING with 3 becomes CONFIRMED with 3",
    ],
    [
      "was sold otherwise",
      "sold",
      { confirmedQuantity: 1 },
      "CONFIRMED with 3 becomes CONFIRMED with 3",
    ],
    [
      "was given up for another reason",
      "left",
      { cancelReason: null },
      "CANCELLED with 1 becomes CANCELLED with 1",
    ],
  ];
  for (const [title, id, over, words] of cases) {
    test(`because it ${title} is as the log says; what the log does not tell is kept`, () => {
      const kept = { metadata: '{"kept":1}', customerId: "kept" };
      const repair = mend((broken) => storedAs(broken, id, { ...over, ...kept }));
      const right = id === "open" ? open() : ended(id);
      assert.deepEqual(repair.reservations, [{ ...right, ...kept, updatedAt: start + 1_000 }]);
      assert.deepEqual(repair.steps, [`reservation ${id}: ${words}, as the log says`]);
      assert.equal(repair.event?.payload["note"], "ticket 4711");
      assert.deepEqual(repair.left, []);
    });
  }

  test("and is gone is made again, as far as the log tells it", () => {
    const repair = mend((broken) => {
      broken.stored.delete("open");
      broken.stored.delete("three");
      for (const id of ["open", "three", ...endedIds]) broken.asked.add(id);
    });
    const made = new Map(repair.reservations.map((one) => [one.id, one]));
    const three = must(sound().stored.get("three"), "reserved");
    assert.deepEqual(made.get("open"), { ...open(), metadata: null });
    assert.deepEqual(made.get("three"), three);
    assert.deepEqual([three.groupId, three.customerId], ["basket", "bob"]);
    for (const id of endedIds) assert.deepEqual(made.get(id), ended(id));
    assert.equal(made.size, 5);
    assert.ok(
      repair.steps.includes("reservation open: missing becomes PENDING with 2, as the log says"),
    );
  });

  test("and took units again knows of which it took them", () => {
    const { reservations } = mend((broken) => broken.asked.add("again"));
    assert.deepEqual(reservations, [
      {
        ...ended("sold"),
        id: "again",
        quantity: 1,
        confirmedQuantity: 1,
        createdAt: start + 1_000,
        expiresAt: start + 1_000,
        retakenFrom: "late",
      },
    ]);
  });

  test("and that nobody asks for is not made up from the log", () => {
    const { reservations } = mend((broken) => {
      broken.stored.delete("three");
      storedAs(broken, "open", { quantity: 9 });
    });
    assert.deepEqual(
      reservations.map(({ id }) => id),
      ["open"],
    );
  });
});

describe("what no event can mend is named, and nothing is done", () => {
  const at = (broken: Broken, type: RowEvent["type"]): number =>
    broken.events.findIndex((event) => event.type === type);
  const replace = (broken: Broken, index: number, over: Partial<RowEvent>): void => {
    broken.events[index] = { ...must(broken.events[index], "there is one"), ...over };
  };
  const cases: readonly (readonly [
    title: string,
    breakIt: (broken: Broken) => void,
    words: RegExp,
  ])[] = [
    [
      "an event that is missing",
      (broken) => broken.events.splice(1, 1),
      /^event 3 does not go on where the one before it ended$/,
    ],
    [
      "an event that does not say what it did",
      (broken) => replace(broken, 1, { effect: null }),
      /^event 2 does not go on where the one before it ended$/,
    ],
    [
      "a reservation that ends twice",
      (broken) => replace(broken, at(broken, "reservation.cancelled"), { reservationId: "sold" }),
      /^event \d+ is of the reservation sold after it was CONFIRMED$/,
    ],
    [
      "a reservation that begins twice",
      (broken) =>
        replace(broken, at(broken, "reservation.cancelled"), {
          type: "reservation.created",
          reservationId: "sold",
        }),
      /^event \d+ is of the reservation sold after it was CONFIRMED$/,
    ],
    [
      "a reservation that ends and never began",
      (broken) =>
        replace(broken, at(broken, "reservation.cancelled"), { reservationId: "unknown" }),
      /^event \d+ is of the reservation unknown before it began$/,
    ],
    [
      "a hold that the log does not know",
      (broken) => broken.stored.set("by-hand", { ...ended("left"), id: "by-hand" }),
      /^reservation by-hand is CANCELLED, and the log of the row does not know it$/,
    ],
    [
      "more units held than there are",
      (broken) => {
        const { quantity, reserved, version } = broken.row;
        const last = must(broken.events.at(-1), "there is one");
        const before = { quantity, reserved };
        const effect = { before, after: { quantity: 5, reserved: 5 }, version: version + 1 };
        broken.events.push({ ...last, type: "stock.updated", reservationId: null, effect });
      },
      /^its holds have 7 units, and the log counts 5: cancel holds, or count the row, and then try again$/,
    ],
  ];
  for (const [title, breakIt, words] of cases) {
    test(title, () => {
      const { left, ...rest } = mend((broken) => {
        // So that there would be something to do.
        broken.row = { ...broken.row, quantity: 1 };
        storedAs(broken, "open", { quantity: 9 });
        breakIt(broken);
      });
      assert.match(must(left[0], "it is named"), words);
      assert.deepEqual({ ...rest, left: [] }, untouched);
    });
  }

  test("as many units held as there are is no trouble", () => {
    const { left, stock } = mend((broken) => {
      const { quantity, reserved, version } = broken.row;
      const last = must(broken.events.at(-1), "there is one");
      const before = { quantity, reserved };
      const effect = { before, after: { quantity: 7, reserved: 7 }, version: version + 1 };
      broken.events.push({ ...last, type: "stock.updated", reservationId: null, effect });
    });
    assert.deepEqual(left, []);
    assert.equal(stock?.quantity, 7);
  });
});

describe("numbers that jump between two events", () => {
  for (const before of [
    { quantity: 50, reserved: 0 },
    { quantity: 51, reserved: 1 },
  ]) {
    test(`(${before.quantity}, ${before.reserved} reserved) stay in the log and are named; the later ones count`, () => {
      const jump = (broken: Broken): void => {
        const second = must(broken.events[1], "there is one");
        const effect = { ...must(second.effect, "of the row"), before };
        broken.events[1] = { ...second, effect };
      };
      const words =
        "event 2 begins at other numbers than the one before it ended with: that stays in the log; count the row";
      assert.deepEqual(mend(jump), { ...untouched, left: [words] });
      const mended = mend((broken) => {
        jump(broken);
        broken.row = { ...broken.row, quantity: 1 };
      });
      assert.deepEqual(mended.left, [words]);
      assert.equal(mended.stock?.quantity, 43);
      const hopeless = mend((broken) => {
        jump(broken);
        broken.events.splice(4, 1);
      });
      assert.equal(hopeless.left.at(-1), words);
    });
  }
});
