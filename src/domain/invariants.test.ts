import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { given, held, shop, start, store } from "../../test/given.ts";
import { confirm, issued, transfer } from "../../test/support/commands.ts";
import { loadSlice } from "../../test/support/memory-database.ts";
import { AssertionFailure, must } from "../lib/assert.ts";
import { changeStock, type Draft, draftOver, emit, stockIn } from "./draft.ts";
import type { DomainEvent, StockEffect } from "./event.ts";
import { endHold } from "./hold.ts";
import { assertDecision } from "./invariants.ts";
import type { Reservation } from "./model.ts";
import { confirm as confirmIn } from "./reservation.ts";
import { rowKey } from "./slice.ts";
import { transferStock } from "./stock.ts";

const mad = rowKey("mug", "MAD");

/** A draft over ten mugs in Madrid, three of them held by "r", and none in Barcelona. */
function draft(): Draft {
  const { world } = given(shop(10), store("BCN"), held("r", 3));
  const slice = loadSlice(world.database, [confirm("r"), transfer()], start, 500);
  return draftOver(slice, world, issued);
}

function sold(): Draft {
  const made = draft();
  assert.ok("reply" in confirmIn(made, confirm("r")));
  return made;
}

function moved(): Draft {
  const made = draft();
  assert.ok("reply" in transferStock(made, transfer({ quantity: 2 })));
  return made;
}

/** The row as it is, or changed to these numbers. */
function write(made: Draft, quantity: number, reserved: number): void {
  const row = must(stockIn(made, "mug", "MAD"), "given");
  changeStock(made, { row, quantity, reserved }, "stock.updated", {});
}

function holdIn(made: Draft, over: Partial<Reservation>): void {
  const hold = must(made.slice.reservations.get("r"), "given");
  made.reservations.set(hold.id, { ...hold, ...over });
}

/** Writes over a part of what an event says of its row. */
function forge(made: Draft, index: number, over: Partial<StockEffect>): void {
  const event: DomainEvent = must(made.events[index], "decided");
  const effect = must(event.payload.stock, "it touches a row");
  made.events[index] = { ...event, payload: { ...event.payload, stock: { ...effect, ...over } } };
}

describe("a sound decision passes", () => {
  const decisions = { sold, moved, nothing: draft };
  for (const [title, make] of Object.entries(decisions)) {
    test(title, () => assertDecision(make()));
  }
});

interface Broken {
  readonly invariant: string;
  readonly title: string;
  readonly make: () => Draft;
  readonly breakIt: (made: Draft) => void;
}

const broken: readonly Broken[] = [
  ...[
    { title: "more is reserved than there is", quantity: 2, reserved: 3 },
    { title: "less than nothing is reserved", quantity: 10, reserved: -1 },
    { title: "there is less than nothing", quantity: -1, reserved: -1 },
    { title: "there is half a unit", quantity: 9.5, reserved: 3 },
    { title: "there is no number of units", quantity: Number.NaN, reserved: 3 },
  ].map(({ title, quantity, reserved }) => ({
    invariant: "I1",
    title,
    make: draft,
    breakIt: (made: Draft) => write(made, quantity, reserved),
  })),
  {
    invariant: "I2",
    title: "units are reserved for nobody",
    make: draft,
    breakIt: (made) => write(made, 10, 4),
  },
  {
    invariant: "I2",
    title: "a hold ended and its units stayed reserved",
    make: draft,
    breakIt(made) {
      write(made, 10, 3);
      holdIn(made, { status: "CANCELLED" });
    },
  },
  {
    invariant: "I2",
    title: "a hold ended and nobody touched its row",
    make: moved,
    breakIt(made) {
      made.stock.delete(mad);
      holdIn(made, { status: "CANCELLED" });
    },
  },
  {
    invariant: "I2",
    title: "a hold grew without its row",
    make: moved,
    breakIt: (made) => holdIn(made, { quantity: 4 }),
  },
  {
    invariant: "I3",
    title: "an event starts elsewhere than its row was",
    make: sold,
    breakIt: (made) => forge(made, 0, { before: { quantity: 11, reserved: 3 } }),
  },
  {
    invariant: "I3",
    title: "an event starts elsewhere than the one before it ended",
    make() {
      const made = draft();
      write(made, 9, 3);
      write(made, 8, 3);
      return made;
    },
    breakIt: (made) => forge(made, 1, { before: { quantity: 10, reserved: 3 } }),
  },
  {
    invariant: "I3",
    title: "an event starts with other units reserved than its row had",
    make: sold,
    breakIt: (made) => forge(made, 0, { before: { quantity: 10, reserved: 2 } }),
  },
  {
    invariant: "I3",
    title: "an event ends elsewhere than its row is",
    make: sold,
    breakIt: (made) => forge(made, 0, { after: { quantity: 8, reserved: 0 } }),
  },
  {
    invariant: "I3",
    title: "an event ends with other units reserved than its row has",
    make: sold,
    breakIt: (made) => forge(made, 0, { after: { quantity: 7, reserved: 1 } }),
  },
  {
    invariant: "I3",
    title: "an event tells of another row than the one that changed",
    make: sold,
    breakIt(made) {
      const event = must(made.events[0], "sold");
      made.events[0] = { ...event, storeId: "BCN" };
      forge(made, 0, {
        before: { quantity: 0, reserved: 0 },
        after: { quantity: 0, reserved: 0 },
        version: 1,
      });
    },
  },
  {
    invariant: "I3",
    title: "a row changed without an event",
    make: moved,
    breakIt: (made) => made.events.pop(),
  },
  {
    invariant: "I3",
    title: "an event tells of a row that did not change",
    make() {
      const made = draft();
      write(made, 10, 3);
      return made;
    },
    breakIt: (made) => made.stock.delete(mad),
  },
  {
    invariant: "I4",
    title: "a version is left out",
    make: sold,
    breakIt: (made) => forge(made, 0, { version: 3 }),
  },
  {
    invariant: "I4",
    title: "a version comes twice",
    make() {
      const made = draft();
      write(made, 9, 3);
      write(made, 8, 3);
      return made;
    },
    breakIt: (made) => forge(made, 1, { version: 2 }),
  },
  {
    invariant: "I3",
    title: "the row has not the version of its last event",
    make: sold,
    breakIt(made) {
      const row = must(made.stock.get(mad), "sold");
      made.stock.set(mad, { ...row, version: 1 });
    },
  },
  ...(["reservation.confirmed", "reservation.cancelled", "reservation.expired"] as const).map(
    (type) => ({
      invariant: "I5",
      title: `${type} is told of what has ended`,
      make: sold,
      breakIt(made: Draft) {
        const { aggregateType, aggregateId, storeId, productId } = must(made.events[0], "sold");
        emit(made, type, { aggregateType, aggregateId, storeId, productId }, {});
      },
    }),
  ),
  {
    invariant: "I5",
    title: "a hold is ended that was not pending any more",
    make: sold,
    breakIt: (made) => endHold(made, must(made.reservations.get("r"), "sold"), "EXPIRED", 0, {}),
  },
  {
    invariant: "I5",
    title: "a reservation ends that had ended before",
    make: sold,
    breakIt(made) {
      const hold = must(made.slice.reservations.get("r"), "given");
      made.slice.reservations.set("r", { ...hold, status: "CANCELLED", quantity: 0 });
      const row = must(made.slice.stock.get(mad), "given");
      made.slice.stock.set(mad, { ...row, reserved: 0 });
      forge(made, 0, { before: { quantity: 10, reserved: 0 } });
    },
  },
  {
    invariant: "I6",
    title: "a transfer loses a unit on its way",
    make: moved,
    breakIt(made) {
      forge(made, 1, { after: { quantity: 1, reserved: 0 } });
      const key = rowKey("mug", "BCN");
      made.stock.set(key, { ...must(made.stock.get(key), "moved"), quantity: 1 });
    },
  },
  {
    invariant: "I6",
    title: "a transfer does not arrive",
    make: moved,
    breakIt(made) {
      made.events.pop();
      made.stock.delete(rowKey("mug", "BCN"));
    },
  },
  {
    invariant: "rule 2",
    title: "a row changed and nothing was told",
    make: sold,
    breakIt: (made) => made.events.splice(0),
  },
  {
    invariant: "rule 2",
    title: "only a row changed and nothing was told",
    make: moved,
    breakIt: (made) => made.events.splice(0),
  },
  {
    invariant: "rule 2",
    title: "a reservation changed and nothing was told",
    make: draft,
    breakIt: (made) => holdIn(made, { expiresAt: start + 1 }),
  },
];

describe("a broken decision is stopped", () => {
  for (const { invariant, title, make, breakIt } of broken) {
    test(`${invariant}: ${title}`, () => {
      const made = make();
      assert.throws(
        () => {
          breakIt(made);
          assertDecision(made);
        },
        (error) => {
          assert.ok(error instanceof AssertionFailure, String(error));
          assert.match(error.message, new RegExp(`^${invariant}\\b`));
          return true;
        },
      );
    });
  }
});
